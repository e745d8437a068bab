#!/bin/sh
# What the browser tests need: a Chrome or Chromium on PATH, letters for Chinese, and nginx.
# Uses what is there; otherwise installs Debian's packages, as root or through sudo.
set -eu

has_browser() {
    for name in chromium google-chrome chrome chromium-browser; do
        command -v "$name" >/dev/null && return
    done
    return 1
}

has_chinese() {
    # Only Debian's systems are asked: elsewhere fonts come with the desktop.
    ! command -v apt-get >/dev/null || fc-list :lang=zh 2>/dev/null | grep -q .
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

apt() {
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq --yes -o Acquire::Retries=3 -o DPkg::Lock::Timeout=120 "$@" >/dev/null
}

wanted=""
has_browser || wanted="chromium"
has_chinese || wanted="$wanted fontconfig fonts-noto-cjk"
PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v nginx >/dev/null || wanted="$wanted nginx-light"
[ -n "$wanted" ] || exit 0

if ! { command -v apt-get && { [ "$(id -u)" = 0 ] || sudo -n true; }; } >/dev/null 2>&1; then
    echo "The browser tests need Chrome or Chromium on the path, a Chinese font and nginx; missing:" \
        "$wanted. Install by hand." >&2
    exit 1
fi
for try in 1 2 3; do
    # shellcheck disable=SC2086 # several packages
    if apt update && apt install --no-install-recommends $wanted; then exit 0; fi
    echo "Installing $wanted failed (try $try of 3)." >&2
    sleep 5
done
exit 1
