package dialplan

// Number is a telephone number that was found in a text.
type Number struct {
	Dial  string // what is dialled: as Dialable returns it
	Shown string // the same number as the user reads it
}

// Find returns the telephone numbers of a text.
func Find(text string) []Number {
	n, err := Dialable(text)
	if err != nil {
		return nil
	}
	return []Number{{n, Format(n)}}
}
