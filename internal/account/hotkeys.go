package account

import "calltray/internal/hotkey"

const (
	// HotkeyOff is the value of a hotkey that the user does not want.
	HotkeyOff = "off"
	// DefaultHotkeyDial dials the selected number unless the user has chosen another key. On Windows, Ctrl+Alt
	// is AltGr, which produces no character with this letter on Nordic keyboards.
	DefaultHotkeyDial = "Ctrl+Alt+K"
)

// Hotkeys are the settings that are hotkeys.
var Hotkeys = []Field{FieldHotkeyDial, FieldHotkeyAnswer, FieldHotkeyHangUp, FieldHotkeyShow}

// Hotkey returns the key of a setting of Hotkeys, the zero Key if it has none.
func (s Settings) Hotkey(f Field) hotkey.Key {
	written := s.Get(f)
	if written == "" && f == FieldHotkeyDial {
		written = DefaultHotkeyDial
	}
	k, _ := hotkey.Parse(written) // Check reports what is wrong with it
	return k
}

// checkHotkey returns why a hotkey cannot be used.
func (s Settings) checkHotkey(f Field) string {
	if written := s.Get(f); written != "" && written != HotkeyOff {
		if _, err := hotkey.Parse(written); err != nil {
			return "Write a hotkey with Ctrl, Alt or Super, for example Ctrl+Alt+K, or as a function key, for example F8; off is none."
		}
	}
	for _, other := range Hotkeys {
		if other == f {
			break
		}
		if k := s.Hotkey(f); k != (hotkey.Key{}) && k == s.Hotkey(other) {
			return "This hotkey is used above already: choose another."
		}
	}
	return ""
}
