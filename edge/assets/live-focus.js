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
/** After another size of the window the website is laid out anew within this time, in milliseconds. */
const SETTLED_MS = 2000;

/**
 * How far to scroll so that the span can be seen; 0 where it can be.
 *
 * @param {Span} span
 * @param {Span} seen the part of the window that nothing covers
 */
export function scrollTo({ top, bottom }, seen) {
  if (top >= seen.top && bottom <= seen.bottom) return 0;
  const up = top - ABOVE - seen.top;
  const down = bottom + BELOW - seen.bottom;
  return up < 0 ? up : Math.min(up, down);
}

/**
 * @param {HTMLTextAreaElement} field takes the keyboard for the picture
 * @param {(place: import('./live-wire.js').Place) => Span | null} shownAt
 * @param {() => boolean} asks whether something above the picture is to be answered first
 */
export function followFocus(field, shownAt, asks) {
  const screen = window.visualViewport;
  /** @type {Focus} */
  let focus = { t: 'focus', number: 0, place: null };
  let waits = false;
  let resizedAt = -Infinity;
  let scrolled = scrollY;

  const isTyping = () => document.activeElement === field;
  /** Nothing was done on the page so far: neither scrolled, nor anything used. */
  const isUntouched = () => {
    return isAtBeginning() && Math.abs(scrollY - scrolled) < 2 && !asks();
  };

  function reveal() {
    if (!focus.place || !(isTyping() || isUntouched())) return;
    const span = shownAt(focus.place);
    if (!span) return;
    waits = false;
    const top = screen?.offsetTop ?? 0;
    const by = scrollTo(span, { top, bottom: top + (screen?.height ?? innerHeight) });
    if (by !== 0) scrollBy({ top: by, behavior: 'instant' });
    scrolled = scrollY;
  }

  // The keyboard on the screen covers the end of the page: there must be something to scroll to.
  function makeRoom() {
    if (!screen || screen.scale > 1.05) return;
    const covered = isTyping() ? document.documentElement.clientHeight - screen.height : 0;
    document.body.style.paddingBottom = covered > 1 ? `${covered}px` : '';
    resizedAt = performance.now();
    if (isTyping()) reveal();
  }
  screen?.addEventListener('resize', makeRoom);
  field.addEventListener('blur', makeRoom);
  // Who comes by the keyboard. A pointer has pressed what it sees.
  field.addEventListener('keyup', (event) => event.key === 'Tab' && reveal());

  return {
    /** @param {Focus} next */
    show(next) {
      waits ||= next.number !== focus.number;
      focus = next;
      if (waits || performance.now() - resizedAt < SETTLED_MS) reveal();
    },
    /** Another picture is drawn. */
    drawn() {
      if (waits) reveal();
    },
    /** Something is typed. */
    typed: reveal,
  };
}
