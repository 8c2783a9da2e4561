//go:build linux

// Package winetest provides a Windows under Wine on a desktop without a screen, and runs Windows programs on
// it. It is not part of Calltray: scripts/test-windows.sh is its only user.
//
// Wine cannot test toasts, Windows' rules about the focus, sleep, or several sessions.
package winetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"calltray/internal/desktoptest"
)

// callLimit is how long running a Windows program, or waiting for one, may take: Wine can hang, and is slow on
// a busy machine.
const callLimit = 4 * time.Minute

// Windows is a fresh Windows, on a desktop of its own.
type Windows struct {
	*desktoptest.Desktop
	// Drive is the path of drive C:.
	Drive string

	prefix, run string // run is a script that runs a Windows program
}

// overrides keep Wine from asking for downloads, and from writing to the desktop's menus.
const overrides = "WINEDLLOVERRIDES=mscoree,mshtml,winemenubuilder.exe="

// Template sets up a fresh Windows in a folder, which takes Wine half a minute; Start copies it. shim is the
// path of a bcryptprimitives.dll for a Wine that lacks it.
func Template(ctx context.Context, folder, shim string) error {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	for _, step := range [][]string{{"wine64", "wineboot", "-i"}, {"wineserver", "-w"}} { // -w: until everything has ended
		path, err := tool(step[0])
		if err != nil {
			return err
		}
		c := exec.CommandContext(ctx, path, step[1:]...)
		c.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + folder, "WINEPREFIX=" + folder, "WINEARCH=win64", "WINEDEBUG=-all", overrides}
		c.WaitDelay = time.Second // programs it started may hold its output open
		if out, err := c.CombinedOutput(); err != nil && !errors.Is(err, exec.ErrWaitDelay) {
			return fmt.Errorf("a fresh Windows: %s: %w: %s", step[0], err, out)
		}
	}
	dll := filepath.Join(folder, "drive_c", "windows", "system32", "bcryptprimitives.dll")
	if _, err := os.Stat(dll); errors.Is(err, os.ErrNotExist) {
		return copyFile(dll, shim)
	}
	return nil
}

// Start starts the desktop and the Windows. shots is the folder for screenshots, template the folder filled by
// Template; display are further arguments for Xvfb.
func Start(ctx context.Context, shots, template string, display ...string) (_ *Windows, err error) {
	d, err := desktoptest.Start(ctx, shots, display...)
	if err != nil {
		return nil, err
	}
	d.Patience = callLimit
	w := &Windows{Desktop: d, prefix: filepath.Join(d.Home, "windows"), run: filepath.Join(d.Home, "wine")}
	w.Drive = filepath.Join(w.prefix, "drive_c")
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Close())
		}
	}()
	if out, err := exec.CommandContext(ctx, "cp", "-a", "--reflink=auto", template, w.prefix).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("a fresh Windows: %w: %s", err, out)
	}
	loader, err := tool("wine64")
	if err != nil {
		return nil, err
	}
	script := fmt.Sprintf("#!/bin/sh\nWINEPREFIX=%s WINEARCH=win64 WINEDEBUG=-all %s exec %s \"$@\"\n", w.prefix, overrides, loader)
	if err := os.WriteFile(w.run, []byte(script), 0o700); err != nil {
		return nil, err
	}
	return w, nil
}

// tool finds one of Wine's programs: Debian does not put all of them on the path.
func tool(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	return exec.LookPath("/usr/lib/wine/" + name)
}

// Install copies a program to C:\ under its own name, and returns its path there.
func (w *Windows) Install(program string) (string, error) {
	name := filepath.Base(program)
	return `C:\` + name, copyFile(filepath.Join(w.Drive, name), program)
}

func copyFile(to, from string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o700)
}

// Program prepares a Windows program without starting it.
func (w *Windows) Program(program string, arg ...string) *exec.Cmd {
	return w.Command(w.run, append([]string{program}, arg...)...)
}

// Output runs a Windows program to its end, and returns what it printed.
func (w *Windows) Output(ctx context.Context, program string, arg ...string) (string, error) {
	return w.OutputOf(ctx, w.Program(program, arg...))
}

// OutputOf is Output for a prepared program.
func (w *Windows) OutputOf(ctx context.Context, c *exec.Cmd) (string, error) {
	var out strings.Builder
	if c.Stdout == nil {
		c.Stdout = &out
	}
	if c.Stderr == nil {
		c.Stderr = &out
	}
	c.WaitDelay = time.Second // programs it started may hold its output open
	if err := c.Start(); err != nil {
		return "", err
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	limit := time.NewTimer(callLimit)
	defer limit.Stop()
	var err error
	select {
	case err = <-ended:
	case <-limit.C:
		err = fmt.Errorf("no end after %v", callLimit)
		_ = c.Process.Kill()
		<-ended
	case <-ctx.Done():
		err = context.Cause(ctx)
		_ = c.Process.Kill()
		<-ended
	}
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil
	}
	return strings.ReplaceAll(out.String(), "\r\n", "\n"), err
}

// Registry returns the contents of a registry key and its subkeys, as printed by reg.exe; "" if there is no
// such key.
func (w *Windows) Registry(ctx context.Context, key string) string {
	out, err := w.Output(ctx, "reg", "query", key, "/s")
	if err != nil {
		return ""
	}
	return out
}

// server calls Wine's server: -w waits until no Windows program is running, -k ends them.
func (w *Windows) server(ctx context.Context, order string) error {
	server, err := tool("wineserver")
	if err != nil {
		return err
	}
	c := w.Command(server, order)
	c.Env = append(c.Env, "WINEPREFIX="+w.prefix)
	_, err = w.OutputOf(ctx, c)
	return err
}

// Close ends every Windows program, and the desktop.
func (w *Windows) Close() error {
	err := w.server(context.Background(), "-k")
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = nil // nothing was running
	}
	return errors.Join(err, w.Desktop.Close())
}
