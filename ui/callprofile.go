package ui

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"calltray/cstasession/csta"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// profileDevices is how many kinds of device a call profile has: desk, mobile, Teams.
const profileDevices = 3

// numberTypes are the vendor's words for the number shown to others. (vendor page getCallProfile)
var numberTypes = []string{"None", "Main", "Mobile", "Teams"}

// profileBox is the call profile: which number others see, and which devices ring. No event reports it, so it is
// read when the page opens and after every change.
type profileBox struct {
	ui  *UI
	box *fyne.Container

	told    csta.CallProfile
	known   bool
	working bool
	asked   time.Time       // when the session it was read in came online
	why     *widgets.Lines  // why there is no profile
	empty   *fyne.Container // shown instead of the form
	form    *fyne.Container
	numbers [profileDevices]*widgets.Selection
	rings   [profileDevices][profileDevices]*widgets.Toggle
	words   [profileDevices][]string // the number types that the selections offer
	filling bool
}

func newProfileBox(u *UI) *profileBox {
	b := &profileBox{ui: u}
	devices := [profileDevices]string{text.Say("Desk phone"), text.Say("Mobile"), text.Say("Teams")}
	b.why = widgets.NewLines(2, theme.TextSize()-1, widgets.ColorMuted)
	label := func(text string) fyne.CanvasObject {
		l := widgets.NewLine(theme.TextSize(), false, theme.ColorNameForeground)
		l.Set(text)
		return l
	}
	thirds := widgets.Weighted{Widths: []float32{ruleLabel}, Weights: []float32{0, 1, 1, 1}}
	presented := widgets.NewColumn(2)
	matrix := widgets.NewColumn(0)
	head := container.New(thirds, widgets.Spacer(0))
	for i, device := range devices {
		b.numbers[i] = widgets.NewSelection(&u.window, nil, func(string) { b.changed() })
		presented.Add(container.New(widgets.Weighted{Widths: []float32{ruleLabel}, Weights: []float32{0, 1}}, label(device), b.numbers[i]))
		above := widgets.NewLine(theme.CaptionTextSize(), false, widgets.ColorMuted)
		above.Set(device)
		head.Add(above)
		line := container.New(thirds, label(text.Say("Calls to: {{.Device}}", "Device", device)))
		for j := range devices {
			b.rings[i][j] = widgets.NewToggle(&u.window, "", func(bool) { b.changed() })
			line.Add(b.rings[i][j])
		}
		matrix.Add(line)
	}
	b.form = widgets.NewColumn(4, widgets.NewCaption(text.Say("Number that others see for calls from")), presented,
		widgets.NewCaption(text.Say("Devices that ring")), head, matrix)
	b.empty = widgets.NewColumn(4, widgets.NewCaption(text.Say("Call profile")), b.why)
	b.box = container.NewStack(b.empty, b.form)
	return b
}

// load reads the profile once each time the session comes online. forget has it read again.
func (b *profileBox) load() {
	s := b.ui.state
	if b.working || s.Status != csta.Online || s.Since.Equal(b.asked) {
		return
	}
	b.working, b.asked = true, s.Since
	b.get()
}

func (b *profileBox) forget() { b.known, b.asked = false, time.Time{} }

func (b *profileBox) get() {
	var p csta.CallProfile
	b.ui.ask(serviceLimit, func(ctx context.Context, phone Phone) (err error) {
		p, err = phone.GetCallProfile(ctx)
		return err
	}, func(err error) {
		b.working = false
		if err == nil {
			b.told, b.known = p, true
		} else if _, refused := b.ui.state.Refused["GetCallProfile"]; !refused {
			b.ui.tell(text.Say("The call profile could not be read.") + " " + text.Explain(err))
		}
		b.ui.render()
	})
}

// changed handles a click: it sends what the form says now.
func (b *profileBox) changed() {
	if b.filling || b.working || !b.known {
		return
	}
	p := b.told
	for i, n := range []*csta.PresentedNumber{&p.LocalNumber, &p.MobileNumber, &p.TeamsNumber} {
		if at := b.numbers[i].SelectedIndex(); at >= 0 {
			n.Type = b.words[i][at]
		}
	}
	for i, r := range []*csta.Rings{&p.LocalRings, &p.MobileRings, &p.TeamsRings} {
		*r = csta.Rings{Local: b.rings[i][0].Checked, Mobile: b.rings[i][1].Checked, Teams: b.rings[i][2].Checked}
	}
	b.working = true
	b.enable(false)
	b.ui.ask(serviceLimit, func(ctx context.Context, phone Phone) error { return phone.SetCallProfile(ctx, p) }, func(err error) {
		if err != nil {
			b.ui.tell(text.Say("The call profile was not changed.") + " " + text.Explain(err))
		}
		b.get() // the numbers depend on the types
	})
}

// render shows the profile as last read.
func (b *profileBox) render() {
	s := b.ui.state
	b.load()
	_, refused := s.Refused["SetCallProfile"]
	widgets.Show(b.form, b.known)
	widgets.Show(b.empty, !b.known)
	words := ""
	if !b.known {
		words = text.Say("The PBX has not told it.")
	}
	b.why.Set(words, widgets.ColorMuted)
	if b.working || !b.known { // the form shows what was requested
		if s.Status != csta.Online {
			b.enable(false)
		}
		return
	}
	b.filling = true
	for i, n := range []csta.PresentedNumber{b.told.LocalNumber, b.told.MobileNumber, b.told.TeamsNumber} {
		b.fill(i, n)
	}
	for i, r := range []csta.Rings{b.told.LocalRings, b.told.MobileRings, b.told.TeamsRings} {
		for j, on := range []bool{r.Local, r.Mobile, r.Teams} {
			b.rings[i][j].Set(on, !b.rings[i][j].Disabled())
		}
	}
	b.filling = false
	b.enable(s.Status == csta.Online && !refused)
}

// fill offers the number types and selects the current one, with its number.
func (b *profileBox) fill(i int, n csta.PresentedNumber) {
	words, options, at := numberTypes, []string(nil), -1
	for k, w := range words {
		if w == n.Type {
			at = k
		}
		options = append(options, numberTypeName(w))
	}
	if at < 0 && n.Type != "" {
		at = len(options)
		words, options = append(words[:at:at], n.Type), append(options, text.Plain(n.Type, 30))
	}
	if at >= 0 && n.Number != "" {
		options[at] += " · " + text.ShownNumber(n.Number)
	}
	b.words[i] = words
	sel := b.numbers[i]
	if sel.Options = options; at < 0 {
		sel.ClearSelected()
	} else if sel.Selected != options[at] {
		sel.SetSelected(options[at])
	}
}

func numberTypeName(word string) string {
	switch word {
	case "Main":
		return text.Say("Main number")
	case "Mobile":
		return text.Say("Mobile number")
	case "Teams":
		return text.Say("Teams number")
	default:
		return text.Say("None")
	}
}

func (b *profileBox) enable(on bool) {
	for i := range b.numbers {
		if sel := b.numbers[i]; on == sel.Disabled() {
			if on {
				sel.Enable()
			} else {
				sel.Disable()
			}
		}
		for _, t := range b.rings[i] {
			t.Set(t.Checked, on)
		}
	}
}
