package support

import "os"

// own: a file is replaced rather than overwritten, so nothing gets into another user's.
func own(os.FileInfo) bool { return true }
