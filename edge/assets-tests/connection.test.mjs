// The live view's connection, with a network that does what the test says.
import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';

import { liveConnection } from '../assets/live-connection.js';

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
  sendHello() {
    this.readyState = 1;
    this.receive('{"t":"hello"}');
  }
  receive(data) {
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
  view = liveConnection('/p/flow', {
    onMessage: (message) => told.push(message.t),
    onFrame: () => told.push('frame'),
    onLost: (often) => told.push(often ? 'often' : 'lost'),
    onGone: () => told.push('gone'),
  });
  view.open();
  await settle();
});

const later = async (ms) => {
  mock.timers.tick(ms);
  await settle();
};

test('a ticket opens the connection, and what is sent before it is open is dropped', () => {
  const [socket] = Socket.all;
  assert.equal(socket.url, 'wss://own.example/p/flow/live?ticket=abc');
  view.send({ t: 'ack', seq: 1 });
  socket.sendHello();
  view.send({ t: 'ack', seq: 2 });
  assert.deepEqual(socket.sent, ['{"t":"ack","seq":2}']);
  assert.deepEqual(told, ['hello']);
});

test('a connection that may be dead is replaced without waiting for its end', async () => {
  const [dead] = Socket.all;
  dead.sendHello();
  view.wake(false);
  await settle();
  assert.equal(Socket.all.length, 1, 'no doubt, no change');
  view.wake(true);
  await settle();
  assert.equal(Socket.all.length, 2);
  dead.receive(new ArrayBuffer(20));
  dead.dispatchEvent(new Event('close'));
  assert.deepEqual(told, ['hello'], 'the old one is not heard any more');
  assert.equal(view.current(), Socket.all[1]);
});

test('a connection without a first message is given up', async () => {
  await later(9_000);
  assert.deepEqual(told, []);
  await later(1_000);
  assert.deepEqual(told, ['lost']);
  await later(400);
  assert.equal(Socket.all.length, 2);
  Socket.all[1].sendHello();
  await later(60_000);
  assert.deepEqual(told, ['lost', 'hello'], 'one that speaks is kept');
});

test('many failures in a row are reported as such, until a frame comes', async () => {
  for (let failure = 0; failure < 6; failure += 1) {
    Socket.all.at(-1).dispatchEvent(new Event('close'));
    await later(20_000);
  }
  assert.deepEqual(told, ['lost', 'lost', 'lost', 'lost', 'lost', 'often']);
  Socket.all.at(-1).receive(new ArrayBuffer(20));
  Socket.all.at(-1).dispatchEvent(new Event('close'));
  assert.deepEqual(told.slice(6), ['frame', 'lost']);
});

test('a flow that is gone is not tried again; a busy one is', async () => {
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

test('a closed connection stays closed until it is opened again', async () => {
  view.close();
  Socket.all[0].dispatchEvent(new Event('close'));
  view.wake(true);
  await later(60_000);
  assert.deepEqual([told, Socket.all.length], [[], 1]);
  view.open();
  await settle();
  assert.equal(Socket.all.length, 2);
});
