// The last page's modules: a page and a server that do what the test says.
import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';

import { followProof } from '../assets/proof-events.js';
import { accountNames, billCount, proofPage } from '../assets/proof-page.js';

const TEXTS = { ELECTRICITY: 'Electricity', 'bills-of': '{found} of {expected}' };
const text = (name) => TEXTS[name] ?? '';

class Source extends EventTarget {
  static CLOSED = 2;
  static all = [];
  readyState = 1;
  constructor(url) {
    super();
    this.url = url;
    Source.all.push(this);
  }
  tell(data, name = 'message') {
    this.dispatchEvent(Object.assign(new Event(name), { data }));
  }
  fail(readyState) {
    this.readyState = readyState;
    this.dispatchEvent(new Event('error'));
  }
  close() {
    this.readyState = 2;
  }
}

let told;
let source;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout'] });
  globalThis.EventSource = Source;
  Source.all = [];
  told = [];
  followProof('/p/flow', { show: (proof) => told.push(proof.state), leaveAlone: () => told.push('alone') });
  [source] = Source.all;
});

test('every event is shown until the last one', () => {
  assert.equal(source.url, '/p/flow/progress');
  source.tell('{"state":"WAITING"}');
  source.tell('{"state":"COLLECTED","bills":3}', 'over');
  assert.equal(source.readyState, 2);
  mock.timers.tick(3_600_000);
  assert.deepEqual(told, ['WAITING', 'COLLECTED']);
});

test('a line that the browser opens again is waited for, one that is over is not', () => {
  source.fail(0);
  assert.deepEqual(told, []);
  source.fail(2);
  assert.deepEqual(told, ['alone']);
});

test('nobody is listened to for longer than ten minutes', () => {
  mock.timers.tick(599_999);
  assert.deepEqual(told, []);
  mock.timers.tick(1);
  assert.deepEqual([told, source.readyState], [['alone'], 2]);
});

test('what is no proof is not shown', () => {
  for (const data of ['', 'x', 'null', '{}', '{"state":1}', '[]']) source.tell(data);
  assert.deepEqual(told, []);
});

test('accounts and bills are named as the server names them', () => {
  const account = { utilityTypes: ['ELECTRICITY'], ending: '2207' };
  assert.equal(accountNames({ count: 2, shown: [account, { utilityTypes: [], ending: '09' }] }, text), 'Electricity ··2207, ··09');
  assert.equal(accountNames({ count: 4, shown: [account] }, text), 'Electricity ··2207, +3');
  assert.equal(accountNames({ count: 3, shown: [] }, text), '3');
  assert.equal(accountNames({ count: 0, shown: [] }, text), '');
  assert.equal(billCount({ state: 'COLLECTING', bills: 4, expected: 13 }, text), '4 of 13');
  assert.equal(billCount({ state: 'COLLECTING', bills: 0, expected: 0 }, text), '');
  assert.equal(billCount({ state: 'COLLECTED', bills: 13 }, text), '13');
  assert.equal(billCount({ state: 'WAITING' }, text), '');
});

/** An element as far as the page touches one, which counts how often it was changed. */
class Element {
  changes = 0;
  #hidden = true;
  #text = '';
  constructor(dataset = {}) {
    this.dataset = dataset;
  }
  get hidden() {
    return this.#hidden;
  }
  set hidden(hidden) {
    this.changes += 1;
    this.#hidden = hidden;
  }
  get textContent() {
    return this.#text;
  }
  set textContent(text) {
    this.changes += 1;
    this.#text = text;
  }
}

test('the lines of a state are shown, and nothing is touched that stays', () => {
  globalThis.HTMLElement = Element;
  const lines = {
    waiting: new Element({ states: 'WAITING' }),
    works: new Element({ states: 'COLLECTING COLLECTED' }),
    code: new Element({ states: 'MISSING', reason: 'CODE_NEEDED' }),
    down: new Element({ states: 'MISSING', reason: 'WEBSITE_DOWN' }),
  };
  const bills = new Element();
  bills.querySelector = () => (bills.value ??= new Element());
  const place = {
    querySelectorAll: () => Object.values(lines),
    querySelector: (selector) => (selector === '[data-count=bills]' ? bills : null),
  };
  const shown = () => Object.keys(lines).filter((name) => !lines[name].hidden);
  const page = proofPage(place, text);
  page.show({ state: 'WAITING' });
  assert.deepEqual(shown(), ['waiting']);
  const collecting = { state: 'COLLECTING', accounts: { count: 0, shown: [] }, bills: 1, expected: 3 };
  page.show(collecting);
  assert.deepEqual(shown(), ['works']);
  assert.deepEqual([bills.hidden, bills.value.textContent], [false, '1 of 3']);
  const changes = lines.works.changes + bills.changes + bills.value.changes;
  page.show(collecting);
  assert.equal(lines.works.changes + bills.changes + bills.value.changes, changes);
  page.show({ state: 'MISSING', reason: 'CODE_NEEDED' });
  assert.deepEqual([shown(), bills.hidden], [['code'], true]);
});
