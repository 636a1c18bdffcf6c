"""Schemathesis hooks: authenticate every request as `openapi.yaml` requires, and send most requests to existing resources.

`TOKENBOOTH_URL` is the booth, `TOKENBOOTH_DEMO` the file that describes its demo tenant. Only resources that were created
here are changed or deleted, because the whole run needs the demo tenant.
"""

import base64
import copy
import hashlib
import hmac
import itertools
import json
import os
import re
import time
import uuid
import zlib
from collections import defaultdict

import requests
import schemathesis
from schemathesis import cli
from schemathesis.core.parameters import ParameterLocation
from schemathesis.engine import events
from schemathesis.generation.meta import TestPhase

BASE = os.environ["TOKENBOOTH_URL"].rstrip("/")
with open(os.environ["TOKENBOOTH_DEMO"], encoding="utf-8") as file:
    DEMO = json.load(file)

SIGNATURE_HEADERS = ("X-Frame-ClientId", "X-Frame-Timestamp", "X-Frame-Signature")
ID = re.compile(
    r"(?:customer|organization|account|integration|api|secure-anon|partner-key|partner|site|project|token-set)-[0-9a-f-]{36}|(?<=\"client_id\":\")[a-z2-7]{26}"
)
HTTP = requests.Session()


# Credentials


def signature():
    key = DEMO["admin_key"]
    timestamp = str(int(time.time()))
    message = timestamp + key["appClientId"]
    digest = hmac.new(key["appClientSecret"].encode(), message.encode(), hashlib.sha256).hexdigest()
    return dict(zip(SIGNATURE_HEADERS, (key["appClientId"], timestamp, digest), strict=True))


class Bearer:
    """A token that is requested again when it has less than 45 s left."""

    def __init__(self, request):
        self.request, self.token, self.expires = request, "", 0

    def header(self):
        if self.expires < time.time() + 45:
            self.token = self.request()
            payload = self.token.split(".")[1]
            self.expires = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["exp"]
        return {"Authorization": f"Bearer {self.token}"}


def send(method, path, **options):
    response = HTTP.request(method, BASE + path, timeout=20, **options)
    if not response.ok:
        raise RuntimeError(f"{method} {path}: {response.status_code} {response.text}")
    return response


def redeemed():
    return send("POST", "/v1/token", json={"apiKey": DEMO["admin_key"]["encodedKey"]}).json()["token"]


ACCESS = Bearer(redeemed)
ANONYMOUS = Bearer(lambda: send("POST", TOKEN_PATH, headers=signature()).json())
KEPT = itertools.cycle([ACCESS, ANONYMOUS])


def client_credentials():
    return {"Authorization": "Basic " + DEMO["admin_key"]["encodedKey"]}


def project_client():
    return {"Authorization": f"Basic {DEMO['project']['client_id']}:"}


def api_secret():
    return {"Authorization": f"Bearer {DEMO['project']['api_secret']}"}


PROOFS_OF_PROJECTS = itertools.cycle([ACCESS.header, lambda: {"Authorization": f"Bearer {API_SECRET}"}])


@schemathesis.auth(refresh_interval=None)
class Credentials:
    """Credentials for an operation. Where the operation accepts two kinds, they alternate."""

    def get(self, case, context):
        default = context.operation.schema.raw_schema["security"]
        requirements = context.operation.definition.raw.get("security", default)
        schemes = {name for requirement in requirements for name in requirement}
        if "anonymousToken" in schemes:
            return ANONYMOUS.header()
        if "clientCredentials" in schemes:
            return client_credentials()
        if {"apiSecret", "accessToken"} <= schemes:
            return next(PROOFS_OF_PROJECTS)()
        if schemes == {"accessToken"}:
            return ACCESS.header()
        if "partnerKey" in schemes:
            return {"x-api-key": DEMO["partner"]["api_key"]}
        if "projectClient" in schemes:
            # A call for a user's devices must be signed for that user, or come with the API secret.
            return api_secret() if "apiSecret" in schemes else project_client()
        if schemes == {"apiSecret"}:
            return api_secret()
        return signature() if "frameSignature" in schemes else None

    def set(self, case, data, context):
        for name in ("Authorization", "x-api-key", *SIGNATURE_HEADERS):
            case.headers.pop(name, None)
        case.headers.update(data)


# Resources for requests


def name():
    return f"fuzz {uuid.uuid4()}"


def make(path, **body):
    response = send("POST", f"/admin/v1/entities{path}", headers=ACCESS.header(), json=body)
    found = response.json()
    made = found.get("id") or found["client_id"]
    CREATED_IDS.add(made)
    KNOWN_IDS.add(made)
    return made, response.headers["ETag"]


def make_entity(parent):
    return make("", parent_id=parent, name=name())


def make_integration(entity):
    return make(f"/{entity}/integrations", name=name(), grants=[{"role": "auditor", "entity_id": entity}])


def make_key(entity, integration):
    return make(f"/{entity}/integrations/{integration}/keys", name=name())


def make_provider(entity):
    grants = [{"role": "launchpad_user", "entity_id": entity}]
    fields = {"description": name(), "token_duration": 60, "grants": grants}
    return make(f"/{entity}/providers", **fields, renewable=True, allow_subject=True)


def identifier():
    return f"https://fuzz.example/{uuid.uuid4()}"


def make_api(entity):
    return make(f"/{entity}/apis", name=name(), identifier=identifier(), scopes=[{"name": "fuzz"}])


def make_partner(entity):
    return make(f"/{entity}/partners", name=name())


def make_partner_key(entity, partner):
    return make(f"/{entity}/partners/{partner}/keys", name="fuzz")


def make_site(entity, partner):
    return make(f"/{entity}/partners/{partner}/sites", name=f"fuzz-{uuid.uuid4()}")


def make_project(entity):
    return make(f"/{entity}/projects", name=name())


def make_token_set(entity, project):
    return make(f"/{entity}/projects/{project}/token-sets", name=name(), app_keys=["fuzz"])


# All ids that exist or existed, and the ids that this run created, which it may change and delete.
CREATED_IDS = set()
KNOWN_IDS = set(ID.findall(json.dumps(DEMO))) | {DEMO[key]["appClientId"] for key in DEMO if key.endswith("_key")}
TOKEN_PATH = re.sub(r"^https?://[^/]+", "", DEMO["secure_anonymous"]["token_url"])

ORGANIZATION = make_entity(DEMO["customer_id"])[0]
ACCOUNT = make_entity(ORGANIZATION)[0]
ENTITIES = {"customer": DEMO["customer_id"], "organization": ORGANIZATION, "account": ACCOUNT}
PROVIDERS = {entity: make_provider(entity)[0] for entity in ENTITIES.values()}
INTEGRATION = make_integration(ACCOUNT)[0]
KEY = make_key(ACCOUNT, INTEGRATION)[0]
PERMANENT = {"entity_id": ACCOUNT, "integration_id": INTEGRATION, "client_id": KEY, "provider_id": PROVIDERS[ACCOUNT]}
API = make_api(ACCOUNT)[0]
PERMANENT |= {"api_id": API}
PARTNER = make_partner(ACCOUNT)[0]
PERMANENT |= {"partner_id": PARTNER, "key_id": make_partner_key(ACCOUNT, PARTNER)[0]}
PERMANENT |= {"site_id": make_site(ACCOUNT, PARTNER)[0]}
PROJECT = make_project(ACCOUNT)[0]
PERMANENT |= {"user": "fuzz", "project_id": PROJECT, "token_set_id": make_token_set(ACCOUNT, PROJECT)[0]}
PROJECT_PATH = f"/admin/v1/entities/{ACCOUNT}/projects/{PROJECT}"
CONTEXT = {"security_context": {"value": "fuzz"}}
send("PATCH", f"{PROJECT_PATH}/token-settings", headers=ACCESS.header(), json=CONTEXT)
API_SECRET = send("POST", f"{PROJECT_PATH}/rotate", headers=ACCESS.header(), json={}).json()["api_secret"]
CREATED_IDS.clear()


def temporary_resource(path):
    """The path parameters of a new resource to change or delete, and its ETag."""
    target = dict(PERMANENT)
    if "{integration_id}" in path:
        target["integration_id"], etag = make_integration(ACCOUNT)
        if "{client_id}" in path:
            target["client_id"], etag = make_key(ACCOUNT, target["integration_id"])
    elif "{provider_id}" in path:
        target["provider_id"], etag = make_provider(ACCOUNT)
    elif "{api_id}" in path:
        target["api_id"], etag = make_api(ACCOUNT)
    elif "{partner_id}" in path:
        target["partner_id"], etag = make_partner(ACCOUNT)
        if "{key_id}" in path:
            target["key_id"], etag = make_partner_key(ACCOUNT, target["partner_id"])
        if "{site_id}" in path:
            target["site_id"], etag = make_site(ACCOUNT, target["partner_id"])
    elif "{project_id}" in path:
        target["project_id"], etag = make_project(ACCOUNT)
        if "{token_set_id}" in path:
            target["token_set_id"], etag = make_token_set(ACCOUNT, target["project_id"])
    else:
        target["entity_id"], etag = make_entity(ORGANIZATION)
    return target, etag


def permanent_resource(path):
    """The path parameters of a resource that is never changed."""
    kind = re.match(r"/v1/(customer|organization|account)s/", path)
    if kind:
        entity = ENTITIES[kind[1]]
        return {"entity_id": entity, "provider_id": PROVIDERS[entity]}
    return PERMANENT


# Values of requests


def is_positive(case, location):
    component = case.meta.components.get(location) if case.meta else None
    return component is not None and component.mode.is_positive


def is_kept(case, value):
    """Whether to keep a generated value: a quarter of the fuzzed values, selected by a hash of the value."""
    return case.meta.phase.name == TestPhase.FUZZING and zlib.crc32(str(value).encode()) % 4 == 0


def changes_target(case):
    """Whether the call changes or deletes its target, or adds to a limited number of keys."""
    method, path = case.operation.method.upper(), case.operation.path
    return method in ("PATCH", "DELETE") or (method == "POST" and path.endswith(("/keys", "/rotate", "/token-sets")))


def keeps_path(case):
    """Whether to keep the generated path: it follows a link to a resource of this run, or is a fuzzed value to keep."""
    given = case.path_parameters
    target = given[re.findall(r"{(\w+)}", case.operation.path)[-1]]
    if changes_target(case) and target in KNOWN_IDS and target not in CREATED_IDS:
        return False
    if case.meta.phase.name == TestPhase.STATEFUL:
        return all(value in KNOWN_IDS for value in given.values())
    return is_kept(case, given)


def set_path(case):
    """Replaces the path parameters. Returns the ETag of a new target."""
    path = case.operation.path
    if not case.path_parameters or not is_positive(case, ParameterLocation.PATH) or keeps_path(case):
        return None
    target, etag = temporary_resource(path) if changes_target(case) else (permanent_resource(path), None)
    case.path_parameters = {name: target[name] for name in case.path_parameters}
    return etag


def set_headers(case, etag):
    given = case.headers.get("If-Match")
    if etag is None or given in (None, "*") or not is_positive(case, ParameterLocation.HEADER):
        return
    if not is_kept(case, given):
        case.headers["If-Match"] = etag


def set_query(case):
    if not case.query or not is_positive(case, ParameterLocation.QUERY):
        return
    query = dict(case.query)
    for name in ("parent_id", "entity_id"):
        if name in query and not is_kept(case, query[name]):
            query[name] = ENTITIES[query[name].split("-")[0]]
    if "deviceId" in query and not is_kept(case, query["deviceId"]):
        query = {**query, **device(case.operation.method.upper(), query)}
    if "cursor" in query:  # Only a cursor of the same list is valid. A schema cannot express this.
        others = {name: value for name, value in query.items() if name != "cursor"}
        query = {**others, **following_page(case.formatted_path, others)}
    case.query = query


def device(method, query):
    """A site that allows the method, and a device of the query's platform."""
    kind = "browser" if query["platform"] == "web_browser" else "app"
    own = query["deviceId"].split("-", 1)[1]
    return {"site": "example-site" if method == "GET" else DEMO["partner"]["site"], "deviceId": f"{kind}-{own}"}


def following_page(path, query):
    response = HTTP.get(BASE + path, headers=ACCESS.header(), params={**query, "limit": 1}, timeout=20)
    cursor = response.json().get("next_cursor")
    return {"cursor": cursor} if cursor else {}


def set_body(case):
    if not isinstance(case.body, dict) or not is_positive(case, ParameterLocation.BODY):
        return
    body = copy.deepcopy(case.body)
    if "parent_id" in body and not is_kept(case, body["parent_id"]):
        body["parent_id"] = ENTITIES[body["parent_id"].split("-")[0]]
    for member in ("name", "description", "token_set"):
        if isinstance(body.get(member), str):
            body[member] = readable(body[member])
    if "apiKey" in body and not is_kept(case, body["apiKey"]):
        body["apiKey"] = DEMO["admin_key"]["encodedKey"]
    if case.operation.path.startswith("/oauth2/"):
        set_form(body, case.operation.path)
    if "/providers" in case.operation.path and ("scopes" in body or body.get("api_id")):
        body["api_id"], body["scopes"] = API, ["fuzz"]
    if "/apis" in case.operation.path:
        set_api(body)
    if body.get("api_grants") and not is_kept(case, body["api_grants"]):
        body["api_grants"] = [{"api_id": API, "scopes": ["fuzz"]}]
    if isinstance(body.get("metadata"), str):
        body["metadata"] = with_names_once(body["metadata"])
    if "grants" in body and not is_kept(case, body["grants"]):
        roles = dict.fromkeys(grant["role"] for grant in body["grants"])
        body["grants"] = [{"role": role, "entity_id": case.path_parameters["entity_id"]} for role in roles]
    if "renew" in body:
        body = renewal(case.formatted_path)
    if "token_set" in body and not is_kept(case, body["token_set"]):
        del body["token_set"]
    if case.operation.path.endswith("/tokens/verify") and not is_kept(case, body):
        body = verifiable(body)
    case.body = body


def renewal(path):
    """A body with a token to renew. Only a token of the same provider can be renewed, without other fields."""
    response = HTTP.post(BASE + path, headers=signature(), timeout=20)
    return {"renew": response.json()} if response.ok else {}


def set_form(body, path):
    """Replaces half of the tokens by real ones. A token to revoke is new."""
    if "token" in body and zlib.crc32(str(body["token"]).encode()) % 2:
        kept = next(KEPT).header()["Authorization"].removeprefix("Bearer ")
        body["token"] = redeemed() if path == "/oauth2/revoke" else kept


def set_api(body):
    """Replaces what a schema cannot describe: a normalized URI, names that occur once, routes that are not ambiguous."""
    if "identifier" in body:
        body["identifier"] = identifier()
    if "scopes" in body:
        body["scopes"] = list({scope["name"]: scope for scope in body["scopes"]}.values())
        for scope in body["scopes"]:
            if "description" in scope:
                scope["description"] = readable(scope["description"])
    names = [scope["name"] for scope in body.get("scopes", [])]
    if "routes" in body:
        routes = list(body["routes"])[:1]
        body["routes"] = {route: names[:2] for route in routes} if names else {}
    if body.get("default_scopes"):
        body["default_scopes"] = names[:1]


def readable(text):
    """The text without characters that a name may not have. A pattern cannot exclude all of them."""
    return re.sub(r"[^ -~\u00a0\u00c0-\u017f\u0410-\u044f\u3041-\u3096\u4e00-\u9fff]", "x", text)


def with_names_once(text):
    """The same JSON object without repeated names. A schema cannot exclude them."""
    return json.dumps(json.loads(text), ensure_ascii=False) if text.strip() else text


def verifiable(body):
    """The body with a valid token in place of its own, in the context of the token."""
    request = {"fields": {"AppId": "fuzz", "UserName": "fuzz", "Display": "fuzz"}}
    headers = {"Authorization": f"Bearer {API_SECRET}"}
    built = send("POST", f"/v1/projects/{PROJECT}/combined-tokens", headers=headers, json=request).json()
    return {"XUT" if "XUT" in body else "XST": built["encrypted"], **({"XSC": "fuzz"} if "XSC" in body else {})}


@schemathesis.hook
def before_call(context, case, kwargs):
    etag = set_path(case)
    set_headers(case, etag)
    set_query(case)
    set_body(case)


# Responses

ANSWERS = defaultdict(set)


@schemathesis.hook
def after_call(context, case, response):
    if case.method.upper() == case.operation.method.upper():
        ANSWERS[case.operation.label].add(response.status_code)
    if response.status_code == 201:
        made = response.json()
        CREATED_IDS.add(made.get("id") or made.get("client_id") or made["appClientId"])
    KNOWN_IDS.update(ID.findall(response.content.decode(errors="replace")), CREATED_IDS)


@schemathesis.check
def error_code_conformance(ctx, response, case):
    """Fails if an error has a code that `x-error-codes` of its response does not list, or the `status` of another response."""
    schema = case.operation.schema.raw_schema
    declared = case.operation.definition.raw["responses"].get(str(response.status_code), {})
    if "$ref" in declared:
        declared = schema["components"]["responses"][declared["$ref"].rsplit("/", 1)[1]]
    codes = declared.get("x-error-codes")
    if codes is None or case.method.upper() == "HEAD":
        return
    body = response.json()
    code = body.get("code") or body.get("errorCode") or body["error"]
    assert code in codes, f"{response.status_code} has the code `{code}`; the contract has {codes}"
    assert body.get("status", response.status_code) == response.status_code, "`status` is another one"


@cli.handler()
class EveryOperationSucceeds(cli.EventHandler):
    """Fails the run if an operation never succeeded, because then its successful responses were not checked."""

    def handle_event(self, ctx, event):
        if not isinstance(event, events.EngineFinished):
            return
        failed = {label: seen for label, seen in sorted(ANSWERS.items()) if not any(200 <= code < 300 for code in seen)}
        for label, seen in failed.items():
            ctx.add_summary_line(f"never succeeded: {label} (answered {sorted(seen)})")
        ctx.add_summary_line(f"{len(ANSWERS) - len(failed)} of {len(ANSWERS)} operations succeeded at least once")
        if failed or not ANSWERS:
            ctx.exit_code = 1
