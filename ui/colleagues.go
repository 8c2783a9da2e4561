package ui

import (
	"strconv"
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/cstasession/csta"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// colleaguesPage lists everybody whom a call can be transferred to: colleagues and queues.
type colleaguesPage struct {
	ui   *UI
	root *fyne.Container

	list     *widgets.VirtualList
	sentence *widgets.Lines // above the list: why it is empty or incomplete
	above    *fyne.Container
	body     *fyne.Container // the sentence and the list
	about    *widgets.Line   // the hint at the pointer, else who is chosen, else how many there are
	edit     *widgets.Action
	foot     *fyne.Container
	editor   *nameEditor

	own     *target // the user's extension: without permission, all there is to show
	trunk   csta.Switch
	text    string    // the search text
	found   []*target // contacts that match the text
	shown   []*target // all matches for the text, in this edition of the office
	edition int
	within  bool   // the pointer is over the list
	hand    hand   // what can be done with the user's own call
	hint    string // what a click at the pointer would do

	number string // who is chosen; "" for nobody
	picked bool   // chosen by the user, not as the first match
}

const colleagueRowHeight = 46

func newColleaguesPage(u *UI) *colleaguesPage {
	p := &colleaguesPage{ui: u, edition: -1, own: newOwn("")}
	p.list = widgets.NewVirtualList(colleagueRowHeight, func() fyne.CanvasObject { return newColleagueRow(p) }, func(o fyne.CanvasObject, place int) {
		o.(*colleagueRow).set(p.shown[place].number, p.look(p.shown[place]))
	})
	p.sentence = widgets.NewLines(3, theme.TextSize(), widgets.ColorMuted)
	p.sentence.Least = 1
	p.about = widgets.NewLine(theme.TextSize()-1, false, widgets.ColorMuted)
	p.edit = u.window.button(widget.LowImportance, text.Say("Edit name"), theme.DocumentCreateIcon(), p.editName)
	p.editor = newNameEditor(p)
	p.foot = widgets.NewRow(8, 0, p.about, p.edit)
	p.above = container.New(layout.NewCustomPaddedLayout(10, 2, 16, 16), p.sentence)
	p.body = container.NewBorder(widgets.NewColumn(0, widgets.Spacer(4), p.above), widgets.Divider(), nil, nil, p.list.Box)
	p.root = container.NewBorder(nil,
		container.New(layout.NewCustomPaddedLayout(2, 2, 12, 6), container.NewStack(widgets.Spacer(36), p.foot, p.editor.box)), nil, nil, p.body)
	return p
}

// render shows what has changed.
func (p *colleaguesPage) render() {
	o := &p.ui.office
	if edition, trunk := o.arrange(!p.within), p.ui.state.Trunk; edition != p.edition || trunk != p.trunk {
		p.edition, p.trunk = edition, trunk
		p.search()
	}
	p.hand = p.ui.handOver()
	p.own.colleague = ownState(p.ui.state, p.own.colleague.Device)
	why := p.explain()
	before := p.above.MinSize()
	p.sentence.Set(why, widgets.ColorMuted)
	p.list.SetCount(len(p.shown))
	if p.above.Visible() != (why != "") || p.above.MinSize() != before {
		widgets.Show(p.above, why != "")
		p.body.Refresh() // Fyne lays out again only when more room is needed
	}
	p.list.Draw()
	p.renderFoot()
}

// search finds the matches for the text, and chooses the first if the text has letters. Whoever is chosen stays
// chosen, even if another match appears above: the key that calls them may be on its way.
func (p *colleaguesPage) search() {
	p.shown = append(p.ui.office.find(p.text), p.ui.callersNamed(p.text)...)
	p.shown = p.withContacts(p.shown)
	if p.trunk == csta.Off && p.text == "" {
		// Those known from when permission was given are found by name; what they are doing is unknown.
		p.own = newOwn(p.ui.settings.Device)
		p.shown = []*target{p.own}
	}
	switch hasLetters := strings.ContainsFunc(p.text, unicode.IsLetter); {
	case (p.picked || hasLetters) && p.place() >= 0:
	case hasLetters && len(p.shown) > 0:
		p.number, p.picked = p.shown[0].number, false
	default:
		p.number, p.picked = "", false
	}
}

// newOwn returns the target for the user's own extension.
func newOwn(number string) *target {
	return &target{number: number, name: text.Say("Your extension"), isOwn: true, colleague: csta.Colleague{Device: csta.DeviceID(number)}}
}

// ownState returns the state of the user's own telephone as if it were a colleague's.
func ownState(s csta.State, device csta.DeviceID) csta.Colleague {
	c := csta.Colleague{Device: device, Calls: living(s), DoNotDisturb: s.Telephone.DoNotDisturb == csta.On}
	for _, f := range s.Telephone.Forwarding {
		if f.Is("forwardImmediate") && f.Active {
			c.ForwardedTo = f.To
		}
	}
	return c
}

// filter shows the matches for a text.
func (p *colleaguesPage) filter(typed string) {
	if typed = strings.TrimSpace(typed); typed == p.text || p.number != "" && typed == text.ShownNumber(p.number) {
		return // the chosen one is being called: the list stays as it is
	}
	p.text, p.number, p.picked = typed, "", false
	p.lookUp(typed)
	p.edition = p.ui.office.arrange(true)
	p.search()
	p.list.SetCount(len(p.shown))
	p.list.Scroll.ScrollToTop()
	p.render()
}

// place returns the position of the chosen one in the list, -1 if not listed.
func (p *colleaguesPage) place() int {
	for i, e := range p.shown {
		if e.number == p.number {
			return i
		}
	}
	return -1
}

// move moves the choice. Without one, Down starts at the first row and Up at the last.
func (p *colleaguesPage) move(by int) {
	if len(p.shown) == 0 {
		return
	}
	place := p.place() + by
	if p.number == "" && by < 0 {
		place = len(p.shown) - 1
	}
	p.choose(p.shown[min(max(place, 0), len(p.shown)-1)].number)
	p.list.Reveal(p.place())
}

func (p *colleaguesPage) choose(number string) {
	p.number, p.picked = number, true
	p.render()
	p.ui.window.calls.renderTarget()
}

// release drops the user's choice.
func (p *colleaguesPage) release() {
	p.number, p.picked = "", false
	p.search()
	p.render()
}

// explain says why the list is empty or incomplete.
func (p *colleaguesPage) explain() string {
	s := p.ui.state
	switch {
	case len(p.shown) > 0 && (s.Trunk != csta.Off || p.text != ""):
		return ""
	case s.Status != csta.Online:
		return text.Say("Colleagues are shown as soon as Calltray is online.")
	case s.Trunk == csta.Off:
		return text.Say("The PBX does not tell this account what colleagues are doing: ask the administrator to allow the monitoring of the whole PBX (MonitorTrunk).")
	case p.text != "" && !strings.ContainsFunc(p.text, unicode.IsLetter):
		return "" // a number need not be a colleague's
	case p.text != "":
		return text.Say("Nobody's name or number holds “{{.Text}}”: type less, or press Esc.", "Text", text.Plain(p.text, 40))
	case s.Trunk == csta.Unknown:
		return text.Say("Asking the PBX for the colleagues …")
	default:
		return text.Say("The PBX has told of no other extension yet.")
	}
}

// renderFoot shows the hint at the pointer, who is chosen, or how many there are.
func (p *colleaguesPage) renderFoot() {
	words := p.hint
	if words == "" {
		words = p.summary()
	}
	p.about.Set(words)
	widgets.Enable(p.edit, p.number != "" && p.ui.cfg.Rename != nil)
	widgets.Show(p.edit, p.ui.cfg.Rename != nil)
	widgets.Show(p.foot, !p.editor.open)
	widgets.Show(p.editor.box, p.editor.open)
}

func (p *colleaguesPage) summary() string {
	name := text.Plain(p.ui.known(csta.Party{Number: p.number}).Name, text.MaxName)
	switch {
	case p.number != "" && name != "":
		return text.Say("Chosen: {{.Name}} · {{.Number}}", "Name", name, "Number", text.ShownNumber(p.number))
	case p.number != "":
		return text.Say("Chosen: {{.Name}}", "Name", text.ShownNumber(p.number))
	case len(p.shown) < 2:
		return ""
	default:
		return text.Say("{{.Count}} extensions and queues", "Count", strconv.Itoa(len(p.shown)))
	}
}
