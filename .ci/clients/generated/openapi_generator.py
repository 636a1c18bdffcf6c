"""Calls a booth with the client that openapi-generator's `python` generated.

usage: openapi_generator.py URL DEMO_JSON
"""

import json
import sys
import uuid

from openapi_client import (
    AccessTokensApi,
    ActiveAccessToken,
    AnonymousTokenAPIApi,
    ApiClient,
    Configuration,
    CreateIntegrationRequest,
    DeviceError,
    Grant,
    IntegrationsApi,
    OAuthApi,
    OauthError,
    Problem,
    RedeemApiKeyRequest,
    RedeemError,
    RoleName,
    UpdateIntegrationRequest,
)
from openapi_client.exceptions import ApiException

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



def refusal(call, *arguments, **options):
    try:
        raise SystemExit(f"accepted: {call(*arguments, **options)}")
    except ApiException as error:
        return error.data


# An error of each kind.
change = UpdateIntegrationRequest(name=f"generated {uuid.uuid4()}")
problem = refusal(integrations.update_integration, account, created.id, change, if_match='"99"')
assert isinstance(problem, Problem) and problem.code == "precondition_failed", problem
refused = refusal(anyone.redeem_api_key, RedeemApiKeyRequest(apiKey="YTpi"))
assert isinstance(refused, RedeemError) and refused.error_code == "invalid_api_key", refused
stranger = Configuration(host=url, username="a", password="b", api_key={"partnerKey": "a"})
refused = refusal(OAuthApi(ApiClient(stranger)).exchange_credentials, grant_type="client_credentials")
assert isinstance(refused, OauthError) and refused.error == "invalid_client", refused
devices = AnonymousTokenAPIApi(ApiClient(stranger))
refused = refusal(devices.issue_device_token, "demo-site", "web_browser", "browser-1")
assert isinstance(refused, DeviceError) and refused.error == "Missing or invalid API key", refused
