#!/usr/bin/env python3
"""Tests a running booth with independent clients: `requests` and Authlib send requests, PyJWT verifies tokens.

usage: python_clients.py URL DEMO_JSON
"""

import base64
import hashlib
import hmac
import json
import sys
import time
import uuid
from urllib.parse import urlsplit

import jwt
import requests
from authlib.integrations.requests_client import OAuth2Session
from cryptography.hazmat.primitives.asymmetric import rsa

BASE = sys.argv[1].rstrip("/")
with open(sys.argv[2], encoding="utf-8") as file:
    DEMO = json.load(file)

TOKEN_PATH = urlsplit(DEMO["secure_anonymous"]["token_url"]).path
TIMEOUT = 10
F_CLAIMS = ["iss", "sub", "aud", "iat", "nbf", "exp", "jti", "provider_id", "entity_id", "roles", "scope", "email"]
F_CLAIMS += ["anonymous"]
K_CLAIMS = ["sub", "token_use", "scope", "auth_time", "iss", "exp", "iat", "version", "jti", "client_id", "aud"]


# Requests, as the vendors' documents send them


def signed_headers(key):
    """The three headers of the vendor's script (F10), brought to Python 3."""
    client_id = key["appClientId"]
    client_secret = key["appClientSecret"]

    # Create signature
    timestamp = int(time.time())
    to_sign = "%s%s" % (timestamp, client_id)
    signature = hmac.new(client_secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()

    # Prepare http request headers
    return {"X-Frame-ClientId": client_id, "X-Frame-Timestamp": str(timestamp), "X-Frame-Signature": signature}


def anonymous_token(**body):
    """A token of window F; `data=` sends a form, `json=` JSON."""
    return requests.post(BASE + TOKEN_PATH, headers=signed_headers(DEMO["api_key"]), timeout=TIMEOUT, **body)


def access_token(encoded_key):
    """A token of window K."""
    return requests.post(BASE + "/v1/token", json={"apiKey": encoded_key}, timeout=TIMEOUT)


def bearer(key):
    """The header of an administrator's request."""
    return {"Authorization": f"Bearer {ok(access_token(key['encodedKey'])).json()['token']}"}


def get(path, token=None):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.get(BASE + path, headers=headers, timeout=TIMEOUT)


# Verification, as a relying party writes it


def issuer():
    return ok(get("/.well-known/openid-configuration")).json()["issuer"]


def verify(token, algorithm, **changed):
    jwks = jwt.PyJWKClient(ok(get("/.well-known/openid-configuration")).json()["jwks_uri"], timeout=TIMEOUT)
    expected = {"audience": issuer(), "issuer": issuer(), **changed}
    required = F_CLAIMS if algorithm == "EdDSA" else K_CLAIMS
    key = jwks.get_signing_key_from_jwt(token)
    return jwt.decode(token, key, algorithms=[algorithm], options={"require": required}, **expected)


def refused_as(error, token, algorithm, **changed):
    try:
        verify(token, algorithm, **changed)
    except error:
        return
    raise AssertionError(f"verified, where {error.__name__} was due")


def tampered(token):
    """The token with another id under the old signature."""
    header, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    claims["jti"] = str(uuid.uuid4())
    changed = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"{header}.{changed}.{signature}"


def ok(response):
    request = response.request
    assert response.status_code == 200, f"{request.method} {request.url}: {response.status_code} {response.text}"
    return response


def same(found, expected, what):
    assert found == expected, f"{what}: {found!r}, expected {expected!r}"


# Window F


def check_anonymous_claims(claims):
    same(claims["iss"], issuer(), "iss")
    same(claims["aud"], issuer(), "aud")
    assert claims["sub"].startswith("anon-"), claims["sub"]
    uuid.UUID(claims["sub"].removeprefix("anon-"))
    assert claims["jti"], "jti is empty"
    assert claims["iat"] <= time.time() + 5, "iat is in the future"
    assert claims["nbf"] <= claims["iat"] < claims["exp"], "nbf, iat and exp are out of order"
    assert 60 <= claims["exp"] - claims["iat"] <= 86400, "lifetime"
    same(claims["provider_id"], DEMO["secure_anonymous"]["provider_id"], "provider_id")
    assert claims["entity_id"] in TOKEN_PATH, claims["entity_id"]
    assert claims["roles"], "roles is empty"
    for grant in claims["roles"]:
        same(sorted(grant), ["entity_id", "role"], "a grant's members")
    assert isinstance(claims["scope"], str), "scope is not a string"
    same(claims["anonymous"], True, "anonymous")


def f_the_vendors_request_with_an_empty_body():
    response = ok(anonymous_token(data={}))
    same(response.headers["Content-Type"].split(";")[0], "application/json", "media type")
    same(response.headers["Cache-Control"], "no-store", "Cache-Control")
    token = response.json()
    assert isinstance(token, str), "the answer is not a bare JSON string"
    header = jwt.get_unverified_header(token)
    same((header["alg"], header["typ"]), ("EdDSA", "JWT"), "header")
    claims = verify(token, "EdDSA")
    check_anonymous_claims(claims)
    assert claims["email"].endswith("@anonymous.invalid"), claims["email"]


PROFILE = {"first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.com"}
METADATA = {"trial": "söme", "seats": 3, "nested": {"list": [1, None, True]}}


def check_profile(claims):
    check_anonymous_claims(claims)
    same({name: claims[name] for name in PROFILE}, PROFILE, "profile")
    same(claims["metadata"], METADATA, "metadata")


def f_every_field_as_a_form():
    body = {**PROFILE, "email_domain": "example.org", "metadata": json.dumps(METADATA)}
    check_profile(verify(ok(anonymous_token(data=body)).json(), "EdDSA"))


def f_every_field_as_json():
    body = {**PROFILE, "email_domain": "example.org", "metadata": METADATA}
    check_profile(verify(ok(anonymous_token(json=body)).json(), "EdDSA"))


def f_an_email_domain_alone():
    for body in ({"data": {"email_domain": "example.org"}}, {"json": {"email_domain": "example.org"}}):
        claims = verify(ok(anonymous_token(**body)).json(), "EdDSA")
        assert claims["email"].endswith("@example.org"), claims["email"]


def f_every_token_is_another_identity():
    first, second = (verify(ok(anonymous_token()).json(), "EdDSA") for _ in range(2))
    for name in ("sub", "jti", "email"):
        assert first[name] != second[name], name


def f_wrong_expectations_are_refused():
    token = ok(anonymous_token()).json()
    refused_as(jwt.InvalidAudienceError, token, "EdDSA", audience="https://other.example")
    refused_as(jwt.InvalidIssuerError, token, "EdDSA", issuer="https://other.example")
    refused_as(jwt.InvalidAlgorithmError, token, "RS256")


def f_a_tampered_token_is_refused_by_both_sides():
    token = tampered(ok(anonymous_token()).json())
    refused_as(jwt.InvalidSignatureError, token, "EdDSA")
    response = get("/v1/me/assertions", token)
    same(response.status_code, 401, "status")
    assert response.headers["WWW-Authenticate"].startswith("Bearer"), response.headers["WWW-Authenticate"]


def f_the_token_reads_its_own_assertions():
    token = ok(anonymous_token(json={**PROFILE, "metadata": METADATA})).json()
    claims = verify(token, "EdDSA")
    for path in ("/v1/me/assertions", "/api/rest/v1/me/assertions"):
        answer = ok(get(path, token)).json()
        same(answer, {name: claims[name] for name in answer}, path)
        missing = {*PROFILE, "sub", "metadata", "provider_id", "entity_id", "roles", "scope", "exp"} - set(answer)
        same(missing, set(), f"missing at {path}")


def f_a_signature_over_another_time_is_refused():
    headers = signed_headers(DEMO["api_key"])
    headers["X-Frame-Timestamp"] = str(int(headers["X-Frame-Timestamp"]) - 1)
    response = requests.post(BASE + TOKEN_PATH, headers=headers, timeout=TIMEOUT)
    same(response.status_code, 401, "status")
    assert abs(response.json()["server_time"] - time.time()) < 30, response.text


def f_a_launchpad_user_may_not_generate_tokens():
    headers = signed_headers(DEMO["launchpad_key"])
    response = requests.post(BASE + TOKEN_PATH, headers=headers, data={}, timeout=TIMEOUT)
    same(response.status_code, 403, "status")


# Window K


def check_access_claims(claims, key):
    same(claims["sub"], key["appClientId"], "sub")
    same(claims["client_id"], key["appClientId"], "client_id")
    same(claims["token_use"], "access", "token_use")
    same(claims["version"], 2, "version")
    same(claims["iss"], issuer(), "iss")
    same(claims["aud"], issuer(), "aud")
    same(claims["exp"], claims["iat"] + 300, "exp")
    assert claims["auth_time"] <= claims["iat"] <= time.time() + 5, "auth_time and iat are out of order"
    uuid.UUID(claims["jti"])
    assert isinstance(claims["scope"], str) and claims["scope"] == " ".join(claims["scope"].split()), claims["scope"]


def k_the_key_file_is_redeemed():
    for name in ("api_key", "admin_key", "launchpad_key"):
        key = DEMO[name]
        pair = base64.b64decode(key["encodedKey"]).decode()
        same(pair, f"{key['appClientId']}:{key['appClientSecret']}", name)
        response = ok(access_token(key["encodedKey"]))
        same(response.headers["Content-Type"].split(";")[0], "application/json", "media type")
        same(response.headers["Cache-Control"], "no-store", "Cache-Control")
        answer = response.json()
        same(sorted(answer), ["expirationTime", "token"], "members")
        same(answer["expirationTime"], 300, "expirationTime")
        header = jwt.get_unverified_header(answer["token"])
        same((header["alg"], header["typ"]), ("RS256", "JWT"), "header")
        check_access_claims(verify(answer["token"], "RS256"), key)


def k_padding_is_optional():
    ok(access_token(DEMO["api_key"]["encodedKey"].rstrip("=")))


def k_wrong_expectations_are_refused():
    token = ok(access_token(DEMO["api_key"]["encodedKey"])).json()["token"]
    refused_as(jwt.InvalidAudienceError, token, "RS256", audience="https://other.example")
    refused_as(jwt.InvalidIssuerError, token, "RS256", issuer="https://other.example")
    refused_as(jwt.InvalidAlgorithmError, token, "EdDSA")


def k_the_token_is_a_bearer_token():
    token = ok(access_token(DEMO["admin_key"]["encodedKey"])).json()["token"]
    assert ok(get("/admin/v1/roles", token)).json()["items"], "no roles"
    for wrong in (tampered(token), None):
        response = get("/admin/v1/roles", wrong)
        same(response.status_code, 401, "status")
        same(response.headers["Content-Type"].split(";")[0], "application/problem+json", "media type")
    refused_as(jwt.InvalidSignatureError, tampered(token), "RS256")


def k_a_wrong_key_is_refused_in_the_vendors_shape():
    client_id = DEMO["api_key"]["appClientId"]
    for wrong in ("asdfasdfasdfasdfasdfasdf", base64.b64encode(f"{client_id}:wrong".encode()).decode()):
        response = access_token(wrong)
        same(response.status_code, 401, wrong)
        same(sorted(response.json()), ["errorCode", "errorMessage"], "members")


# Window V


def administer(path, **body):
    """Creates a resource in the demo account."""
    url = f"{BASE}/admin/v1/entities/{DEMO['account_id']}/partners{path}"
    response = requests.post(url, headers=bearer(DEMO["api_key"]), json=body, timeout=TIMEOUT)
    same(response.status_code, 201, response.text)
    return response.json()


def device_token(api_key, site, platform="web_browser", device="browser-unique_id_1234"):
    """A token of window V, requested as in its document, but with POST."""
    query = {"site": site, "platform": platform, "deviceId": device}
    headers = {"Accept": "application/json, text/plain, */*", "x-api-key": api_key}
    return requests.post(BASE + "/identity/anonymous-token", params=query, headers=headers, timeout=TIMEOUT)


def verify_device(token, secret, **changed):
    expected = {"issuer": issuer(), "algorithms": ["HS256"], **changed}
    return jwt.decode(token, secret, options={"require": ["iss", "exp", "iat", "jti"]}, **expected)


def v05_v09_a_token_verifies_under_its_site_s_secret_through_a_rotation():
    partner = administer("", name=f"PyJWT {uuid.uuid4()}")
    key = administer(f"/{partner['id']}/keys", name="first")["api_key"]
    site = administer(f"/{partner['id']}/sites", name="example-site", token_duration=600)
    answer = ok(device_token(key, "example-site")).json()
    same(list(answer), ["authorizationToken"], "members")
    old = answer["authorizationToken"]
    same(jwt.get_unverified_header(old), {"alg": "HS256", "typ": "JWT"}, "header")
    claims = verify_device(old, site["secret"])
    same((claims["site"], claims["siteId"]), ("example-site", site["id"]), "site")
    same((claims["exp"], claims["expiration"]), (claims["iat"] + 600,) * 2, "lifetime")
    for error, token, changed in (
        (jwt.InvalidSignatureError, tampered(old), {}),
        (jwt.InvalidIssuerError, old, {"issuer": "https://other.example"}),
        (jwt.InvalidAlgorithmError, old, {"algorithms": ["HS512"]}),
    ):
        refused_under(error, token, site["secret"], **changed)

    new = administer(f"/{partner['id']}/sites/{site['id']}/rotate")["secret"]
    deadline = time.time() + 15  # how soon a change holds everywhere, and some
    while True:
        token = ok(device_token(key, "example-site")).json()["authorizationToken"]
        try:
            same(verify_device(token, new)["userId"], claims["userId"], "userId")
            break
        except jwt.InvalidSignatureError:
            assert time.time() < deadline, "the new secret does not sign"
            time.sleep(0.5)
    refused_under(jwt.InvalidSignatureError, token, site["secret"])
    same(verify_device(old, site["secret"])["jti"], claims["jti"], "an old token under the old secret")


def refused_under(error, token, secret, **changed):
    try:
        verify_device(token, secret, **changed)
    except error:
        return
    raise AssertionError(f"verified, where {error.__name__} was due")


def v03_v08_refusals_are_in_the_document_s_shape():
    demo = DEMO["partner"]
    for response, status, text in (
        (device_token(demo["api_key"], demo["site"], platform="Windows"), 400, "Invalid parameters"),
        (device_token(demo["api_key"], "no-site"), 400, "Invalid parameters"),
        (device_token("a1b2c3d4e5f6g7h8i9j0k", demo["site"]), 401, "Missing or invalid API key"),
    ):
        same((response.status_code, response.json()), (status, {"error": text}), "answer")


# Window S


def project(**settings):
    url = f"{BASE}/admin/v1/entities/{DEMO['account_id']}/projects"
    body = {"name": f"PyJWT {uuid.uuid4()}", **settings}
    response = requests.post(url, headers=bearer(DEMO["api_key"]), json=body, timeout=TIMEOUT)
    same(response.status_code, 201, response.text)
    return response.json()


def attach(project, token, user):
    """An attach as the vendor's SDKs send it: raw, with optional fields that are null."""
    headers = {"Authorization": f"Basic {project['client_id']}:{token}"}
    body = {"user": user, "device_id": None, "signals": {"iosVendorIdentifier": "A"}, "metadata": []}
    return requests.post(BASE + "/v2/access", headers=headers, json=body, timeout=TIMEOUT)


def s03_s04_tokens_of_pyjwt_count_and_ours_verify_there():
    made = project(require_signed_tokens=True)
    secret, user = made["api_secret"], {"user": "the_user_id_here"}
    answer = ok(attach(made, jwt.encode(user, secret, algorithm="HS256"), user["user"])).json()
    same((answer["success"], answer["attached_devices"]), (True, 1), "answer")
    bearer = {"Authorization": f"Bearer {secret}"}
    signed = ok(requests.post(BASE + "/token/sign", headers=bearer, json=user, timeout=TIMEOUT)).json()["secret"]
    claims = jwt.decode(signed, secret, algorithms=["HS256"], options={"require": ["user", "iat", "jti"]})
    same(claims["user"], user["user"], "user")
    ok(attach(made, signed, user["user"]))
    event = jwt.encode({"user": str(uuid.uuid4())}, secret, algorithm="HS256")
    headers = {"Authorization": f"Basic {made['client_id']}:{event}"}
    for status in (200, 401):
        response = requests.post(BASE + "/v2/identity", headers=headers, json={}, timeout=TIMEOUT)
        same(response.status_code, status, response.text)


def s04_other_tokens_of_pyjwt_are_refused():
    made = project(require_signed_tokens=True)
    secret, user = made["api_secret"], {"user": "u"}
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    for case, token in {
        "none": jwt.encode(user, None, algorithm="none"),
        "RS256": jwt.encode(user, key, algorithm="RS256"),
        "HS384": jwt.encode(user, secret, algorithm="HS384"),
        "another secret": jwt.encode(user, "x" * 64, algorithm="HS256"),
        "changed": tampered(jwt.encode(user, secret, algorithm="HS256")),
        "expired": jwt.encode({**user, "exp": int(time.time()) - 60}, secret, algorithm="HS256"),
        "another user": jwt.encode({"user": "v"}, secret, algorithm="HS256"),
    }.items():
        same(attach(made, token, "u").status_code, 401, case)


def tokens_of_one_window_do_not_open_the_other():
    anonymous = ok(anonymous_token()).json()
    access = ok(access_token(DEMO["admin_key"]["encodedKey"])).json()["token"]
    same(get("/admin/v1/roles", anonymous).status_code, 401, "an F token at the admin API")
    same(get("/v1/me/assertions", access).status_code, 401, "a K token at the assertions")


# OAuth (A2), as Authlib does it


def client(method, key="api_key", **more):
    metadata = ok(get("/.well-known/oauth-authorization-server")).json()
    key = DEMO[key]
    session = OAuth2Session(
        key["appClientId"],
        key["appClientSecret"],
        token_endpoint_auth_method=method,
        revocation_endpoint_auth_method=method,
        default_timeout=TIMEOUT,
        **more,
    )
    return session, metadata


def a2_authlib_is_granted_introspects_and_revokes():
    for method in ("client_secret_basic", "client_secret_post"):
        session, metadata = client(method, scope="token:rw entity:r")
        granted = session.fetch_token(metadata["token_endpoint"], grant_type="client_credentials")
        same((granted["token_type"], granted["expires_in"], granted["scope"]), ("Bearer", 300, "entity:r token:rw"), method)
        token = granted["access_token"]
        same(jwt.get_unverified_header(token)["typ"], "at+jwt", "typ")
        anonymous = ok(anonymous_token()).json()
        for about in (token, anonymous):
            same(ok(session.introspect_token(metadata["introspection_endpoint"], about)).json()["active"], True, method)
            ok(session.revoke_token(metadata["revocation_endpoint"], about))
            answer = ok(session.introspect_token(metadata["introspection_endpoint"], about)).json()
            same(answer, {"active": False}, method)
        same(get("/v1/me/assertions", anonymous).status_code, 401, "a revoked token")
        same(get("/admin/v1/entities", token).status_code, 401, "a revoked token")


def a2_authlib_uses_the_token_as_a_bearer_token():
    session, metadata = client("client_secret_basic", "admin_key")
    session.fetch_token(metadata["token_endpoint"], grant_type="client_credentials")
    assert ok(session.get(BASE + "/admin/v1/entities")).json()["items"], "no entities"


# Own APIs (A7), as Authlib gets tokens and PyJWT verifies them


def own_api(algorithm):
    """The identifier of a new API with this algorithm, and a session of a client that is granted its scope."""
    account = f"{BASE}/admin/v1/entities/{DEMO['account_id']}"
    identifier = f"https://clients.example/{uuid.uuid4()}"

    def create(path, **body):
        response = requests.post(account + path, headers=bearer(DEMO["admin_key"]), json=body, timeout=TIMEOUT)
        assert response.status_code == 201, response.text
        return response.json()

    name = str(uuid.uuid4())
    scopes = [{"name": "orders:read"}]
    api = create("/apis", identifier=identifier, name=name, scopes=scopes, algorithm=algorithm, token_duration=60)
    grants = [{"role": "launchpad_user", "entity_id": DEMO["account_id"]}]
    api_grants = [{"api_id": api["id"], "scopes": ["orders:read"]}]
    integration = create("/integrations", name=name, grants=grants, api_grants=api_grants)
    key = create(f"/integrations/{integration['id']}/keys", name="authlib")["key_file"]
    session = OAuth2Session(key["appClientId"], key["appClientSecret"], default_timeout=TIMEOUT)
    return identifier, session


def a7_pyjwt_verifies_the_token_that_authlib_gets_for_an_own_api():
    endpoint = ok(get("/.well-known/oauth-authorization-server")).json()["token_endpoint"]
    for algorithm in ("RS256", "ES256", "EdDSA"):
        identifier, session = own_api(algorithm)
        for name in ("resource", "audience"):
            granted = session.fetch_token(endpoint, grant_type="client_credentials", **{name: identifier})
            same((granted["expires_in"], granted["scope"]), (60, "orders:read"), algorithm)
            token = granted["access_token"]
            same(jwt.get_unverified_header(token)["typ"], "at+jwt", "typ")
            keys = jwt.PyJWKClient(f"{issuer()}/.well-known/jwks.json", timeout=TIMEOUT)
            options = {"require": ["iss", "sub", "aud", "client_id", "iat", "exp", "jti", "scope", "entity_path"]}
            expected = {"algorithms": [algorithm], "issuer": issuer(), "options": options}
            key = keys.get_signing_key_from_jwt(token)
            same(jwt.decode(token, key, audience=identifier, **expected)["scope"], "orders:read", algorithm)
            try:
                jwt.decode(token, key, audience=issuer(), **expected)
            except jwt.InvalidAudienceError:
                continue
            raise AssertionError("the booth is no audience")
        same(get("/admin/v1/entities", token).status_code, 401, "at the Admin API")


CHECKS = [
    f_the_vendors_request_with_an_empty_body,
    f_every_field_as_a_form,
    f_every_field_as_json,
    f_an_email_domain_alone,
    f_every_token_is_another_identity,
    f_wrong_expectations_are_refused,
    f_a_tampered_token_is_refused_by_both_sides,
    f_the_token_reads_its_own_assertions,
    f_a_signature_over_another_time_is_refused,
    f_a_launchpad_user_may_not_generate_tokens,
    k_the_key_file_is_redeemed,
    k_padding_is_optional,
    k_wrong_expectations_are_refused,
    k_the_token_is_a_bearer_token,
    k_a_wrong_key_is_refused_in_the_vendors_shape,
    v05_v09_a_token_verifies_under_its_site_s_secret_through_a_rotation,
    v03_v08_refusals_are_in_the_document_s_shape,
    s03_s04_tokens_of_pyjwt_count_and_ours_verify_there,
    s04_other_tokens_of_pyjwt_are_refused,
    tokens_of_one_window_do_not_open_the_other,
    a2_authlib_is_granted_introspects_and_revokes,
    a2_authlib_uses_the_token_as_a_bearer_token,
    a7_pyjwt_verifies_the_token_that_authlib_gets_for_an_own_api,
]


def passes(check):
    try:
        check()
    except Exception as error:  # noqa: BLE001 - whatever went wrong, the other checks still run
        print(f"FAIL {check.__name__}: {type(error).__name__}: {error}")
        return False
    print(f"ok   {check.__name__}")
    return True


def main():
    passed = sum(passes(check) for check in CHECKS)
    failed = len(CHECKS) - passed
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
