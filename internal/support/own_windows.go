package support

import "os"

// own: a file is replaced, not filled, so that nothing gets into somebody else's.
func own(os.FileInfo) bool { return true }
