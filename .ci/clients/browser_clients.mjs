// Tests a running booth from web pages in Chromium: only the browser itself shows what a page can read (A9).
//
// usage: browser_clients.mjs URL DEMO_JSON EXAMPLE   EXAMPLE is examples/signed-devices with its packages installed;
//                                                    CHROMIUM is the browser, /usr/bin/chromium unless set

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

import { chromium } from 'playwright-core';

const base = process.argv[2].replace(/\/$/, '');
const demo = JSON.parse(await readFile(process.argv[3], 'utf8'));
const example = process.argv[4];

// What no page has: the administrator's and the server's requests

async function answer(path, options) {
  const response = await fetch(base + path, options);
  const text = await response.text();
  assert.ok(response.ok, `${path}: ${response.status} ${text}`);
  return JSON.parse(text);
}

const json = (authorization, body) => ({
  method: 'POST', headers: { authorization, 'content-type': 'application/json' }, body: JSON.stringify(body),
});

async function created(collection, body) {
  const key = JSON.stringify({ apiKey: demo.admin_key.encodedKey });
  const headers = { 'content-type': 'application/json' };
  const { token } = await answer('/v1/token', { method: 'POST', headers, body: key });
  return answer(`/admin/v1/entities/${demo.account_id}/${collection}`, json(`Bearer ${token}`, body));
}

async function anonymousToken(provider) {
  const { appClientId, appClientSecret } = demo.admin_key;
  const timestamp = Math.floor(Date.now() / 1000).toString();
  const signature = createHmac('sha256', appClientSecret).update(timestamp + appClientId).digest('hex');
  const headers = { 'X-Frame-ClientId': appClientId, 'X-Frame-Timestamp': timestamp, 'X-Frame-Signature': signature };
  return answer(new URL(provider.token_url).pathname, { method: 'POST', headers });
}

const signed = async (user) => (await answer('/token/sign', json(`Bearer ${project.api_secret}`, { user }))).secret;

const devices = (user) =>
  answer(`/v2/access/user/${user}/attached_devices`, { headers: { authorization: `Bearer ${project.api_secret}` } });

// The calls of a page

async function calls() {
  const user = randomUUID();
  const [token, event] = [`Basic ${project.client_id}:${await signed(user)}`, `Basic ${project.client_id}:${await signed(randomUUID())}`];
  const bearer = { headers: { authorization: `Bearer ${await anonymousToken(provider)}` } };
  return {
    user,
    attach: ['/v2/access', json(token, { user, device_id: 'page' })],
    list: [`/v2/access/user/${user}/attached_devices?limit=1`, { headers: { authorization: token } }],
    identify: ['/v2/identity', json(event, { device_id: 'page' })],
    detach: ['/v2/access/detach', json(token, { user, device: 'page' })],
    assertions: ['/v1/me/assertions', bearer],
  };
}

// Sends a call from a page or a frame. Returns what its script can read, or the name of the error.
const send = (frame, [path, options]) =>
  frame.evaluate(async ([url, request]) => {
    try {
      const response = await fetch(url, request);
      return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.json() };
    } catch (error) {
      return error.name;
    }
  }, [base + path, options]);

// Serves an empty page, and returns its origin. Two ports are two origins.
async function servedPage() {
  const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<title>page</title>'));
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  servers.push(server);
  return `http://127.0.0.1:${server.address().port}`;
}

async function pageOf(site) {
  const page = await (await browser.newContext()).newPage();
  await page.goto(site);
  assert.equal(await page.evaluate(() => self.origin), site);
  return page;
}

const checks = [];
const test = (name, check) => checks.push([name, check]);

test('a9_a_page_of_an_allowed_origin_attaches_lists_identifies_detaches_and_reads_assertions', async () => {
  const [page, { user, ...sent }] = [await pageOf(allowed), await calls()];
  const attached = await send(page, sent.attach);
  assert.deepEqual([attached.status, attached.body.attached_devices], [200, 1]);
  assert.match(attached.headers.ratelimit, /"user";r=[0-9]+/);
  const listed = await send(page, sent.list);
  assert.deepEqual([listed.status, listed.body.map((device) => device._id)], [200, ['page']]);
  assert.equal((await send(page, sent.identify)).body.confidence, 0.75);
  assert.equal((await send(page, sent.detach)).body.attached_devices, 0);
  assert.deepEqual(await devices(user), []);
  const assertions = await send(page, sent.assertions);
  assert.deepEqual([assertions.status, assertions.body.provider_id], [200, provider.id]);
});

test('a9_a_page_of_an_allowed_origin_reads_why_a_call_is_refused', async () => {
  const [page, body] = [await pageOf(allowed), { user: 'ada' }];
  const unsigned = await send(page, ['/v2/access', json(`Basic ${project.client_id}:`, body)]);
  assert.deepEqual([unsigned.status, unsigned.body.code], [401, 'invalid_credentials']);
  assert.match(unsigned.headers['www-authenticate'], /^Basic realm="tokenbooth"/);
  const token = await signed('ada');
  const malformed = await send(page, ['/v2/access', json(`Basic ${project.client_id}:${token}`, { user: 1 })]);
  assert.deepEqual([malformed.status, malformed.body.field], [400, 'user']);
  const limited = (await created('projects', { name: randomUUID(), unsigned_rate_limit: { requests: 1, seconds: 86400 }, allowed_origins: [allowed] })).client_id;
  assert.equal((await send(page, ['/v2/access', json(`Basic ${limited}:`, body)])).status, 200);
  const refused = await send(page, ['/v2/access', json(`Basic ${limited}:`, body)]);
  assert.deepEqual([refused.status, refused.body.code], [429, 'quota_exceeded']);
  assert.ok(Number(refused.headers['retry-after']) > 0);
});

async function isStopped(frame) {
  const { user, ...sent } = await calls();
  for (const [name, call] of Object.entries(sent)) assert.equal(await send(frame, call), 'TypeError', name);
  assert.deepEqual(await devices(user), [], 'nothing is attached');
}

test('a9_a_page_of_another_origin_is_stopped', async () => isStopped(await pageOf(await servedPage())));

test('a9_a_sandboxed_frame_of_an_allowed_page_is_stopped', async () => {
  const page = await pageOf(allowed);
  await page.setContent('<iframe sandbox="allow-scripts" srcdoc="<title>frame</title>"></iframe>');
  const frame = page.frames().find((candidate) => candidate !== page.mainFrame());
  assert.equal(await frame.evaluate(() => self.origin), 'null');
  await isStopped(frame);
});

test('a9_a_page_from_a_file_is_stopped', async () => {
  const page = await (await browser.newContext()).newPage();
  await page.goto('file:///');
  assert.equal(await page.evaluate(() => self.origin), 'null');
  await isStopped(page);
});

test('a9_v10_a_page_of_an_allowed_origin_uses_no_other_route', async () => {
  const page = await pageOf(allowed);
  const { partner, admin_key: key } = demo;
  const query = new URLSearchParams({ site: partner.site, platform: 'web_browser', deviceId: 'browser-1' });
  const secret = `Bearer ${project.api_secret}`;
  const client = `Basic ${btoa(`${key.appClientId}:${key.appClientSecret}`)}`;
  for (const call of [
    [`/identity/anonymous-token?${query}`, { method: 'POST', headers: { 'x-api-key': partner.api_key } }],
    ['/oauth2/introspect', { method: 'POST', headers: { authorization: client }, body: new URLSearchParams({ token: 'x' }).toString() }],
    ['/token/sign', json(secret, { user: 'ada' })],
    ['/v2/proj/access-history?user=ada', { headers: { authorization: secret } }],
    ['/admin/v1/roles', { headers: { authorization: secret } }],
  ]) {
    assert.equal(await send(page, call), 'TypeError', call[0]);
  }
  assert.equal((await send(page, ['/.well-known/jwks.json', {}])).status, 200, 'a public document');
});

// A port that was free a moment ago.
async function freePort() {
  const site = await servedPage();
  servers.pop().close();
  return new URL(site).port;
}

test('a9_the_page_of_the_example_attaches_its_device_and_shows_the_history', async () => {
  const port = await freePort();
  const own = await created('projects', {
    name: randomUUID(), require_signed_tokens: true, allowed_origins: [`http://127.0.0.1:${port}`],
  });
  const env = {
    ...process.env, PORT: port, TOKENBOOTH_URL: base, TOKENBOOTH_PROJECT_CLIENT_ID: own.client_id,
    TOKENBOOTH_API_SECRET: own.api_secret,
  };
  const server = spawn(process.execPath, ['server.mjs'], { cwd: example, env, stdio: 'inherit' });
  try {
    const page = await (await browser.newContext()).newPage();
    while (!(await page.goto(`http://127.0.0.1:${port}`).catch(() => false))) assert.equal(server.exitCode, null);
    await page.waitForSelector('#history li');
    assert.equal(await page.textContent('#state'), '1 of 2 devices');
    assert.match(await page.textContent('#history li'), /: attach [0-9a-f-]{36}$/);
    await page.reload();
    await page.waitForSelector('#history li:nth-child(2)');
    assert.equal(await page.textContent('#state'), '1 of 2 devices', 'the same device');
  } finally {
    server.kill();
  }
});

async function passes([name, check]) {
  try {
    await check();
  } catch (error) {
    console.log(`FAIL ${name}: ${error.stack}`);
    return false;
  }
  console.log(`ok   ${name}`);
  return true;
}

const servers = [];
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync',
  ],
});
let passed = 0;
const allowed = await servedPage();
const project = await created('projects', { name: randomUUID(), require_signed_tokens: true, allowed_origins: [allowed] });
const provider = await created('providers', {
  description: randomUUID(), token_duration: 600, allowed_origins: [allowed],
  grants: [{ role: 'launchpad_user', entity_id: demo.account_id }],
});
try {
  for (const check of checks) if (await passes(check)) passed += 1;
} finally {
  await browser.close();
  servers.forEach((server) => server.close());
}
console.log(`${passed} passed, ${checks.length - passed} failed`);
process.exitCode = passed < checks.length ? 1 : 0;
