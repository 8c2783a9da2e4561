package linkhandler

// On macOS, links go to a program whose application bundle declares them in its Info.plist (CFBundleURLTypes),
// and the user chooses it in FaceTime's settings, "Default for calls". A program cannot do either by itself.

// Register returns ErrUnsupported.
func (h Handler) Register() error { return ErrUnsupported }

// Unregister does nothing.
func (h Handler) Unregister() error { return nil }

// State is unknown.
func (h Handler) State() (State, error) { return State{}, nil }

// Choose returns ErrUnsupported.
func (h Handler) Choose() error { return ErrUnsupported }
