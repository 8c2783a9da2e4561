package linkhandler

// On macOS the system hands links to what the Info.plist of an application bundle names (CFBundleURLTypes), and the
// user chooses it in FaceTime's settings, "Default for calls". A program alone can do neither.

// Register returns ErrUnsupported.
func (h Handler) Register() error { return ErrUnsupported }

// Unregister does nothing.
func (h Handler) Unregister() error { return nil }

// State is not known.
func (h Handler) State() (State, error) { return State{}, nil }

// Choose returns ErrUnsupported.
func (h Handler) Choose() error { return ErrUnsupported }
