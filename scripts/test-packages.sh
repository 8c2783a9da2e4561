#!/bin/sh
# Tries the .deb and the .rpm of dist/ where nothing of Calltray's has ever been. For each Debian that is named, in a
# fresh system of its own: installs with apt; plays the demonstration on a display without a screen until the popup
# shows a call; rolls out to ten users, who give their name and password and nothing else; removes; and tells what is
# left. Then installs the .rpm into an empty root. It wants to be root, takes ten minutes, and leaves
# pictures in out/packages. Start it, after scripts/package.sh, with:
#
#   sh scripts/test-packages.sh [bookworm] [trixie]
set -eu
cd "$(dirname "$0")/.."
. scripts/install.sh

[ "$(id -u)" -eq 0 ] || die "This makes fresh systems in folders, and has to be started as root."
need_command debootstrap debootstrap
need_command rpm rpm
need_command xwdtopnm netpbm
install_missing
[ $# -gt 0 ] || set -- bookworm trixie

deb=$(echo dist/calltray_*.deb)
rpm=$(echo dist/calltray-*.rpm)
if [ ! -f "$deb" ] || [ ! -f "$rpm" ]; then die "There are no packages: start scripts/package.sh first."; fi
pictures=$(pwd)/out/packages
mkdir -p "$pictures"
work=$(mktemp -d)
root=
pbx=
clean() {
	if [ -n "$pbx" ]; then kill "$pbx" 2>/dev/null || true; fi
	if [ -n "$root" ]; then umount "$root/proc" 2>/dev/null || true; fi
	rm -rf --one-file-system "$work"
}
trap clean EXIT
trap 'exit 1' HUP INT TERM

inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
apt() { inside apt-get -y -q --no-install-recommends "$@" >>"$work/apt" 2>&1 || die "$(tail -n 20 "$work/apt")"; }
# Files of packages, and not what the system and its users write.
files() { (cd "$root" && find . -xdev \( -path ./proc -o -path ./dev -o -path ./tmp -o -path ./var -o -path ./run -o -path ./home -o -path ./root \) -prune -o -print | sort); }
picture() { xwdtopnm "$root/tmp/screen.xwd" 2>/dev/null | pnmtopng >"$pictures/$1.png"; }

# demonstrate shows a call.
demonstrate() {
	# shellcheck disable=SC2016 # expands inside
	inside xvfb-run -a -s '-screen 0 1024x600x24' dbus-run-session -- sh -c '
		calltray demo >/tmp/said 2>&1 &
		program=$!
		for try in $(seq 240); do
			sleep 0.5
			if xdotool search --onlyvisible --name "Calltray: incoming call" >/dev/null 2>&1; then
				sleep 3
				xwd -root -silent -out /tmp/screen.xwd
				kill $program
				wait $program || true
				exit 0
			fi
		done
		cat /tmp/said
		exit 1' || die "No call was shown on $release."
	picture "$release"
	say "A call was shown: $pictures/$release.png"
}

# rollout is an administrator's afternoon: the package is there; the address and the domain are everybody's, and each
# desk has its extension. Each user logs in, and is called.
rollout() {
	# shellcheck disable=SC2016 # expands inside
	inside sh -c 'echo $$ >/tmp/pbx; exec calltray pbx --tcp 127.0.0.1:0 --extensions 10' <"$work/orders" >"$work/pbx" 2>&1 &
	exec 3>"$work/orders" # its prompt
	until grep -q domain "$work/pbx"; do sleep 0.2; done
	pbx=$(cat "$root/tmp/pbx")
	mkdir -p "$root/etc/xdg/calltray"
	cat >"$root/etc/xdg/calltray/settings.toml" <<-END
		url = "$(grep -o 'tcp://[0-9.:]*' "$work/pbx")"
		pbx_domain = "$(sed -n 's/.*domain \([^,]*\),.*/\1/p' "$work/pbx")"
		locked = ["url", "pbx_domain"]
	END
	for desk in 0 1 2 3 4 5 6 7 8 9; do
		inside useradd -m "user$desk"
		inside su "user$desk" -c "calltray settings set device 20$desk"
		# What the user types, and what is on the screen then.
		# shellcheck disable=SC2016 # expands inside
		inside su "user$desk" -c 'xvfb-run -a -s "-screen 0 1024x600x24" dbus-run-session -- sh -c "
			printf throw-away | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
			calltray settings set user_id user@example.dk && printf secret | calltray settings password || exit 1
			calltray --hidden &
			program=\$!
			for try in \$(seq 240); do
				sleep 0.5
				if xdotool search --onlyvisible --name \"Calltray: incoming call\" >/dev/null 2>&1; then
					sleep 1
					xwd -root -silent -out /tmp/screen-\$USER.xwd
					kill \$program
					wait \$program
					exit 0
				fi
			done
			exit 1"' >"$work/user" 2>&1 &
		user=$!
		until grep -q "monitor .*-20$desk" "$work/pbx" || ! kill -0 "$user" 2>/dev/null; do sleep 0.5; done
		echo "call 22334455 20$desk" >&3
		wait "$user" || die "user$desk of $release was shown no call: $(cat "$work/user" "$work/pbx")"
		echo "clear 22334455" >&3
		say "user$desk is at extension 20$desk, and was shown a call."
	done
	mv "$root/tmp/screen-user9.xwd" "$root/tmp/screen.xwd"
	picture "$release-user9"
	exec 3>&-
	kill "$pbx"
	pbx=
	rm -r "$root/etc/xdg/calltray"
}

mkfifo "$work/orders"
for release in "$@"; do
	say "== $release"
	root=$work/$release
	debootstrap --variant=minbase "$release" "$root" >"$work/debootstrap" 2>&1 || die "$(tail -n 5 "$work/debootstrap")"
	mount -t proc proc "$root/proc"
	apt install xvfb xauth x11-utils x11-apps dbus dbus-bin xdotool libgl1-mesa-dri gnome-keyring # what stands in for a desktop
	files >"$work/before"
	cp "$deb" "$root/tmp/calltray.deb"
	apt install /tmp/calltray.deb
	inside calltray --version
	demonstrate
	rollout
	apt purge calltray
	apt autoremove
	files >"$work/after"
	say "Left after its removal:"
	comm -13 "$work/before" "$work/after"
	umount "$root/proc"
	rm -rf --one-file-system "$root"
	root=
done

say "== rpm"
mkdir "$work/rpm"
rpm --root "$work/rpm" --dbpath /var/lib/rpm -i --nodeps "$rpm"
"$work/rpm/usr/bin/calltray" --version
rpm --root "$work/rpm" --dbpath /var/lib/rpm -V --nodeps calltray
rpm --root "$work/rpm" --dbpath /var/lib/rpm -e --nodeps calltray
say "Left after its removal:"
find "$work/rpm" -type f ! -path '*/var/lib/rpm/*'
