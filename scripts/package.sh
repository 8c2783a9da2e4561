#!/bin/sh
# Makes the packages that people install, in dist/, with SHA256SUMS: a .deb for Debian and Ubuntu and a .rpm for
# Fedora and openSUSE; an installer for Windows, and a zip for those who install nothing; and the bundle for macOS,
# which is laid out and checked here, and gets its program on a Mac. Two runs of the same commit give the same
# bytes, with the same Go and the same C compiler, in whatever folder. In a linked worktree of git the program does
# not learn its commit, so make what you give away in a clone. Start it with:
#
#   sh scripts/package.sh [linux] [windows] [macos]      all that can be made on this system, if none is named
set -eu
cd "$(dirname "$0")/.."
. scripts/install.sh

if [ $# -eq 0 ]; then
	if [ "$(uname -s)" = Darwin ]; then set -- macos; else set -- linux windows macos; fi
fi
for system in "$@"; do
	case $(uname -s)/$system in
	Linux/linux | Linux/windows | Linux/macos | Darwin/macos) ;;
	*/linux | */windows) die "The packages for $system are made on Linux, and this is $(uname -s)." ;;
	*) die "Usage: sh scripts/package.sh [linux] [windows] [macos]" ;;
	esac
	case $system in
	linux)
		need_build
		need_command readelf binutils
		need_command desktop-file-validate desktop-file-utils
		need_command appstreamcli appstream
		need_command lintian lintian
		;;
	windows)
		need_windows
		need_command makensis nsis
		need_command zip zip
		need_command icotool icoutils
		;;
	macos)
		if [ "$(uname -s)" = Darwin ]; then
			need_build
		else
			need_command plistutil libplist-utils
			need_command png2icns icnsutils
		fi
		;;
	esac
done
need_go
need_command git git
install_missing

version=$(sed -n 's/^  Version = "\(.*\)"/\1/p' FyneApp.toml)
[ -n "$version" ] || die "FyneApp.toml names no version."
id=dk.calltray.Calltray
maintainer="Calltray <noreply@calltray.invalid>" # both formats of Linux want an address, and there is none yet
tags=migrated_fynedo
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH TZ=UTC LC_ALL=C.UTF-8
umask 022

stage=dist/stage
mkdir -p "$stage"

# tool MODULE PACKAGE VERSION installs a program into dist/tools, and leaves its path in $tool.
tool() {
	folder=$(pwd)/dist/tools/${2##*/}-$3
	tool=$folder/${2##*/}
	[ -x "$tool" ] || GOBIN=$folder go install "$1$2@$3"
}

# build SYSTEM PROGRAM [LINKER FLAGS]
build() {
	say "Building calltray $version for $1."
	GOOS=$1 CGO_ENABLED=1 go build -buildvcs=true -trimpath -tags "$tags" -ldflags "-s -w ${3:-}" -o "$2" .
}

# third_party SYSTEM prints the licences of Go and of every module in the program, as they ask for.
third_party() {
	printf '%s\n\n' "$(go env GOVERSION)"
	cat "$(go env GOROOT)/LICENSE"
	GOOS=$1 CGO_ENABLED=1 go list -deps -tags "$tags" \
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

# settle FOLDER gives everything in it the modes and the time that it has in a package.
settle() {
	find "$1" -type d -exec chmod 755 {} +
	find "$1" -type f ! -perm -100 -exec chmod 644 {} +
	stamp=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y%m%d%H%M.%S 2>/dev/null || date -u -r "$SOURCE_DATE_EPOCH" +%Y%m%d%H%M.%S)
	find "$1" -exec touch -h -t "$stamp" {} +
}

linux() {
	arch=$(go env GOARCH)
	tool github.com/goreleaser/nfpm/v2/ cmd/nfpm v2.45.0
	rm -rf "$stage/linux" dist/calltray[-_]*.deb dist/calltray[-_]*.rpm

	# What lies in root goes into both packages, what lies in deb or rpm into that one.
	root=$stage/linux/root deb=$stage/linux/deb rpm=$stage/linux/rpm
	share=$root/usr/share
	mkdir -p "$root/usr/bin" "$share/applications" "$share/metainfo" "$share/man/man1" "$share/doc/calltray" \
		"$share/bash-completion/completions" "$share/fish/vendor_completions.d" "$share/icons/hicolor/scalable/apps" \
		"$deb/usr/share/zsh/vendor-completions" "$deb/usr/share/doc/calltray" "$rpm/usr/share/zsh/site-functions"

	program=$root/usr/bin/calltray
	build linux "$program"
	"$program" --version
	go run ./internal/tools/man "$share/man/man1"
	gzip -9n "$share"/man/man1/*
	"$program" completion bash >"$share/bash-completion/completions/calltray"
	"$program" completion fish >"$share/fish/vendor_completions.d/calltray.fish"
	"$program" completion zsh >"$deb/usr/share/zsh/vendor-completions/_calltray"
	cp "$deb/usr/share/zsh/vendor-completions/_calltray" "$rpm/usr/share/zsh/site-functions/"
	cp "assets/package/$id.desktop" "$share/applications/"
	cp "assets/package/$id.metainfo.xml" "$share/metainfo/"
	for size in 22 32 64 128 256; do
		mkdir -p "$share/icons/hicolor/${size}x$size/apps"
		cp "assets/icons/calltray-$size.png" "$share/icons/hicolor/${size}x$size/apps/$id.png"
	done
	cp assets/icons/calltray.svg "$share/icons/hicolor/scalable/apps/$id.svg"
	third_party linux >"$share/doc/calltray/THIRD_PARTY"
	cp assets/package/copyright "$share/doc/calltray/"
	gzip -9n <CHANGELOG.md >"$share/doc/calltray/changelog.gz"
	{
		printf 'calltray (%s-1) unstable; urgency=medium\n\n  * See changelog.gz.\n\n' "$version"
		printf ' -- %s  %s\n' "$maintainer" "$(date -u -R -d "@$SOURCE_DATE_EPOCH")"
	} | gzip -9n >"$deb/usr/share/doc/calltray/changelog.Debian.gz"
	settle "$stage/linux"

	desktop-file-validate "$share/applications/$id.desktop"
	appstreamcli validate --no-net "$share/metainfo/$id.metainfo.xml"

	# The oldest C library that the program starts with.
	glibc=$(readelf --version-info "$program" | grep -o 'GLIBC_2\.[0-9.]*' | sed 's/GLIBC_//' | sort -uV | tail -n 1)
	for format in deb rpm; do
		VERSION=$version ARCH=$arch MAINTAINER=$maintainer GLIBC=$glibc \
			"$tool" package -f assets/package/nfpm.yaml -p "$format" -t dist/
	done
	lintian --allow-root --fail-on error dist/calltray_*.deb
}

windows() {
	tool github.com/tc-hib/ go-winres v0.3.3
	folder=$stage/windows/Calltray
	rm -rf "$stage/windows" dist/Calltray-*-setup.exe dist/Calltray-*-windows.zip
	mkdir -p "$folder"

	# The linker takes icon, version and manifest from a file beside main.go.
	trap 'rm -f rsrc_windows_amd64.syso' EXIT
	"$tool" make --arch amd64 --in assets/package/winres.json --product-version "$version.0" --file-version "$version.0"
	CC=x86_64-w64-mingw32-gcc GOARCH=amd64 build windows "$folder/calltray.exe" -H=windowsgui
	rm rsrc_windows_amd64.syso

	{
		third_party windows
		printf '\n%s\n\nmingw-w64 and the runtime of GCC\n\n' "----------------------------------------------------------------"
		cat /usr/share/doc/mingw-w64-x86-64-dev/copyright /usr/share/doc/gcc-mingw-w64-base/copyright
	} | sed 's/\r*$/\r/' >"$folder/THIRD_PARTY.txt"
	sed 's/$/\r/' assets/package/copyright | sed 's/in THIRD_PARTY,/in THIRD_PARTY.txt,/' >"$folder/COPYRIGHT.txt"
	sed 's/$/\r/' CHANGELOG.md >"$folder/CHANGELOG.txt"
	# The installer's own icon is the program's.
	icotool -c -o "$stage/windows/calltray.ico" assets/icons/calltray-256.png assets/icons/calltray-64.png assets/icons/calltray-32.png
	settle "$stage/windows"
	(
		cd "$stage/windows"
		zip -q -X -9 "../../Calltray-$version-windows.zip" Calltray/calltray.exe Calltray/CHANGELOG.txt \
			Calltray/COPYRIGHT.txt Calltray/THIRD_PARTY.txt
	)
	makensis -V2 -WX -NOCD "-DVERSION=$version" "-DSTAGE=$folder" "-DOUT=dist/Calltray-$version-setup.exe" \
		assets/package/installer.nsi
}

macos() {
	bundle=$stage/macos/Calltray.app/Contents
	rm -rf "$stage/macos" dist/Calltray-*-macos.zip
	mkdir -p "$bundle/MacOS" "$bundle/Resources/en.lproj" "$bundle/Resources/da.lproj"
	sed "s/@VERSION@/$version/g" assets/package/Info.plist >"$bundle/Info.plist"
	for language in en da; do
		cp "assets/package/$language.strings" "$bundle/Resources/$language.lproj/InfoPlist.strings"
	done
	third_party darwin >"$bundle/Resources/THIRD_PARTY"
	cp assets/package/copyright CHANGELOG.md "$bundle/Resources/"
	if [ "$(uname -s)" = Darwin ]; then
		sips -s format icns assets/icons/calltray-256.png --out "$bundle/Resources/calltray.icns" >/dev/null
		plutil -lint "$bundle"/Resources/*.lproj/InfoPlist.strings
		plutil -convert xml1 -o "$stage/macos/plist" "$bundle/Info.plist"
		CC=cc build darwin "$bundle/MacOS/calltray"
	else
		png2icns "$bundle/Resources/calltray.icns" assets/icons/calltray-256.png assets/icons/calltray-128.png \
			assets/icons/calltray-32.png >/dev/null
		plistutil -i "$bundle/Info.plist" -o "$stage/macos/binary" # and back: what a parser has understood
		plistutil -i "$stage/macos/binary" -o "$stage/macos/plist"
	fi

	# What the bundle says of itself has to be there. The system looks for each by its key.
	if [ "$(plist CFBundleIdentifier)" != "$id" ] || [ "$(plist CFBundleShortVersionString)" != "$version" ] ||
		[ "$(plist CFBundleExecutable)" != calltray ] || [ ! -s "$bundle/Resources/$(plist CFBundleIconFile)" ] ||
		! grep -A1 '<key>LSUIElement<' "$stage/macos/plist" | grep -q '<true/>' ||
		! grep -A3 '<key>CFBundleURLSchemes<' "$stage/macos/plist" | grep -q '<string>tel</string>'; then
		die "Info.plist and the bundle do not fit together."
	fi
	settle "$stage/macos"
	if [ "$(uname -s)" != Darwin ]; then
		say "The bundle is in $stage/macos, without its program, which is built and signed on a Mac."
		return
	fi
	codesign --force --options runtime --sign "${CODESIGN_IDENTITY:--}" "$stage/macos/Calltray.app"
	ditto -c -k --keepParent "$stage/macos/Calltray.app" "dist/Calltray-$version-macos.zip"
}

# plist KEY prints a text of the bundle's Info.plist, as the parser has read it.
plist() { sed -n "/<key>$1</{n;s/.*<string>\(.*\)<.*/\1/p;}" "$stage/macos/plist"; }

for system in "$@"; do
	"$system"
done
cd dist
rm -f SHA256SUMS
for package in [Cc]alltray[-_]*.*; do
	if [ ! -f "$package" ]; then continue; fi
	if command -v sha256sum >/dev/null; then sha256sum "$package"; else shasum -a 256 "$package"; fi
done >SHA256SUMS
cat SHA256SUMS
