//go:build !linux && !windows && !darwin

package wake

import (
	"context"
	"log/slog"
)

// sources: the clocks have to do here.
var sources []func(context.Context, *slog.Logger, *signs)
