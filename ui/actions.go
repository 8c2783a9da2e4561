package ui

import "calltray/cstasession"

// subject is the call that "Transfer", "Ask first", "Pass on" and the keypad act upon: the one that the
// user chose, else the one being talked in, else the one that rings.
func (u *UI) subject() (cstasession.Call, bool) { return cstasession.Call{}, false }

// choose makes a call the subject, and opens the window where the user says where it is to go.
func (u *UI) choose(c cstasession.ConnectionID) {}

// pass hands the subject on: a ringing call is deflected, one that is talked in is transferred; after
// asking the other side, if ask says so.
func (u *UI) pass(to string, ask bool) {}

// pickUp takes over a call that rings at another extension.
func (u *UI) pickUp(ringing cstasession.ConnectionID) {}
