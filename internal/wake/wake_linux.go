package wake

import (
	"context"
	"log/slog"
)

var sources = []func(context.Context, *slog.Logger, *signs){watchLogind, watchNetlink}
