package native

/*
#cgo LDFLAGS: -framework Foundation -framework CoreServices
void calltrayWatchLinks(void);
*/
import "C"

// openLink is where links go; set before macOS is asked to send them.
var openLink func(link string)

// Links makes macOS pass each telephone link for this program to open, on a goroutine of its own: those
// declared in its bundle's Info.plist. It must be called before the window's driver starts, since the link for
// which the program was started arrives at the end of its launch.
func Links(open func(link string)) {
	openLink = open
	C.calltrayWatchLinks()
}

//export calltrayOpenLink
func calltrayOpenLink(link *C.char) { go openLink(C.GoString(link)) }
