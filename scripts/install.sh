# Sourced by the other scripts: finds out what is missing on this machine and installs it.
# Debian and Ubuntu: through apt-get, and only what is missing. Other systems: says what to install.
# It looks for the programs and libraries themselves, not for a distribution's records of them.

say() { printf '%s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

missing= # package names, as Debian and Ubuntu call them

# need_command COMMAND PACKAGE
need_command() {
	command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}

# need_library PKG-CONFIG-NAME PACKAGE
need_library() {
	if ! command -v pkg-config >/dev/null 2>&1 || ! pkg-config --exists "$1"; then
		missing="$missing $2"
	fi
}

# need_file PACKAGE PATH...: one of the paths must be there
need_file() {
	package=$1
	shift
	for path in "$@"; do
		if [ -e "$path" ]; then return; fi
	done
	missing="$missing $package"
}

# What the program is built with: a C compiler, OpenGL, X11 and Wayland headers.
need_build() {
	case $(uname -s) in
	Darwin)
		xcode-select -p >/dev/null 2>&1 || die "Calltray needs Apple's command line tools: run  xcode-select --install  and start this again."
		return
		;;
	Linux) ;;
	*) return ;;
	esac
	need_command gcc gcc
	need_file libc6-dev /usr/include/stdlib.h
	need_command pkg-config pkg-config
	need_library gl libgl-dev
	need_library egl libegl-dev
	need_library xrandr libxrandr-dev
	need_library xcursor libxcursor-dev
	need_library xinerama libxinerama-dev
	need_library xi libxi-dev
	need_library xxf86vm libxxf86vm-dev
	need_library wayland-client libwayland-dev
	need_library xkbcommon libxkbcommon-dev
}

# What the Windows program is built with, on Linux.
need_windows() {
	need_command x86_64-w64-mingw32-gcc gcc-mingw-w64-x86-64
	need_file mingw-w64-x86-64-dev /usr/x86_64-w64-mingw32/include/windows.h
}

# What the Windows program is tried on.
need_wine() {
	need_file wine64 /usr/lib/wine/wine64 /usr/bin/wine64
	need_command wrestool icoutils
}

# The servers that the tests start: of contacts, and a proxy.
need_servers() {
	need_command squid squid
	need_command radicale radicale
	need_file slapd /usr/sbin/slapd
}

# A music player that is paused during a call, and the terminal that it wants.
need_player() {
	need_command cmus cmus
	need_command script bsdutils
}

# What a desktop without a screen is made of: display, window manager, tray host, notification
# daemon, keyring, and the tools that stand in for a person.
need_desktop() {
	[ "$(uname -s)" = Linux ] || die "The desktop without a screen (Xvfb) works on Linux only."
	need_command Xvfb xvfb
	need_file libgl1-mesa-dri /usr/lib/*/dri/swrast_dri.so /usr/lib64/dri/swrast_dri.so /usr/lib/dri/swrast_dri.so \
		/usr/lib/*/libgallium*.so /usr/lib64/libgallium*.so /usr/lib/libgallium*.so
	need_command dbus-daemon dbus-daemon
	need_command gnome-keyring-daemon gnome-keyring
	need_command secret-tool libsecret-tools
	need_command xfwm4 xfwm4
	need_command xfce4-panel xfce4-panel
	need_command xfconf-query xfconf
	need_file xfce4-notifyd /usr/lib/*/xfce4/notifyd/xfce4-notifyd /usr/lib/xfce4/notifyd/xfce4-notifyd \
		/usr/lib64/xfce4/notifyd/xfce4-notifyd /usr/libexec/xfce4/notifyd/xfce4-notifyd /usr/libexec/xfce4-notifyd
	need_file fonts-dejavu-core /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf /usr/share/fonts/*/DejaVuSans.ttf
	need_file adwaita-icon-theme /usr/share/icons/Adwaita/index.theme
	need_command xdotool xdotool
	need_command xclip xclip
	need_command xdg-open xdg-utils
	need_command gio libglib2.0-bin
	need_command desktop-file-validate desktop-file-utils
	need_file xdg-desktop-portal /usr/libexec/xdg-desktop-portal /usr/lib/xdg-desktop-portal
}

# A browser in which a link is clicked, and what reads the screen.
need_browser() {
	need_command tesseract tesseract-ocr
	need_file tesseract-ocr-eng /usr/share/tesseract-ocr/*/tessdata/eng.traineddata /usr/share/tesseract-ocr/tessdata/eng.traineddata \
		/usr/share/tessdata/eng.traineddata
	if ! command -v firefox-esr >/dev/null 2>&1 && grep -qx 'ID=ubuntu' /etc/os-release 2>/dev/null; then
		die "Ubuntu has Firefox as a snap only, which sees nothing of a test's desktop: install Mozilla's own package firefox-esr, and start this again."
	fi
	need_command firefox-esr firefox-esr
}

# What the foreign client of the simulated PBX runs on.
need_node() {
	need_command node nodejs
	need_command npm npm
}

# install_missing installs everything that the need_ functions noted.
install_missing() {
	[ -n "$missing" ] || return 0
	if ! command -v apt-get >/dev/null 2>&1; then
		die "Please install these first (the names are Debian's; your system may call them otherwise), then start this again:$missing"
	fi
	root=
	if [ "$(id -u)" -ne 0 ]; then
		command -v sudo >/dev/null 2>&1 ||
			die "As root, please run:  apt-get install --no-install-recommends$missing  and start this again."
		root="sudo"
	fi
	say "Installing:$missing"
	# Words are split on purpose: $missing is a list of package names.
	# shellcheck disable=SC2086
	$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >/dev/null 2>&1 || {
		$root env DEBIAN_FRONTEND=noninteractive apt-get update -q >/dev/null ||
			die "apt-get update failed: look at the lines above, then start this again."
		$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >/dev/null ||
			die "apt-get could not install:$missing. Install them by hand, then start this again."
	}
	missing=
}

# need_go: Go itself is not installed from here, since the distributions' own are too old.
need_go() {
	wanted=$(sed -n 's/^go \([0-9]*\.[0-9]*\).*/\1/p' go.mod)
	command -v go >/dev/null 2>&1 ||
		die "Calltray is built with Go $wanted or newer, and there is no Go here: install it from https://go.dev/dl/ and start this again."
	# With an older Go that may not fetch a newer one by itself, this prints an error.
	found=$(go env GOVERSION 2>/dev/null | sed -n 's/^go\([0-9]*\.[0-9]*\).*/\1/p')
	if [ -z "$found" ] || [ "${found%%.*}" -lt "${wanted%%.*}" ] ||
		{ [ "${found%%.*}" -eq "${wanted%%.*}" ] && [ "${found#*.}" -lt "${wanted#*.}" ]; }; then
		die "Calltray is built with Go $wanted or newer, and this is $(go version 2>/dev/null | cut -d' ' -f3 | grep . || echo 'an older one'): install it from https://go.dev/dl/ and start this again."
	fi
}
