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

// Remembered is what the program has noticed by itself, and nobody has to know: the zero Remembered is that of a
// first start.
type Remembered struct {
	Introduced bool    `toml:"introduced"` // the user was told once that Calltray is in the tray
	Closed     bool    `toml:"closed"`     // the user was told once where a closed window goes
	Autostart  string  `toml:"autostart"`  // the wish of Settings.Autostart that was last carried out
	Width      float32 `toml:"width"`      // of the window, in Fyne's units; 0 for none
	Height     float32 `toml:"height"`
	X          int     `toml:"x"` // of the window's top left corner, in the screen's pixels, if Placed
	Y          int     `toml:"y"`
	Placed     bool    `toml:"placed"`
	QuietUntil int64   `toml:"quiet_until"` // when do-not-disturb is to be switched off, in seconds since 1970; 0 for never

	PopupPlaces []PopupPlace `toml:"popup_places"` // the last one last; replaced as a whole, never changed
}

// PopupPlace is where the user has put the popup, while some screens are attached.
type PopupPlace struct {
	Screens string `toml:"screens"` // that are attached
	Screen  int    `toml:"screen"`  // on which of them, from 1; 0 for the one that the user is at
	Left    bool   `toml:"left"`    // in place of right
	Top     bool   `toml:"top"`     // in place of bottom
}

// Equal reports whether both hold the same.
func (r Remembered) Equal(other Remembered) bool { return reflect.DeepEqual(r, other) }

// RememberedPath returns where that is kept: calltray/remembered.toml in the user's folder for state.
func RememberedPath() string { return filepath.Join(xdg.StateHome, "calltray", "remembered.toml") }

// LoadRemembered reads what is remembered. A file that cannot be used is as none: nothing in it is worth a word.
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

// Save keeps what is remembered, whole or not at all.
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

// Forget removes what is remembered. Nothing there is no error.
func (Remembered) Forget() error {
	if err := os.Remove(RememberedPath()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
