package app

import (
	"os"
	"path/filepath"
	"strings"

	"calltray/internal/support"
)

// onlineFile, in support.Folder, contains the address that was last online: an address that has worked is not
// blamed when the server or the network has problems.
const onlineFile = "online"

// wasOnline reports whether an address was online in an earlier run.
func wasOnline(address string) bool {
	b, err := os.ReadFile(filepath.Join(support.Folder(), onlineFile))
	return err == nil && address != "" && strings.TrimSpace(string(b)) == address
}

// rememberOnline records that an address is online. If that cannot be written, it is not remembered.
func rememberOnline(address string) error {
	if wasOnline(address) {
		return nil
	}
	if err := os.MkdirAll(support.Folder(), 0o700); err != nil {
		return err
	}
	return support.WriteFile(filepath.Join(support.Folder(), onlineFile), []byte(address+"\n"))
}
