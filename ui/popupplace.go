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

// The popup is in the bottom right corner of the screen with the pointer, unless it was dragged to another corner or
// screen. That is remembered for each arrangement of screens, since home and work differ.

// maxPlaces is how many arrangements are remembered.
const maxPlaces = 20

// drag is the state of a drag, which begins with a press where there is no button and ends with the release.
type drag struct {
	on     bool
	moving bool        // it has gone too far to be a click
	grab   image.Point // where the pointer was pressed, on the desktop
	from   image.Point // where the popup was then
	at     image.Point // where the popup is now
}

// dragFar is how far the pointer must move to start a drag, in Fyne's units: a hand is not steady.
const dragFar = 6

// arrangement returns the attached screens in an order that depends only on their geometry, and a name for them.
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

// popupPlace returns where the user wants the popup, and on which screen; an empty screen means the pointer's.
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

// keepPopupPlace remembers where the user wants the popup with the screens attached now; nil for the default place.
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

// corner returns the position of the popup's top left.
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

// dragTo moves the popup with the pointer, once that has moved far enough.
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

// drop puts the popup in the corner nearest to where it was dragged.
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
	if area != before { // another screen, where it stays
		place.Screen = 1 + slices.IndexFunc(screens, func(r image.Rectangle) bool { return !r.Intersect(area).Empty() })
	}
	s.area, s.scale, s.place, s.frame = area, u.userScale(scale), place, nil
	u.keepPopupPlace(&place)
	s.popup.render()
}
