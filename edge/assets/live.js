// @ts-check
/** The live view: shows the remote browser's picture and sends the client's input to it. */
import { followFocus } from './live-focus.js';
import { followKeyboard } from './live-keyboard.js';
import { liveConnection } from './live-connection.js';
import { followEntry } from './live-entry.js';
import { addViewerElements, reveal, showRemote, showSignIn, keepPictureInPlace } from './live-page.js';
import { createPicture } from './live-picture.js';
import { followPointer } from './live-pointer.js';
import { agreeOnKey, freshKey } from './live-seal.js';
import { readTexts } from './live-texts.js';

/** @typedef {import('./live-wire.js').ViewerMessage} ViewerMessage */
/** @typedef {import('./live-wire.js').TypedMessage} TypedMessage */
/** @typedef {import('./live-wire.js').ServerMessage} ServerMessage */

const RESIZE_MS = 150;
/** A page lives at least this long, in milliseconds, before it reloads itself. */
const RELOAD_MS = 1500;
/** A tab that was hidden for this long may have a dead connection. */
const ASLEEP_MS = 20_000;
const IDLE_CHECK_MS = 5000;

const live = document.querySelector('#live');
if (live instanceof HTMLElement) start(live);

/** @param {HTMLElement} live */
function start(live) {
  const path = live.dataset.path ?? location.pathname;
  const step = live.dataset.step;
  const stage = /** @type {HTMLElement} */ (live.querySelector('[data-stage]'));
  const status = /** @type {HTMLElement} */ (live.querySelector('[data-status]'));
  status.querySelector('[data-late]')?.remove();
  const text = readTexts(live);
  const { canvas, field } = addViewerElements(stage, live.getAttribute('aria-label') ?? '', text);

  /** @type {{ to: WebSocket | null, seal: (typed: TypedMessage) => Promise<ViewerMessage> } | null} */
  let sealed = null;
  let order = Promise.resolve();
  let queued = 0;
  let over = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let reloading;
  /** An error that stays: frames do not hide it. */
  let lastingError = '';

  const connection = liveConnection(path, {
    onMessage,
    onFrame: (frame) => picture.show(frame),
    onLost: (often) => tellStatus(often ? text('connection-blocked') : text('connection-lost')),
    onGone: reload,
  });

  /**
   * Sends a message after everything that was queued before, at once when nothing is queued.
   * @param {ViewerMessage} message
   */
  const send = (message) => {
    if (queued === 0) return connection.send(message);
    enqueue(() => message);
  };

  /** @param {() => ViewerMessage | null | Promise<ViewerMessage | null>} make */
  const enqueue = (make) => {
    const to = connection.current();
    queued += 1;
    order = order
      .then(make)
      .then((message) => {
        // What was meant for a WebSocket that is gone is not sent to the next one.
        if (message && to === connection.current()) connection.send(message);
      })
      .catch(() => {})
      .finally(() => {
        queued -= 1;
      });
  };

  /** @type {(typed: TypedMessage) => void} */
  const sendTyped = (typed) => {
    touch();
    // Nor is it sealed with the key of an older one.
    enqueue(() => (sealed && sealed.to === connection.current() ? sealed.seal(typed) : null));
  };
  /** @type {(message: ViewerMessage) => void} */
  const sendInput = (message) => {
    touch();
    send(message);
  };

  const picture = createPicture(canvas, (seq) => {
    // The last frame of a live view that is over does not hide the reason.
    if (connection.current()) tellStatus(lastingError);
    connection.send({ t: 'ack', seq });
    focus.drawn();
  });

  const asks = () => document.querySelector('#entry form, [data-ask]:not([hidden])') !== null;
  const focus = followFocus(canvas, field, picture.shownAt, asks);
  const keyboard = followKeyboard(field, (typed) => {
    focus.typed();
    sendTyped(typed);
  });
  followPointer(canvas, picture.remotePoint, sendInput, keyboard.focus);
  for (const button of live.querySelectorAll('[data-go]')) {
    button.addEventListener('click', () => {
      const to = button.getAttribute('data-go');
      if (button.getAttribute('aria-disabled') === 'true') return;
      if (to === 'back' || to === 'reload') sendInput({ t: 'go', to });
    });
  }

  const sendSize = () => {
    const { width, height } = stage.getBoundingClientRect();
    send({ t: 'resize', width: Math.max(320, Math.round(width)), height: Math.max(320, Math.round(height)) });
  };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let resizing;
  new ResizeObserver(() => {
    clearTimeout(resizing);
    resizing = setTimeout(sendSize, RESIZE_MS);
  }).observe(stage);
  let hiddenAt = Infinity;
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) {
      hiddenAt = Date.now();
      return send({ t: 'visible', visible: false });
    }
    sendInput({ t: 'visible', visible: true });
    connection.wake(Date.now() - hiddenAt > ASLEEP_MS);
  });
  addEventListener('online', () => connection.wake(true));
  // A button of the page leads somewhere else: the end of the live view, which follows, must not lead back here.
  document.addEventListener('submit', (event) => {
    // What is entered above the picture is sent by a script.
    if (event.defaultPrevented) return;
    over = true;
    clearTimeout(reloading);
    connection.close();
  });
  // Coming back by the browser's history: the page may be long out of date.
  addEventListener('pageshow', (event) => {
    if (!event.persisted) return;
    over = false;
    reload();
  });

  // The origin counts in the same way, and closes the window when nobody does anything.
  const idle = Number(live.dataset.idle) * 1000;
  const warning = Number(live.dataset.warning) * 1000;
  const closing = document.querySelector('[data-closing]');
  let touched = Date.now();
  function touch() {
    touched = Date.now();
    if (closing instanceof HTMLElement && !closing.hidden) keepPictureInPlace(canvas, () => reveal(closing, false));
  }
  closing?.querySelector('button')?.addEventListener('click', () => sendInput({ t: 'visible', visible: true }));
  setInterval(() => {
    if (over || Date.now() - touched <= idle - warning) return;
    if (keepPictureInPlace(canvas, () => reveal(closing, true))) closing?.scrollIntoView({ block: 'nearest' });
  }, IDLE_CHECK_MS);

  /** @param {string} message */
  function tellStatus(message) {
    if (status.textContent !== message) status.textContent = message;
  }

  function reload() {
    if (over) return;
    over = true;
    connection.close();
    // A page that reloads at once must not do so again and again in a hurry.
    reloading = setTimeout(() => location.replace(path), Math.max(0, RELOAD_MS - performance.now()));
  }

  /** @param {ServerMessage} message */
  function onMessage(message) {
    switch (message.t) {
      case 'hello': {
        const to = connection.current();
        enqueue(() => answerHello(to, message));
        sendSize();
        if (document.hidden) send({ t: 'visible', visible: false });
        return;
      }
      case 'state':
        if (message.step !== step) return reload();
        // Past the sign-in the page itself says what there is to do.
        if (step !== 'SIGN_IN') return;
        if (!message.signIn?.live || message.signIn.manual) return reload();
        return onSignIn(message.signIn);
      case 'remote':
        return keepPictureInPlace(canvas, () => showRemote(live, canvas, message));
      case 'cursor':
        canvas.style.cursor = message.cursor;
        return;
      case 'focus':
        return focus.show(message);
      case 'ended':
        return onEnded(message.reason);
    }
  }

  const section = step === 'SIGN_IN' ? document.querySelector('#entry') : null;
  const showEntry =
    section instanceof HTMLElement && followEntry(section, path, (change) => keepPictureInPlace(canvas, change));

  /** @param {import('./live-wire.js').SignIn} signIn */
  function onSignIn(signIn) {
    if (showEntry) showEntry(signIn);
    const asked = keepPictureInPlace(canvas, () => showSignIn(signIn, text));
    // A question must be seen, even if the picture gives way.
    asked?.scrollIntoView({ block: 'nearest' });
  }

  /**
   * @param {WebSocket | null} to
   * @param {import('./live-wire.js').Hello} hello
   */
  async function answerHello(to, { publicKey, flowRef }) {
    try {
      const agreed = await agreeOnKey(await freshKey(), publicKey, flowRef);
      sealed = { to, seal: agreed.seal };
      return /** @type {ViewerMessage} */ ({ t: 'key', publicKey: agreed.publicKey });
    } catch {
      // Old browsers, and pages that are not on https: the picture would take no typing, for no visible reason.
      lastingError = text('cannot-seal');
      tellStatus(lastingError);
      return null;
    }
  }

  /** @param {string} reason */
  function onEnded(reason) {
    if (reason !== 'taken_over') return reload();
    over = true;
    connection.close();
    tellStatus(text('taken-over'));
    status.classList.add('covering');
    const here = document.createElement('button');
    here.type = 'button';
    here.className = 'second';
    here.textContent = text('go-on-here');
    here.addEventListener('click', () => {
      over = false;
      touch();
      status.classList.remove('covering');
      tellStatus(text('opening'));
      connection.open();
    });
    status.append(document.createElement('br'), here);
  }

  connection.open();
}
