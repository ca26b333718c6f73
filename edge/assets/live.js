// @ts-check
/** The live view: the remote browser's picture, and the client's hands on it. */
import { followKeyboard } from './live-keyboard.js';
import { line as lineTo } from './live-line.js';
import { furnish, reveal, showRemote, showSignIn, steadily } from './live-page.js';
import { picture } from './live-picture.js';
import { followPointer } from './live-pointer.js';
import { freshKey, meet } from './live-seal.js';

/** @typedef {import('./live-wire.js').ViewerMessage} ViewerMessage */
/** @typedef {import('./live-wire.js').TypedMessage} TypedMessage */
/** @typedef {import('./live-wire.js').ServerMessage} ServerMessage */

const RESIZE_MS = 150;
/** A page lives at least this long before it loads itself again. */
const RELOAD_MS = 1500;
/** A line that slept this long may be dead and not know it. */
const ASLEEP_MS = 20_000;
/** So long before the window closes the client is asked whether to go on. */
const WARNING_MS = 2 * 60_000;
const LOOK_MS = 5000;

const live = document.querySelector('#live');
if (live instanceof HTMLElement) start(live);

/** @param {HTMLElement} live */
function start(live) {
  const path = live.dataset.path ?? location.pathname;
  const stage = /** @type {HTMLElement} */ (live.querySelector('[data-stage]'));
  const status = /** @type {HTMLElement} */ (live.querySelector('[data-status]'));
  status.querySelector('[data-late]')?.remove();
  const { canvas, field } = furnish(stage, live.getAttribute('aria-label') ?? '');

  /** @type {{ to: WebSocket | null, type: (typed: TypedMessage) => Promise<ViewerMessage> } | null} */
  let sealed = null;
  let order = Promise.resolve();
  let queued = 0;
  let over = false;
  /** Said as long as nothing else is: pictures do not hide it. */
  let complaint = '';

  const line = lineTo(path, {
    hear,
    see: (frame) => show.show(frame),
    lost: (often) =>
      tellStatus(
        often
          ? 'There is no connection. Your network may be blocking this: try another network or device.'
          : 'The connection was lost. Reconnecting…',
      ),
    gone: reload,
  });

  /**
   * Says it after everything said before, and without waiting when nothing waits.
   * @param {ViewerMessage} message
   */
  const send = (message) => {
    if (queued === 0) return line.say(message);
    enqueue(() => message);
  };

  /** @param {() => ViewerMessage | null | Promise<ViewerMessage | null>} make */
  const enqueue = (make) => {
    const to = line.now();
    queued += 1;
    order = order
      .then(make)
      .then((message) => {
        // What was meant for a connection that is gone is not said to the next one.
        if (message && to === line.now()) line.say(message);
      })
      .catch(() => {})
      .finally(() => {
        queued -= 1;
      });
  };

  /** @type {(typed: TypedMessage) => void} */
  const type = (typed) => {
    touch();
    // Nor is it sealed with the key of one.
    enqueue(() => (sealed && sealed.to === line.now() ? sealed.type(typed) : null));
  };
  /** @type {(message: ViewerMessage) => void} */
  const act = (message) => {
    touch();
    send(message);
  };

  const show = picture(canvas, (seq) => {
    // The last picture of a view that is over does not hide what is said about it.
    if (line.now()) tellStatus(complaint);
    line.say({ t: 'ack', seq });
  });

  const keyboard = followKeyboard(field, type);
  followPointer(canvas, show.place, act, keyboard.focus);
  for (const button of live.querySelectorAll('[data-go]')) {
    button.addEventListener('click', () => {
      const to = button.getAttribute('data-go');
      if (button.getAttribute('aria-disabled') === 'true') return;
      if (to === 'back' || to === 'reload') act({ t: 'go', to });
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
  let hiddenAt = Infinity;
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) {
      hiddenAt = Date.now();
      return send({ t: 'visible', visible: false });
    }
    act({ t: 'visible', visible: true });
    line.wake(Date.now() - hiddenAt > ASLEEP_MS);
  });
  addEventListener('online', () => line.wake(true));
  // Coming back by the browser's history: the page may be long out of date.
  addEventListener('pageshow', (event) => {
    if (event.persisted) reload();
  });

  // The origin counts in the same way, and closes the window when nobody does anything.
  const idle = Number(live.dataset.idle) * 1000;
  const closing = document.querySelector('[data-closing]');
  let touched = Date.now();
  function touch() {
    touched = Date.now();
    if (closing instanceof HTMLElement && !closing.hidden) steadily(canvas, () => reveal(closing, false));
  }
  closing?.querySelector('button')?.addEventListener('click', () => act({ t: 'visible', visible: true }));
  setInterval(() => {
    if (over || Date.now() - touched <= idle - WARNING_MS) return;
    if (steadily(canvas, () => reveal(closing, true))) closing?.scrollIntoView({ block: 'nearest' });
  }, LOOK_MS);

  /** @param {string} text */
  function tellStatus(text) {
    if (status.textContent !== text) status.textContent = text;
  }

  function reload() {
    if (over) return;
    over = true;
    line.close();
    // A page that sends itself away at once must not do so in a hurry, again and again.
    setTimeout(() => location.replace(path), Math.max(0, RELOAD_MS - performance.now()));
  }

  /** @param {ServerMessage} message */
  function hear(message) {
    switch (message.t) {
      case 'hello': {
        const to = line.now();
        enqueue(() => greet(to, message));
        size();
        if (document.hidden) send({ t: 'visible', visible: false });
        return;
      }
      case 'state':
        if (message.step !== 'SIGN_IN' || !message.signIn?.live) return reload();
        return signingIn(message.signIn);
      case 'remote':
        return steadily(canvas, () => showRemote(live, canvas, message));
      case 'cursor':
        canvas.style.cursor = message.cursor;
        return;
      case 'ended':
        return end(message.reason);
    }
  }

  /** @param {import('./live-wire.js').SignIn} signIn */
  function signingIn(signIn) {
    const asked = steadily(canvas, () => showSignIn(signIn));
    // A question must be seen, even if the picture gives way.
    asked?.scrollIntoView({ block: 'nearest' });
  }

  /**
   * @param {WebSocket | null} to
   * @param {import('./live-wire.js').Hello} hello
   */
  async function greet(to, { publicKey, flowRef }) {
    try {
      const met = await meet(await freshKey(), publicKey, flowRef);
      sealed = { to, type: met.seal };
      return /** @type {ViewerMessage} */ ({ t: 'key', publicKey: met.publicKey });
    } catch {
      // Old browsers, and pages that are not on https: the picture would take no typing, for no visible reason.
      complaint = 'This browser cannot send what you type securely. Please open your link in another one.';
      tellStatus(complaint);
      return null;
    }
  }

  /** @param {string} reason */
  function end(reason) {
    if (reason !== 'taken_over') return reload();
    over = true;
    line.close();
    tellStatus('You went on in another tab or on another device.');
    const here = document.createElement('button');
    here.type = 'button';
    here.className = 'second';
    here.textContent = 'Go on here';
    here.addEventListener('click', () => {
      over = false;
      touch();
      tellStatus('Opening…');
      line.open();
    });
    status.append(document.createElement('br'), here);
  }

  line.open();
}
