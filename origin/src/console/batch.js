// @ts-check
/** Shows how far a file is while its rows are worked through. Without it the page has a link to look again. */

import { say } from './console.js';

const EVERY_MS = 2000;
/** How many times the progress of a file is told to those who hear the page. */
const MILESTONES = 4;

/** What was told last. */
let told = milestone(document);

setTimeout(look, EVERY_MS);

async function look() {
  if (document.visibilityState === 'hidden') {
    document.addEventListener('visibilitychange', look, { once: true });
    return;
  }
  const place = document.querySelector('#progress');
  if (!place) return;
  try {
    const answer = await fetch(location.href);
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const now = page.querySelector('#progress');
    if (answer.ok && !now) {
      location.reload();
      return;
    }
    if (now) {
      const reached = milestone(page);
      const text = page.querySelector('#state')?.textContent ?? '';
      place.replaceChildren(...now.childNodes);
      if (reached !== told) say(text);
      told = reached;
    }
  } catch {
    // No connection just now.
  }
  setTimeout(look, EVERY_MS);
}

/** What is done with the file, and how many quarters of it are. @param {Document} page */
function milestone(page) {
  const progress = page.querySelector('#progress progress');
  const done = progress instanceof HTMLProgressElement ? progress.position : 0;
  const [doing] = (page.querySelector('#state')?.textContent ?? '').split(':');
  return `${doing} ${Math.floor(done * MILESTONES)}`;
}
