// @ts-check
/**
 * Seals what is typed, in the page, so that only the origin can read it. The rules are those of
 * `shared/src/sealing.rs`.
 */
import { PROTOCOL } from './live-wire.js';

/** @typedef {import('./live-wire.js').Sealed} Sealed */

const CURVE = { name: 'ECDH', namedCurve: 'P-256' };

/** A new key pair, for one connection. */
export function freshKey() {
  return crypto.subtle.generateKey(CURVE, false, ['deriveBits']);
}

/**
 * Agrees on a key with the origin: answers the public key to send, and the function that seals messages.
 *
 * @param {CryptoKeyPair} own
 * @param {string} originKey base64url, as its `hello` says
 * @param {string} flowRef as its `hello` says
 * @returns {Promise<{ publicKey: string, seal: (message: object) => Promise<Sealed> }>}
 */
export async function agreeOnKey(own, originKey, flowRef) {
  const text = new TextEncoder();
  const origin = fromBase64Url(originKey);
  const viewer = new Uint8Array(await crypto.subtle.exportKey('raw', own.publicKey));
  const other = await crypto.subtle.importKey('raw', origin, CURVE, false, []);
  const secret = await crypto.subtle.deriveBits({ name: 'ECDH', public: other }, own.privateKey, 256);
  const material = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey']);
  const info = join(text.encode(PROTOCOL), Uint8Array.of(0), origin, viewer);
  const key = await crypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info },
    material,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt'],
  );
  const additionalData = text.encode(`${PROTOCOL}\0${flowRef}`);
  let next = 0;
  return {
    publicKey: toBase64Url(viewer),
    async seal(message) {
      const n = next;
      next += 1;
      const iv = new Uint8Array(12);
      new DataView(iv.buffer).setUint32(8, n);
      const plaintext = text.encode(JSON.stringify(message));
      const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, plaintext);
      return { t: 'sealed', n, data: toBase64Url(new Uint8Array(sealed)) };
    },
  };
}

/**
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function toBase64Url(bytes) {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/**
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function fromBase64Url(text) {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/**
 * @param {...Uint8Array} parts
 * @returns {Uint8Array<ArrayBuffer>}
 */
function join(...parts) {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
