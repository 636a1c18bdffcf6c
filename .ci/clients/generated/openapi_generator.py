"""Calls a booth with the client that openapi-generator's `python` generated.

usage: openapi_generator.py URL DEMO_JSON
"""

import json
import sys
import uuid

from openapi_client import (
    AccessTokensApi,
    ActiveAccessToken,
    ApiClient,
    Configuration,
    CreateIntegrationRequest,
    Grant,
    IntegrationsApi,
    OAuthApi,
    Problem,
    RedeemApiKeyRequest,
    RedeemError,
    RoleName,
    UpdateIntegrationRequest,
)
from openapi_client.exceptions import ApiException, UnauthorizedException

url, demo = sys.argv[1], json.load(open(sys.argv[2], encoding="utf-8"))
account, key = demo["account_id"], demo["admin_key"]

# A token, and its claims.
anyone = AccessTokensApi(ApiClient(Configuration(host=url)))
token = anyone.redeem_api_key(RedeemApiKeyRequest(apiKey=key["encodedKey"])).token
basic = Configuration(host=url, username=key["appClientId"], password=key["appClientSecret"])
claims = OAuthApi(ApiClient(basic)).introspect_token(token=token).actual_instance
assert isinstance(claims, ActiveAccessToken) and claims.client_id == key["appClientId"], claims

# Two integrations, in pages of one.
integrations = IntegrationsApi(ApiClient(Configuration(host=url, access_token=token)))
names = {f"generated {uuid.uuid4()}" for _ in range(2)}
for name in names:
    grant = Grant(role=RoleName.AUDITOR, entity_id=account)
    created = integrations.create_integration(account, CreateIntegrationRequest(name=name, grants=[grant]))
seen, cursor = [], None
while True:
    page = integrations.list_integrations(account, limit=1, cursor=cursor)
    seen += [item.name for item in page.items]
    cursor = page.next_cursor
    if cursor is None:
        break
assert names <= set(seen), seen

# Errors.
change = UpdateIntegrationRequest(name=f"generated {uuid.uuid4()}")
try:
    integrations.update_integration(account, created.id, change, if_match='"99"')
    raise SystemExit("a change of another version was accepted")
except ApiException as error:
    assert isinstance(error.data, Problem) and error.data.code == "precondition_failed", error
try:
    anyone.redeem_api_key(RedeemApiKeyRequest(apiKey="YTpi"))
    raise SystemExit("a wrong key was accepted")
except UnauthorizedException as error:
    assert isinstance(error.data, RedeemError) and error.data.error_code == "invalid_api_key", error
