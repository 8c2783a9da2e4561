package command

import (
	"context"

	"calltray/cstasession"
	"calltray/cstasession/csta"
	"calltray/internal/account"
)

// Target is a session as a command finds it: what is known there, and what the user calls the others.
type Target struct {
	*cstasession.Session
	State  csta.State // with the user's names
	Names  account.Names
	Device string // the user's own extension
	Fresh  bool   // logged in a moment ago: a PBX need not report what began before
}

// Execute carries out a request at a session. It may be called from any goroutine. The error, for the user, is
// what text.Explain makes of it.
func Execute(ctx context.Context, t Target, r Request) (Response, error) {
	if t.State.Status != csta.Online {
		return Response{}, csta.ErrOffline
	}
	return rows[r.Command].do(ctx, t, r.Args)
}

// party is who has a number, by the name that the user, else the PBX gave it.
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
