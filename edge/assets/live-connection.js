// @ts-check
/** The live view's WebSocket: opened with a ticket, and opened again whenever it breaks. */
import { PROTOCOL, readMessage } from './live-wire.js';

/** @typedef {import('./live-wire.js').ViewerMessage} ViewerMessage */
/** @typedef {import('./live-wire.js').ServerMessage} ServerMessage */

/** Waits between attempts to connect, in milliseconds; the last one again and again. */
const RETRY_DELAYS_MS = [300, 1000, 2000, 4000, 8000, 15_000];
/** After this many attempts in a row without a frame the connection counts as blocked. */
const MANY_ATTEMPTS = 6;
/** How long to wait for a ticket, in milliseconds. */
const TICKET_TIMEOUT_MS = 20_000;
/** How long to wait for the first message, in milliseconds. */
const HELLO_TIMEOUT_MS = 10_000;

/**
 * @param {string} path the path of the flow's page
 * @param {{
 *   onMessage: (message: ServerMessage) => void,
 *   onFrame: (frame: ArrayBuffer) => void,
 *   onLost: (often: boolean) => void,
 *   onGone: () => void,
 * }} handlers `onLost`: the connection broke, `often` when many attempts in a row failed; `onGone`: the flow has no
 *   live view any more
 */
export function liveConnection(path, handlers) {
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
        signal: AbortSignal.timeout(TICKET_TIMEOUT_MS),
      });
      if (response.status >= 400 && response.status < 500 && response.status !== 429) return handlers.onGone();
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
    const onBroken = () => {
      clearTimeout(helloTimer);
      if (opened === socket) again();
    };
    const helloTimer = setTimeout(onBroken, HELLO_TIMEOUT_MS);
    opened.addEventListener('message', (event) => {
      clearTimeout(helloTimer);
      if (opened !== socket) return;
      if (event.data instanceof ArrayBuffer) {
        attempt = 0;
        return handlers.onFrame(event.data);
      }
      const message = readMessage(event.data);
      if (message) handlers.onMessage(message);
    });
    opened.addEventListener('close', onBroken);
  }

  /** Drops the WebSocket without waiting for the other side: a dead connection never answers. */
  function drop() {
    const old = socket;
    socket = null;
    old?.close();
  }

  function again() {
    drop();
    if (closed) return;
    const wait = RETRY_DELAYS_MS[Math.min(attempt, RETRY_DELAYS_MS.length - 1)] ?? 0;
    attempt += 1;
    handlers.onLost(attempt >= MANY_ATTEMPTS);
    const timer = setTimeout(() => tryNow?.(), wait * (0.75 + Math.random() / 2));
    tryNow = () => {
      tryNow = null;
      clearTimeout(timer);
      void connect();
    };
  }

  return {
    /** Connects; also once more after `close`. */
    open() {
      closed = false;
      void connect();
    },
    /** Ends the connection for good: no more attempts, and no handler is called any more. */
    close() {
      closed = true;
      drop();
    },
    /**
     * Connects at once if it waits for the next attempt.
     * @param {boolean} doubtful the connection may be dead without an event: it is replaced
     */
    wake(doubtful) {
      if (closed) return;
      if (tryNow) return tryNow();
      if (!socket || !doubtful) return;
      drop();
      void connect();
    },
    /** The WebSocket of this moment, to compare with later. */
    current: () => socket,
    /**
     * Sends a message; without an open WebSocket it is dropped.
     * @param {ViewerMessage} message
     */
    send(message) {
      if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
    },
  };
}
