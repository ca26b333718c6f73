// What is entered on our page, in manual entry and above the website's picture.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { localHours } from '../assets/code-hours.js';
import { sealedEntry } from '../assets/entry-form.js';
import { entryChanges } from '../assets/live-entry.js';
import { fromBase64Url, toBase64Url } from '../assets/live-seal.js';
import { PROTOCOL } from '../assets/live-wire.js';

const FLOW = '0b8f6a52-9d3e-4c1f-8a77-5e21d4c9b3f0';
const CURVE = { name: 'ECDH', namedCurve: 'P-256' };

/** Opens what was sealed to `own`, as the origin does. */
async function opened(own, ownPublic, body) {
  const viewer = fromBase64Url(body.get('key'));
  const other = await crypto.subtle.importKey('raw', viewer, CURVE, false, []);
  const secret = await crypto.subtle.deriveBits({ name: 'ECDH', public: other }, own.privateKey, 256);
  const material = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey']);
  const info = Buffer.concat([Buffer.from(`${PROTOCOL}\0`), ownPublic, viewer]);
  const derive = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info };
  const key = await crypto.subtle.deriveKey(derive, material, { name: 'AES-GCM', length: 256 }, false, ['decrypt']);
  const open = { name: 'AES-GCM', iv: new Uint8Array(12), additionalData: Buffer.from(`${PROTOCOL}\0${FLOW}`) };
  return JSON.parse(Buffer.from(await crypto.subtle.decrypt(open, key, fromBase64Url(body.get('sealed')))).toString());
}

test('a code and a ticked box leave the page sealed, with the number of what they answer', async () => {
  const own = await crypto.subtle.generateKey(CURVE, true, ['deriveBits']);
  const ownPublic = Buffer.from(await crypto.subtle.exportKey('raw', own.publicKey));
  const inputs = [
    { dataset: { field: '0' }, type: 'text', value: '314159' },
    { dataset: { field: '1' }, type: 'checkbox', value: 'on', checked: true },
    { dataset: { field: '2' }, type: 'checkbox', value: 'on', checked: false },
  ];
  const body = await sealedEntry({ key: toBase64Url(ownPublic), flowRef: FLOW, number: 7 }, inputs);
  assert.deepEqual([...body.keys()], ['act', 'key', 'sealed']);
  assert.ok(!body.toString().includes('314159'));
  const values = [
    { id: 0, text: '314159' },
    { id: 1, text: 'yes' },
    { id: 2, text: '' },
  ];
  assert.deepEqual(await opened(own, ownPublic, body), { number: 7, values });
});

test('the page is loaded anew when something else can be entered, and only then', () => {
  const code = { number: 2, fields: [{ id: 0 }] };
  const changes = entryChanges(false);
  assert.equal(changes({ entry: null }), false, 'the page came with nothing to enter, and there is nothing');
  assert.equal(changes({ entry: code }), true);
  assert.equal(changes({ entry: { ...code } }), false);
  assert.equal(changes({ entry: { ...code, problem: 'CODE_USED' } }), true);
  assert.equal(changes({ entry: null }), true, 'what is not asked any more goes away');
  assert.equal(entryChanges(true)({ entry: code }), true, 'what the page came with may be old');
});

test('hours in UTC are shown in the order of the visitor\'s own day', () => {
  const offset = new Date('2026-07-01T12:00:00Z').getTimezoneOffset();
  const hours = localHours([...Array(24).keys()], new Date('2026-07-01T12:00:00Z'));
  assert.equal(new Set(hours.map(({ hour }) => hour)).size, 24);
  const first = (((offset / 60) % 24) + 24) % 24;
  assert.equal(hours[0].hour, Math.ceil(first) % 24);
  assert.ok(hours.every(({ name }) => /\d/.test(name)));
});
