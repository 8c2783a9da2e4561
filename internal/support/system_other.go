//go:build !linux && !windows && !darwin

package support

import "runtime"

func system() string { return runtime.GOOS }

func resident() string { return "an unknown amount" }
