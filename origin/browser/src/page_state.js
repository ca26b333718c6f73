// @ts-check
/// <reference path="dom.js" />
// A caret that does not blink sends no frames. The property is inherited, so it reaches shadow
// roots; a constructed sheet is not subject to the page's content security policy.
try {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(':root { caret-animation: manual }');
  dom.read(document, 'adoptedStyleSheets').push(sheet);
} catch {
  // An old document type without style sheets has no caret either.
}

// The pointer's shape: no event of the engine tells it.
let shape = '';
/** @type {EventTarget | undefined} */
let under;
dom.listen(
  window,
  'mousemove',
  /** @param {MouseEvent} event */ (event) => {
    const asked = under;
    // The path is empty once the event is over.
    under = event.composedPath()[0];
    if (asked) return;
    requestAnimationFrame(() => {
      const at = under;
      under = undefined;
      if (!(at instanceof Element)) return;
      let next = getComputedStyle(at).cursor.split(',').pop()?.trim() ?? '';
      if (next === 'auto') {
        const types = /^(?:button|checkbox|color|file|image|radio|range|reset|submit)$/;
        if (dom.matches(at, 'input, textarea')) next = types.test(dom.attribute(at, 'type') ?? '') ? 'default' : 'text';
        else if (dom.closest(at, 'a[href]')) next = 'pointer';
        else if (dom.matches(at, 'p, h1, h2, h3, h4, h5, h6, li, td, th, span, label, dt, dd')) next = 'text';
        else next = 'default';
      }
      if (next === shape) return;
      shape = next;
      /** @type {any} */ (globalThis).reportCursor(next);
    });
  },
  { capture: true, passive: true },
);

// The main frame's title, whenever it changes.
if (window === top) {
  /** @type {string | undefined} */
  let title;
  const tell = () => {
    const now = dom.title();
    if (now === title) return;
    title = now;
    /** @type {any} */ (globalThis).reportTitle(now.slice(0, 1000).toWellFormed());
  };
  const watch = () => {
    tell();
    const head = dom.read(document, 'head');
    if (head) {
      new MutationObserver(tell).observe(head, { childList: true, subtree: true, characterData: true });
    }
  };
  if (dom.read(document, 'readyState') === 'loading') dom.listen(window, 'DOMContentLoaded', watch, { once: true });
  else watch();
}

// What the person must see to go on: what has the focus, or what is filled first while nothing has it.
/** @type {Element | null} */
let needed = null;
let isFocused = false;
let isNew = false;
let isTold = true;
// A moment later, once the page has scrolled to it.
const tellNeeded = () => {
  if (!isTold) return;
  isTold = false;
  setTimeout(() => {
    isTold = true;
    /** @type {any} */ (globalThis).reportNeeded(needed ? (isNew ? 'another' : 'moved') : 'gone');
    isNew = false;
  }, 50);
};
/** What was needed last, until it is gone from the document. @type {Element | null} */
let last = null;
/** @param {Element} element @param {boolean} another */
const need = (element, another) => {
  needed = element;
  isNew ||= another;
  if (!last) removed.observe(document, { childList: true, subtree: true });
  last = element;
  tellNeeded();
};
// A page that is built by scripts takes one step away and shows the next one.
const removed = new MutationObserver(() => {
  if (!last || dom.isConnected(last)) return;
  removed.disconnect();
  if (needed === last) lose();
  last = null;
  lookForField(6);
});
const lose = () => {
  isFocused = false;
  needed = null;
  tellNeeded();
};
/** @type {any} */ (globalThis).neededElement = () => (needed && dom.isConnected(needed) ? needed : null);
dom.listen(
  window,
  'focusin',
  /** @param {FocusEvent} event */ (event) => {
    const at = event.composedPath()[0];
    if (!(at instanceof Element) || dom.matches(at, 'body, html')) return;
    isFocused = true;
    need(at, true);
  },
  { capture: true, passive: true },
);
// It may go to another frame, which tells of it.
dom.listen(window, 'focusout', lose, { capture: true, passive: true });
/** @param {boolean} isSmaller */
const moved = (isSmaller) => {
  if (!isFocused || !needed) return;
  if (isSmaller) dom.invoke(needed, 'scrollIntoView', { block: 'nearest' });
  need(needed, false);
};
dom.listen(window, 'scrollend', () => moved(false), { capture: true, passive: true });
// What has the focus stays in sight, as it does in a browser when the keyboard comes up.
dom.listen(window, 'resize', () => moved(true), { capture: true, passive: true });

/** The field that a sign-in begins with, where one is in sight. */
function firstField() {
  const isShown = (/** @type {Element} */ element) => dom.isRendered(element, { visibilityProperty: true, opacityProperty: true });
  const known = dom.all(document, 'input[autocomplete~=one-time-code], input[autocomplete~=username], input[type=password]').slice(0, 50);
  const first = known.find(isShown);
  const form = first && dom.form(first);
  if (!form || !dom.matches(first, '[type=password]')) return first ?? null;
  const fields = dom.all(form, 'input:is([type=text], [type=email], [type=tel], [type=number], :not([type])), [type=password]').slice(0, 50);
  return fields.find(isShown) ?? first;
}
/** What scripts build comes somewhat later than the document. @param {number} times */
const lookForField = (times) => {
  if (needed) return;
  const field = firstField();
  if (field) need(field, true);
  else if (times > 0) setTimeout(lookForField, 500, times - 1);
};
if (dom.read(document, 'readyState') === 'complete') lookForField(6);
else dom.listen(window, 'load', () => lookForField(6), { once: true });
