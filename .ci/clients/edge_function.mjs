// Runs the CloudFront Function of edge.yaml with the events that CloudFront sends, also with forged headers.
//
// usage: node edge_function.mjs EDGE_YAML
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import vm from 'node:vm';

const SECRET = 'x-tokenbooth-origin-secret';
const ADDRESS = 'x-tokenbooth-viewer-address';

const lines = readFileSync(process.argv[2], 'utf8').split('\n');
const start = lines.findIndex((line) => /^ +FunctionCode: \|$/.test(line)) + 1;
assert.ok(start > 0, 'edge.yaml has no FunctionCode');
const indent = lines[start].search(/\S/);
const length = lines.slice(start).findIndex((line) => line !== '' && line.search(/\S/) < indent);
const code = lines.slice(start, length < 0 ? undefined : start + length).join('\n');

// A context of its own has nothing of Node.js, as CloudFront's runtime has nothing of it.
const handle = vm.runInNewContext(`${code}\nhandler`);
const requested = (headers, ip) => {
  const request = { method: 'POST', uri: '/v1/token', querystring: {}, headers, cookies: {} };
  const event = { version: '1.0', context: { eventType: 'viewer-request' }, viewer: { ip }, request };
  return handle(event);
};
const plain = (value) => JSON.parse(JSON.stringify(value));

const cases = [
  ['no header', {}],
  ['a forged address', { [ADDRESS]: { value: '198.51.100.1' } }],
  ['two forged addresses', {
    [ADDRESS]: { value: '198.51.100.1', multiValue: [{ value: '198.51.100.1' }, { value: '198.51.100.2' }] },
  }],
  ['a guessed secret', { [SECRET]: { value: 'guessed' }, [ADDRESS]: { value: '198.51.100.1' } }],
];
for (const ip of ['203.0.113.7', '2001:db8::7']) {
  for (const [name, headers] of cases) {
    const sent = { authorization: { value: 'Bearer t' }, ...headers };
    const request = plain(requested(sent, ip));
    const expected = { authorization: { value: 'Bearer t' }, [ADDRESS]: { value: ip } };
    assert.deepEqual(request.headers, expected, `${name}, ${ip}`);
    assert.equal(request.uri, '/v1/token', name);
  }
}
console.log(`${cases.length * 2} passed, 0 failed`);
