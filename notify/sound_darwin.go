package notify

import (
	"context"
	"os/exec"
)

// playRinging plays a short sound of the system.
func playRinging(ctx context.Context) error {
	return exec.CommandContext(ctx, "afplay", "/System/Library/Sounds/Ping.aiff").Run()
}
