// @ts-check
/** The page around the picture: its elements, and the texts and boxes that it shows. */

/**
 * Adds the canvas for the picture, and the text area that takes the keyboard.
 *
 * @param {HTMLElement} stage
 * @param {string} label
 * @param {import('./live-texts.js').Texts} text
 */
export function addViewerElements(stage, label, text) {
  const canvas = document.createElement('canvas');
  canvas.className = 'picture';
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', label);
  const field = document.createElement('textarea');
  field.className = 'typing';
  field.rows = 1;
  field.autocapitalize = 'off';
  field.spellcheck = false;
  field.setAttribute('autocomplete', 'off');
  field.setAttribute('autocorrect', 'off');
  field.setAttribute('aria-label', text('type-into'));
  field.setAttribute('aria-describedby', 'live-hint');
  stage.prepend(field, canvas);
  return { canvas, field };
}

/**
 * Changes what stands above the picture without moving the picture in the window: a click that is under
 * way must not land somewhere else, and a password must not go into another field.
 *
 * @template T
 * @param {HTMLElement} canvas
 * @param {() => T} change
 */
export function keepPictureInPlace(canvas, change) {
  const before = canvas.getBoundingClientRect().top;
  const changed = change();
  scrollBy({ top: canvas.getBoundingClientRect().top - before, behavior: 'instant' });
  return changed;
}

/**
 * Shows the boxes that fit the state of the sign-in.
 *
 * @param {import('./live-wire.js').SignIn} signIn
 * @param {import('./live-texts.js').Texts} text
 * @returns {Element | null} the question, if it has just appeared
 */
export function showSignIn(signIn, text) {
  for (const box of document.querySelectorAll('[data-trouble]')) {
    reveal(box, box.getAttribute('data-trouble') === signIn.errorCode);
  }
  const message = document.querySelector('[data-message]');
  const words = message?.querySelector('q');
  const said = signIn.siteMessage ?? '';
  if (words && words.textContent !== said) words.textContent = said;
  reveal(message, said !== '');
  const ask = document.querySelector('[data-ask]');
  const asks = reveal(ask, signIn.askSignedIn);
  const aloud = document.querySelector('[data-aloud]');
  if (aloud && asks !== null) aloud.textContent = asks ? text('please-answer') : '';
  return asks ? ask : null;
}

/**
 * Shows or hides an element.
 *
 * @param {Element | null} element
 * @param {boolean} shown
 * @returns {boolean | null} whether it is shown now; null when nothing changed
 */
export function reveal(element, shown) {
  if (!(element instanceof HTMLElement) || element.hidden === !shown) return null;
  element.hidden = !shown;
  return shown;
}

/**
 * Shows the remote page's host, its lock, and whether it can go back.
 *
 * @param {HTMLElement} live
 * @param {HTMLElement} canvas
 * @param {import('./live-wire.js').Remote} remote
 */
export function showRemote(live, canvas, remote) {
  const host = live.querySelector('[data-host]');
  if (host && remote.host) host.textContent = remote.host;
  reveal(live.querySelector('[data-secure]'), remote.secure);
  live.querySelector('[data-go=back]')?.setAttribute('aria-disabled', String(!remote.canGoBack));
  canvas.setAttribute('aria-busy', String(remote.loading));
  canvas.setAttribute('aria-label', remote.title ? `${remote.title}, ${remote.host}` : remote.host);
}
