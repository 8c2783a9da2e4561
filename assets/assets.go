// Package assets holds the pictures of the program: the application's own icon, one icon for each state of the
// tray, a shape for each state of a colleague, and the drawings on buttons. They are bytes, which the caller
// converts to what its toolkit needs.
//
// The drawings are the SVG files in icons. The PNG files beside them are generated from those by
//
//	go generate ./assets
//
// and are checked in, so that a build needs no SVG renderer. The drawings are filled shapes without strokes:
// the renderer that Fyne uses does not scale the width of a stroke.
package assets

import (
	"bytes"
	"embed"
	"encoding/binary"
	"strconv"
)

//go:generate go run render.go

//go:embed icons
var files embed.FS

// Icon is a picture of a state. The pictures differ in silhouette, not only in colour: one person in twelve
// tells red from green only by position, and a panel icon is 22 pixels wide.
type Icon string

// The states of the tray.
const (
	Offline    Icon = "offline"    // a hollow receiver, struck through
	Connecting Icon = "connecting" // a receiver over three dots
	Online     Icon = "online"     // a solid receiver
	Ringing    Icon = "ringing"    // a receiver and two waves
	InCall     Icon = "call"       // a receiver in a disc

	// Online, but no call will ring here.
	DoNotDisturb Icon = "donotdisturb" // a barred disc
	Elsewhere    Icon = "elsewhere"    // all calls are forwarded: a broad arrow
)

// Icons lists every state, in the order of the constants.
func Icons() []Icon {
	return []Icon{Offline, Connecting, Online, Ringing, InCall, DoNotDisturb, Elsewhere}
}

// dark maps each colour of the drawings, which are made for light panels, to its brighter counterpart. Both are
// mid-tones, so that a wrong guess about a panel costs contrast, but not the icon.
var dark = []struct{ light, dark string }{
	{"#1b8a4b", "#4fd08a"},
	{"#6b7280", "#b4bac6"},
	{"#c8322b", "#ff6b61"},
	{"#d9730d", "#ffae4a"},
	{"#2563eb", "#5b96ff"},
	{"#8b3fc7", "#c58af2"},
}

// SVG returns the drawing, for a light or a dark background.
func (i Icon) SVG(onDark bool) []byte { return drawing(string(i), onDark) }

func drawing(name string, onDark bool) []byte {
	svg := read(name + ".svg")
	if onDark {
		for _, c := range dark {
			svg = bytes.ReplaceAll(svg, []byte(c.light), []byte(c.dark))
		}
	}
	return svg
}

// PNG returns the picture, 64 by 64 pixels, for a light or a dark background.
func (i Icon) PNG(onDark bool) []byte {
	if onDark {
		return read(string(i) + "-dark.png")
	}
	return read(string(i) + ".png")
}

// Shape is a picture of what a telephone is doing, for a list row. As with the icons, the silhouette shows it,
// and the colour repeats it.
type Shape string

// The states of a telephone.
const (
	Free         Shape = "free"         // a hollow disc
	RingingThere Shape = "ringingthere" // a bell
	Talking      Shape = "talking"      // a solid receiver
	Away         Shape = "away"         // do-not-disturb: a barred disc
	Forwarded    Shape = "forwarded"    // all its calls go elsewhere: a broad arrow
	Unknown      Shape = "unknown"      // a ring of dots
)

// Shapes lists every state, in the order of the constants.
func Shapes() []Shape { return []Shape{Free, RingingThere, Talking, Away, Forwarded, Unknown} }

// SVG returns the drawing, for a light or a dark background.
func (s Shape) SVG(onDark bool) []byte { return drawing(string(s), onDark) }

// Glyph is a small black drawing for a button or a row, to be coloured by the caller.
type Glyph string

// The drawings.
const (
	Answer   Glyph = "answer"   // a receiver lifted
	HangUp   Glyph = "hangup"   // a receiver put down
	Incoming Glyph = "incoming" // a receiver and an arrow towards it
	Outgoing Glyph = "outgoing" // a receiver and an arrow away from it
	Missed   Glyph = "missed"   // a receiver put down and an arrow that bounces
	NotSeen  Glyph = "notseen"  // a line that is broken off

	Hold       Glyph = "hold"       // two bars, as on every player
	Resume     Glyph = "resume"     // a triangle
	Transfer   Glyph = "transfer"   // a receiver and a broad arrow
	Ask        Glyph = "ask"        // a question in a bubble
	Back       Glyph = "back"       // an arrow that turns round
	Keypad     Glyph = "keypad"     // ten keys
	PickUp     Glyph = "pickup"     // an arrow up, from a receiver put down
	PassOn     Glyph = "passon"     // an arrow that turns to the right
	Copy       Glyph = "copy"       // a sheet before another
	Swap       Glyph = "swap"       // an arrow there and one back
	Join       Glyph = "join"       // two lines that become one
	Conference Glyph = "conference" // three people
	Queue      Glyph = "queue"      // one line under another
)

// Glyphs lists every drawing, in the order of the constants.
func Glyphs() []Glyph {
	return []Glyph{Answer, HangUp, Incoming, Outgoing, Missed, NotSeen, Hold, Resume, Transfer, Ask, Back, Keypad,
		PickUp, PassOn, Copy, Swap, Join, Conference, Queue}
}

// SVG returns the drawing.
func (g Glyph) SVG() []byte { return read(string(g) + ".svg") }

// AppSVG returns the drawing of the application's icon.
func AppSVG() []byte { return read("calltray.svg") }

// AppSizes lists the widths, in pixels, in which the application's icon exists as PNG.
func AppSizes() []int { return []int{22, 32, 64, 128, 256} }

// AppPNG returns the application's icon, size by size pixels. It returns nil if size is not in AppSizes.
func AppPNG(size int) []byte {
	for _, s := range AppSizes() {
		if s == size {
			return read("calltray-" + strconv.Itoa(size) + ".png")
		}
	}
	return nil
}

// ICO wraps a PNG picture of width by width pixels in a Windows icon file, which may contain PNG since Windows
// Vista.
func ICO(png []byte, width int) []byte {
	const header, entry = 6, 16
	b := make([]byte, 0, header+entry+len(png))
	b = append(b, 0, 0, 1, 0, 1, 0)             // reserved, type 1: icon, one picture
	b = append(b, byte(width), byte(width))     // 0 means 256
	b = append(b, 0, 0)                         // no palette, reserved
	b = binary.LittleEndian.AppendUint16(b, 1)  // planes
	b = binary.LittleEndian.AppendUint16(b, 32) // bits per pixel
	b = binary.LittleEndian.AppendUint32(b, uint32(len(png)))
	b = binary.LittleEndian.AppendUint32(b, header+entry)
	return append(b, png...)
}

// read returns an embedded file. A missing one is a mistake in this package, which its test finds.
func read(name string) []byte {
	b, err := files.ReadFile("icons/" + name)
	if err != nil {
		panic("assets: " + err.Error())
	}
	return b
}
