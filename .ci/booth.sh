# Sourced by the scripts that call a booth: starts target/debug/tokenbooth for the time of the script. `root` is the folder
# of the project.
# shellcheck shell=bash disable=SC2154

# start_booth FOLDER: a booth with a demo tenant in a new folder below FOLDER, which `demo` then describes.
start_booth() {
    booth_folder=$(mktemp -d "$1/booth.XXXXXX")
    demo=$booth_folder/demo.json
    "$root/target/debug/tokenbooth" serve --listen 127.0.0.1:0 --ephemeral --demo-json "$demo" >"$booth_folder/log" 2>&1 &
    booth=$!
    trap stop_booth EXIT
    for _ in $(seq 300); do
        member url "$demo" >/dev/null 2>&1 && return
        kill -0 "$booth" 2>/dev/null || break
        sleep 0.2
    done
    echo "the booth did not start:" >&2
    cat "$booth_folder/log" >&2
    exit 1
}

stop_booth() {
    kill "$booth" 2>/dev/null || true
    wait "$booth" 2>/dev/null || true
    rm -rf "$booth_folder"
}

# A member of a JSON object, once the file holds a whole one.
member() { python3 -c 'import json, sys; print(json.load(open(sys.argv[2]))[sys.argv[1]])' "$@"; }
