"""Calls a booth with the client that openapi-python-client generated.

usage: openapi_python_client.py URL DEMO_JSON
"""

import json
import sys
import uuid

from tokenbooth_client import AuthenticatedClient, Client
from tokenbooth_client.api.access_tokens import redeem_api_key
from tokenbooth_client.api.anonymous_token_api import issue_device_token
from tokenbooth_client.api.integrations import create_integration, list_integrations, update_integration
from tokenbooth_client.api.o_auth import exchange_credentials, introspect_token
from tokenbooth_client.models import (
    ActiveAccessToken,
    ClientCredentialsRequest,
    CreateIntegrationBody,
    DeviceError,
    Grant,
    IssueDeviceTokenPlatform,
    OauthError,
    PresentedToken,
    Problem,
    ProblemCode,
    RedeemApiKeyBody,
    RedeemError,
    RoleName,
    UpdateIntegrationBody,
)

url, demo = sys.argv[1], json.load(open(sys.argv[2], encoding="utf-8"))
account, key = demo["account_id"], demo["admin_key"]["encodedKey"]
anyone = Client(base_url=url)

# A token, and its claims.
token = redeem_api_key.sync(client=anyone, body=RedeemApiKeyBody(api_key=key)).token
introspector = AuthenticatedClient(base_url=url, token=key, prefix="Basic")
claims = introspect_token.sync(client=introspector, body=PresentedToken(token=token))
assert isinstance(claims, ActiveAccessToken) and claims.client_id == demo["admin_key"]["appClientId"], claims

# Two integrations, in pages of one.
admin = AuthenticatedClient(base_url=url, token=token)
names = {f"generated {uuid.uuid4()}" for _ in range(2)}
for name in names:
    body = CreateIntegrationBody(name=name, grants=[Grant(role=RoleName.AUDITOR, entity_id=account)])
    created = create_integration.sync(account, client=admin, body=body)
seen, cursor = [], None
while True:
    more = {} if cursor is None else {"cursor": cursor}
    page = list_integrations.sync(account, client=admin, limit=1, **more)
    seen += [item.name for item in page.items]
    cursor = page.next_cursor
    if cursor is None:
        break
assert names <= set(seen), seen

# An error of each kind.
body = UpdateIntegrationBody(name=f"generated {uuid.uuid4()}")
problem = update_integration.sync(account, created.id, client=admin, body=body, if_match='"99"')
assert isinstance(problem, Problem) and problem.code is ProblemCode.PRECONDITION_FAILED, problem
refused = redeem_api_key.sync(client=anyone, body=RedeemApiKeyBody(api_key="YTpi"))
assert isinstance(refused, RedeemError) and refused.error_code == "invalid_api_key", refused
stranger = AuthenticatedClient(base_url=url, token="YTpi", prefix="Basic")
body = ClientCredentialsRequest(grant_type="client_credentials")
refused = exchange_credentials.sync(client=stranger, body=body)
assert isinstance(refused, OauthError) and refused.error == "invalid_client", refused
stranger = AuthenticatedClient(base_url=url, token="a", prefix="", auth_header_name="x-api-key")
browser = {"platform": IssueDeviceTokenPlatform.WEB_BROWSER, "device_id": "browser-1"}
refused = issue_device_token.sync(client=stranger, site="demo-site", **browser)
assert isinstance(refused, DeviceError) and refused.error == "Missing or invalid API key", refused
