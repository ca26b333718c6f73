// @ts-check
/**
 * SITES: shows the accounts that are found, and ticks what they are for until the visitor ticks a box of that kind. What the
 * visitor ticked outlasts the page until it is sent: it may be loaded again, or left and come back to.
 */

/** After a request that failed the next one waits this long, in milliseconds. */
const AGAIN_MS = 2000;

const page = document.querySelector('#sites-page');
if (page instanceof HTMLElement) void follow(page);

/** @param {HTMLElement} page */
async function follow(page) {
  const path = page.dataset.path ?? location.pathname;
  /** Names of the boxes of which the visitor has ticked one. */
  const touched = restored(path);
  let over = false;
  document.addEventListener('change', ({ target }) => {
    if (!(target instanceof HTMLInputElement)) return;
    touched.add(target.name);
    keep(path, touched);
  });
  document.addEventListener('submit', () => {
    over = true;
    forget(path);
  });
  while (!over && document.querySelector('[data-goes-on]')) {
    try {
      const answer = await fetch(`${path}/state?seen=${page.dataset.version ?? '0'}`, { cache: 'no-store' });
      if (answer.status === 404 || answer.status === 410) return location.replace(path);
      if (!answer.ok) throw new Error('no state');
      const { version } = await answer.json();
      if (String(version) === page.dataset.version || over) continue;
      // Title and main part alone: the page's style sheets are for another nonce.
      const parts = (await (await fetch(path, { cache: 'no-store' })).text()).match(/<title>[^<]*<\/title>|<main[^]*<\/main>/g);
      const next = new DOMParser().parseFromString(parts?.join('') ?? '', 'text/html');
      const after = next.querySelector('#sites-page');
      // Another step: the visitor went on somewhere else.
      if (!(after instanceof HTMLElement)) return location.replace(path);
      page.dataset.version = after.dataset.version;
      if (!over) show(next, touched);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

/** @param {Document} next @param {Set<string>} touched */
function show(next, touched) {
  for (const region of ['[data-seen]', '[data-earlier]']) {
    const shown = document.querySelector(region);
    const told = next.querySelector(region);
    if (!shown || !told) continue;
    if (shown.textContent !== told.textContent) shown.replaceChildren(...told.childNodes);
    shown.toggleAttribute('data-goes-on', told.hasAttribute('data-goes-on'));
  }
  dropAnswered(next);
  for (const box of boxes()) {
    if (touched.has(box.name)) continue;
    const after = next.querySelector(same(box));
    if (after) box.checked = after.hasAttribute('checked');
  }
  /** @type {NodeListOf<HTMLInputElement>} */
  const shown = document.querySelectorAll('input[name=ticked]');
  for (const input of shown) {
    if (!touched.has(input.value)) input.disabled = next.querySelector(same(input))?.hasAttribute('disabled') ?? true;
  }
}

/** Problems that what was found has answered go. None comes by itself. @param {Document} next */
function dropAnswered(next) {
  for (const group of document.querySelectorAll('fieldset.wrong')) {
    if (next.querySelector(`#${group.id}.wrong`)) continue;
    group.classList.remove('wrong');
    group.removeAttribute('aria-describedby');
    group.querySelector('.problem')?.remove();
  }
  const problems = document.querySelector('[data-problems]');
  if (!problems) return;
  document.title = next.title;
  const left = next.querySelector('[data-problems]');
  const focused = problems.contains(document.activeElement);
  if (left) problems.replaceChildren(...left.childNodes);
  else problems.remove();
  const heading = document.querySelector('h1');
  if (focused && document.activeElement === document.body) heading?.focus({ preventScroll: true });
}

/** Finds an input on the next page. @param {HTMLInputElement} input */
function same(input) {
  return `input[name="${CSS.escape(input.name)}"][value="${CSS.escape(input.value)}"]`;
}

function boxes() {
  return /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll('input[type=checkbox]'));
}

/** Keeps the ticks of the groups that the visitor touched, in this tab alone. @param {string} path @param {Set<string>} touched */
function keep(path, touched) {
  const ticked = Object.fromEntries([...touched].map((name) => [name, /** @type {string[]} */ ([])]));
  for (const box of boxes()) if (box.checked) ticked[box.name]?.push(box.value);
  try {
    sessionStorage.setItem(path, JSON.stringify(ticked));
  } catch {
    // A browser that keeps nothing loses the ticks with the page.
  }
}

/** What was sent is kept no longer. @param {string} path */
function forget(path) {
  try {
    sessionStorage.removeItem(path);
  } catch {
    // Nothing was kept.
  }
}

/** Ticks what was kept; tells which groups the visitor touched. @param {string} path @returns {Set<string>} */
function restored(path) {
  try {
    const ticked = new Map(Object.entries(JSON.parse(sessionStorage.getItem(path) ?? '{}')));
    for (const box of boxes()) box.checked = ticked.get(box.name)?.includes(box.value) ?? box.checked;
    return new Set(ticked.keys());
  } catch {
    return new Set();
  }
}
