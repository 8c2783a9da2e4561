#!/bin/sh
# Builds Calltray and shows it with a simulated PBX: no account is needed, and nothing of yours is
# touched. With a display it starts the application. Without one (a server, a container) it plays the
# same story by itself on a desktop without a screen, once over each gateway, and leaves pictures.
# Start it with: sh scripts/demo.sh
set -eu
here=$(pwd)
cd "$(dirname "$0")/.."
. scripts/install.sh

display=
case $(uname -s) in
Linux) display=${DISPLAY:-}${WAYLAND_DISPLAY:-} ;;
*) display=yes ;;
esac

need_go
need_build
[ -n "$display" ] || need_desktop
install_missing

mkdir -p out
say "Building Calltray (the first time takes a few minutes) ..."
go build -o out/calltray .
if [ -n "$display" ]; then
	cd "$here"
	exec "$OLDPWD/out/calltray" demo "$@"
fi
say "There is no display here, so the demonstration plays by itself."
pictures=$(pwd)/out/demo
rm -rf "$pictures"
go build -o out/demo-player ./internal/tools/demo
exec out/demo-player "$(pwd)/out/calltray" "$pictures"
