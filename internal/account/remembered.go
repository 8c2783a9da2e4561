package account

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"

	"github.com/BurntSushi/toml"
	"github.com/adrg/xdg"

	"calltray/internal/atomicfile"
)

// Remembered is what the program finds out by itself. The zero Remembered is that of a first start.
type Remembered struct {
	Introduced bool    `toml:"introduced"` // the user has been told once that Calltray is in the tray
	Closed     bool    `toml:"closed"`     // the user has been told once where a closed window goes
	Autostart  string  `toml:"autostart"`  // the value of Settings.Autostart that was last applied
	Width      float32 `toml:"width"`      // of the window, in Fyne's units; 0 for none
	Height     float32 `toml:"height"`
	X          int     `toml:"x"` // of the window's top left corner, in the screen's pixels, if Placed
	Y          int     `toml:"y"`
	Placed     bool    `toml:"placed"`
	QuietUntil int64   `toml:"quiet_until"` // when to turn do-not-disturb off, in seconds since 1970; 0 for never

	PopupPlaces []PopupPlace `toml:"popup_places"` // latest last; replaced as a whole, never modified
}

// PopupPlace is where the user has put the popup while certain screens are attached.
type PopupPlace struct {
	Screens string `toml:"screens"` // the attached ones
	Screen  int    `toml:"screen"`  // which of them, from 1; 0 for the one the user is working on
	Left    bool   `toml:"left"`    // instead of right
	Top     bool   `toml:"top"`     // instead of bottom
}

// Equal reports whether both are the same.
func (r Remembered) Equal(other Remembered) bool { return reflect.DeepEqual(r, other) }

// RememberedPath returns the path of the file: calltray/remembered.toml in the user's state folder.
func RememberedPath() string { return filepath.Join(xdg.StateHome, "calltray", "remembered.toml") }

// LoadRemembered reads the file. One that cannot be used counts as missing: nothing in it is worth an error.
func LoadRemembered() Remembered {
	var r Remembered
	data, err := readFile(RememberedPath())
	if err != nil || implausible(data, maxLines, maxNested) > 0 {
		return Remembered{}
	}
	if _, err := toml.Decode(string(data), &r); err != nil {
		return Remembered{}
	}
	return r
}

// Save writes the file atomically.
func (r Remembered) Save() error {
	path := RememberedPath()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	atomicfile.RemoveLeftovers(path)
	data, err := toml.Marshal(r)
	if err != nil {
		return err
	}
	return atomicfile.Write(path, data)
}

// Forget deletes the file. It is not an error if there is none.
func (Remembered) Forget() error {
	if err := os.Remove(RememberedPath()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
