// @ts-check
/** The line to the origin: opened with a ticket, and opened again whenever it breaks. */
import { PROTOCOL, readMessage } from './live-wire.js';

/** @typedef {import('./live-wire.js').ViewerMessage} ViewerMessage */
/** @typedef {import('./live-wire.js').ServerMessage} ServerMessage */

/** Waits between attempts to connect, in milliseconds; the last one again and again. */
const WAITS = [300, 1000, 2000, 4000, 8000, 15_000];
/** So many attempts in a row without a picture are more than a bad moment. */
const OFTEN = 6;
/** A ticket comes within this time, in milliseconds, or not at all. */
const TICKET_MS = 20_000;
/** So does the first message. */
const HELLO_MS = 10_000;

/**
 * @param {string} path the flow's
 * @param {{
 *   hear: (message: ServerMessage) => void,
 *   see: (frame: ArrayBuffer) => void,
 *   lost: (often: boolean) => void,
 *   gone: () => void,
 * }} told `gone`: the flow went on or is over
 */
export function line(path, told) {
  /** @type {WebSocket | null} */
  let socket = null;
  let attempt = 0;
  let closed = false;
  /** @type {(() => void) | null} set while it waits for the next attempt */
  let tryNow = null;

  async function connect() {
    try {
      const response = await fetch(`${path}/ticket`, {
        method: 'POST',
        headers: { accept: 'application/json' },
        signal: AbortSignal.timeout(TICKET_MS),
      });
      if (response.status >= 400 && response.status < 500 && response.status !== 429) return told.gone();
      if (!response.ok) return again();
      const { ticket } = await response.json();
      open(ticket);
    } catch {
      again();
    }
  }

  /** @param {string} ticket */
  function open(ticket) {
    if (closed) return;
    const url = new URL(`${path}/live`, location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    url.searchParams.set('ticket', ticket);
    const opened = new WebSocket(url, PROTOCOL);
    opened.binaryType = 'arraybuffer';
    socket = opened;
    const broken = () => {
      clearTimeout(patience);
      if (opened === socket) again();
    };
    const patience = setTimeout(broken, HELLO_MS);
    opened.addEventListener('message', (event) => {
      clearTimeout(patience);
      if (opened !== socket) return;
      if (event.data instanceof ArrayBuffer) {
        attempt = 0;
        return told.see(event.data);
      }
      const message = readMessage(event.data);
      if (message) told.hear(message);
    });
    opened.addEventListener('close', broken);
  }

  /** Closes what there is without waiting for the other side: a dead line never answers. */
  function drop() {
    const old = socket;
    socket = null;
    old?.close();
  }

  function again() {
    drop();
    if (closed) return;
    const wait = WAITS[Math.min(attempt, WAITS.length - 1)] ?? 0;
    attempt += 1;
    told.lost(attempt >= OFTEN);
    const timer = setTimeout(() => tryNow?.(), wait * (0.75 + Math.random() / 2));
    tryNow = () => {
      tryNow = null;
      clearTimeout(timer);
      void connect();
    };
  }

  return {
    /** Begins, also once more after `close`. */
    open() {
      closed = false;
      void connect();
    },
    /** No more attempts, and nothing more is heard. */
    close() {
      closed = true;
      drop();
    },
    /**
     * The moment is good: tries at once if it waits.
     * @param {boolean} doubtful the line may be dead without knowing it: a new one then
     */
    wake(doubtful) {
      if (closed) return;
      if (tryNow) return tryNow();
      if (!socket || !doubtful) return;
      drop();
      void connect();
    },
    /** The connection of this moment, to compare. */
    now: () => socket,
    /** @param {ViewerMessage} message */
    say(message) {
      if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
    },
  };
}
