#!/usr/bin/env python3
"""Security and user tokens with independent libraries: `cryptography`, joserfc and the `openssl` command decrypt tokens of
`tokenbooth seal`, and build tokens for `tokenbooth unseal`. The same with tokens that a running booth builds and verifies.

usage: token_clients.py TOKENBOOTH URL DEMO_JSON
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
import urllib.parse
from datetime import datetime, timedelta, timezone

import requests
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB
from cryptography.hazmat.primitives.padding import PKCS7
from joserfc import jwe
from joserfc.jwk import OctKey

TOKENBOOTH = sys.argv[1]
URL = sys.argv[2].rstrip("/")
with open(sys.argv[3], encoding="utf-8") as demo:
    PROJECT = json.load(demo)["project"]
IV = bytes(range(16))
SIZES = (128, 192, 256)
PADDINGS = ("PKCS7", "zeros", "none")
BLOCKS = [(mode, bits, padding) for mode in ("CBC", "ECB") for bits in SIZES for padding in PADDINGS]
PLAIN = (
    "<SecurityToken>\r\n    <Context>MyContext</Context>\r\n    <AppId>MyAppId</AppId>\r\n"
    "    <AppKey>MyAppKey</AppKey>\r\n    <GenDT>2023-03-08T14:15:53-08:00</GenDT>\r\n</SecurityToken>"
)


def key(bits):
    return bytes(range(100, 100 + bits // 8))


def name(mode, bits, padding):
    return f"{mode} {bits} {padding}"


def settings():
    """A settings file with a token set of every kind."""
    kinds = [*BLOCKS, *(("GCM", bits, "PKCS7") for bits in SIZES), ("JWE", 256, "PKCS7")]
    sets = [
        {
            "name": name(mode, bits, padding),
            "active": True,
            "cipher": "AES",
            "key_bits": bits,
            "mode": mode,
            "padding": padding,
            "key": base64.b64encode(key(bits)).decode(),
            "iv": IV.hex(),
            "app_keys": ["MyAppKey"],
        }
        for mode, bits, padding in kinds
    ]
    return {"project_id": "project-0195f3a0-1111-7222-8333-444455556666", "token_sets": sets}


# The command


def tokenbooth(command, file, token_set, *options, stdin):
    arguments = [TOKENBOOTH, command, "--settings", file, "--token-set", token_set, *options]
    done = subprocess.run(arguments, input=stdin.encode(), capture_output=True, check=False)
    if done.returncode:
        raise AssertionError(f"{command} with {token_set}: {done.stderr.decode()}")
    return done.stdout.decode()


def seal(file, token_set, *options):
    options = ("--security-token", "--plaintext", "-", *options)
    return tokenbooth("seal", file, token_set, *options, stdin=PLAIN).strip()


def unseal(file, token_set, token):
    return tokenbooth("unseal", file, token_set, stdin=token)


# The tokens as others make and open them


def filled(padding):
    plain = PLAIN.encode()
    if padding == "PKCS7":
        padder = PKCS7(128).padder()
        return padder.update(plain) + padder.finalize()
    return plain + (b"\0" if padding == "zeros" else b" ") * (-len(plain) % 16)


def unfilled(padding, blocks):
    if padding == "PKCS7":
        unpadder = PKCS7(128).unpadder()
        return unpadder.update(blocks) + unpadder.finalize()
    return blocks.rstrip(b"\0" if padding == "zeros" else b" ")


def cipher(mode, bits):
    return Cipher(AES(key(bits)), CBC(IV) if mode == "CBC" else ECB())


def openssl(mode, bits, padding, data, *options):
    command = ["openssl", "enc", f"-aes-{bits}-{mode.lower()}", "-K", key(bits).hex(), "-base64", "-A", *options]
    command += ["-iv", IV.hex()] if mode == "CBC" else []
    command += [] if padding == "PKCS7" else ["-nopad"]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout


def same(found, expected, what):
    assert found == expected, f"{what}: {found!r}, not {expected!r}"


# The checks


def x1_cryptography_opens_cbc_and_ecb(file):
    for mode, bits, padding in BLOCKS:
        decryptor = cipher(mode, bits).decryptor()
        token = base64.b64decode(seal(file, name(mode, bits, padding)), validate=True)
        plain = unfilled(padding, decryptor.update(token) + decryptor.finalize())
        same(plain.decode(), PLAIN, name(mode, bits, padding))


def x1_cryptography_makes_cbc_and_ecb(file):
    for mode, bits, padding in BLOCKS:
        encryptor = cipher(mode, bits).encryptor()
        token = base64.b64encode(encryptor.update(filled(padding)) + encryptor.finalize()).decode()
        found = unseal(file, name(mode, bits, padding), token)
        same(found.rstrip(), PLAIN, name(mode, bits, padding))


def x1_openssl_opens_cbc_and_ecb(file):
    for mode, bits, padding in BLOCKS:
        token = seal(file, name(mode, bits, padding)).encode()
        plain = openssl(mode, bits, padding, token, "-d")
        same(plain.rstrip(b"\0 ").decode(), PLAIN, name(mode, bits, padding))


def x1_openssl_makes_cbc_and_ecb(file):
    for mode, bits, padding in BLOCKS:
        plain = PLAIN.encode() if padding == "PKCS7" else filled(padding)
        token = openssl(mode, bits, padding, plain).decode()
        same(unseal(file, name(mode, bits, padding), token).rstrip(), PLAIN, name(mode, bits, padding))


def x9_cryptography_opens_and_makes_gcm(file):
    for bits in SIZES:
        token_set = name("GCM", bits, "PKCS7")
        token = base64.b64decode(seal(file, token_set), validate=True)
        same(AESGCM(key(bits)).decrypt(token[:12], token[12:], None).decode(), PLAIN, token_set)
        iv = os.urandom(12)
        token = base64.b64encode(iv + AESGCM(key(bits)).encrypt(iv, PLAIN.encode(), None)).decode()
        same(unseal(file, token_set, token).rstrip(), PLAIN, token_set)


def x9_joserfc_opens_and_makes_jwe(file):
    token_set, shared = name("JWE", 256, "PKCS7"), OctKey.import_key(key(256))
    algorithms = ["dir", "A256GCM"]
    opened = jwe.decrypt_compact(seal(file, token_set), shared, algorithms=algorithms)
    same(opened.plaintext.decode(), PLAIN, token_set)
    same(opened.headers(), {"alg": "dir", "enc": "A256GCM"}, "header")
    for more in ({}, {"kid": "one", "typ": "JWE", "cty": "application/xml"}):
        header = {"alg": "dir", "enc": "A256GCM", **more}
        token = jwe.encrypt_compact(header, PLAIN, shared, algorithms=algorithms)
        same(unseal(file, token_set, token).rstrip(), PLAIN, header)


def x3_a_url_reads_back(file):
    """A query string parser decodes the URL-encoded token to the token."""
    for mode, bits, padding in BLOCKS:
        token_set = name(mode, bits, padding)
        query = urllib.parse.parse_qs("XST=" + seal(file, token_set, "--url-encoded"), strict_parsing=True)
        same(query, {"XST": [seal(file, token_set)]}, token_set)


# The same over HTTP, with the demo project's token set


def post(path, **body):
    headers = {"Authorization": f"Bearer {PROJECT['api_secret']}"}
    return requests.post(f"{URL}/v1/projects/{PROJECT['id']}/{path}", headers=headers, timeout=10, **body)


def own_cipher():
    kept = PROJECT["token_set"]
    same((kept["mode"], kept["padding"]), ("CBC", "PKCS7"), "token set")
    return Cipher(AES(base64.b64decode(kept["key"])), CBC(base64.b64decode(kept["iv"])))


def own_token(app_key=None, **age):
    """A security token as the documented client makes it, with its own clock's offset."""
    made = (datetime.now(timezone(timedelta(hours=-8))) - timedelta(**age)).isoformat(timespec="seconds")
    app_key = app_key or PROJECT["app_key"]
    plain = (
        f"<SecurityToken>\r\n    <Context>{PROJECT['security_context']}</Context>\r\n    <AppId>MyAppId</AppId>\r\n"
        f"    <AppKey>{app_key}</AppKey>\r\n    <GenDT>{made}</GenDT>\r\n</SecurityToken>"
    )
    padder, encryptor = PKCS7(128).padder(), own_cipher().encryptor()
    padded = padder.update(plain.encode()) + padder.finalize()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def x07_a_booth_verifies_what_cryptography_makes(_):
    parameters = {"XST": own_token(seconds=5), "XSC": PROJECT["security_context"]}
    for body in ({"json": parameters}, {"data": parameters}):
        answer = post("tokens/verify", **body)
        same(answer.status_code, 200, answer.text)
        found = answer.json()
        same((found["security_token"]["AppId"], found["authenticated"]), ("MyAppId", False), "token")


def x07_a_booth_refuses_in_one_way_what_cryptography_makes_wrong(_):
    token = own_token()
    other = token[:-10] + ("A" if token[-10] != "A" else "B") + token[-9:]
    wrong = [own_token(minutes=6), own_token(minutes=-2), own_token(app_key="other"), other, token[:-4], token[::-1]]
    answers = {(answer.status_code, answer.text) for answer in (post("tokens/verify", json={"XST": it}) for it in wrong)}
    same([status for status, _ in answers], [403], "answers")


def x06_cryptography_and_openssl_open_what_a_booth_builds(_):
    fields = {"UserName": "jd", "Display": "J\u00f6rg <D> & Co", "Email": "jd@example.com"}
    answer = post("user-tokens", json={"token_set": "compatible", "format": "json", "fields": fields})
    same(answer.status_code, 200, answer.text)
    built = answer.json()
    token = base64.b64decode(built["encrypted"], validate=True)
    decryptor = own_cipher().decryptor()
    plain = unfilled("PKCS7", decryptor.update(token) + decryptor.finalize())
    same((plain.decode(), json.loads(plain)), (built["plaintext"], fields), "plaintext")
    kept = PROJECT["token_set"]
    secrets = ["-K", base64.b64decode(kept["key"]).hex(), "-iv", base64.b64decode(kept["iv"]).hex()]
    command = ["openssl", "enc", "-d", "-aes-256-cbc", "-base64", "-A", *secrets]
    opened = subprocess.run(command, input=built["encrypted"].encode(), capture_output=True, check=True)
    same(opened.stdout, plain, "openssl's plaintext")
    same(urllib.parse.unquote(built["url_encoded"]), built["encrypted"], "url_encoded")


CHECKS = [
    x07_a_booth_verifies_what_cryptography_makes,
    x07_a_booth_refuses_in_one_way_what_cryptography_makes_wrong,
    x06_cryptography_and_openssl_open_what_a_booth_builds,
    x1_cryptography_opens_cbc_and_ecb,
    x1_cryptography_makes_cbc_and_ecb,
    x1_openssl_opens_cbc_and_ecb,
    x1_openssl_makes_cbc_and_ecb,
    x9_cryptography_opens_and_makes_gcm,
    x9_joserfc_opens_and_makes_jwe,
    x3_a_url_reads_back,
]


def passes(check, file):
    try:
        check(file)
    except Exception as error:  # noqa: BLE001 - whatever went wrong, the other checks still run
        print(f"FAIL {check.__name__}: {type(error).__name__}: {error}")
        return False
    print(f"ok   {check.__name__}")
    return True


def main():
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "project.json")
        with open(file, "w", encoding="utf-8") as settings_file:
            json.dump(settings(), settings_file)
        passed = sum(passes(check, file) for check in CHECKS)
    failed = len(CHECKS) - passed
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
