package autostart

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

func (e Entry) path() (string, error) {
	home, err := os.UserHomeDir()
	return filepath.Join(home, "Library", "LaunchAgents", e.ID+".plist"), err
}

// Enabled reports whether the program is started at login.
func (e Entry) Enabled() (bool, error) {
	path, err := e.path()
	if err != nil {
		return false, err
	}
	_, err = os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Enable starts the program at login. launchd reads its folder when the user logs in.
func (e Entry) Enable() error {
	path, err := e.path()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, e.launchAgent(), 0o644)
}

// Disable no longer starts it at login.
func (e Entry) Disable() error {
	path, err := e.path()
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
