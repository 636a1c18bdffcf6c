// Tests a running booth with npm's JWT and OAuth libraries.
//
// usage: node_clients.mjs URL DEMO_JSON

import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { JwtVerifier } from 'aws-jwt-verify';
import { JwtInvalidAudienceError, JwtInvalidIssuerError, JwtInvalidSignatureError } from 'aws-jwt-verify/error';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import * as jose from 'jose';
import * as oauth from 'oauth4webapi';

const base = process.argv[2].replace(/\/$/, '');
const demo = JSON.parse(await readFile(process.argv[3], 'utf8'));
const tokenPath = new URL(demo.secure_anonymous.token_url, base).pathname;

const anonymousClaims = [
  'iss', 'sub', 'aud', 'iat', 'nbf', 'exp', 'jti', 'provider_id', 'entity_id', 'roles', 'scope', 'email', 'anonymous',
];
const accessClaims = [
  'sub', 'token_use', 'scope', 'auth_time', 'iss', 'exp', 'iat', 'version', 'jti', 'client_id', 'aud',
];

const clientClaims = ['iss', 'sub', 'aud', 'client_id', 'iat', 'exp', 'jti', 'scope'];

// Requests

function signedHeaders({ appClientId, appClientSecret }) {
  const timestamp = Math.floor(Date.now() / 1000).toString();
  const signature = createHmac('sha256', appClientSecret).update(timestamp + appClientId).digest('hex');
  return { 'X-Frame-ClientId': appClientId, 'X-Frame-Timestamp': timestamp, 'X-Frame-Signature': signature };
}

async function answer(path, options = {}) {
  const response = await fetch(base + path, options);
  const text = await response.text();
  assert.equal(response.status, 200, `${options.method ?? 'GET'} ${path}: ${response.status} ${text}`);
  return JSON.parse(text);
}

const anonymousToken = (body) =>
  answer(tokenPath, { method: 'POST', headers: signedHeaders(demo.api_key), body });

const accessToken = async () => {
  const body = JSON.stringify({ apiKey: demo.api_key.encodedKey });
  const { token } = await answer('/v1/token', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
  return token;
};

const clientToken = async (more = {}) => {
  const { appClientId: id, appClientSecret: secret } = demo.api_key;
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: secret, ...more });
  return (await answer('/oauth2/token', { method: 'POST', body })).access_token;
};

const metadata = () => answer('/.well-known/openid-configuration');

// The token with another id under the old signature.
function tampered(token) {
  const [header, payload, signature] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const changed = Buffer.from(JSON.stringify({ ...claims, jti: randomUUID() })).toString('base64url');
  return [header, changed, signature].join('.');
}

// Every kind of token with a public key: how to get one, its algorithm, and its required claims.
const windows = {
  F: { token: () => anonymousToken(), algorithm: 'EdDSA', requiredClaims: anonymousClaims },
  K: { token: accessToken, algorithm: 'RS256', requiredClaims: accessClaims },
  A2: { token: () => clientToken(), algorithm: 'RS256', requiredClaims: clientClaims, typ: 'at+jwt' },
  A7: {
    token: () => clientToken({ resource: demo.api.identifier }),
    algorithm: 'RS256',
    requiredClaims: [...clientClaims, 'api_id', 'integration_id', 'entity_path'],
    typ: 'at+jwt',
    audience: demo.api.identifier,
  },
};

// jose

async function joseVerify(token, { algorithm, requiredClaims, typ = 'JWT', audience }, changed = {}) {
  const { issuer, jwks_uri } = await metadata();
  const keys = jose.createRemoteJWKSet(new URL(jwks_uri));
  const expected = { algorithms: [algorithm], issuer, audience: audience ?? issuer, requiredClaims, typ };
  return jose.jwtVerify(token, keys, { ...expected, ...changed });
}

async function joseVerifies(window) {
  const { payload, protectedHeader } = await joseVerify(await window.token(), window);
  assert.equal(protectedHeader.alg, window.algorithm);
  assert.ok(protectedHeader.kid);
  return payload;
}

async function joseReadsAnonymousClaims() {
  const body = new URLSearchParams({ first_name: 'Ada', metadata: '{"seats":3}', email_domain: 'example.org' });
  const { payload } = await joseVerify(await anonymousToken(body), windows.F);
  assert.equal(payload.anonymous, true);
  assert.equal(payload.provider_id, demo.secure_anonymous.provider_id);
  assert.equal(payload.first_name, 'Ada');
  assert.match(payload.email, /@example\.org$/);
  assert.deepEqual(payload.metadata, { seats: 3 });
}

async function joseReadsAccessClaims() {
  const payload = await joseVerifies(windows.K);
  assert.equal(payload.sub, demo.api_key.appClientId);
  assert.equal(payload.client_id, demo.api_key.appClientId);
  assert.equal(payload.token_use, 'access');
  assert.equal(payload.version, 2);
  assert.equal(payload.exp, payload.iat + 300);
}

async function joseRefuses(window) {
  const token = await window.token();
  const other = 'https://other.example';
  const otherAlgorithm = window.algorithm === 'EdDSA' ? 'RS256' : 'EdDSA';
  const claim = (name) => ({ code: 'ERR_JWT_CLAIM_VALIDATION_FAILED', claim: name });
  await assert.rejects(joseVerify(token, window, { audience: other }), claim('aud'));
  await assert.rejects(joseVerify(token, window, { issuer: other }), claim('iss'));
  await assert.rejects(joseVerify(token, window, { algorithms: [otherAlgorithm] }), { code: 'ERR_JOSE_ALG_NOT_ALLOWED' });
  await assert.rejects(joseVerify(tampered(token), window), { code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' });
}

async function thumbprintsName() {
  const { keys } = await answer('/.well-known/jwks.json');
  assert.ok(keys.length >= 2, 'a key for each algorithm');
  for (const key of keys) {
    assert.equal(key.kid, await jose.calculateJwkThumbprint(key));
    assert.equal(key.use, 'sig');
    for (const secret of ['d', 'p', 'q', 'k']) assert.ok(!(secret in key), `${secret} is published`);
  }
}

// jose and window V's tokens, under a shared secret

async function made(path, body) {
  const headers = { Authorization: `Bearer ${await accessToken()}`, 'Content-Type': 'application/json' };
  const url = `${base}/admin/v1/entities/${demo.account_id}/partners${path}`;
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  assert.equal(response.status, 201, path);
  return response.json();
}

async function joseVerifiesADevice() {
  const partner = await made('', { name: `jose ${randomUUID()}` });
  const { api_key } = await made(`/${partner.id}/keys`, { name: 'first' });
  const site = await made(`/${partner.id}/sites`, { name: 'example-site' });
  const query = new URLSearchParams({ site: 'example-site', platform: 'iOS', deviceId: 'app-unique_id_5678' });
  const path = `/identity/anonymous-token?${query}`;
  const { authorizationToken } = await answer(path, { method: 'POST', headers: { 'x-api-key': api_key } });
  const secret = (text) => new TextEncoder().encode(text);
  const { issuer } = await metadata();
  const requiredClaims = ['site', 'siteId', 'userId', 'ipaddresses', 'iat', 'expiration', 'exp', 'jti'];
  const expected = { algorithms: ['HS256'], issuer, requiredClaims, typ: 'JWT' };
  const { payload, protectedHeader } = await jose.jwtVerify(authorizationToken, secret(site.secret), expected);
  assert.deepEqual(protectedHeader, { alg: 'HS256', typ: 'JWT' });
  assert.equal(payload.siteId, site.id);
  assert.equal(payload.exp, payload.iat + 3600);
  const other = await made(`/${partner.id}/sites`, { name: 'other-site' });
  const unverified = { code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' };
  await assert.rejects(jose.jwtVerify(authorizationToken, secret(other.secret), expected), unverified);
  await assert.rejects(jose.jwtVerify(tampered(authorizationToken), secret(site.secret), expected), unverified);
}

async function joseSignsForAProject() {
  const { client_id, api_secret, id } = demo.project;
  const key = (text) => new TextEncoder().encode(text);
  const sign = (alg, secret) => new jose.SignJWT({ user: 'jose' }).setProtectedHeader({ alg }).sign(key(secret));
  const attach = async (token) => {
    const headers = { authorization: `Basic ${client_id}:${token}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ user: 'jose', device_id: randomUUID() });
    const { device_id } = await answer('/v2/access', { method: 'POST', headers, body });
    const bearer = { authorization: `Bearer ${api_secret}` };
    const { docs } = await answer(`/v2/proj/access-history?device=${device_id}`, { headers: bearer });
    assert.equal(docs[0].project, id);
    return [docs[0].signed, docs[0].reason];
  };
  assert.deepEqual(await attach(await sign('HS256', api_secret)), [true, undefined]);
  assert.deepEqual(await attach(await sign('HS512', api_secret)), [false, 'other_algorithm']);
  assert.deepEqual(await attach(await sign('HS256', 'x'.repeat(64))), [false, 'wrong_signature']);
  assert.deepEqual(await attach(new jose.UnsecuredJWT({ user: 'jose' }).encode()), [false, 'other_algorithm']);
  const headers = { authorization: `Bearer ${api_secret}`, 'content-type': 'application/json' };
  const { secret } = await answer('/token/sign', { method: 'POST', headers, body: '{"user":"jose"}' });
  const { payload, protectedHeader } = await jose.jwtVerify(secret, key(api_secret), { algorithms: ['HS256'], typ: 'JWT' });
  assert.deepEqual([payload.user, protectedHeader.kid], ['jose', client_id]);
  assert.deepEqual(await attach(secret), [true, undefined]);
}

// oauth4webapi: discovery as it stands in OpenID Connect Discovery 1.0 and in RFC 8414

async function oauthDiscovers(algorithm) {
  const issuer = new URL(base);
  const options = { algorithm, [oauth.allowInsecureRequests]: true };
  const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options));
  const { keys } = await (await fetch(server.jwks_uri)).json();
  assert.ok(keys.length >= 2, 'a key for each algorithm');
  assert.deepEqual(server.id_token_signing_alg_values_supported, ['RS256', 'ES256', 'EdDSA']);
  assert.deepEqual(server.subject_types_supported, ['public']);
  assert.ok(Array.isArray(server.scopes_supported));
}

// oauth4webapi: the client credentials grant, introspection and revocation

async function oauthServer() {
  const options = { algorithm: 'oauth2', [oauth.allowInsecureRequests]: true };
  return oauth.processDiscoveryResponse(new URL(base), await oauth.discoveryRequest(new URL(base), options));
}

const insecure = { [oauth.allowInsecureRequests]: true };

async function oauthGrants(authentication, scope) {
  const server = await oauthServer();
  const client = { client_id: demo.api_key.appClientId };
  const proof = authentication(demo.api_key.appClientSecret);
  const parameters = scope ? { scope } : {};
  const granted = await oauth.clientCredentialsGrantRequest(server, client, proof, parameters, insecure);
  return oauth.processClientCredentialsResponse(server, client, granted);
}

async function oauthUses(authentication) {
  const { access_token: token, expires_in: seconds, scope } = await oauthGrants(authentication, 'token:rw entity:r');
  assert.equal(seconds, 300);
  assert.equal(scope, 'entity:r token:rw');
  const server = await oauthServer();
  const client = { client_id: demo.api_key.appClientId };
  const proof = authentication(demo.api_key.appClientSecret);
  const introspected = async (about) => {
    const response = await oauth.introspectionRequest(server, client, proof, about, insecure);
    return oauth.processIntrospectionResponse(server, client, response);
  };
  for (const about of [token, await accessToken(), await anonymousToken()]) {
    assert.equal((await introspected(about)).active, true);
    const revoked = await oauth.revocationRequest(server, client, proof, about, insecure);
    assert.equal(await oauth.processRevocationResponse(revoked), undefined);
    assert.deepEqual(await introspected(about), { active: false });
  }
  const wrong = oauthGrants(() => authentication('wrong'));
  await assert.rejects(wrong, (error) => error.error === 'invalid_client' || error.status === 401);
  await assert.rejects(oauthGrants(authentication, 'launchpad:r'), { error: 'invalid_scope' });
}

async function oauthValidates() {
  const { access_token: token } = await oauthGrants(oauth.ClientSecretBasic);
  const server = await oauthServer();
  const headers = { authorization: `Bearer ${token}` };
  const claims = await oauth.validateJwtAccessToken(server, new Request(base, { headers }), server.issuer, {
    ...insecure,
    signingAlgorithms: ['RS256'],
  });
  assert.equal(claims.client_id, demo.api_key.appClientId);
}

// aws-jwt-verify: its own fetcher supports only https, so for a booth on loopback `fetch` gets the JWKS.

const jwksCache = () => new SimpleJwksCache({ fetcher: { fetch: async (uri) => (await fetch(uri)).arrayBuffer() } });

async function awsVerifier(changed = {}) {
  const { issuer, jwks_uri } = await metadata();
  return JwtVerifier.create({ issuer, audience: issuer, jwksUri: jwks_uri, ...changed }, { jwksCache: jwksCache() });
}

async function awsVerifies(window) {
  const token = await window.token();
  const own = window.audience ? { audience: window.audience } : {};
  const payload = await (await awsVerifier(own)).verify(token);
  for (const claim of window.requiredClaims) assert.ok(claim in payload, `${claim} is missing`);
  const other = 'https://other.example';
  await assert.rejects((await awsVerifier({ audience: other })).verify(token), JwtInvalidAudienceError);
  await assert.rejects((await awsVerifier({ ...own, issuer: other })).verify(token), JwtInvalidIssuerError);
  await assert.rejects((await awsVerifier(own)).verify(tampered(token)), JwtInvalidSignatureError);
}

const checks = {
  'jose verifies an anonymous token': () => joseVerifies(windows.F),
  'jose reads the claims of an anonymous token': joseReadsAnonymousClaims,
  'jose refuses wrong expectations and a tampered anonymous token': () => joseRefuses(windows.F),
  'jose reads the claims of an access token': joseReadsAccessClaims,
  'jose refuses wrong expectations and a tampered access token': () => joseRefuses(windows.K),
  'jose finds every key named by its thumbprint': thumbprintsName,
  'jose verifies a device token under the secret of its site, and no other': joseVerifiesADevice,
  'jose signs tokens that count, and verifies ours': joseSignsForAProject,
  'oauth4webapi discovers as OpenID Connect': () => oauthDiscovers('oidc'),
  'oauth4webapi discovers as OAuth 2.0': () => oauthDiscovers('oauth2'),
  'oauth4webapi is granted, introspects and revokes with the header': () => oauthUses(oauth.ClientSecretBasic),
  'oauth4webapi is granted, introspects and revokes with the body': () => oauthUses(oauth.ClientSecretPost),
  'oauth4webapi validates a JWT access token': oauthValidates,
  'jose refuses wrong expectations and a tampered client token': () => joseRefuses(windows.A2),
  'jose refuses wrong expectations and a tampered token of an own API': () => joseRefuses(windows.A7),
  'aws-jwt-verify verifies a token of an own API': () => awsVerifies(windows.A7),
  'aws-jwt-verify verifies a client token': () => awsVerifies(windows.A2),
  'aws-jwt-verify verifies an anonymous token': () => awsVerifies(windows.F),
  'aws-jwt-verify verifies an access token': () => awsVerifies(windows.K),
};

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

let passed = 0;
for (const check of Object.entries(checks)) if (await passes(check)) passed += 1;
const failed = Object.keys(checks).length - passed;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
