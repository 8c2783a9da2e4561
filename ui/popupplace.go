package ui

import (
	"cmp"
	"fmt"
	"image"
	"math"
	"slices"
	"strings"

	"calltray/internal/account"
)

// Where the popup is: in the bottom right corner of the screen that the user is at, unless it was dragged into another
// corner, or to another screen. That is kept for each arrangement of screens: at home there are others than at work.

// maxPlaces is how many arrangements are kept.
const maxPlaces = 20

// drag is what the pointer does with the popup between being pressed where no button is, and being released.
type drag struct {
	on     bool
	moving bool        // it has gone far enough to be no click
	grab   image.Point // where the pointer was, on the desktop
	from   image.Point // where the popup was
	at     image.Point // where it is now
}

// dragFar is how far the pointer goes before it drags, in Fyne's units: a hand is not steady.
const dragFar = 6

// arrangement names the screens that are attached, and returns them in an order that depends on nothing else.
func arrangement(desk Desk) (name string, screens []image.Rectangle) {
	screens = desk.Screens()
	slices.SortFunc(screens, func(a, b image.Rectangle) int {
		return cmp.Or(a.Min.X-b.Min.X, a.Min.Y-b.Min.Y, a.Dx()-b.Dx(), a.Dy()-b.Dy())
	})
	var names []string
	for _, s := range screens {
		names = append(names, fmt.Sprintf("%dx%d+%d+%d", s.Dx(), s.Dy(), s.Min.X, s.Min.Y))
	}
	return strings.Join(names, " "), screens
}

// popupPlace is where the user wants the popup, and the screen that it is to be on; an empty one is that of the pointer.
func (u *UI) popupPlace() (place account.PopupPlace, screen image.Rectangle) {
	if len(u.remembered.PopupPlaces) == 0 {
		return place, screen
	}
	name, screens := arrangement(u.cfg.Desk)
	for _, p := range u.remembered.PopupPlaces {
		if p.Screens == name {
			place = p
		}
	}
	if n := place.Screen; n > 0 && n <= len(screens) {
		screen = screens[n-1]
	}
	return place, screen
}

// keepPopupPlace remembers where the user wants the popup, with the screens that are attached now; nil for where it is
// by itself.
func (u *UI) keepPopupPlace(place *account.PopupPlace) {
	name, _ := arrangement(u.cfg.Desk)
	var chosen []account.PopupPlace
	if place != nil {
		place.Screens = name
		chosen = append(chosen, *place)
	}
	u.remember(func(r *account.Remembered) {
		var places []account.PopupPlace
		for _, p := range r.PopupPlaces {
			if p.Screens != name {
				places = append(places, p)
			}
		}
		places = append(places, chosen...)
		r.PopupPlaces = places[max(0, len(places)-maxPlaces):]
	})
}

// corner is where the top left of the popup is.
func (s *picture) corner() image.Point {
	if s.drag.moving {
		return s.drag.at
	}
	margin := int(math.Ceil(float64(popupMargin * s.scale)))
	at := s.area.Max.Sub(s.frame.Rect.Size()).Sub(image.Pt(margin, margin))
	if s.place.Left {
		at.X = s.area.Min.X + margin
	}
	if s.place.Top {
		at.Y = s.area.Min.Y + margin
	}
	return image.Pt(max(at.X, s.area.Min.X), max(at.Y, s.area.Min.Y))
}

// dragTo follows a pointer that was pressed where no button is.
func (s *picture) dragTo(pointer image.Point) {
	way := pointer.Sub(s.drag.grab)
	if far := int(dragFar * s.scale); max(way.X, -way.X, way.Y, -way.Y) >= far {
		s.drag.moving = true
	}
	if s.drag.moving {
		s.drag.at = s.drag.from.Add(way)
		if err := s.send(image.Rectangle{}); err != nil {
			s.popup.ui.log.Warn("the popup cannot be moved", "reason", err)
		}
	}
}

// drop leaves the popup in the corner that it was dragged to.
func (s *picture) drop() {
	d, u := s.drag, s.popup.ui
	if s.drag = (drag{}); !d.moving {
		return
	}
	size := s.frame.Rect.Size()
	middle := d.at.Add(size.Div(2))
	before := s.area
	_, screens := arrangement(u.cfg.Desk)
	area, scale, ok := u.cfg.Desk.PopupScreen(image.Rectangle{middle, middle.Add(image.Pt(1, 1))})
	if !ok {
		return
	}
	place := account.PopupPlace{Screen: s.place.Screen, Left: 2*middle.X < area.Min.X+area.Max.X, Top: 2*middle.Y < area.Min.Y+area.Max.Y}
	if area != before { // to another screen, where it stays
		place.Screen = 1 + slices.IndexFunc(screens, func(r image.Rectangle) bool { return !r.Intersect(area).Empty() })
	}
	s.area, s.scale, s.place, s.frame = area, u.userScale(scale), place, nil
	u.keepPopupPlace(&place)
	s.popup.render()
}
