package ui

import "testing"

// On a small screen the steps scroll, the last in view: the window does not grow beyond the screen, and its buttons stay.
func TestSelfTestOnASmallScreen(t *testing.T) {
	f := newFixture(t)
	f.ui.cfg.Check = checkOf
	f.openWindow()
	f.drag(960, 523)
	f.ui.window.open(pageCheck)
	p := f.ui.window.check
	p.run()
	f.until("the test is over", func() bool { return !p.running })
	f.settle()
	if size := f.ui.window.window.Canvas().Content().MinSize(); size.Height > 523 {
		t.Errorf("the window needs %v", size)
	}
	last := p.rows[len(p.steps)-1].box
	if bottom := last.Position().Y + last.Size().Height - p.scroll.Offset.Y; bottom > p.scroll.Size().Height {
		t.Errorf("the last step ends at %v of %v", bottom, p.scroll.Size().Height)
	}
}
