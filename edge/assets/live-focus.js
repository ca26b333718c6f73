// @ts-check
/**
 * Keeps in sight what is typed into: when something else has the focus in the picture, the window scrolls to it, above the
 * keyboard on the screen. Where the client scrolls by hand, nothing else does.
 */

import { isAtBeginning } from './focused.js';

/** @typedef {import('./live-wire.js').Focus} Focus */
/** @typedef {{ top: number, bottom: number }} Span */

/** What is scrolled to has some room around it, more of it above, where its label is. In pixels. */
const ABOVE = 56;
const BELOW = 16;
/** The next field and its label are in about this room, in pixels. */
const NEXT_FIELD = 120;
/** A keyboard on the screen takes more of the window's height than this, in pixels; a bar of the browser takes less. */
const KEYBOARD_PX = 120;
/** Once the keyboard comes the website is laid out anew within this time, in milliseconds. */
const SETTLED_MS = 2000;

/**
 * How far to scroll so that the span can be seen; 0 where it can be.
 *
 * @param {Span} span
 * @param {Span} seen the part of the window that nothing covers
 * @param {boolean} next what comes below it, which a keyboard on the screen would cover, is to be seen as far as there is room
 */
export function scrollTo({ top, bottom }, seen, next) {
  const isSeen = top >= seen.top && bottom <= seen.bottom;
  if (isSeen && !next) return 0;
  const up = top - ABOVE - seen.top;
  const down = bottom + (next ? NEXT_FIELD : BELOW) - seen.bottom;
  if (isSeen) return Math.max(0, Math.min(up, down));
  return up < 0 ? up : Math.min(up, down);
}

/**
 * @param {HTMLElement} canvas
 * @param {HTMLTextAreaElement} field takes the keyboard for the picture
 * @param {(place: import('./live-wire.js').Place) => Span | null} shownAt
 * @param {() => boolean} asks whether something above the picture is to be answered first
 */
export function followFocus(canvas, field, shownAt, asks) {
  const screen = window.visualViewport;
  /** @type {Focus} */
  let focus = { t: 'focus', number: 0, place: null };
  /** Something else has the focus, and is to be shown as soon as it can be. */
  let waits = false;
  /** The pointers that press the picture: what is under them must not move. */
  const pressing = new Set();
  /** The client has scrolled, and done nothing in the picture since. */
  let byHand = false;
  let tallest = { width: 0, height: 0 };
  let hasKeyboard = false;
  let keyboardAt = -Infinity;
  let scrolled = window.scrollY;

  const isTyping = () => document.activeElement === field;
  /** Nothing was done on the page so far: neither scrolled, nor anything used. */
  const isUntouched = () => {
    return isAtBeginning() && Math.abs(window.scrollY - scrolled) < 2 && !asks();
  };

  function reveal() {
    if (!focus.place) return;
    const mayScroll = pressing.size === 0 && !byHand && (isTyping() || isUntouched());
    const span = mayScroll && shownAt(focus.place);
    // Without a picture it waits; where it may not be scrolled to now, it is not later either.
    waits &&= span === null;
    if (!span) return;
    const top = screen?.offsetTop ?? 0;
    const by = scrollTo(span, { top, bottom: top + (screen?.height ?? window.innerHeight) }, hasKeyboard);
    if (by !== 0) window.scrollBy({ top: by, behavior: 'instant' });
    scrolled = window.scrollY;
  }

  function typed() {
    byHand = false;
    reveal();
  }

  // The keyboard on the screen covers the end of the page: there must be something to scroll to.
  function makeRoom() {
    if (!screen || screen.scale > 1.05) return;
    const covered = isTyping() ? document.documentElement.clientHeight - screen.height : 0;
    document.body.style.paddingBottom = covered > 1 ? `${covered}px` : '';
    const { width, height } = screen;
    // Another width: the screen was turned.
    tallest = { width, height: width === tallest.width ? Math.max(height, tallest.height) : height };
    const came = !hasKeyboard;
    hasKeyboard = tallest.height - height > KEYBOARD_PX;
    if (!hasKeyboard) return;
    if (came) keyboardAt = performance.now();
    if (isTyping() && isSettling()) reveal();
  }
  const isSettling = () => performance.now() - keyboardAt < SETTLED_MS;
  makeRoom();
  screen?.addEventListener('resize', makeRoom);
  field.addEventListener('blur', makeRoom);
  // Who comes by the keyboard.
  field.addEventListener('keyup', (event) => event.key === 'Tab' && typed());

  // A pointer presses what it sees.
  canvas.addEventListener('pointerdown', (event) => {
    pressing.add(event.pointerId);
    waits = false;
    byHand = false;
  });
  for (const end of ['pointerup', 'pointercancel']) {
    window.addEventListener(end, (event) => event instanceof PointerEvent && pressing.delete(event.pointerId), { capture: true });
  }
  // What is turned or moved in the picture scrolls the website, not the window.
  for (const move of ['wheel', 'touchmove']) {
    window.addEventListener(move, ({ target }) => (byHand ||= target !== canvas), { passive: true });
  }
  // Its scroll bar belongs to the document itself.
  window.addEventListener('pointerdown', ({ target }) => (byHand ||= target === document.documentElement));

  return {
    /** @param {Focus} next */
    show(next) {
      waits ||= next.number !== focus.number;
      focus = next;
      if (waits || isSettling()) reveal();
    },
    /** Another picture is drawn. */
    drawn() {
      if (waits) reveal();
    },
    /** Something is typed. */
    typed,
  };
}
