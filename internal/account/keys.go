package account

import (
	"errors"
	"reflect"
	"strconv"
)

// Keys returns the keys of all settings, in the order of the settings file.
func Keys() []Field {
	var keys []Field
	for i := range reflect.TypeFor[Settings]().NumField() {
		keys = append(keys, Field(keyOf(i)))
	}
	return keys
}

// Known reports whether there is a setting with that key.
func (f Field) Known() bool {
	_, known := fieldOf(string(f))
	return known
}

// Get returns the value of a setting as in the settings file, without quotes: a text, a number, true or false.
// It is "" for an unknown key.
func (s Settings) Get(key Field) string {
	i, known := fieldOf(string(key))
	if !known {
		return ""
	}
	switch v := reflect.ValueOf(s).Field(i); v.Kind() {
	case reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case reflect.Int:
		return strconv.FormatInt(v.Int(), 10)
	default:
		return v.String()
	}
}

// With returns the settings with one of them changed to a value as returned by Get. The error, a *FieldError,
// says why the value is invalid; Check says whether it is compatible with the others.
func (s Settings) With(key Field, value string) (Settings, error) {
	changed, err := s.Replace(key, value)
	if err != nil {
		return s, err
	}
	var errs FieldErrors
	errors.As(changed.Check(), &errs)
	for _, e := range errs {
		if e.Field == key {
			return s, e
		}
	}
	return changed, nil
}

// Replace is With for a value that is validated later: its error is only about what a settings file cannot
// represent.
func (s Settings) Replace(key Field, value string) (Settings, error) {
	i, known := fieldOf(string(key))
	if !known {
		return s, &FieldError{key, "There is no setting of that name: “calltray settings list” shows all of them."}
	}
	changed := s
	switch v := reflect.ValueOf(&changed).Elem().Field(i); v.Kind() {
	case reflect.Bool:
		on, err := strconv.ParseBool(value)
		if err != nil {
			return s, &FieldError{key, "This setting can be true or false."}
		}
		v.SetBool(on)
	case reflect.Int:
		n, err := strconv.ParseInt(value, 10, 32)
		if err != nil {
			return s, &FieldError{key, "This setting must be a whole number."}
		}
		v.SetInt(n)
	default:
		v.SetString(value)
	}
	if key == FieldPBXDomain && changed.PBXDomain != s.PBXDomain {
		changed.TrunkID = "" // it belongs to the PBX
	}
	return changed, nil
}

// All returns every setting by its key, with the values as in the settings file.
func (s Settings) All() map[string]any {
	all := map[string]any{}
	for i := range reflect.TypeFor[Settings]().NumField() {
		all[keyOf(i)] = reflect.ValueOf(s).Field(i).Interface()
	}
	return all
}
