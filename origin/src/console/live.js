// @ts-check
/** How far collections are, told by the server while the page is looked at. */

import { say } from './console.js';

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
  const news = [];
  if (status) {
    if (status.textContent !== told.label) news.push(told.label);
    status.textContent = told.label;
    status.classList.remove(...TONES);
    status.classList.add(told.tone);
  }
  write(part(place, 'who'), told.who);
  const progress = part(place, 'progress');
  const before = progress === null || progress.hidden ? '' : progress.textContent;
  write(progress, told.progress);
  if (before !== '' && told.progress === '') {
    news.push('The collection has ended');
    const link = part(place, 'news');
    if (link) link.hidden = false;
  } else if (milestone(before) !== milestone(told.progress)) {
    news.push(told.progress);
  }
  if (news.length === 0) return;
  // In a list it must be said which one it is.
  const name = place.querySelector('th')?.textContent?.trim();
  say([name, ...news].filter(Boolean).join(': '));
}

/** What is done, and how many quarters of it where there is a number. @param {string | null} progress */
function milestone(progress) {
  const [done, all] = (progress?.match(/\d+/g) ?? []).map(Number);
  return done !== undefined && all ? `${Math.floor((4 * done) / all)}` : progress;
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
