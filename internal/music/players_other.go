//go:build windows || darwin

package music

import (
	"context"
	"log/slog"
)

// Supported reports whether music can be paused on this system.
const Supported = false

func pausePlayers(context.Context, *slog.Logger) (end func(playOn bool)) { return func(bool) {} }
