// @ts-check
/** Mouse, pen, wheel and touch on the picture. */
import { modifiers } from './live-wire.js';

/** @typedef {import('./live-wire.js').ViewerMessage} ViewerMessage */

/** Presses this close, in milliseconds and pixels, make a double click. */
const AGAIN_MS = 500;
const AGAIN_PX = 5;
/** A finger that moves further than this scrolls. */
const TAP_PX = 10;
/** A line of a wheel that counts in lines; browsers agree on about this. */
const LINE_PX = 16;

/**
 * How many presses in a row this one is.
 *
 * @returns {(event: { timeStamp: number, clientX: number, clientY: number, button: number }) => number}
 */
export function clickCounter() {
  let last = { at: -Infinity, x: 0, y: 0, button: -1, count: 0 };
  return ({ timeStamp: at, clientX: x, clientY: y, button }) => {
    const again =
      at - last.at < AGAIN_MS &&
      button === last.button &&
      Math.hypot(x - last.x, y - last.y) < AGAIN_PX &&
      last.count < 3;
    last = { at, x, y, button, count: again ? last.count + 1 : 1 };
    return last.count;
  };
}

/**
 * @param {HTMLElement} canvas
 * @param {(clientX: number, clientY: number) => { x: number, y: number }} remotePoint
 * @param {(message: ViewerMessage) => void} send
 * @param {() => void} focus the keyboard goes where the pointer pressed
 */
export function followPointer(canvas, remotePoint, send, focus) {
  const count = clickCounter();
  let clicks = 0;
  /** @type {PointerEvent | null} */
  let moved = null;
  /** @type {{ event: WheelEvent, dx: number, dy: number } | null} */
  let turned = null;
  let asked = false;
  /** @type {{ x: number, y: number, scrolls: boolean } | null} */
  let finger = null;

  /** @param {'move' | 'down' | 'up'} kind @param {PointerEvent} event @param {number} buttons */
  const tell = (kind, event, buttons = event.buttons) => {
    const { x, y } = remotePoint(event.clientX, event.clientY);
    const button = kind === 'move' ? -1 : event.button;
    send({
      t: 'pointer',
      kind,
      x,
      y,
      button,
      buttons: buttons & 7,
      clicks: kind === 'move' ? 0 : clicks,
      mods: modifiers(event),
    });
  };

  const flush = () => {
    if (moved) tell('move', moved);
    moved = null;
    if (turned) {
      const { x, y } = remotePoint(turned.event.clientX, turned.event.clientY);
      send({ t: 'wheel', x, y, dx: turned.dx, dy: turned.dy, mods: modifiers(turned.event) });
    }
    turned = null;
  };

  const later = () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      flush();
    });
  };

  /** @param {PointerEvent} event */
  const fingerMoved = (event) => {
    if (!finger) return;
    const dx = finger.x - event.clientX;
    const dy = finger.y - event.clientY;
    finger.scrolls ||= Math.hypot(dx, dy) > TAP_PX;
    if (!finger.scrolls) return;
    const { x, y } = remotePoint(event.clientX, event.clientY);
    send({ t: 'wheel', x, y, dx, dy, mods: 0 });
    finger.x = event.clientX;
    finger.y = event.clientY;
  };

  canvas.addEventListener('pointermove', (event) => {
    if (event.pointerType === 'touch') return fingerMoved(event);
    moved = event;
    later();
  });

  canvas.addEventListener('pointerdown', (event) => {
    // Without this the focus would go to the picture, which takes none.
    event.preventDefault();
    if (event.pointerType === 'touch') {
      finger = event.isPrimary ? { x: event.clientX, y: event.clientY, scrolls: false } : null;
      return;
    }
    focus();
    if (event.button > 2) return;
    canvas.setPointerCapture(event.pointerId);
    flush();
    clicks = count(event);
    tell('down', event);
  });

  canvas.addEventListener('pointerup', (event) => {
    if (event.pointerType === 'touch') {
      if (finger && !finger.scrolls) {
        // Only now: the keyboard on the screen does not come up for one who scrolls.
        focus();
        clicks = count(event);
        tell('move', event, 0);
        tell('down', event, 1);
        tell('up', event, 0);
      }
      finger = null;
      return;
    }
    if (event.button > 2) return;
    flush();
    tell('up', event);
  });

  canvas.addEventListener('pointercancel', (event) => {
    finger = null;
    if (event.pointerType !== 'touch') tell('up', event, 0);
  });

  canvas.addEventListener(
    'wheel',
    (event) => {
      // Zoom stays the client's own.
      if (event.ctrlKey) return;
      event.preventDefault();
      const unit = event.deltaMode === 0 ? 1 : event.deltaMode === 1 ? LINE_PX : canvas.clientHeight;
      turned = {
        event,
        dx: (turned?.dx ?? 0) + event.deltaX * unit,
        dy: (turned?.dy ?? 0) + event.deltaY * unit,
      };
      later();
    },
    { passive: false },
  );

  canvas.addEventListener('contextmenu', (event) => event.preventDefault());
}
