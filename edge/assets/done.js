// @ts-check
/** The last page: shows what the first collection does while it does it. */
import { readTexts } from './live-texts.js';
import { followProof } from './proof-events.js';
import { proofPage } from './proof-page.js';

const place = document.querySelector('#proof');
if (place instanceof HTMLElement) {
  const page = proofPage(place, readTexts(place));
  followProof(place.dataset.path ?? location.pathname, page);
}
