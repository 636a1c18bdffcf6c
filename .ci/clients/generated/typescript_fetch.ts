// Calls a booth with the client that openapi-generator's `typescript-fetch` generated.
//
// usage: typescript_fetch.js URL DEMO_JSON
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";

import {
  AccessTokensApi,
  AnonymousTokenAPIApi,
  Configuration,
  DeviceErrorErrorEnum,
  DeviceErrorFromJSON,
  IntegrationsApi,
  IssueDeviceTokenPlatformEnum,
  OAuthApi,
  OauthErrorErrorEnum,
  OauthErrorFromJSON,
  ProblemCodeEnum,
  ProblemFromJSON,
  RedeemErrorErrorCodeEnum,
  RedeemErrorFromJSON,
  ResponseError,
} from "./client/index.js";

const [basePath, file] = process.argv.slice(2) as [string, string];
const demo = JSON.parse(readFileSync(file, "utf8"));
const { appClientId, appClientSecret, encodedKey } = demo.admin_key;
const entityId: string = demo.account_id;

/** The body of the error that a call is answered with. */
async function refusal(call: Promise<unknown>): Promise<unknown> {
  const error = await call.then(() => undefined, (error: unknown) => error);
  assert(error instanceof ResponseError);
  return error.response.json();
}

// A token, and its claims.
const accessTokens = new AccessTokensApi(new Configuration({ basePath }));
const { token } = await accessTokens.redeemApiKey({ redeemApiKeyRequest: { apiKey: encodedKey } });
const oauth = new OAuthApi(new Configuration({ basePath, username: appClientId, password: appClientSecret }));
const claims = await oauth.introspectToken({ token });
assert("clientId" in claims && claims.kind === "access");
assert.equal(claims.clientId, appClientId);

// Two integrations, in pages of one.
const integrations = new IntegrationsApi(new Configuration({ basePath, accessToken: token }));
const names = [randomUUID(), randomUUID()].map((id) => `generated ${id}`);
const ids: string[] = [];
for (const name of names) {
  const createIntegrationRequest = { name, grants: new Set([{ role: "auditor" as const, entityId }]) };
  ids.push((await integrations.createIntegration({ entityId, createIntegrationRequest })).id);
}
const seen: string[] = [];
let cursor: string | undefined;
do {
  const page = await integrations.listIntegrations({ entityId, limit: 1, cursor });
  seen.push(...page.items.map((item) => item.name));
  cursor = page.nextCursor ?? undefined;
} while (cursor);
assert(names.every((name) => seen.includes(name)));

// An error of each kind.
const updateIntegrationRequest = { name: `generated ${randomUUID()}` };
const change = { entityId, integrationId: ids[0]!, ifMatch: '"99"', updateIntegrationRequest };
const problem = ProblemFromJSON(await refusal(integrations.updateIntegration(change)));
assert.equal(problem.code, ProblemCodeEnum.PreconditionFailed);
const wrong = accessTokens.redeemApiKey({ redeemApiKeyRequest: { apiKey: "YTpi" } });
assert.equal(RedeemErrorFromJSON(await refusal(wrong)).errorCode, RedeemErrorErrorCodeEnum.InvalidApiKey);
const stranger = new Configuration({ basePath, username: "a", password: "b", apiKey: "a" });
const client = new OAuthApi(stranger).exchangeCredentials({ grantType: "client_credentials" });
assert.equal(OauthErrorFromJSON(await refusal(client)).error, OauthErrorErrorEnum.InvalidClient);
const browser = { platform: IssueDeviceTokenPlatformEnum.WebBrowser, deviceId: "browser-1" };
const device = new AnonymousTokenAPIApi(stranger).issueDeviceToken({ site: "demo-site", ...browser });
assert.equal(DeviceErrorFromJSON(await refusal(device)).error, DeviceErrorErrorEnum.MissingOrInvalidApiKey);
