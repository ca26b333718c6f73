// The Worker's entry module, with real WebAssembly that traps.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

/** (module (func (export "trap") unreachable)) */
const TRAP = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 8, 1, 4, 116, 114, 97, 112, 0, 0, 10, 5, 1, 3, 0, 0, 11];

const moduleOf = (source) => `data:text/javascript;base64,${Buffer.from(source).toString('base64')}`;

/** The entry module over an edge that answers with what `answer` returns. */
async function entryOver(answer) {
  const edge = { state: { criticalError: false }, resets: 0, answer };
  globalThis.edgeOfTheTest = edge;
  let onError = () => {};
  globalThis.addEventListener = (_type, listener) => (onError = listener);
  const glue = `
    const edge = globalThis.edgeOfTheTest;
    export const fetch = (...all) => edge.answer(...all);
    export const email = (...all) => edge.answer('email', ...all);
    export const __worker_init_state = () => edge.state;
    export const __wbg_reset_state = () => { edge.resets += 1; };
    // ${Math.random()}`;
  const source = readFileSync(new URL('../worker.js', import.meta.url), 'utf8').replace('"edge-wasm"', JSON.stringify(moduleOf(glue)));
  const entry = (await import(moduleOf(source))).default;
  return { edge, entry, onError: (error) => onError({ error }) };
}

const trap = () => new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(TRAP))).exports.trap();

test('requests, settings and context go through unchanged', async () => {
  const { entry, edge } = await entryOver(async (...all) => all);
  assert.deepEqual(await entry.fetch('request', 'env', 'context'), ['request', 'env', 'context']);
  assert.deepEqual(await entry.email('message', 'env', 'context'), ['email', 'message', 'env', 'context']);
  assert.equal(edge.resets, 0);
});

test('a new instance is made after a panic, a trap while a request is taken, and a trap later', async () => {
  const { entry, edge, onError } = await entryOver(async () => 'answer');
  edge.state.criticalError = true;
  assert.equal(await entry.fetch(), 'answer');
  assert.equal(edge.resets, 1);

  edge.answer = trap;
  assert.throws(() => entry.fetch(), WebAssembly.RuntimeError);
  edge.answer = async () => 'answer';
  assert.equal(await entry.fetch(), 'answer');
  assert.equal(edge.resets, 2);

  try {
    trap();
  } catch (error) {
    onError(error);
  }
  assert.equal(await entry.fetch(), 'answer');
  assert.equal(edge.resets, 3);
});

test('an error that is no trap leaves the instance as it is', async () => {
  const { entry, edge, onError } = await entryOver(() => {
    throw new Error('of the settings');
  });
  assert.throws(() => entry.fetch(), /of the settings/);
  onError(new TypeError('of a script'));
  assert.throws(() => entry.fetch());
  assert.equal(edge.resets, 0);
});
