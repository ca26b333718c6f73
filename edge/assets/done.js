// @ts-check
/** The last page: shows what the first collection does while it does it. */
import { readTexts } from './live-texts.js';
import { followProof } from './proof-events.js';
import { proofPage } from './proof-page.js';

const place = document.querySelector('#proof');
if (place instanceof HTMLElement) {
  // What is said above changes with the proof as well.
  const page = proofPage(place.closest('main') ?? place, readTexts(place));
  followProof(place.dataset.path ?? location.pathname, page);
}
