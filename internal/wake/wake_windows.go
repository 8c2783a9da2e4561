package wake

import (
	"context"
	"log/slog"
	"runtime"
	"sync"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Windows calls back on a thread of its own. A Go callback can never be freed, so there is one of each for the
// life of the program, which notifies all listeners.
var listeners struct {
	sync.Mutex
	all map[*signs]bool
}

func tell(how func(*signs)) {
	listeners.Lock()
	defer listeners.Unlock()
	for s := range listeners.all {
		how(s)
	}
}

var sources = []func(context.Context, *slog.Logger, *signs){watchWindows}

// From the Windows SDK (winuser.h, netioapi.h).
const (
	deviceNotifyCallback = 2 // DEVICE_NOTIFY_CALLBACK
	resumeSuspend        = 7 // PBT_APMRESUMESUSPEND: the user woke it; follows resumeAutomatic
	resumeAutomatic      = 0x12
	mibAddInstance       = 1
	mibDeleteInstance    = 2
)

// deviceNotifySubscribeParameters is DEVICE_NOTIFY_SUBSCRIBE_PARAMETERS.
type deviceNotifySubscribeParameters struct {
	callback uintptr
	context  uintptr
}

var (
	powrprof   = windows.NewLazySystemDLL("powrprof.dll")
	register   = powrprof.NewProc("PowerRegisterSuspendResumeNotification") // Windows 8 and later
	unregister = powrprof.NewProc("PowerUnregisterSuspendResumeNotification")

	// ULONG callback(PVOID context, ULONG type, PVOID setting)
	onPower = sync.OnceValue(func() uintptr {
		return windows.NewCallback(func(_, kind, _ uintptr) uintptr {
			if uint32(kind) == resumeAutomatic || uint32(kind) == resumeSuspend {
				tell(func(s *signs) { s.woke("Windows said so") })
			}
			return 0
		})
	})
	// VOID callback(PVOID context, PMIB_UNICASTIPADDRESS_ROW row, MIB_NOTIFICATION_TYPE type). Changed
	// parameters of an address are merely a renewed lease, not a change of network.
	onAddress = sync.OnceValue(func() uintptr {
		return windows.NewCallback(func(_, _, kind uintptr) uintptr {
			switch uint32(kind) {
			case mibAddInstance:
				tell(func(s *signs) { s.network("an address came") })
			case mibDeleteInstance:
				tell(func(s *signs) { s.network("an address went") })
			}
			return 0
		})
	})
)

// watchWindows subscribes to both kinds of sign until ctx ends. Written from Microsoft's documentation, and
// compiled; not yet run on Windows.
func watchWindows(ctx context.Context, log *slog.Logger, s *signs) {
	listeners.Lock()
	if listeners.all == nil {
		listeners.all = map[*signs]bool{}
	}
	listeners.all[s] = true
	listeners.Unlock()
	defer func() {
		listeners.Lock()
		defer listeners.Unlock()
		delete(listeners.all, s)
	}()

	var address windows.Handle
	if err := windows.NotifyUnicastIpAddressChange(windows.AF_UNSPEC, onAddress(), nil, false, &address); err != nil {
		log.Info("Windows does not tell of changes of the network", "error", err)
	} else {
		defer windows.CancelMibChangeNotify2(address) // waits for a running callback
	}

	parameters := &deviceNotifySubscribeParameters{callback: onPower()}
	var power uintptr
	if err := register.Find(); err != nil {
		log.Info("sleep is noticed by the clocks alone", "error", err)
	} else if code, _, _ := register.Call(deviceNotifyCallback, uintptr(unsafe.Pointer(parameters)), uintptr(unsafe.Pointer(&power))); code != 0 {
		log.Info("sleep is noticed by the clocks alone", "error", windows.Errno(code))
	} else {
		defer unregister.Call(power)
	}

	<-ctx.Done()
	runtime.KeepAlive(parameters)
}
