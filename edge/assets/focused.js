// @ts-check
/** Where the visitor is on the page. */

/** Whether nothing was gone to so far: a page begins at its heading. */
export function isAtBeginning() {
  const at = document.activeElement;
  return at === null || at === document.body || at.localName === 'h1';
}
