"""Encrypted links (window X), in Flask.

GET /link?user=ada      redirects to a link with the application and the user, encrypted with `cryptography`
GET /open?XST=…&XUT=…   lets the booth verify the tokens of a link, and answers with what they contain
"""

import base64
import json
import os
from datetime import datetime, timezone
from urllib.parse import urlencode

import requests
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask, redirect, request

BOOTH = os.environ["TOKENBOOTH_URL"]
ACCOUNT, PROJECT = os.environ["TOKENBOOTH_ACCOUNT_ID"], os.environ["TOKENBOOTH_PROJECT_ID"]
CLIENT = os.environ["TOKENBOOTH_CLIENT_ID"], os.environ["TOKENBOOTH_CLIENT_SECRET"]
API_SECRET = {"Authorization": "Bearer " + os.environ["TOKENBOOTH_API_SECRET"]}

app = Flask(__name__)


def download_settings():
    """The project's settings with all keys. The download is in the audit log, so do it once."""
    form = {"grant_type": "client_credentials", "scope": "project:rw"}
    token = requests.post(f"{BOOTH}/oauth2/token", auth=CLIENT, data=form, timeout=5).json()["access_token"]
    url = f"{BOOTH}/admin/v1/entities/{ACCOUNT}/projects/{PROJECT}/settings-file"
    response = requests.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=5)
    response.raise_for_status()
    return response.json()


SETTINGS = download_settings()
TOKEN_SET = next(each for each in SETTINGS["token_sets"] if each["active"] and each["mode"] == "GCM")


def seal(fields):
    """The fields as JSON, encrypted with AES-GCM: Base64 of the IV, the ciphertext and the tag."""
    iv = os.urandom(12)
    key = base64.b64decode(TOKEN_SET["key"])
    return base64.b64encode(iv + AESGCM(key).encrypt(iv, json.dumps(fields).encode(), None)).decode()


@app.get("/link")
def link():
    application = {
        "Context": SETTINGS["security_context"]["value"],
        "AppId": "shop",
        "AppKey": TOKEN_SET["app_keys"][0],
        "GenDT": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }
    user = {"UserName": request.args["user"], "Display": request.args["user"].title()}
    return redirect("/open?" + urlencode({"XST": seal(application), "XUT": seal(user)}))


@app.get("/open")
def opened():
    url = f"{BOOTH}/v1/projects/{PROJECT}/tokens/verify"
    tokens = {name: request.args[name] for name in ("XST", "XUT")}
    response = requests.post(url, headers=API_SECRET, json=tokens, timeout=5)
    if not response.ok:
        return {"error": response.json()["code"]}, response.status_code
    found = response.json()
    return {"application": found["security_token"]["AppId"], "user": found["user_token"]["UserName"]}


if __name__ == "__main__":
    app.run(port=int(os.environ["PORT"]))
