package notify

import (
	"context"
	"os/exec"
)

// playRinging plays a short system sound.
func playRinging(ctx context.Context) error {
	return exec.CommandContext(ctx, "afplay", "/System/Library/Sounds/Ping.aiff").Run()
}
