package command

import (
	"context"

	"calltray/cstasession"
	"calltray/cstasession/csta"
	"calltray/internal/account"
)

// Target is a session as a command finds it: what is known there, and the user's own names.
type Target struct {
	*cstasession.Session
	State  csta.State // with the user's names
	Names  account.Names
	Device string // the user's own extension
	Fresh  bool   // logged in just now: the PBX may not have reported what began earlier
}

// Execute executes a request in a session. It may be called from any goroutine. text.Explain turns the error
// into a sentence for the user.
func Execute(ctx context.Context, t Target, r Request) (Response, error) {
	if t.State.Status != csta.Online {
		return Response{}, csta.ErrOffline
	}
	return rows[r.Command].do(ctx, t, r.Args)
}

// party returns who has a number, with the user's name for it or else the PBX's.
func (t Target) party(number string) csta.Party {
	name := OwnName(t.Names, number)
	if name == "" && !t.Fresh {
		for _, c := range t.Colleagues() {
			if c.Device.Number() == number {
				name = c.Name
			}
		}
	}
	return csta.Party{Number: number, Name: name}
}
