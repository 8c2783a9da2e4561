package account

import (
	"os"
	"slices"

	"golang.org/x/sys/windows"
)

// trusted reports whether an administrator wrote the file: any user can create files in %ProgramData%, and
// settings there could send everybody's password to that user's server. A file by the current user can do no
// more than the user's own settings.
func trusted(f *os.File) bool {
	descriptor, err := windows.GetSecurityInfo(windows.Handle(f.Fd()), windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION)
	if err != nil {
		return false
	}
	owner, _, err := descriptor.Owner()
	if err != nil {
		return false
	}
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	return err == nil && trustedOwner(owner, user.User.Sid)
}

func trustedOwner(owner, user *windows.SID) bool {
	return owner.Equals(user) || slices.Contains([]string{
		"S-1-5-32-544", // Administrators
		"S-1-5-18",     // the system
		"S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464", // TrustedInstaller
	}, owner.String())
}
