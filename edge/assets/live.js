// @ts-check
/** The live view: the remote browser's picture, and the client's hands on it. */
import { followKeyboard } from './live-keyboard.js';
import { picture } from './live-picture.js';
import { followPointer } from './live-pointer.js';
import { freshKey, meet } from './live-seal.js';
import { PROTOCOL, readMessage } from './live-wire.js';

/** @typedef {import('./live-wire.js').ViewerMessage} ViewerMessage */
/** @typedef {import('./live-wire.js').TypedMessage} TypedMessage */
/** @typedef {import('./live-wire.js').ServerMessage} ServerMessage */

/** Waits between attempts to connect, in milliseconds; the last one again and again. */
const WAITS = [300, 1000, 2000, 4000, 8000];
const RESIZE_MS = 150;
/** A page lives at least this long before it loads itself again. */
const RELOAD_MS = 1500;

const live = document.querySelector('#live');
if (live instanceof HTMLElement) start(live);

/** @param {HTMLElement} live */
function start(live) {
  const path = live.dataset.path ?? location.pathname;
  const stage = /** @type {HTMLElement} */ (live.querySelector('[data-stage]'));
  const status = /** @type {HTMLElement} */ (live.querySelector('[data-status]'));
  const { canvas, field } = furnish(stage, status, live.getAttribute('aria-label') ?? '');

  /** @type {WebSocket | null} */
  let socket = null;
  /** @type {((typed: TypedMessage) => Promise<ViewerMessage>) | null} */
  let seal = null;
  let order = Promise.resolve();
  let queued = 0;
  let attempt = 0;
  let over = false;
  /** @type {(() => void) | null} */
  let tryNow = null;

  /** @param {ViewerMessage} message */
  const say = (message) => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  };

  /**
   * Says it after everything said before, and without waiting when nothing waits.
   * @param {ViewerMessage} message
   */
  const send = (message) => {
    if (queued === 0) return say(message);
    enqueue(() => message);
  };

  /** @param {() => ViewerMessage | null | Promise<ViewerMessage | null>} make */
  const enqueue = (make) => {
    const to = socket;
    queued += 1;
    order = order
      .then(make)
      .then((message) => {
        // What was meant for a connection that is gone is not said to the next one.
        if (message && to === socket) say(message);
      })
      .catch(() => {})
      .finally(() => {
        queued -= 1;
      });
  };

  /** @param {TypedMessage} typed */
  const type = (typed) => enqueue(() => seal?.(typed) ?? null);

  const show = picture(canvas, (seq) => {
    // The last picture of a view that is over does not hide what is said about it.
    if (socket && !over) tellStatus('');
    say({ t: 'ack', seq });
  });

  followPointer(canvas, show.place, send, () => field.focus({ preventScroll: true }));
  followKeyboard(field, type);
  for (const button of live.querySelectorAll('[data-go]')) {
    button.addEventListener('click', () => {
      const to = button.getAttribute('data-go');
      if (to === 'back' || to === 'reload') send({ t: 'go', to });
    });
  }

  const size = () => {
    const { width, height } = stage.getBoundingClientRect();
    send({ t: 'resize', width: Math.max(320, Math.round(width)), height: Math.max(320, Math.round(height)) });
  };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let resizing;
  new ResizeObserver(() => {
    clearTimeout(resizing);
    resizing = setTimeout(size, RESIZE_MS);
  }).observe(stage);
  document.addEventListener('visibilitychange', () => {
    send({ t: 'visible', visible: !document.hidden });
    if (!document.hidden) tryNow?.();
  });
  addEventListener('online', () => tryNow?.());
  // Coming back by the browser's history: the page may be long out of date.
  addEventListener('pageshow', (event) => {
    if (event.persisted) reload();
  });

  /** @param {string} text */
  function tellStatus(text) {
    if (status.textContent === text) return;
    status.textContent = text;
    status.hidden = text === '';
  }

  function reload() {
    if (over) return;
    over = true;
    // A page that sends itself away at once must not do so in a hurry, again and again.
    setTimeout(() => location.replace(path), Math.max(0, RELOAD_MS - performance.now()));
  }

  async function connect() {
    try {
      const response = await fetch(`${path}/ticket`, { method: 'POST', headers: { accept: 'application/json' } });
      // The flow went on or is gone: its page says so.
      if (response.status >= 400 && response.status < 500 && response.status !== 429) return reload();
      if (!response.ok) return again();
      const { ticket } = await response.json();
      open(ticket);
    } catch {
      again();
    }
  }

  /** @param {string} ticket */
  function open(ticket) {
    const url = new URL(`${path}/live`, location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    url.searchParams.set('ticket', ticket);
    const opened = new WebSocket(url, PROTOCOL);
    opened.binaryType = 'arraybuffer';
    socket = opened;
    seal = null;
    opened.addEventListener('message', (event) => {
      if (opened !== socket) return;
      if (event.data instanceof ArrayBuffer) {
        attempt = 0;
        return show.show(event.data);
      }
      const message = readMessage(event.data);
      if (message) hear(message);
    });
    opened.addEventListener('close', () => {
      if (opened === socket) again();
    });
  }

  function again() {
    socket = null;
    seal = null;
    if (over) return;
    tellStatus('The connection was lost. Reconnecting…');
    const wait = WAITS[Math.min(attempt, WAITS.length - 1)] ?? 0;
    attempt += 1;
    const timer = setTimeout(() => tryNow?.(), wait * (0.75 + Math.random() / 2));
    tryNow = () => {
      tryNow = null;
      clearTimeout(timer);
      void connect();
    };
  }

  /** @param {ServerMessage} message */
  function hear(message) {
    switch (message.t) {
      case 'hello': {
        const { publicKey, flowRef } = message;
        enqueue(async () => {
          const met = await meet(await freshKey(), publicKey, flowRef);
          seal = met.seal;
          return { t: 'key', publicKey: met.publicKey };
        });
        size();
        if (document.hidden) send({ t: 'visible', visible: false });
        return;
      }
      case 'state':
        if (message.step !== 'SIGN_IN' || !message.signIn?.live) return reload();
        return showSignIn(message.signIn);
      case 'remote':
        showRemote(live, canvas, message);
        return;
      case 'cursor':
        canvas.style.cursor = message.cursor;
        return;
      case 'ended':
        return end(message.reason);
    }
  }

  /** @param {string} reason */
  function end(reason) {
    if (reason !== 'taken_over') return reload();
    over = true;
    tellStatus('You went on in another tab or on another device.');
    const here = document.createElement('button');
    here.type = 'button';
    here.className = 'second';
    here.textContent = 'Go on here';
    here.addEventListener('click', () => {
      over = false;
      tellStatus('Opening…');
      void connect();
    });
    status.append(document.createElement('br'), here);
  }

  void connect();
}

/**
 * The picture, what takes the keyboard, and how to get out of it again.
 *
 * @param {HTMLElement} stage
 * @param {HTMLElement} status
 * @param {string} label
 */
function furnish(stage, status, label) {
  const canvas = document.createElement('canvas');
  canvas.className = 'picture';
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', label);
  const hint = document.createElement('p');
  hint.className = 'hint';
  hint.id = 'live-hint';
  hint.textContent = 'You are typing into the website. To leave it, press Escape, then Tab.';
  const field = document.createElement('textarea');
  field.className = 'typing';
  field.rows = 1;
  field.autocapitalize = 'off';
  field.spellcheck = false;
  field.setAttribute('autocomplete', 'off');
  field.setAttribute('autocorrect', 'off');
  field.setAttribute('aria-label', `Type into: ${label}`);
  field.setAttribute('aria-describedby', hint.id);
  stage.prepend(field, canvas);
  stage.after(hint);
  status.hidden = status.textContent === '';
  return { canvas, field };
}

/** @param {import('./live-wire.js').SignIn} signIn */
function showSignIn(signIn) {
  const ask = document.querySelector('[data-ask]');
  if (ask instanceof HTMLElement) ask.hidden = !signIn.askSignedIn;
  const box = document.querySelector('[data-message]');
  if (!(box instanceof HTMLElement)) return;
  const words = box.querySelector('q');
  const text = signIn.siteMessage ?? '';
  if (words && words.textContent !== text) words.textContent = text;
  box.hidden = text === '';
}

/**
 * @param {HTMLElement} live
 * @param {HTMLElement} canvas
 * @param {import('./live-wire.js').Remote} remote
 */
function showRemote(live, canvas, remote) {
  const host = live.querySelector('[data-host]');
  if (host && remote.host) host.textContent = remote.host;
  const secure = live.querySelector('[data-secure]');
  if (secure instanceof HTMLElement) secure.hidden = !remote.secure;
  const back = live.querySelector('[data-go=back]');
  if (back instanceof HTMLButtonElement) back.disabled = !remote.canGoBack;
  live.setAttribute('aria-busy', String(remote.loading));
  canvas.setAttribute('aria-label', remote.title ? `${remote.title}, ${remote.host}` : remote.host);
}
