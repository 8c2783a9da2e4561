package app

import (
	"errors"
	"os"
	"path/filepath"

	"calltray/internal/linkhandler"
	"calltray/internal/text"
	"calltray/ui"
)

// links tells the window which program opens telephone links.
func links() *ui.Links {
	handler := func() (linkhandler.Handler, error) {
		program, err := os.Executable()
		if err == nil {
			program, err = filepath.Abs(program)
		}
		return linkhandler.Handler{ID: ID, Name: "Calltray", Command: []string{program}}, err
	}
	return &ui.Links{
		State: func() (ui.LinkState, error) {
			h, err := handler()
			if err != nil {
				return ui.LinkState{}, linksFailed(err)
			}
			s, err := h.State()
			return ui.LinkState(s), linksFailed(err)
		},
		Set: func(on bool) error {
			h, err := handler()
			switch {
			case err != nil:
			case on:
				if err = h.Register(); err == nil {
					err = h.Choose()
				}
			default:
				err = h.Unregister()
			}
			return linksFailed(err)
		},
	}
}

// linksUnless returns links, except in the demonstration, which changes nothing on the computer.
func linksUnless(demo bool) *ui.Links {
	if demo {
		return nil
	}
	return links()
}

// linksFailed turns an error into a sentence; nil stays nil.
func linksFailed(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, linkhandler.ErrUnsupported):
		return text.Errorf("links-by-hand", "On this computer you choose it yourself: open FaceTime, its settings, and “Default for calls”.")
	}
	return &text.Error{Err: err, Message: text.New("links", "Who opens telephone links cannot be changed ({{.Cause}}).", "Cause", text.Plain(err.Error(), text.MaxWords))}
}
