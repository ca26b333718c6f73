// The line to the origin, with a network that does what the test says.
import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';

import { line } from '../assets/live-line.js';

/** Lets every promise that is ready run. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

class Socket extends EventTarget {
  static OPEN = 1;
  static all = [];
  readyState = 0;
  sent = [];
  constructor(url) {
    super();
    this.url = String(url);
    Socket.all.push(this);
  }
  hello() {
    this.readyState = 1;
    this.says('{"t":"hello"}');
  }
  says(data) {
    this.dispatchEvent(Object.assign(new Event('message'), { data }));
  }
  send(text) {
    this.sent.push(text);
  }
  // The other side of a dead line never answers: no event.
  close() {
    this.readyState = 2;
  }
}

let answers;
let told;
let view;

beforeEach(async () => {
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout'] });
  Socket.all = [];
  told = [];
  answers = () => Response.json({ ticket: 'abc' });
  globalThis.location = { href: 'https://own.example/p' };
  globalThis.WebSocket = Socket;
  globalThis.fetch = async () => answers();
  view = line('/p/flow', {
    hear: (message) => told.push(message.t),
    see: () => told.push('frame'),
    lost: (often) => told.push(often ? 'often' : 'lost'),
    gone: () => told.push('gone'),
  });
  view.open();
  await settle();
});

const later = async (ms) => {
  mock.timers.tick(ms);
  await settle();
};

test('a ticket opens the line, and what is said before it is open is not said', () => {
  const [socket] = Socket.all;
  assert.equal(socket.url, 'wss://own.example/p/flow/live?ticket=abc');
  view.say({ t: 'ack', seq: 1 });
  socket.hello();
  view.say({ t: 'ack', seq: 2 });
  assert.deepEqual(socket.sent, ['{"t":"ack","seq":2}']);
  assert.deepEqual(told, ['hello']);
});

test('a line that may be dead is dropped for a new one, without waiting for its end', async () => {
  const [dead] = Socket.all;
  dead.hello();
  view.wake(false);
  await settle();
  assert.equal(Socket.all.length, 1, 'no doubt, no change');
  view.wake(true);
  await settle();
  assert.equal(Socket.all.length, 2);
  dead.says(new ArrayBuffer(20));
  dead.dispatchEvent(new Event('close'));
  assert.deepEqual(told, ['hello'], 'the old one is not heard any more');
  assert.equal(view.now(), Socket.all[1]);
});

test('a line that says nothing is given up', async () => {
  await later(9_000);
  assert.deepEqual(told, []);
  await later(1_000);
  assert.deepEqual(told, ['lost']);
  await later(400);
  assert.equal(Socket.all.length, 2);
  Socket.all[1].hello();
  await later(60_000);
  assert.deepEqual(told, ['lost', 'hello'], 'one that speaks is kept');
});

test('many failures in a row are told as such, until a picture comes', async () => {
  for (let failure = 0; failure < 6; failure += 1) {
    Socket.all.at(-1).dispatchEvent(new Event('close'));
    await later(20_000);
  }
  assert.deepEqual(told, ['lost', 'lost', 'lost', 'lost', 'lost', 'often']);
  Socket.all.at(-1).says(new ArrayBuffer(20));
  Socket.all.at(-1).dispatchEvent(new Event('close'));
  assert.deepEqual(told.slice(6), ['frame', 'lost']);
});

test('a flow that is gone is not tried again; one that is busy is', async () => {
  answers = () => new Response(null, { status: 503 });
  Socket.all[0].dispatchEvent(new Event('close'));
  await later(400);
  assert.deepEqual(told, ['lost', 'lost']);
  answers = () => new Response(null, { status: 404 });
  view.wake(false);
  await settle();
  assert.deepEqual(told, ['lost', 'lost', 'gone']);
  await later(60_000);
  assert.equal(Socket.all.length, 1);
});

test('a closed line stays closed until it is opened again', async () => {
  view.close();
  Socket.all[0].dispatchEvent(new Event('close'));
  view.wake(true);
  await later(60_000);
  assert.deepEqual([told, Socket.all.length], [[], 1]);
  view.open();
  await settle();
  assert.equal(Socket.all.length, 2);
});
