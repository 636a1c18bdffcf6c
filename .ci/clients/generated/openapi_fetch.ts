// Calls a booth with openapi-fetch and the types that openapi-typescript generated.
//
// usage: openapi_fetch.js URL DEMO_JSON
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";

import createClient from "openapi-fetch";

import type { paths } from "./types.js";

const [url, file] = process.argv.slice(2) as [string, string];
const demo = JSON.parse(readFileSync(file, "utf8"));
const key: string = demo.admin_key.encodedKey;
const path = { entity_id: demo.account_id as string };
const booth = createClient<paths>({ baseUrl: url });

// A token, and its claims.
const redeemed = await booth.POST("/v1/token", { body: { apiKey: key } });
assert(redeemed.data);
const introspected = await booth.POST("/oauth2/introspect", {
  body: { token: redeemed.data.token },
  headers: { Authorization: `Basic ${key}`, "Content-Type": "application/x-www-form-urlencoded" },
});
const claims = introspected.data;
assert(claims && "kind" in claims && claims.kind === "access");
assert.equal(claims.client_id, demo.admin_key.appClientId);

// Two integrations, in pages of one.
const headers = { Authorization: `Bearer ${redeemed.data.token}` };
const names = [randomUUID(), randomUUID()].map((id) => `generated ${id}`);
const ids: string[] = [];
for (const name of names) {
  const body = { name, grants: [{ role: "auditor" as const, entity_id: path.entity_id }] };
  const created = await booth.POST("/admin/v1/entities/{entity_id}/integrations", { params: { path }, headers, body });
  assert(created.data);
  ids.push(created.data.id);
}
const seen: string[] = [];
let cursor: string | undefined;
do {
  const query = { limit: 1, cursor };
  const page = await booth.GET("/admin/v1/entities/{entity_id}/integrations", { params: { path, query }, headers });
  assert(page.data);
  seen.push(...page.data.items.map((item) => item.name));
  cursor = page.data.next_cursor ?? undefined;
} while (cursor);
assert(names.every((name) => seen.includes(name)));

// An error of each kind.
const changed = await booth.PATCH("/admin/v1/entities/{entity_id}/integrations/{integration_id}", {
  params: { path: { ...path, integration_id: ids[0]! }, header: { "If-Match": '"99"' } },
  headers,
  body: { name: `generated ${randomUUID()}` },
});
assert.equal(changed.error?.code, "precondition_failed");
const refused = await booth.POST("/v1/token", { body: { apiKey: "YTpi" } });
assert.equal(refused.error?.errorCode, "invalid_api_key");
const client = await booth.POST("/oauth2/token", {
  body: { grant_type: "client_credentials" },
  headers: { Authorization: "Basic YTpi", "Content-Type": "application/x-www-form-urlencoded" },
});
assert.equal(client.error?.error, "invalid_client");
const device = await booth.POST("/identity/anonymous-token", {
  params: { query: { site: "demo-site", platform: "web_browser", deviceId: "browser-1" } },
  headers: { "x-api-key": "a" },
});
assert.equal(device.error?.error, "Missing or invalid API key");
