#!/bin/sh
# Builds the Windows program and its installer on Linux, vets what is Windows' alone, runs the tests that packages have
# for it, and plays with the program under Wine: installer, first start, calls over both gateways, tray, command line,
# streams, uninstaller. Pictures are left in out/windows. A build from nothing takes ten minutes, the rest six.
# Start it with: sh scripts/test-windows.sh
set -eu
cd "$(dirname "$0")/.."
. scripts/install.sh

need_go
need_build
need_desktop
need_windows
need_wine
need_command squid squid
install_missing

out=$(pwd)/out/windows
rm -rf "$out"
mkdir -p "$out"
windows() { CGO_ENABLED=1 GOOS=windows GOARCH=amd64 CC=x86_64-w64-mingw32-gcc "$@"; }
build="-trimpath -tags migrated_fynedo" # as the package is built: what needs minutes is built once

say "== Windows: packages"
sh scripts/package.sh windows
say "== Windows: vet"
# shellcheck disable=SC2086 # a list of flags
windows go vet $build . ./ui/native
say "== Windows: tests"
x86_64-w64-mingw32-gcc -shared -O2 -o "$out/bcryptprimitives.dll" internal/winetest/testdata/bcryptprimitives.c -ladvapi32
for package in ./internal/control ./internal/autostart ./internal/account ./internal/hotkey ./internal/linkhandler ./internal/systemproxy ./notify; do
	GOOS=windows CGO_ENABLED=0 go test -c -vet=off -o "$out/${package##*/}.test.exe" "$package"
done
# shellcheck disable=SC2086
windows go test -c -vet=off $build -o "$out/native.test.exe" ./ui/native
go test -count=1 -timeout 60m -tags wine ./internal/winetest "$@" -args -tests "$out" \
	-program "$(pwd)/dist/stage/windows/Calltray/calltray.exe" -setup "$(echo "$(pwd)"/dist/Calltray-*-setup.exe)" \
	-shim "$out/bcryptprimitives.dll" -shots "$out/pictures"
