# Sourced by the scripts that call a booth: installs packages, once per change of the file that lists them.
# shellcheck shell=bash

# install_python FOLDER REQUIREMENTS: a virtual environment.
install_python() {
    is_current "$1" "$2" && return
    rm -rf "$1"
    python3 -m venv "$1"
    "$1/bin/pip" install --quiet --disable-pip-version-check --requirement "$2"
    mark_current "$1" "$2"
}

# install_node FOLDER SOURCE: the packages of SOURCE/package-lock.json. A module finds its packages in a folder above it,
# so the scripts of SOURCE are copied to FOLDER as well.
install_node() {
    mkdir -p "$1"
    find "$2" -maxdepth 1 \( -name '*.json' -o -name '*.mjs' -o -name '*.ts' -o -name '*.html' \) -exec cp {} "$1" \;
    is_current "$1" "$2/package-lock.json" && return
    (cd "$1" && npm ci --loglevel=error --no-audit --no-fund)
    mark_current "$1" "$2/package-lock.json"
}

is_current() { [ "$(cat "$1/.installed" 2>/dev/null)" = "$(checksum "$2")" ]; }
mark_current() { checksum "$2" >"$1/.installed"; }
checksum() { sha256sum <"$1"; }
