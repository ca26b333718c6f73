// @ts-check
/** SITES: shows the accounts that are found, and ticks what they are for until the visitor ticks a box of that kind. */

/** After a request that failed the next one waits this long, in milliseconds. */
const AGAIN_MS = 2000;

const page = document.querySelector('#sites-page');
if (page instanceof HTMLElement) void follow(page);

/** @param {HTMLElement} page */
async function follow(page) {
  const path = page.dataset.path ?? location.pathname;
  /** Names of the boxes of which the visitor has ticked one. @type {Set<string>} */
  const touched = new Set();
  let over = false;
  document.addEventListener('change', ({ target }) => {
    if (target instanceof HTMLInputElement) touched.add(target.name);
  });
  document.addEventListener('submit', () => {
    over = true;
  });
  while (!over && document.querySelector('[data-goes-on]')) {
    try {
      const answer = await fetch(`${path}/state?seen=${page.dataset.version ?? '0'}`, { cache: 'no-store' });
      if (answer.status === 404 || answer.status === 410) return location.replace(path);
      if (!answer.ok) throw new Error('no state');
      const { version } = await answer.json();
      if (String(version) === page.dataset.version || over) continue;
      // The main part alone: the page's style sheets are for another nonce.
      const [main] = (await (await fetch(path, { cache: 'no-store' })).text()).match(/<main[^]*<\/main>/) ?? [''];
      const next = new DOMParser().parseFromString(main, 'text/html');
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
  for (const box of document.querySelectorAll('input[type=checkbox]')) {
    if (!(box instanceof HTMLInputElement) || touched.has(box.name)) continue;
    const same = `input[name="${CSS.escape(box.name)}"][value="${CSS.escape(box.value)}"]`;
    const after = next.querySelector(same);
    if (after) box.checked = after.hasAttribute('checked');
  }
}
