#!/bin/sh
# Puts Debian trixie's compose and buildx CLI plugins below target/, for the tests alone: the system's
# packages and sources stay as they are. Prints the folder; `DOCKER_CONFIG=<folder>` makes `docker` find them.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
config=${1:-"${CARGO_TARGET_DIR:-$root/target}/docker-cli"}
plugins=$config/cli-plugins

installed() { [ -x "$plugins/docker-compose" ] && [ -x "$plugins/docker-buildx" ]; }

finish() {
    printf '%s\n' "$config"
    exit 0
}

installed && finish

mkdir -p "$config"
exec 9>"$config/.lock"
flock 9
installed && finish

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch/lists/partial" "$scratch/cache/archives/partial" "$scratch/sources" "$scratch/files"

# The machine's own Debian sources, with the suite replaced: mirrors, proxies and keys stay what they are.
codename=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
    if [ -f "$file" ] && grep -Eq '^(deb |URIs:).*debian' "$file"; then
        sed "s/\\b$codename\\b/trixie/g" "$file" >"$scratch/sources/$(basename "$file")"
    fi
done

apt() {
    apt-get -qq -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$scratch/sources" \
        -o Dir::State::lists="$scratch/lists" -o Dir::Cache="$scratch/cache" -o APT::Sandbox::User=root "$@" >&2
}

apt update
(cd "$scratch/files" && apt download docker-compose docker-buildx)
for package in "$scratch"/files/*.deb; do
    dpkg-deb -x "$package" "$scratch/files"
done

# A rename is the last step, so that a killed run leaves nothing that looks installed.
mkdir -p "$plugins"
for plugin in docker-compose docker-buildx; do
    found=$(find "$scratch/files" -type f -name "$plugin" -path '*cli-plugins*' | head -n 1)
    cp "$found" "$plugins/.$plugin"
    chmod 755 "$plugins/.$plugin"
    mv "$plugins/.$plugin" "$plugins/$plugin"
done
finish
