// (b) The same page as people write it in JavaScript: Hono, WebCrypto, KV. It does all that the edge
// does for this page (checks the token, its company, its time; decodes the brand once per isolate;
// a new nonce each time) and answers the same HTML: the bench compares them.
import { Hono } from 'hono';
import parts from 'parts.json';

const app = new Hono();
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const keys = new Map();
const brands = new Map();
const FRESH = 60_000;

app.on(['GET', 'HEAD'], '/p/connect/:company/:token', async (c) => {
  const { company, token } = c.req.param();
  const claims = await open(c.env.TOKEN_KEYS, company, token);
  if (!claims || (claims.expires !== undefined && claims.expires <= Date.now())) {
    return c.text('This link can no longer be used', 404);
  }
  const brand = await brandOf(c.env.BRANDS, company);
  const country = claims.country ?? guess(c.req.header('cf-ipcountry'), c.req.header('accept-language'));
  const nonce = base64url(crypto.getRandomValues(new Uint8Array(16)));
  for (const [name, value] of Object.entries(parts.headers)) c.header(name, value);
  c.header('content-security-policy', parts.policy.replaceAll('NONCE', nonce));
  return c.body(page(nonce, claims.provider ?? '', country, brand));
});

export default app;

function page(nonce, url, country, brand) {
  const options = parts.options.replace(`=${country}>`, `=${country} selected>`);
  const values = { NONCE: nonce, URL: escape(url), OPTIONS: options, NAME: escape(brand.name), STYLE: brand.style, SUPPORT: escape(brand.supportEmail) };
  let html = '';
  for (const part of parts.page) html += typeof part === 'string' ? part : values[part.value];
  return html;
}

async function brandOf(kv, company) {
  const known = brands.get(company);
  if (known && Date.now() - known.at < FRESH) return known.brand;
  const brand = await kv.get(`brand:${company}`, 'json');
  const fonts = brand.font.split(',').map((name) => (name.trim() === 'sans-serif' ? name.trim() : `"${name.trim()}"`));
  brand.style = `:root{--accent:${brand.accent};--on-accent:${brand.onAccent};--font:${fonts.join(',')}}`;
  brands.set(company, { brand, at: Date.now() });
  return brand;
}

async function open(list, company, token) {
  const bytes = Uint8Array.from(atob(token.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
  if (bytes.length < 47 || bytes[0] !== 1) return null;
  const key = await keyOf(list, bytes[1]);
  if (!key) return null;
  const id = Uint8Array.from(company.replaceAll('-', '').match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const additionalData = lengthPrefixed([new Uint8Array([1]), bytes.subarray(1, 2), encoder.encode('COMPANY'), id]);
  try {
    const algorithm = { name: 'AES-GCM', iv: bytes.subarray(2, 14), additionalData };
    return claimsOf(new Uint8Array(await crypto.subtle.decrypt(algorithm, key, bytes.subarray(14))));
  } catch {
    return null;
  }
}

async function keyOf(list, id) {
  if (!keys.has(id)) {
    const entry = list.split(',').find((entry) => entry.startsWith(`${id}:`));
    if (!entry) return null;
    const raw = Uint8Array.from(entry.split(':')[1].match(/../g), (pair) => parseInt(pair, 16));
    keys.set(id, await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['decrypt']));
  }
  return keys.get(id);
}

function lengthPrefixed(list) {
  const out = new Uint8Array(list.reduce((sum, part) => sum + 2 + part.length, 0));
  let at = 0;
  for (const part of list) {
    out[at] = part.length >> 8;
    out[at + 1] = part.length & 255;
    out.set(part, at + 2);
    at += 2 + part.length;
  }
  return out;
}

function claimsOf(bytes) {
  const claims = { link: bytes.subarray(1, 17), expires: undefined, country: undefined, provider: undefined };
  const [flags] = bytes;
  let at = 17;
  if (flags & 1) {
    claims.expires = 0;
    for (const byte of bytes.subarray(at, at + 6)) claims.expires = claims.expires * 256 + byte;
    at += 6;
  }
  if (flags & 2) {
    claims.country = decoder.decode(bytes.subarray(at, at + 2));
    at += 2;
  }
  if (flags & 12) {
    const scheme = flags & 4 ? 'https://' : 'http://';
    claims.provider = new URL(scheme + decoder.decode(bytes.subarray(at))).href;
  }
  return claims;
}

function guess(network, languages) {
  return network ?? languages?.match(/-([A-Z]{2})\b/)?.[1] ?? '';
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function escape(text) {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
