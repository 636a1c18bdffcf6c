// Security and user tokens as jose and Node's own crypto make and open them, against `tokenbooth seal` and `unseal`.
//
// usage: token_clients.mjs TOKENBOOTH

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as jose from 'jose';

const tokenbooth = process.argv[2];
const key = randomBytes(32);
const iv = randomBytes(16);
const plain = JSON.stringify({ UserName: 'jd', Display: 'John Doe', Email: 'jd@example.com' });

const tokenSet = (mode) => ({
  name: mode, active: true, cipher: 'AES', key_bits: 256, mode, padding: 'PKCS7',
  key: key.toString('base64'), iv: iv.toString('hex'), app_keys: [],
});
const settings = { project_id: 'project-0195f3a0-1111-7222-8333-444455556666', token_sets: ['CBC', 'GCM', 'JWE'].map(tokenSet) };
const folder = await mkdtemp(join(tmpdir(), 'tokenbooth-'));
const file = join(folder, 'project.json');
await writeFile(file, JSON.stringify(settings), { mode: 0o600 });

function run(command, mode, input, ...options) {
  const chosen = ['--settings', file, '--token-set', mode, ...options];
  return execFileSync(tokenbooth, [command, ...chosen], { input, stdio: ['pipe', 'pipe', 'ignore'] }).toString().trim();
}

const seal = (mode) => run('seal', mode, plain, '--user-token', '--plaintext', '-');
const unseal = (mode, token) => run('unseal', mode, token);

async function joseOpens() {
  const algorithms = { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] };
  const { plaintext, protectedHeader } = await jose.compactDecrypt(seal('JWE'), key, algorithms);
  assert.equal(new TextDecoder().decode(plaintext), plain);
  assert.deepEqual(protectedHeader, { alg: 'dir', enc: 'A256GCM' });
}

async function joseMakes() {
  const header = { alg: 'dir', enc: 'A256GCM', typ: 'JWE', kid: 'one' };
  const sealing = new jose.CompactEncrypt(new TextEncoder().encode(plain)).setProtectedHeader(header);
  assert.equal(unseal('JWE', await sealing.encrypt(key)), plain);
}

async function joseTokensForOthersAreRefused() {
  const seal = (header, secret) =>
    new jose.CompactEncrypt(new TextEncoder().encode(plain)).setProtectedHeader(header).encrypt(secret);
  const others = [
    await seal({ alg: 'dir', enc: 'A256GCM' }, randomBytes(32)),
    await seal({ alg: 'A256KW', enc: 'A256GCM' }, key),
    await seal({ alg: 'dir', enc: 'A128CBC-HS256' }, key),
  ];
  for (const token of others) assert.throws(() => unseal('JWE', token));
}

function nodeOpensCbc() {
  const decipher = createDecipheriv('aes-256-cbc', key, iv);
  assert.equal(decipher.update(seal('CBC'), 'base64', 'utf8') + decipher.final('utf8'), plain);
}

function nodeMakesCbc() {
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  assert.equal(unseal('CBC', cipher.update(plain, 'utf8', 'base64') + cipher.final('base64')), plain);
}

function nodeOpensGcm() {
  const token = Buffer.from(seal('GCM'), 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, token.subarray(0, 12)).setAuthTag(token.subarray(-16));
  assert.equal(decipher.update(token.subarray(12, -16), undefined, 'utf8') + decipher.final('utf8'), plain);
}

function nodeMakesGcm() {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const parts = [nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()];
  assert.equal(unseal('GCM', Buffer.concat(parts).toString('base64')), plain);
}

const checks = {
  'jose opens a JWE': joseOpens,
  'jose makes a JWE': joseMakes,
  'tokens jose made for others are refused': joseTokensForOthersAreRefused,
  'Node opens CBC': nodeOpensCbc,
  'Node makes CBC': nodeMakesCbc,
  'Node opens GCM': nodeOpensGcm,
  'Node makes GCM': nodeMakesGcm,
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
await rm(folder, { recursive: true });
const failed = Object.keys(checks).length - passed;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
