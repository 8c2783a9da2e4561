package autostart

import (
	"errors"
	"fmt"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

const (
	// runKey lists the programs started at login (learn.microsoft.com, "Run and RunOnce Registry Keys").
	runKey = `Software\Microsoft\Windows\CurrentVersion\Run`
	// approvedKey is where the Task Manager and the Settings record what the user turned off. Microsoft does
	// not document it; an odd first byte means off (inferred from what they write: 02 on, 03 off).
	approvedKey = `Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run`
)

// Enabled reports whether the program is started at login.
func (e Entry) Enabled() (bool, error) {
	for _, root := range []registry.Key{registry.CURRENT_USER, registry.LOCAL_MACHINE} {
		there, err := has(root, runKey, e.Name)
		if err != nil {
			return false, err
		}
		if !there {
			continue
		}
		if off, err := switchedOff(root, e.Name); off || err != nil {
			return false, err
		}
		return true, nil
	}
	return false, nil
}

// Enable starts the program at login.
func (e Entry) Enable() error {
	key, _, err := registry.CreateKey(registry.CURRENT_USER, runKey, registry.SET_VALUE)
	if err != nil {
		return fmt.Errorf("the registry key Run: %w", err)
	}
	defer key.Close()
	if err := key.SetStringValue(e.Name, windows.ComposeCommandLine(e.Command)); err != nil {
		return fmt.Errorf("the registry key Run: %w", err)
	}
	return remove(approvedKey, e.Name)
}

// Disable no longer starts it at login. The error is ErrManaged if the computer starts it for everybody.
func (e Entry) Disable() error {
	if err := remove(runKey, e.Name); err != nil {
		return err
	}
	if err := remove(approvedKey, e.Name); err != nil {
		return err
	}
	on, err := e.Enabled()
	if on {
		return ErrManaged
	}
	return err
}

// has reports whether a key has a value.
func has(root registry.Key, path, name string) (bool, error) {
	key, err := registry.OpenKey(root, path, registry.QUERY_VALUE)
	if errors.Is(err, registry.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer key.Close()
	_, _, err = key.GetValue(name, nil)
	if errors.Is(err, registry.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func switchedOff(root registry.Key, name string) (bool, error) {
	key, err := registry.OpenKey(root, approvedKey, registry.QUERY_VALUE)
	if errors.Is(err, registry.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer key.Close()
	state, _, err := key.GetBinaryValue(name)
	if errors.Is(err, registry.ErrNotExist) || errors.Is(err, registry.ErrUnexpectedType) {
		return false, nil
	}
	return len(state) > 0 && state[0]%2 == 1, err
}

// remove deletes one of the user's values.
func remove(path, name string) error {
	key, err := registry.OpenKey(registry.CURRENT_USER, path, registry.SET_VALUE)
	if errors.Is(err, registry.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer key.Close()
	if err := key.DeleteValue(name); err != nil && !errors.Is(err, registry.ErrNotExist) {
		return err
	}
	return nil
}
