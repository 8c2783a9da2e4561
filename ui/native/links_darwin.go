package native

/*
#cgo LDFLAGS: -framework Foundation -framework CoreServices
void calltrayWatchLinks(void);
*/
import "C"

// openLink is where links go; set before macOS is asked for them.
var openLink func(link string)

// Links has open called, on a goroutine of its own, with each telephone link that macOS hands to this program: those that
// the Info.plist of its bundle names. It is called before the window's driver starts, since the link that a program was
// started for comes with the end of its launch.
func Links(open func(link string)) {
	openLink = open
	C.calltrayWatchLinks()
}

//export calltrayOpenLink
func calltrayOpenLink(link *C.char) { go openLink(C.GoString(link)) }
