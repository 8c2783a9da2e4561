#!/bin/sh
# Makes the packages that people install on Linux, in dist/: a .deb for Debian and Ubuntu, a .rpm for
# Fedora and openSUSE, and SHA256SUMS. There are none for Windows and macOS yet. Two runs of the same
# commit give the same bytes, with the same Go and the same C compiler, in whatever folder. In a linked
# worktree of git the program does not learn its commit, so make what you give away in a clone. Start it with:
#
#   sh scripts/package.sh [linux]
set -eu
cd "$(dirname "$0")/.."
. scripts/install.sh

[ "$(uname -s)" = Linux ] || die "The packages are made on Linux, and this is $(uname -s)."
if [ $# -gt 1 ] || [ "${1:-linux}" != linux ]; then
	die "Usage: sh scripts/package.sh [linux]"
fi

need_go
need_build
need_command git git
need_command readelf binutils
need_command desktop-file-validate desktop-file-utils
need_command appstreamcli appstream
need_command lintian lintian
install_missing

nfpm_version=v2.45.0
tools=$(pwd)/dist/tools/nfpm-$nfpm_version
if [ ! -x "$tools/nfpm" ]; then
	GOBIN=$tools go install "github.com/goreleaser/nfpm/v2/cmd/nfpm@$nfpm_version"
fi

version=$(sed -n 's/^  Version = "\(.*\)"/\1/p' FyneApp.toml)
[ -n "$version" ] || die "FyneApp.toml names no version."
arch=$(go env GOARCH)
id=dk.calltray.Calltray
maintainer="Calltray <noreply@calltray.invalid>" # both formats want an address, and there is none yet
tags=migrated_fynedo
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH TZ=UTC LC_ALL=C.UTF-8
umask 022

# What lies in root goes into both packages, what lies in deb or rpm into that one.
stage=dist/stage
rm -rf "$stage"
rm -f dist/calltray[-_]*.deb dist/calltray[-_]*.rpm dist/SHA256SUMS
share=$stage/root/usr/share
mkdir -p "$stage/root/usr/bin" "$share/applications" "$share/metainfo" "$share/man/man1" "$share/doc/calltray" \
	"$share/bash-completion/completions" "$share/fish/vendor_completions.d" "$share/icons/hicolor/scalable/apps" \
	"$stage/deb/usr/share/zsh/vendor-completions" "$stage/deb/usr/share/doc/calltray" \
	"$stage/rpm/usr/share/zsh/site-functions"

# third_party prints the licences of Go and of every module in the program, as they ask for.
third_party() {
	printf '%s\n\n' "$(go env GOVERSION)"
	cat "$(go env GOROOT)/LICENSE"
	go list -deps -tags "$tags" \
		-f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}' . >"$stage/modules"
	sort -u "$stage/modules" | while read -r module release folder; do
		printf '\n%s\n\n%s %s\n' "----------------------------------------------------------------" "$module" "$release"
		find "$folder" -type f ! -path '*/testdata/*' \
			\( -iname 'LICEN[CS]E*' -o -iname 'COPYING*' -o -iname 'UNLICENSE*' -o -iname 'NOTICE*' \) | sort >"$stage/licences"
		[ -s "$stage/licences" ] || die "$module has no licence."
		while read -r file; do
			printf '\n%s:\n\n' "${file#"$folder/"}"
			cat "$file"
		done <"$stage/licences"
	done
}

say "Building calltray $version for linux/$arch."
program=$stage/root/usr/bin/calltray
go build -buildvcs=true -trimpath -tags "$tags" -ldflags '-s -w' -o "$program" .
"$program" --version
"$program" man "$share/man/man1"
gzip -9n "$share"/man/man1/*
"$program" completion bash >"$share/bash-completion/completions/calltray"
"$program" completion fish >"$share/fish/vendor_completions.d/calltray.fish"
"$program" completion zsh >"$stage/deb/usr/share/zsh/vendor-completions/_calltray"
cp "$stage/deb/usr/share/zsh/vendor-completions/_calltray" "$stage/rpm/usr/share/zsh/site-functions/"
cp "assets/package/$id.desktop" "$share/applications/"
cp "assets/package/$id.metainfo.xml" "$share/metainfo/"
for size in 22 32 64 128 256; do
	mkdir -p "$share/icons/hicolor/${size}x$size/apps"
	cp "assets/icons/calltray-$size.png" "$share/icons/hicolor/${size}x$size/apps/$id.png"
done
cp assets/icons/calltray.svg "$share/icons/hicolor/scalable/apps/$id.svg"
third_party >"$share/doc/calltray/THIRD_PARTY"
cp assets/package/copyright "$share/doc/calltray/"
gzip -9n <CHANGELOG.md >"$share/doc/calltray/changelog.gz"
{
	printf 'calltray (%s-1) unstable; urgency=medium\n\n  * See changelog.gz.\n\n' "$version"
	printf ' -- %s  %s\n' "$maintainer" "$(date -u -R -d "@$SOURCE_DATE_EPOCH")"
} | gzip -9n >"$stage/deb/usr/share/doc/calltray/changelog.Debian.gz"
find "$stage" -type d -exec chmod 755 {} +
find "$stage" -type f ! -path "$program" -exec chmod 644 {} +
find "$stage" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

desktop-file-validate "$share/applications/$id.desktop"
appstreamcli validate --no-net "$share/metainfo/$id.metainfo.xml"

# The oldest C library that the program starts with.
glibc=$(readelf --version-info "$program" | grep -o 'GLIBC_2\.[0-9.]*' | sed 's/GLIBC_//' | sort -uV | tail -n 1)
for format in deb rpm; do
	VERSION=$version ARCH=$arch MAINTAINER=$maintainer GLIBC=$glibc \
		"$tools/nfpm" package -f assets/package/nfpm.yaml -p "$format" -t dist/
done
lintian --allow-root --fail-on error dist/calltray_*.deb

cd dist
sha256sum calltray[-_]*.deb calltray[-_]*.rpm >SHA256SUMS
cat SHA256SUMS
