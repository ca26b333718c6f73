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
