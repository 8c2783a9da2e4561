#!/bin/sh
# Everything that has to hold, on this machine: format, vet, staticcheck, all tests, Microsoft's own SignalR client against the
# simulated PBX, and the built program on a real desktop without a screen. Start it with: sh scripts/test.sh
# The race detector would take it twice as long: .ci/run has it watch all of this.
#
#   CALLTRAY_REAL_HUB  the command of a hub on real ASP.NET Core: internal/realhub/README.md
#   CALLTRAY_CROSS=1   also builds the Windows program (five minutes the first time)
set -eu
cd "$(dirname "$0")/.."
. scripts/install.sh

need_go
need_build
need_desktop
need_servers
need_player
need_node
if [ -n "${CALLTRAY_REAL_HUB:-}" ]; then
	need_command nginx nginx-light
	need_command squid squid
fi
if [ -n "${CALLTRAY_CROSS:-}" ]; then
	need_command x86_64-w64-mingw32-gcc gcc-mingw-w64-x86-64
fi
install_missing

results=$(mktemp -d) # of each go test, and of what runs beside others
trap 'rm -rf "$results"' EXIT
trap 'exit 1' HUP INT TERM
failed=

# step NAME COMMAND...: runs it, and says how long it took. A failure does not stop the others: one
# run tells everything that is wrong.
step() {
	name=$1
	shift
	say "== $name"
	began=$(date +%s)
	if "$@"; then word=ok; else word=FAILED failed="$failed, $name"; fi
	say "== $name: $word, $(($(date +%s) - began)) s"
}

format() {
	# What git knows, or would: not what npm put into testdata.
	wrong=$(git ls-files -z --cached --others --exclude-standard '*.go' | xargs -0 gofmt -l)
	if [ -n "$wrong" ]; then
		say "gofmt would change:" "$wrong"
		return 1
	fi
}

# What needs no C compiler has to vet for every other system from here: all but the program and its
# window (macOS: all that shows it). The tools and the test desktop are for Linux alone.
windowless() { GOOS=$1 CGO_ENABLED=0 go list -e ./... | grep -v -e '^calltray$' -e '/ui/native$' -e '/internal/tools/' -e '/internal/desktoptest$' -e '/internal/winetest$'; }

vet() {
	go vet -tags desktop,browser,foreign ./... || return
	# shellcheck disable=SC2046 # lists of packages
	GOOS=windows CGO_ENABLED=0 go vet $(windowless windows) &&
		GOOS=darwin CGO_ENABLED=0 go vet $(windowless darwin | grep -v -e '/ui$' -e '/ui/widgets$' -e '/internal/app$' -e '/internal/cli$')
}

cross() {
	CGO_ENABLED=1 GOOS=windows CC=x86_64-w64-mingw32-gcc \
		go build -trimpath -ldflags '-s -w -H=windowsgui' -o out/calltray.exe .
}

check() { go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 -tags desktop,browser,foreign ./...; }

# tests NAME ARGS...: go test ARGS, its lines kept under the name for the end. Vet has had its own step, and nobody debugs
# these programs: without tables for a debugger they are linked in half the time.
tests() {
	kept=$results/$1
	shift
	{ go test -timeout 30m -vet=off -ldflags=-w "$@" 2>&1 || echo "FAIL go test $*"; } | tee "$kept"
	! tail -n 1 "$kept" | grep -q '^FAIL go test'
}

foreign() {
	npm ci --prefix pbxsim/testdata/foreign --no-audit --no-fund --loglevel=error &&
		tests foreign -tags foreign -run Foreign ./pbxsim
}

# The stories of the built program, on desktops without a screen, six at a time: they wait for windows and for people. Nothing
# here is taken from Go's cache: it does not see what the programs read that a test starts.
stories() { tests stories -count=1 -parallel 6 -tags desktop ./internal/desktoptest; }

# All other tests: packages that wait, beside packages that work, the longest first.
packages() {
	# Fyne keeps what it drew for 15 seconds instead of a minute: the windows of a hundred tests would fill the memory.
	# shellcheck disable=SC2046 # a list of packages
	FYNE_CACHE=15s tests packages -p 4 -count=1 -tags desktop ./ui ./internal/cli ./ui/native $(go list ./... | grep -v -e '/internal/desktoptest$' -e '/ui$' -e '/internal/cli$' -e '/ui/native$') || return
	tests keyring ./internal/account # where there is no desktop to have a real keyring
}

mkdir -p out
step gofmt format
step vet vet
if [ -n "${CALLTRAY_CROSS:-}" ]; then step "Windows build" cross; fi
step staticcheck check
# The stories wait, for windows and for people: beside the other tests they cost little time.
step stories stories >"$results/log" 2>&1 &
stories=$!
step tests packages
step "foreign client" foreign
if [ -n "${CALLTRAY_REAL_HUB:-}" ]; then
	step "real hub" tests realhub -count=1 -tags realhub -run RealHub ./cstasession
else
	say "== real hub: left out, since CALLTRAY_REAL_HUB does not say how to start one (internal/realhub/README.md)"
fi
wait "$stories"
cat "$results/log"
grep -q '^== stories: ok' "$results/log" || failed="$failed, stories"

say "== results"
rm "$results/log"
cat "$results"/* | grep -E '^(ok|FAIL|panic|WARNING: DATA RACE)|^ *--- FAIL|^ *[a-z_]+_test\.go:[0-9]+: ' | cut -c 1-300 || true
if [ -n "$failed" ]; then
	die "FAILED: ${failed#, }"
fi
