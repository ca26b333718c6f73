// A caret that does not blink sends no frames. The property is inherited, so it reaches shadow
// roots; a constructed sheet is not subject to the page's content security policy.
try {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(':root { caret-animation: manual }');
  document.adoptedStyleSheets.push(sheet);
} catch {
  // An old document type without style sheets has no caret either.
}

// The pointer's shape: no event of the engine tells it.
let shape = '';
/** @type {EventTarget | undefined} */
let under;
addEventListener(
  'mousemove',
  (event) => {
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
        if (at.matches('input, textarea')) next = types.test(at.getAttribute('type') ?? '') ? 'default' : 'text';
        else if (at.closest('a[href]')) next = 'pointer';
        else if (at.matches('p, h1, h2, h3, h4, h5, h6, li, td, th, span, label, dt, dd')) next = 'text';
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
    if (document.title === title) return;
    title = document.title;
    /** @type {any} */ (globalThis).reportTitle(title.slice(0, 1000).toWellFormed());
  };
  const watch = () => {
    tell();
    if (document.head) {
      new MutationObserver(tell).observe(document.head, { childList: true, subtree: true, characterData: true });
    }
  };
  if (document.readyState === 'loading') addEventListener('DOMContentLoaded', watch, { once: true });
  else watch();
}
