#!/bin/sh
# Measures Calltray and prints one table in Markdown. It takes about eight minutes, and wants a machine
# with nothing else to do. Start it with: sh scripts/bench.sh
set -eu
cd "$(dirname "$0")/.."
. scripts/install.sh
need_go
need_build
need_desktop
install_missing
mkdir -p out
go build -trimpath -ldflags '-s -w' -tags migrated_fynedo -o out/calltray-release .
go build -tags migrated_fynedo -o out/bench-player ./internal/tools/bench
exec out/bench-player "${1:-out/calltray-release}" # "office" measures the window alone
