# Sourced: sets the environment of the examples, from the demo tenant of a booth on this machine.
#
#     cargo run -p tokenbooth        (in another terminal)
#     . examples/environment.sh
#     cd examples/partner-backend
#
# TOKENBOOTH_DEMO names another file than .tokenbooth/demo.json. With a deployed booth, set the variables yourself.
# shellcheck shell=sh
export PORT="${PORT:-3000}"
tokenbooth_variables=$(python3 - "${TOKENBOOTH_DEMO:-.tokenbooth/demo.json}" <<'END'
import json, os, shlex, sys

if not os.path.exists(sys.argv[1]):
    sys.exit(f"{sys.argv[1]} is missing: start a booth in this folder with `cargo run -p tokenbooth`")
demo = json.load(open(sys.argv[1], encoding="utf-8"))
if not {"api", "guest"} <= demo.keys():
    sys.exit(f"{sys.argv[1]} is of an earlier version: restart the booth")
variables = {
    "URL": demo["url"],
    "CLIENT_ID": demo["api_key"]["appClientId"],
    "CLIENT_SECRET": demo["api_key"]["appClientSecret"],
    "ACCOUNT_ID": demo["account_id"],
    "API": demo["api"]["identifier"],
    "GUEST_URL": demo["guest"]["token_url"],
    "PARTNER_KEY": demo["partner"]["api_key"],
    "SITE": demo["partner"]["site"],
    "PROJECT_ID": demo["project"]["id"],
    "PROJECT_CLIENT_ID": demo["project"]["client_id"],
    "API_SECRET": demo["project"]["api_secret"],
}
for name, value in variables.items():
    print(f"export TOKENBOOTH_{name}={shlex.quote(value)}")
END
) && eval "$tokenbooth_variables"
