package notify

import (
	"sync"

	"github.com/gen2brain/beeep"
)

// plain shows notifications through beeep: they have no buttons, and cannot be changed or taken down.
type plain struct{ cfg Config }

// beeepTurn guards beeep.AppName, which is a variable of the package.
var beeepTurn sync.Mutex

func (p plain) show(n notice, replaces uint32) (uint32, error) {
	if replaces != 0 {
		return 0, nil // a second one for the same call would be too much
	}
	var icon any = "" // nil is an error
	if len(p.cfg.Icon) > 0 {
		icon = p.cfg.Icon
	}
	beeepTurn.Lock()
	defer beeepTurn.Unlock()
	beeep.AppName = p.cfg.AppName
	return 0, beeep.Notify(sentence(n.title, maxText), sentence(n.body, maxBody), icon)
}

func (plain) close(uint32) error { return nil }

func (plain) stop() {}
