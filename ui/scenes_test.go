package ui

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/contacts"
	"calltray/internal/dialplan"
	"calltray/internal/hotkey"
	"calltray/internal/text"
)

// began is when everything in the scenes began.
var began = time.Now().Add(-83 * time.Second)

// scene is a state of the window.
type scene struct {
	name string
	show func(f *fixture)
}

// scenes are all of them. Each begins with no calls and an empty entry.
func scenes() []scene {
	at := func(c csta.Call) csta.Call { c.Since = began; return c }
	ring := at(call("r", csta.Ringing, "22334455", "Ærø Bageri"))
	ring.Via, ring.ViaName = "400", "Reception"
	ring2 := at(call("s", csta.Ringing, "", ""))
	talk := at(call("t", csta.Active, "22334455", "Ærø Bageri"))
	held := at(call("h", csta.Held, "22334455", "Ærø Bageri"))
	other := at(call("o", csta.Active, "86121314", "Åse Østergaard"))
	dials := at(asking("h-att", csta.Calling, held, "205", "Maja Holm"))
	asks := at(asking("h-att", csta.Active, held, "205", "Maja Holm"))
	all := at(call("c", csta.Active, "22334455", "Ærø Bageri"))
	all.Conference = true
	long := at(call("l", csta.Active, "+4586121314", strings.Repeat("Ærøskøbing Bageri og Konditori ", 4)))
	long.Via, long.ViaName = "400", "Kundeservice og bestillinger"
	unsure := talk
	unsure.Uncertain = true
	calls := func(calls ...csta.Call) func(f *fixture) {
		return func(f *fixture) { f.inOffice(calls...) }
	}
	refused := map[string]string{}
	for _, a := range actions {
		refused[a.service] = "serviceNotSupported"
	}
	return slices.Concat([]scene{
		{"no-calls", calls()},
		{"ringing", calls(ring)},
		{"two-ringing", calls(ring, ring2)},
		{"active", calls(talk)},
		{"active-and-chosen", func(f *fixture) { f.inOffice(talk); f.typed("maj") }},
		{"ringing-and-chosen", func(f *fixture) { f.inOffice(ring); f.press(fyne.KeyDown); f.press(fyne.KeyDown) }},
		{"held-and-active", calls(held, other)},
		{"held", calls(held)},
		{"question", func(f *fixture) { f.inOffice(held, other); f.press(fyne.KeyF8) }},
		{"asking-dials", calls(held, dials)},
		{"asking", calls(held, asks)},
		{"conference", calls(all)},
		{"five-calls", calls(held, other, ring, ring2, talk)},
		{"refused", func(f *fixture) {
			s := csta.State{Status: csta.Online, Since: began, Calls: []csta.Call{held, other, ring}, Trunk: csta.On, Refused: refused}
			f.ui.Show(s)
			f.settle()
			f.row(3).button(text.Say("Hold")).MouseIn(nil)
			f.until("it tells why", f.ui.window.hint.bubble.Visible)
		}},
		{"offline-with-calls", func(f *fixture) {
			f.inOffice(unsure, ring)
			f.show(csta.Offline, csta.ErrNoAnswer, unsure, ring)
		}},
		{"do-not-disturb", func(f *fixture) {
			f.quietable(csta.On)
		}},
		{"forwarded", func(f *fixture) {
			f.ui.Show(csta.State{Status: csta.Online, Since: began, Trunk: csta.On,
				Telephone: csta.Telephone{DoNotDisturb: csta.Off, Forwarding: []csta.Forwarding{{Type: "forwardImmediate", Active: true, To: "205"}}}})
			f.settle()
		}},
		{"keypad", func(f *fixture) { f.inOffice(talk); f.press(fyne.KeyF4); f.typed("1234#") }},
		{"keys", func(f *fixture) { f.inOffice(talk); f.press(fyne.KeyF1) }},
		{"preview", func(f *fixture) { f.inOffice(); f.typed("+45 20-12.34 56") }},
		{"preview-doubt", func(f *fixture) { f.inOffice(); f.typed("+45 (0) 20-12.34 56") }},
		{"choices", func(f *fixture) {
			f.inOffice(talk)
			f.ui.window.choose([]dialplan.Number{{Dial: "22334455", Shown: "22 33 44 55"}, {Dial: "66778899", Shown: "66 77 88 99"}})
		}},
		{"crashed", func(f *fixture) {
			f.inOffice(talk)
			f.ui.tell(text.Say("Calltray ended unexpectedly last time: run “calltray diagnostics” to write the file that the support needs."))
		}},
		{"colleagues-not-allowed", func(f *fixture) {
			f.ui.Show(csta.State{Status: csta.Online, Since: began, Trunk: csta.Off})
			f.settle()
		}},
		{"long-names", func(f *fixture) {
			f.inOffice(long, ring)
			f.ui.tell(text.Say("{{.Who}} was not transferred to {{.To}}.", "Who", "Ærøskøbing Bageri", "To", "Maja Holm · 205") + " " + text.Explain(csta.ErrTooLarge))
		}},
	}, pastScenes(), askingScenes(talk, held, other), sideScenes(), settingsScenes(), checkScenes(), reasonScenes())
}

// pastScenes are the calls of the past, and the lines that the header and the entry have for them.
func pastScenes() []scene {
	row := func(f *fixture, name string) *historyRow {
		rows := f.ui.window.calls.history.shown()
		i := slices.IndexFunc(rows, func(r *historyRow) bool { return r.first.Text == name })
		if i < 0 {
			f.t.Fatalf("%q is not listed", name)
		}
		return rows[i]
	}
	filter := func(f *fixture, name string) {
		f.ui.window.calls.history.filter.SetSelected(text.Say(name))
		f.until("it is searched", func() bool { return !f.ui.history.loading && !f.ui.history.again })
	}
	return []scene{
		{"past-menu", func(f *fixture) {
			r := row(f, "Ærø Bageri")
			r.moved, f.ui.window.calls.grown = time.Time{}, time.Time{} // the click is meant for it
			r.more.Tapped(nil)
		}},
		{"past-list-menu", func(f *fixture) { f.ui.window.calls.history.more.Tapped(nil) }},
		{"past-filters", func(f *fixture) { f.ui.window.calls.history.filter.Tapped(nil) }},
		{"past-note", func(f *fixture) {
			r := row(f, "Ærø Bageri").item.row
			f.ui.window.calls.history.writeNote(r)
			f.typed("Ringer om bestillingen til lørdag")
			f.press(fyne.KeyReturn)
			f.until("it is kept", func() bool { return strings.Contains(row(f, "Ærø Bageri").second.Text, "lørdag") })
			f.ui.window.calls.history.writeNote(row(f, "Ærø Bageri").item.row)
		}},
		{"past-missed", func(f *fixture) { f.ui.window.calls.history.editor.stop(); filter(f, "Missed") }},
		{"past-nothing", func(f *fixture) {
			filter(f, "Incoming")
			f.ui.window.calls.history.text.SetText("xyz")
			filter(f, "Incoming")
		}},
		{"past-delete", func(f *fixture) {
			f.ui.window.calls.history.text.SetText("")
			filter(f, "All calls")
			f.ui.askToDeleteAll()
		}},
	}
}

// askingScenes are the questions and menus over the window, and the states without an account.
func askingScenes(talk, held, other csta.Call) []scene {
	return []scene{
		{"quit-question", func(f *fixture) { f.inOffice(talk); f.ui.askToQuit() }},
		{"transfer-question", func(f *fixture) { f.inOffice(talk); f.ui.askToPass("205") }},
		{"connect-question", func(f *fixture) { f.inOffice(held, other); f.ui.askToConnect(other, held) }},
		{"host-question", func(f *fixture) {
			f.ui.consent.asked = nil
			f.show(csta.Offline, &csta.OtherHostError{Entered: "csta.some-long-name.example.dk", Host: "hub-7.another-name.example.com"})
			f.ui.askForState()
		}},
		{"leave-question", func(f *fixture) {
			f.ui.window.open(pageSettings)
			f.ui.window.settings.load()
			f.ui.window.settings.fill(account.FieldDevice, "299")
			f.ui.window.settings.giveUp()
		}},
		{"quiet-menu", func(f *fixture) { f.quietable(csta.Off); f.ui.window.calls.askQuiet() }},
		{"quiet-until", func(f *fixture) {
			f.quietable(csta.On)
			f.ui.setQuietUntil(time.Now().Add(time.Hour))
			f.ui.render()
			f.ui.setQuietUntil(time.Time{})
		}},
		{"window-menu", func(f *fixture) {
			c := f.ui.window.window.Canvas()
			menu := widget.NewPopUpMenu(f.ui.window.menu(), c)
			menu.ShowAtPosition(fyne.NewPos(c.Size().Width/2-menu.MinSize().Width, 50))
		}},
		{"guide", func(f *fixture) { f.ui.window.open(pageGuide) }},
		{"connecting", func(f *fixture) { f.show(csta.Connecting, nil) }},
		{"connecting-again", func(f *fixture) { f.show(csta.Connecting, csta.ErrNoAnswer, talk) }},
		{"no-account", func(f *fixture) {
			f.ui.settings = account.Settings{}
			f.show(csta.Offline, nil)
			f.ui.settings = goodSettings
		}},
		{"calling", func(f *fixture) {
			c := talk
			c.Phase, c.Direction = csta.Calling, csta.Outgoing
			f.inOffice(c)
		}},
		{"five-ringing", func(f *fixture) {
			var all []csta.Call
			for i, name := range []string{"Ærø Bageri", "Bo & Søn", "", "Åse Østergaard", "Kunde A/S"} {
				c := call(fmt.Sprint("ring", i), csta.Ringing, "2233445"+fmt.Sprint(i), name)
				c.Since = began
				all = append(all, c)
			}
			f.inOffice(all...)
		}},
		{"unsure", func(f *fixture) {
			c := talk
			c.Uncertain = true
			f.inOffice(c)
		}},
	}
}

// quietable shows a telephone whose do-not-disturb is so.
func (f *fixture) quietable(is csta.Switch) {
	f.ui.Show(csta.State{Status: csta.Online, Since: began, Trunk: csta.On, Telephone: csta.Telephone{DoNotDisturb: is}})
	f.settle()
}

// sideScenes are the pages beside the calls.
func sideScenes() []scene {
	told := csta.Telephone{DoNotDisturb: csta.Off, Forwarding: []csta.Forwarding{
		{Type: "forwardImmediate", Active: true, To: "205"}, {Type: "forwardNoAns", To: "+4522334455", After: 20 * time.Second}, {Type: "forwardBusyExt", To: "205"}}}
	return []scene{
		{"queues-none", func(f *fixture) { f.inOffice(); f.ui.window.side.open(sideQueues) }},
		{"queues-not-allowed", func(f *fixture) {
			f.ui.Show(csta.State{Status: csta.Online, Since: began, Trunk: csta.Off})
			f.settle()
			f.ui.window.side.open(sideQueues)
		}},
		{"queues", func(f *fixture) {
			f.inOffice()
			waits := csta.Queue{Device: "400", Name: "Reception", Members: agents("200", "-202"), Waiting: 5, LongestWait: 65 * time.Second,
				Total: 112, Answered: 98, Missed: 14, AverageWait: 33 * time.Second, AverageTalk: 12 * time.Minute}
			for i := range 5 {
				c := call(fmt.Sprint(i), csta.Ringing, "+4522334455", "")
				c.Since = began
				waits.Calls = append(waits.Calls, c)
			}
			f.tellsQueue(waits, csta.Queue{Device: "401", Members: agents("-200")}, csta.Queue{Device: "402", Name: "Kundeservice og bestillinger", Members: agents("201")})
			f.ui.window.side.open(sideQueues)
		}},
		{"telephone-unknown", func(f *fixture) { f.inOffice(); f.openSide(sideTelephone) }},
		{"telephone", func(f *fixture) {
			f.phone.hasProfile(func(p *csta.CallProfile) {
				p.LocalNumber, p.LocalRings = csta.PresentedNumber{Type: "Main", Number: "12345678"}, csta.Rings{Local: true}
			})
			f.ui.Show(csta.State{Status: csta.Online, Since: time.Now(), Trunk: csta.On, Telephone: told})
			f.settle()
			f.openSide(sideTelephone)
		}},
		{"telephone-refused", func(f *fixture) {
			refused := map[string]string{"SetDoNotDisturb": "serviceNotSupported", "SetForwarding": "serviceNotSupported", "GetCallProfile": "serviceNotSupported"}
			f.ui.Show(csta.State{Status: csta.Online, Since: time.Now(), Trunk: csta.On, Telephone: told, Refused: refused})
			f.settle()
			f.openSide(sideTelephone)
		}},
		{"edit-name", func(f *fixture) {
			f.inOffice()
			f.ui.cfg.Rename = func(context.Context, string, string) error { return nil }
			f.ui.window.side.open(sideColleagues)
			f.ui.window.side.colleagues.choose("205")
			f.ui.window.side.colleagues.editName()
			f.afterScene = func() { f.press(fyne.KeyEscape) }
		}},
	}
}

// openSide opens a page beside the calls, and waits for what it asks for.
func (f *fixture) openSide(p sidePage) {
	f.ui.window.side.open(p)
	f.until("the profile has been read", func() bool { return !f.ui.window.side.telephone.profile.working })
}

// settingsScenes are the settings, as they are opened and as they complain.
func settingsScenes() []scene {
	filled := func(do func(f *fixture, p *settingsPage)) func(f *fixture) {
		return func(f *fixture) {
			f.ui.window.open(pageSettings)
			f.ui.window.settings.load()
			do(f, f.ui.window.settings)
			f.settle()
		}
	}
	return []scene{
		{"settings", filled(func(f *fixture, p *settingsPage) {})},
		{"own-contacts", func(f *fixture) {
			f.ui.window.open(pageBook)
			p := f.ui.window.book
			f.until("they are listed", func() bool { return len(p.shown) == 2 })
			p.edit(p.shown[0])
		}},
		{"settings-contacts", filled(func(f *fixture, p *settingsPage) {
			c := f.sourcesOf()
			f.until("they are listed", func() bool { return len(c.lines.Objects) == 2 })
		})},
		{"settings-columns", filled(func(f *fixture, p *settingsPage) {
			c := f.sourcesOf()
			table, err := contacts.ReadTable([]byte("Kunde;Kontaktperson;Mobiltelefon;Telefon;Faxnummer (arbejde);Sidst kontaktet;Bemærkninger\n" +
				"Ærø Bageri og Konditori, den nye butik på torvet;Anna Holm Ågård-Sørensen;20 30 40 50;62 52 10 11;62 52 10 12;2026-11-02;Ringer helst om morgenen\nBo Lund ApS;;;+46 70 123 45 67;;;\n"))
			if err != nil {
				f.t.Fatal(err)
			}
			choice := newColumnsChoice(c, NewSource{Address: "/home/anna/Hentet/kunder fra det gamle system.csv"}, table, true)
			f.until("it is counted", func() bool { return choice.result.Text != "" })
		})},
		{"settings-file", filled(func(f *fixture, p *settingsPage) {
			folder := filepath.Join(f.t.TempDir(), "Hentet")
			for _, name := range []string{"Gamle lister", "Kort"} {
				_ = os.MkdirAll(filepath.Join(folder, name), 0o700)
			}
			for _, name := range []string{"kunder.csv", "Ærø.vcf"} {
				_ = os.WriteFile(filepath.Join(folder, name), nil, 0o600)
			}
			choice := f.ui.chooseFile(folder, nil)
			f.until("the folder is listed", func() bool { return len(choice.files) == 5 })
		})},
		{"settings-rules", filled(func(f *fixture, p *settingsPage) {
			entry := p.form.of(account.FieldRules).control.(*linesControl).entry
			entry.SetText(ruleExamples + exampleProgram())
			p.focusAt(p.form.of(account.FieldRules))
		})},
		{"settings-lookup", filled(func(f *fixture, p *settingsPage) {
			p.fill(account.FieldLookupURL, "https://who.example.dk/search?q={e164}")
			p.focusAt(p.form.of(account.FieldLookupHeaders))
		})},
		{"settings-not-encrypted", filled(func(f *fixture, p *settingsPage) {
			p.fill(account.FieldURL, "http://csta.some-long-name.example.dk:8080/csta")
		})},
		{"settings-empty", filled(func(f *fixture, p *settingsPage) {
			for _, row := range p.tabs[0].rows {
				row.control.show("", true)
			}
			p.check(p.read(), true)
		})},
		{"settings-wrong", filled(func(f *fixture, p *settingsPage) {
			p.fill(account.FieldURL, "csta.example.dk")
			p.fill(account.FieldUserID, "a b")
			p.fill(account.FieldPBXDomain, "x y")
			p.fill(account.FieldDevice, "two")
			p.check(p.read(), true)
		})},
		{"settings-locked", filled(func(f *fixture, p *settingsPage) {
			f.ui.cfg.Locks = func(key account.Field) bool { return key == account.FieldURL || key == account.FieldPBXDomain }
			p.load()
			f.ui.cfg.Locks = nil
		})},
		{"settings-general", filled(func(f *fixture, p *settingsPage) { p.focusAt(p.form.of(account.FieldLanguage)) })},
		{"welcome", func(f *fixture) {
			f.welcome(account.Settings{})
			f.ui.settings = goodSettings
		}},
		{"welcome-managed", func(f *fixture) {
			f.welcome(account.Settings{URL: goodSettings.URL, PBXDomain: goodSettings.PBXDomain})
			f.ui.settings = goodSettings
		}},
		{"settings-calls", filled(func(f *fixture, p *settingsPage) { p.focusAt(p.form.of(account.FieldPopup)) })},
		{"settings-alerts", filled(func(f *fixture, p *settingsPage) { p.focusAt(p.form.of(account.FieldAlertDirect)) })},
		{"settings-alerts-below", filled(func(f *fixture, p *settingsPage) {
			p.choose(2)
			p.tabs[2].scroll.ScrollToBottom()
		})},
		{"settings-numbers", filled(func(f *fixture, p *settingsPage) {
			p.focusAt(p.form.of(account.FieldCountry))
			p.tries.entry.SetText("+45 (0) 20-12.34 56")
		})},
		{"settings-hotkeys", filled(func(f *fixture, p *settingsPage) { p.focusAt(p.form.of(account.FieldHotkeyHangUp)) })},
		{"settings-hotkeys-taken", filled(func(f *fixture, p *settingsPage) {
			f.ui.hotkeys.why = map[account.Field]error{account.FieldHotkeyDial: hotkey.ErrTaken}
			f.ui.window.showHotkeys()
			p.focusAt(p.form.of(account.FieldHotkeyDial))
		})},
		{"settings-hotkeys-none", filled(func(f *fixture, p *settingsPage) {
			f.ui.hotkeys.no = hotkey.ErrUnsupported
			f.ui.window.showHotkeys()
			f.ui.hotkeys.no, f.ui.hotkeys.why = nil, nil
			p.focusAt(p.form.of(account.FieldHotkeyShow))
		})},
		{"settings-no-keyring", filled(func(f *fixture, p *settingsPage) {
			p.password.entry.SetText("x")
			f.fails["save"] = account.ErrKeyringUnavailable
			p.onSave(false)
			f.until("memory is offered", func() bool { return p.memory.Visible() })
			<-f.saved
			delete(f.fails, "save")
		})},
	}
}

// welcome opens the settings of somebody who has only these so far.
func (f *fixture) welcome(s account.Settings) {
	f.ui.settings = s
	f.ui.window.settings.edits = false
	f.ui.window.open(pageCalls)
	f.ui.window.open(pageSettings)
}

// unknownCertificate is the error of a server whose authority nobody knows.
func unknownCertificate() error {
	shown := &x509.Certificate{Raw: []byte("a certificate"), Subject: pkix.Name{CommonName: "csta.some-long-name.example.dk"},
		Issuer: pkix.Name{CommonName: "Ærø Certification Authority G2"}, NotBefore: began, NotAfter: began.AddDate(1, 0, 0)}
	return &tls.CertificateVerificationError{UnverifiedCertificates: []*x509.Certificate{shown}, Err: x509.UnknownAuthorityError{}}
}

// checkScenes are the self-test.
func checkScenes() []scene {
	run := func(f *fixture) {
		f.ui.window.open(pageCheck)
		f.ui.window.check.run()
		f.until("the test is over", func() bool { return !f.ui.window.check.running })
	}
	return []scene{
		{"self-test-running", func(f *fixture) {
			stop := make(chan struct{})
			f.ui.cfg.Check = func(_ context.Context, _ account.Settings, _, _ string, report func(Step)) error {
				report(Step{Name: "The account and its password are there"})
				report(Step{Name: "The server's name is known", Took: 12 * time.Millisecond})
				<-stop
				return nil
			}
			p := f.ui.window.check
			f.ui.window.open(pageCheck)
			p.run()
			f.until("it has begun", func() bool { return len(p.steps) == 2 })
			f.afterScene = func() {
				close(stop)
				f.until("the test is over", func() bool { return !p.running })
				f.ui.cfg.Check = checkOf
			}
		}},
		{"self-test", run},
		{"self-test-certificate", func(f *fixture) {
			f.ui.cfg.Check = func(context.Context, account.Settings, string, string, func(Step)) error { return unknownCertificate() }
			run(f)
			f.ui.cfg.Check = checkOf
		}},
		{"self-test-failed", func(f *fixture) {
			f.ui.cfg.Check = func(ctx context.Context, s account.Settings, password, number string, report func(Step)) error {
				_ = checkOf(ctx, s, password, number, report)
				report(Step{Name: "The PBX tells of this extension's calls", Err: csta.ErrClosedAtLogin})
				return csta.ErrClosedAtLogin
			}
			run(f)
			f.ui.cfg.Check = checkOf
		}},
	}
}

// checkOf is a self-test of all steps.
func checkOf(_ context.Context, _ account.Settings, _, _ string, report func(Step)) error {
	for _, name := range []string{"The account and its password are there", "The server's name is known", "The server can be reached", "The server is the right one",
		"The PBX accepts the login", "The PBX tells of this extension's calls", "The popup can be shown", "The desktop accepts notifications"} {
		report(Step{Name: name, Took: 12345 * time.Millisecond})
	}
	return nil
}

// reasonScenes are the reasons for being offline, which have two lines in the header.
func reasonScenes() (list []scene) {
	for name, err := range map[string]error{
		"too-large": csta.ErrTooLarge, "closed-at-login": csta.ErrClosedAtLogin, "no-effect": csta.ErrNoEffect, "keyring": account.ErrKeyringUnavailable,
		"locked": account.ErrKeyringLocked, "no-password": account.ErrNoPassword, "terminated": csta.ErrSessionTerminated, "protocol": csta.ErrProtocol,
		"refused": &csta.ServiceError{Service: "StartApplicationSession", Value: "invalidCredentials"}, "login": csta.ErrLoginRefused,
		"monitor": &csta.ServiceError{Service: "MonitorStart", Value: "somethingElse"}, "eof": io.EOF, "connection-refused": syscall.ECONNREFUSED,
		"unreachable": syscall.ENETUNREACH, "timeout": context.DeadlineExceeded, "certificate": unknownCertificate(),
		"name": &net.DNSError{IsNotFound: true, Name: "csta.some-long-name.example.dk"}, "lookup": &net.DNSError{Name: "csta.some-long-name.example.dk"},
		"expired": x509.CertificateInvalidError{Reason: x509.Expired}, "tls": tls.RecordHeaderError{}, "unknown": errors.New("x"),
	} {
		list = append(list, scene{"offline-" + name, func(f *fixture) { f.show(csta.Offline, err) }})
	}
	slices.SortFunc(list, func(a, b scene) int { return strings.Compare(a.name, b.name) })
	return list
}
