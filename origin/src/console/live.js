// @ts-check
/** How far collections are, told by the server while the page is looked at. */

/** @typedef {{ id: string, label: string, tone: string, who: string, progress: string }} Told */

const TONES = ['good', 'waits', 'bad', 'off'];

/** The places of the page that tell of a connection, by its id. @type {Map<string, HTMLElement>} */
const places = new Map();
/** @type {EventSource | null} */
let events = null;
/** Whether the session is over: nothing more is to come. */
let isOver = false;

/** Follows the connections of the page from now on. */
export function followConnections() {
  for (const place of document.querySelectorAll('[data-connection]')) {
    if (place instanceof HTMLElement) places.set(place.dataset.connection ?? '', place);
  }
  follow();
  document.addEventListener('visibilitychange', follow);
  // A page that is kept for coming back to must not keep a connection open.
  addEventListener('pagehide', stop);
  addEventListener('pageshow', follow);
}

/** Follows while somebody looks, and no longer. */
function follow() {
  if (document.visibilityState === 'hidden' || isOver) return stop();
  if (events || places.size === 0) return;
  events = new EventSource(`/console/connections/events?ids=${[...places.keys()].join(',')}`);
  events.addEventListener('message', (event) => {
    for (const told of /** @type {Told[]} */ (JSON.parse(event.data))) show(told);
  });
  events.addEventListener('over', () => {
    isOver = true;
    stop();
  });
}

function stop() {
  events?.close();
  events = null;
}

/** @param {Told} told */
function show(told) {
  const place = places.get(told.id);
  if (!place) return;
  const status = part(place, 'status');
  if (status) {
    status.textContent = told.label;
    status.classList.remove(...TONES);
    status.classList.add(told.tone);
  }
  write(part(place, 'who'), told.who);
  const progress = part(place, 'progress');
  const ran = progress !== null && !progress.hidden;
  write(progress, told.progress);
  const news = part(place, 'news');
  if (news && ran && told.progress === '') {
    news.hidden = false;
    const told = document.querySelector('#told');
    if (told) told.textContent = 'The collection has ended.';
  }
}

/** @param {HTMLElement} place @param {string} name @returns {HTMLElement | null} */
function part(place, name) {
  return place.querySelector(`[data-live="${name}"]`);
}

/** @param {HTMLElement | null} element @param {string} text */
function write(element, text) {
  if (!element) return;
  element.textContent = text;
  element.hidden = text === '';
}
