// @ts-check
/** Manual entry: what is entered is sealed in the page (entry-form.js); this follows how the sign-in goes on. */
import { entryForm } from './entry-form.js';

/** After a request that failed the next one waits this long, in milliseconds. */
const AGAIN_MS = 3000;

const entry = document.querySelector('#entry');
if (entry instanceof HTMLElement) start(entry);

/** @param {HTMLElement} entry */
function start(entry) {
  const path = entry.dataset.path ?? location.pathname;
  /** The page leads somewhere else. */
  let over = false;

  const form = entryForm(entry, { inPlace: false, change: (change) => over || change(), onGone: leave });
  follow();
  document.addEventListener('submit', (event) => {
    if (!event.defaultPrevented) over = true;
  });
  addEventListener('pageshow', (event) => {
    if (event.persisted) location.reload();
  });

  /** Waits for changes for as long as the page is shown. */
  async function follow() {
    while (!over) {
      try {
        const answer = await fetch(`${path}/state?seen=${entry.dataset.version ?? '0'}`, { cache: 'no-store' });
        if (answer.status === 404 || answer.status === 410) return leave();
        if (!answer.ok) throw new Error('no state');
        const { version } = await answer.json();
        if (String(version) !== entry.dataset.version && !over) await form.show(await fetch(path, { cache: 'no-store' }), false);
      } catch {
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    }
  }

  function leave() {
    if (over) return;
    over = true;
    location.replace(path);
  }
}
