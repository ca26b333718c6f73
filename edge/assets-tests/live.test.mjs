// The viewer's modules on the vectors that the Rust tests read too.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { scrollTo } from '../assets/live-focus.js';
import { keyRules } from '../assets/live-keyboard.js';
import { remotePoint } from '../assets/live-picture.js';
import { clickCounter } from '../assets/live-pointer.js';
import { fromBase64Url, agreeOnKey, toBase64Url } from '../assets/live-seal.js';
import { HEADER_BYTES, MAX_TEXT, PROTOCOL, modifiers, splitText, readHeader, readMessage } from '../assets/live-wire.js';

const vectors = JSON.parse(readFileSync(new URL('../../shared/vectors/live.json', import.meta.url), 'utf8'));

const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
const press = (key, more = {}) => ({
  key,
  code: '',
  altKey: false,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  repeat: false,
  isComposing: false,
  getModifierState: () => false,
  ...more,
});

test('the protocol and its messages are those of the server', () => {
  assert.equal(PROTOCOL, vectors.protocol);
  for (const message of vectors.server) assert.deepEqual(readMessage(JSON.stringify(message)), message);
  assert.equal(readMessage('{"t":"unknown"}'), null);
});

test('a frame header is read as the server writes it', () => {
  const head = bytes(vectors.frame.hex);
  assert.equal(head.length, HEADER_BYTES);
  const message = new Uint8Array([...head, 0xff]);
  assert.deepEqual(readHeader(message.buffer), vectors.frame.header);
  assert.equal(readHeader(head.buffer), null, 'no picture behind it');
  message[0] = 2;
  assert.equal(readHeader(message.buffer), null, 'another kind');
});

test('what is typed is sealed as the server opens it', async () => {
  const { viewerJwk, viewerPublic, originPublic, flowRef, messages } = vectors.sealing;
  const curve = { name: 'ECDH', namedCurve: 'P-256' };
  const { d, ...open } = viewerJwk;
  const own = {
    privateKey: await crypto.subtle.importKey('jwk', { ...open, d }, curve, false, ['deriveBits']),
    publicKey: await crypto.subtle.importKey('jwk', open, curve, true, []),
  };
  const met = await agreeOnKey(own, originPublic, flowRef);
  assert.equal(met.publicKey, viewerPublic);
  for (const [index, { n, plaintext, data }] of messages.entries()) {
    assert.equal(plaintext, JSON.stringify(vectors.typed[index]));
    assert.deepEqual(await met.seal(JSON.parse(plaintext)), { t: 'sealed', n, data });
  }
});

test('base64url there and back', () => {
  const all = Uint8Array.from({ length: 256 }, (_, index) => index);
  assert.deepEqual(fromBase64Url(toBase64Url(all)), all);
  assert.doesNotMatch(toBase64Url(all), /[+/=]/);
});

test('modifiers are counted as the engine counts them', () => {
  const none = { altKey: false, ctrlKey: false, metaKey: false, shiftKey: false };
  assert.equal(modifiers(none), 0);
  assert.equal(modifiers({ ...none, altKey: true, shiftKey: true }), 9);
  assert.equal(modifiers({ ...none, ctrlKey: true, metaKey: true }), 6);
});

test('long text is cut between characters', () => {
  assert.deepEqual(splitText('a\r\nb\rc'), ['a\nb\nc']);
  assert.deepEqual(splitText(''), []);
  const cut = splitText('🔑'.repeat(MAX_TEXT + 1));
  assert.deepEqual(cut.map((piece) => [...piece].length), [MAX_TEXT, 1]);
});

test('a point of the window is a point of the page, however it is scaled', () => {
  const page = { width: 1280, height: 800 };
  assert.deepEqual(remotePoint({ left: 10, top: 20, width: 1280, height: 800 }, page, 110, 70), { x: 100, y: 50 });
  assert.deepEqual(remotePoint({ left: 10, top: 20, width: 640, height: 400 }, page, 110, 70), { x: 200, y: 100 });
  // Wider than the page: bars left and right.
  assert.deepEqual(remotePoint({ left: 0, top: 0, width: 1680, height: 800 }, page, 300, 10), { x: 100, y: 10 });
  // Taller: the picture is at the top.
  assert.deepEqual(remotePoint({ left: 0, top: 0, width: 1280, height: 1000 }, page, 5, 5), { x: 5, y: 5 });
  // Outside: its edge.
  assert.deepEqual(remotePoint({ left: 0, top: 0, width: 1280, height: 800 }, page, -5, 9000), { x: 0, y: 799 });
  assert.deepEqual(remotePoint({ left: 0, top: 0, width: 0, height: 0 }, page, 5, 5), { x: 0, y: 0 });
});

test('clicks in a row are counted', () => {
  const count = clickCounter();
  const at = (timeStamp, clientX, button = 0) => count({ timeStamp, clientX, clientY: 0, button });
  assert.equal(at(0, 0), 1);
  assert.equal(at(200, 2), 2);
  assert.equal(at(400, 2), 3);
  assert.equal(at(600, 2), 1, 'a fourth begins anew');
  assert.equal(at(700, 20), 1, 'elsewhere');
  assert.equal(at(800, 20, 2), 1, 'another button');
  assert.equal(at(2000, 20, 2), 1, 'too late');
});

test('keys that type and edit are told; the rest stays with the browser', () => {
  const rule = keyRules(false);
  const told = (event) => rule(event, true);
  assert.deepEqual(told(press('a', { code: 'KeyA' })), {
    t: 'keyPress', down: true, key: 'a', code: 'KeyA', mods: 0, repeat: false,
  });
  assert.equal(told(press('Tab', { shiftKey: true }))?.mods, 8);
  assert.equal(told(press('a', { ctrlKey: true }))?.mods, 2);
  for (const theirs of [
    press('v', { ctrlKey: true }),
    press('c', { metaKey: true }),
    press('r', { ctrlKey: true }),
    press('t', { ctrlKey: true }),
    press('F5'),
    press('ArrowLeft', { altKey: true }),
    press('Dead'),
    press('Unidentified'),
    press('a', { isComposing: true }),
    // Safari's confirmation of a composition that has ended.
    press('Enter', { keyCode: 229 }),
    press('Insert', { shiftKey: true }),
  ]) {
    assert.equal(told(theirs), null, theirs.key);
  }
  const altGr = press('@', { ctrlKey: true, altKey: true, getModifierState: (name) => name === 'AltGraph' });
  assert.equal(told(altGr)?.mods, 0);
  assert.equal(keyRules(true)(press('@', { altKey: true }), true)?.mods, 0);
});

test('Command and an arrow lead on a Mac where Home and End lead elsewhere', () => {
  const mac = keyRules(true);
  const told = (key, more) => {
    const { key: to, code, mods } = mac(press(key, { code: key, metaKey: true, ...more }), true);
    return [to, code, mods];
  };
  assert.deepEqual(told('ArrowLeft'), ['Home', 'Home', 0]);
  assert.deepEqual(told('ArrowRight', { shiftKey: true }), ['End', 'End', 8]);
  assert.deepEqual(told('ArrowDown'), ['End', 'End', 2]);
  assert.equal(mac(press('ArrowLeft', { altKey: true }), true)?.key, 'ArrowLeft');
});

test('Escape, then Tab, leads out of the picture', () => {
  const rule = keyRules(false);
  assert.equal(rule(press('Tab'), true)?.key, 'Tab', 'Tab alone goes to the website');
  assert.equal(rule(press('Escape'), true)?.key, 'Escape');
  assert.equal(rule(press('Escape'), false)?.key, 'Escape');
  assert.equal(rule(press('Tab'), true), null, 'it moves the focus');
  // Backwards too.
  rule(press('Escape'), true);
  rule(press('Shift', { shiftKey: true }), true);
  assert.equal(rule(press('Tab', { shiftKey: true }), true), null);
  // Anything in between stays inside.
  rule(press('Escape'), true);
  rule(press('a'), true);
  assert.equal(rule(press('Tab'), true)?.key, 'Tab');
});

test('what has the focus is scrolled to only where it cannot be seen', () => {
  const seen = { top: 0, bottom: 400 };
  assert.equal(scrollTo({ top: 0, bottom: 400 }, seen), 0);
  assert.ok(390 - scrollTo({ top: 350, bottom: 390 }, { top: 0, bottom: 380 }) < 380, 'below the keyboard');
  assert.ok(-50 - scrollTo({ top: -50, bottom: -10 }, seen) >= 0, 'above the window');
  assert.ok(300 - scrollTo({ top: 300, bottom: 900 }, seen) >= 0, 'a tall one begins in sight');
});
