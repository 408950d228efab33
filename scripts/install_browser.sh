#!/bin/sh
# Chromium for the browser tests, where there is none yet and the machine lets us install it. Without it they
# are skipped by name, and everything else still runs; so this never fails.

for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done

skipped() { echo "Browser tests will be skipped: no Chromium here, and $1."; exit 0; }

command -v apt-get >/dev/null 2>&1 || skipped "no apt-get to install it with"
as_root=""
if [ "$(id -u)" -ne 0 ]; then
    sudo -n true >/dev/null 2>&1 || skipped "neither root nor sudo without a password"
    as_root="sudo -n"
fi

echo "Installing Chromium for the browser tests …"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() { $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; }
{ install || { $as_root apt-get update -qq && install; }; } >"$log" 2>&1 && exit 0
skipped "apt-get could not install it ($(tail -n 1 "$log"))"
