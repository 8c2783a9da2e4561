package notify

import (
	"crypto/rand"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"unsafe"

	"git.sr.ht/~jackmordaunt/go-toast/wintoast"
	"github.com/go-ole/go-ole"
	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// toasts are the notifications of Windows 10 and later, through the Windows Runtime. Written from Microsoft's
// documentation; tested only as far as compiling, and being refused by Wine, which has no toasts.
//
// wintoast registers the program and receives the clicks. It cannot take a notification down, so the rest is
// done here; its detour through PowerShell is never used.
type toasts struct {
	cfg   Config
	emit  func(event)
	token string // identifies this run

	open     sync.Once
	err      error // why there are no toasts
	notifier *ole.IUnknown
	shown    map[uint32]*ole.IUnknown
	last     uint32
}

// newDesktop returns Windows' notifications: toasts, or what beeep does if there are none. It must be called
// before the first window, since it tells Windows that the windows and notifications of this process belong to
// the entry in the start menu.
func newDesktop(cfg Config, emit func(event)) desktop {
	if id, err := windows.UTF16PtrFromString(cfg.DesktopEntry); err == nil && setAppID.Find() == nil {
		if code, _, _ := setAppID.Call(uintptr(unsafe.Pointer(id))); int32(code) < 0 {
			cfg.Logger.Info("the task bar does not know the windows", slog.Any("error", ole.NewError(code)))
		}
	}
	return &toasts{cfg: cfg, emit: emit, token: rand.Text(), shown: map[uint32]*ole.IUnknown{}}
}

// activator identifies the object that receives clicks: any GUID that no other program uses.
const activator = "{5D0E2A4B-6C1F-4B63-9B0E-0C3B8C7E91A4}"

// group is the group of all our notifications. Their tags in it are their numbers.
const group = "calls"

// The interfaces of Windows.UI.Notifications and Windows.Data.Xml.Dom, and the positions of their methods after
// those of IInspectable (Windows SDK, windows.ui.notifications.h and windows.data.xml.dom.h).
var (
	iidManager      = ole.NewGUID("{50AC103F-D235-4598-BBEF-98FE4D1A3AD4}") // IToastNotificationManagerStatics
	iidManager2     = ole.NewGUID("{7AB93C52-0E48-4750-BA9D-1A4113981847}") // IToastNotificationManagerStatics2
	iidFactory      = ole.NewGUID("{04124B20-82C6-4229-B109-FD9ED4662B53}") // IToastNotificationFactory
	iidNotification = ole.NewGUID("{9DFB9FD1-143A-490E-90BF-B9FBA7132DE7}") // IToastNotification2
	iidDocument     = ole.NewGUID("{F7F3A506-1E87-42D6-BCFB-B8C809FA5494}") // IXmlDocument
	iidDocumentIO   = ole.NewGUID("{6CD0E74E-EE65-4489-9EBF-CA43E87BA637}") // IXmlDocumentIO
)

const (
	managerCreateNotifierWithID = 7
	manager2History             = 6
	historyRemoveGroupedTagID   = 8
	factoryCreate               = 6
	notificationPutTag          = 6
	notificationPutGroup        = 8
	notificationPutSuppress     = 10
	notifierShow                = 6
	notifierHide                = 7
	documentLoadXML             = 6
)

const (
	classManager      = "Windows.UI.Notifications.ToastNotificationManager"
	classNotification = "Windows.UI.Notifications.ToastNotification"
	classDocument     = "Windows.Data.Xml.Dom.XmlDocument"
)

var (
	combase             = windows.NewLazySystemDLL("combase.dll")
	registerClassObject = combase.NewProc("CoRegisterClassObject")
	incrementMTAUsage   = combase.NewProc("CoIncrementMTAUsage")
	createString        = combase.NewProc("WindowsCreateString")
	setAppID            = windows.NewLazySystemDLL("shell32.dll").NewProc("SetCurrentProcessExplicitAppUserModelID")
)

func (s *toasts) show(n notice, replaces uint32) (uint32, error) {
	s.open.Do(func() {
		if s.err = s.connect(); s.err != nil {
			s.cfg.Logger.Info("no toasts: plain notifications are shown", slog.Any("error", s.err))
		}
	})
	covers := n.kind == noticeRinging && s.cfg.Popup() // both appear in the same corner of the screen
	switch {
	case s.err != nil && covers:
		return 0, nil // a balloon would cover the popup's buttons
	case s.err != nil:
		return plain{s.cfg}.show(n, replaces)
	}
	id := replaces // the same tag replaces the other notification
	if id == 0 {
		s.last++
		id = s.last
	}
	text, err := s.cfg.toast(n, s.token, id)
	if err != nil {
		return 0, err
	}
	toast, err := newToast(text, strconv.Itoa(int(id)), covers)
	if err != nil {
		return 0, err
	}
	if err := invoke(s.notifier, notifierShow, uintptr(unsafe.Pointer(toast))); err != nil {
		toast.Release()
		return 0, err
	}
	s.forget(id)
	s.shown[id] = toast
	return id, nil
}

// close removes a notification from the screen and from the list of earlier ones.
func (s *toasts) close(id uint32) error {
	toast := s.shown[id]
	if toast == nil {
		return nil
	}
	defer s.forget(id)
	return errors.Join(invoke(s.notifier, notifierHide, uintptr(unsafe.Pointer(toast))), s.remove(id))
}

func (s *toasts) forget(id uint32) {
	if toast := s.shown[id]; toast != nil {
		toast.Release()
		delete(s.shown, id)
	}
}

// remove removes a notification from the list.
func (s *toasts) remove(id uint32) error {
	manager, err := factory(classManager, iidManager2)
	if err != nil {
		return err
	}
	defer manager.Release()
	var history *ole.IUnknown
	if err := invoke(manager, manager2History, uintptr(unsafe.Pointer(&history))); err != nil {
		return err
	}
	defer history.Release()
	return withStrings(func(s []uintptr) error { return invoke(history, historyRemoveGroupedTagID, s...) },
		strconv.Itoa(int(id)), group, s.cfg.DesktopEntry)
}

// stop leaves what is on the desktop. Clicks are ignored from then on.
func (s *toasts) stop() { wintoast.SetActivationCallback(func(string, string, []wintoast.UserData) {}) }

// connect finds the Windows Runtime, and tells Windows who we are.
func (s *toasts) connect() error {
	if err := errors.Join(incrementMTAUsage.Find(), registerClassObject.Find(), createString.Find()); err != nil {
		return err // Windows before 8
	}
	// Every thread may use COM from now on: goroutines move between threads.
	var cookie uintptr
	if code, _, _ := incrementMTAUsage.Call(uintptr(unsafe.Pointer(&cookie))); int32(code) < 0 {
		return ole.NewError(code)
	}
	manager, err := factory(classManager, iidManager)
	if err != nil {
		return err // REGDB_E_CLASSNOTREG, on Wine
	}
	defer manager.Release()
	if err := s.register(); err != nil {
		return err
	}
	return withStrings(func(id []uintptr) error {
		return invoke(manager, managerCreateNotifierWithID, id[0], uintptr(unsafe.Pointer(&s.notifier)))
	}, s.cfg.DesktopEntry)
}

// register stores the program's name and icon for the user, and asks for clicks.
func (s *toasts) register() error {
	icon := ""
	if folder, err := os.UserCacheDir(); err == nil && len(s.cfg.Icon) > 0 {
		path := filepath.Join(folder, "calltray", "notification.png")
		if os.MkdirAll(filepath.Dir(path), 0o700) == nil && os.WriteFile(path, s.cfg.Icon, 0o600) == nil {
			icon = path
		}
	}
	if err := wintoast.SetAppData(wintoast.AppData{AppID: s.cfg.DesktopEntry, GUID: activator, IconPath: icon}); err != nil {
		return err
	}
	key, err := registry.OpenKey(registry.CURRENT_USER, `Software\Classes\AppUserModelId\`+s.cfg.DesktopEntry, registry.SET_VALUE)
	if err != nil {
		return err
	}
	defer key.Close()
	if err := key.SetStringValue("DisplayName", s.cfg.AppName); err != nil { // wintoast calls it by its id
		return err
	}
	wintoast.SetActivationCallback(func(_, said string, _ []wintoast.UserData) {
		id, action, ours := toastAnswer(said, s.token)
		switch {
		case ours:
			s.emit(event{acted, id, action})
		case s.cfg.OnOpen != nil: // of an earlier run: the window shows what is known about the call
			go s.cfg.OnOpen()
		}
	})
	var cookie uint32
	const localServer, multipleUse = 4, 1
	code, _, _ := registerClassObject.Call(uintptr(unsafe.Pointer(wintoast.GUID_ImplNotificationActivationCallback)),
		uintptr(unsafe.Pointer(wintoast.ClassFactory)), localServer, multipleUse, uintptr(unsafe.Pointer(&cookie)))
	if int32(code) < 0 {
		return ole.NewError(code)
	}
	return nil
}

// newToast makes a notification from its XML. A quiet one is only listed.
func newToast(text, tag string, quiet bool) (*ole.IUnknown, error) {
	instance, err := ole.RoActivateInstance(classDocument)
	if err != nil {
		return nil, err
	}
	defer instance.Release()
	parser, err := query(&instance.IUnknown, iidDocumentIO)
	if err != nil {
		return nil, err
	}
	defer parser.Release()
	if err := withStrings(func(s []uintptr) error { return invoke(parser, documentLoadXML, s...) }, text); err != nil {
		return nil, err
	}
	document, err := query(&instance.IUnknown, iidDocument)
	if err != nil {
		return nil, err
	}
	defer document.Release()
	maker, err := factory(classNotification, iidFactory)
	if err != nil {
		return nil, err
	}
	defer maker.Release()
	var toast *ole.IUnknown
	if err := invoke(maker, factoryCreate, uintptr(unsafe.Pointer(document)), uintptr(unsafe.Pointer(&toast))); err != nil {
		return nil, err
	}
	tagged, err := query(toast, iidNotification)
	if err == nil {
		err = withStrings(func(s []uintptr) error {
			return errors.Join(invoke(tagged, notificationPutTag, s[0]), invoke(tagged, notificationPutGroup, s[1]))
		}, tag, group)
		if quiet && err == nil {
			err = invoke(tagged, notificationPutSuppress, 1)
		}
		tagged.Release()
	}
	if err != nil {
		toast.Release()
		return nil, err
	}
	return toast, nil
}

func factory(class string, iid *ole.GUID) (*ole.IUnknown, error) {
	f, err := ole.RoGetActivationFactory(class, iid)
	if err != nil {
		return nil, err
	}
	return &f.IUnknown, nil
}

func query(object *ole.IUnknown, iid *ole.GUID) (*ole.IUnknown, error) {
	d, err := object.QueryInterface(iid)
	if err != nil {
		return nil, err
	}
	return &d.IUnknown, nil
}

// invoke calls a method of an object by its position.
//
//go:uintptrescapes
func invoke(object *ole.IUnknown, method int, arg ...uintptr) error {
	methods := (*[16]uintptr)(unsafe.Pointer(object.RawVTable))
	code, _, _ := syscall.SyscallN(methods[method], append([]uintptr{uintptr(unsafe.Pointer(object))}, arg...)...)
	if int32(code) < 0 {
		return ole.NewError(code)
	}
	return nil
}

// withStrings passes the texts to use as strings of the Windows Runtime. (ole.NewHString counts characters
// where Windows counts UTF-16 units, and cuts a text with an emoji.)
func withStrings(use func([]uintptr) error, texts ...string) error {
	var handles []uintptr
	defer func() {
		for _, h := range handles {
			_ = ole.DeleteHString(ole.HString(h))
		}
	}()
	for _, text := range texts {
		units, err := windows.UTF16FromString(text)
		if err != nil {
			return err
		}
		var handle uintptr
		if code, _, _ := createString.Call(uintptr(unsafe.Pointer(&units[0])), uintptr(len(units)-1), uintptr(unsafe.Pointer(&handle))); int32(code) < 0 {
			return ole.NewError(code)
		}
		handles = append(handles, handle)
	}
	return use(handles)
}
