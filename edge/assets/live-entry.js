// @ts-check
/** What can be answered above the website's picture, as the state of the sign-in says: a code, an approval. */
import { entryForm } from './entry-form.js';

/** @typedef {import('./live-wire.js').SignIn} SignIn */

/** A page that could not be loaded is loaded again after this long, in milliseconds. */
const AGAIN_MS = 2000;

/**
 * Tells when what is shown is out of date: something else can be entered than was told before.
 *
 * @param {boolean} asked the page came with something to enter, which may be old
 * @returns {(signIn: Pick<SignIn, 'entry'>) => boolean}
 */
export function entryChanges(asked) {
  let told = asked ? '' : 'null';
  return ({ entry }) => {
    const now = JSON.stringify(entry);
    const changed = now !== told;
    told = now;
    return changed;
  };
}

/**
 * @param {HTMLElement} section
 * @param {string} path
 * @param {(change: () => void) => void} change changes the page without moving the picture
 * @returns {(signIn: SignIn) => void} shows what can be entered now
 */
export function followEntry(section, path, change) {
  const changes = entryChanges(section.querySelector('form') !== null);
  const progress = section.querySelector('[data-progress]');
  /** @type {SignIn | null} */
  let told = null;
  /** What goes on is said until it is over. */
  const endProgress = () => {
    if (!told || told.phase === 'SUBMITTING' || !progress?.textContent) return;
    progress.textContent = '';
    progress.removeAttribute('data-working');
  };
  const form = entryForm(section, {
    inPlace: true,
    change(replace) {
      const asked = section.querySelector('form') !== null;
      change(() => {
        replace();
        endProgress();
      });
      // What is asked must be seen, even if the picture gives way.
      if (!asked && section.querySelector('form')) section.scrollIntoView({ block: 'nearest' });
    },
    // The connection tells of another step.
    onGone() {},
  });
  let wanted = 0;

  /** Loads what the page shows by now. @param {number} turn */
  async function load(turn) {
    try {
      await form.show(await fetch(path, { cache: 'no-store' }), false);
    } catch {
      setTimeout(() => turn === wanted && void load(turn), AGAIN_MS);
    }
  }

  return (signIn) => {
    told = signIn;
    change(endProgress);
    if (!changes(signIn)) return;
    wanted += 1;
    void load(wanted);
  };
}
