package linkhandler

import (
	"errors"
	"fmt"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// The places in the user's registry (learn.microsoft.com, "Default Programs" and "Registering an Application to
// a URI Scheme"). All belong to the program, except registeredKey, in which only one value does.
const (
	classesKey    = `Software\Classes\`
	registeredKey = `Software\RegisteredApplications`
	// choiceKey is where Windows records the user's choice for a scheme. Programs can only read it.
	choiceKey = `Software\Microsoft\Windows\Shell\Associations\UrlAssociations\%s\UserChoice`
)

// class is the name of the handler for a link: Calltray.Link.
func (h Handler) class() string { return h.Name + ".Link" }

// own is the key for the program's capabilities.
func (h Handler) own() string { return `Software\` + h.Name }

// Register makes the program known as one that opens telephone links. The user chooses the program on the page
// that Choose opens: Windows does not let programs do that.
func (h Handler) Register() error {
	command := windows.ComposeCommandLine(h.Command) + ` "%1"`
	class, capabilities := classesKey+h.class(), h.own()+`\Capabilities`
	for _, v := range []struct{ key, name, value string }{
		{class, "", "URL:" + h.Name},
		{class, "URL Protocol", ""},
		{class + `\Application`, "ApplicationName", h.Name},
		{class + `\DefaultIcon`, "", windows.ComposeCommandLine(h.Command[:1]) + ",0"},
		{class + `\shell\open\command`, "", command},
		{capabilities, "ApplicationName", h.Name},
		{capabilities, "ApplicationDescription", h.Name},
	} {
		if err := set(v.key, v.name, v.value); err != nil {
			return err
		}
	}
	for _, scheme := range Schemes {
		if err := set(capabilities+`\URLAssociations`, scheme, h.class()); err != nil {
			return err
		}
	}
	return set(registeredKey, h.Name, capabilities)
}

// Unregister undoes Register.
func (h Handler) Unregister() error {
	class := classesKey + h.class()
	var errs []error
	for _, key := range []string{class + `\shell\open\command`, class + `\shell\open`, class + `\shell`, class + `\DefaultIcon`, class + `\Application`, class,
		h.own() + `\Capabilities\URLAssociations`, h.own() + `\Capabilities`} {
		if err := registry.DeleteKey(registry.CURRENT_USER, key); err != nil && !errors.Is(err, registry.ErrNotExist) {
			errs = append(errs, fmt.Errorf("the registry key %s: %w", key, err))
		}
	}
	_ = registry.DeleteKey(registry.CURRENT_USER, h.own()) // others may have put something into it
	key, err := registry.OpenKey(registry.CURRENT_USER, registeredKey, registry.SET_VALUE)
	if err == nil {
		defer key.Close()
		err = key.DeleteValue(h.Name)
	}
	if err != nil && !errors.Is(err, registry.ErrNotExist) {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// State returns which program opens telephone links.
func (h Handler) State() (s State, err error) {
	registered, err := get(registeredKey, h.Name)
	if err != nil {
		return s, err
	}
	s.Registered = registered != ""
	chosen, err := get(fmt.Sprintf(choiceKey, Schemes[0]), "ProgId")
	switch {
	case err != nil || chosen == "":
		return s, err
	case chosen == h.class():
		s.Default = true
		return s, nil
	}
	if s.Other, err = get(classesKey+chosen+`\Application`, "ApplicationName"); s.Other == "" {
		s.Other = chosen
	}
	return s, err
}

// Choose opens the system settings page where the user chooses what opens links.
func (h Handler) Choose() error {
	page, err := windows.UTF16PtrFromString("ms-settings:defaultapps?registeredAppUser=" + h.Name)
	if err != nil {
		return err
	}
	return windows.ShellExecute(0, nil, page, nil, nil, windows.SW_SHOWNORMAL)
}

func set(path, name, value string) error {
	key, _, err := registry.CreateKey(registry.CURRENT_USER, path, registry.SET_VALUE)
	if err != nil {
		return fmt.Errorf("the registry key %s: %w", path, err)
	}
	defer key.Close()
	if err := key.SetStringValue(name, value); err != nil {
		return fmt.Errorf("the registry key %s: %w", path, err)
	}
	return nil
}

// get returns a value, "" if there is none.
func get(path, name string) (string, error) {
	key, err := registry.OpenKey(registry.CURRENT_USER, path, registry.QUERY_VALUE)
	if errors.Is(err, registry.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer key.Close()
	value, _, err := key.GetStringValue(name)
	if errors.Is(err, registry.ErrNotExist) {
		return "", nil
	}
	return value, err
}
