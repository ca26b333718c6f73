// @ts-check
/** Manual entry: seals what is entered, in the page, and follows how the sign-in goes on. */
import { agreeOnKey, freshKey } from './live-seal.js';

/** After a request that failed the next one waits this long, in milliseconds. */
const AGAIN_MS = 3000;

const entry = document.querySelector('#entry');
if (entry instanceof HTMLElement) start(entry);

/** @param {HTMLElement} entry */
function start(entry) {
  const path = entry.dataset.path ?? location.pathname;
  /** What was entered last as a user name: a website that refuses the password does not take it away. */
  let identifier = '';
  /** The page leads somewhere else. */
  let over = false;

  prepare(true);
  follow();
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (form instanceof HTMLFormElement && form.matches('[data-values]')) {
      event.preventDefault();
      void enter(form);
    } else {
      over = true;
    }
  });
  addEventListener('pageshow', (event) => {
    if (event.persisted) location.reload();
  });

  /** Shows the form, and gives it what is known. @param {boolean} first */
  function prepare(first) {
    const form = entry.querySelector('[data-values]');
    if (!(form instanceof HTMLFormElement)) return;
    form.hidden = false;
    for (const button of form.querySelectorAll('[data-show]')) button.addEventListener('click', () => toggle(button));
    const name = input(form, '[data-kind=identifier]');
    if (name && name.value === '') name.value = identifier;
    const inputs = [...form.querySelectorAll('input')];
    const empty = inputs.find((input) => input.value === '') ?? inputs[0];
    // A keyboard that pops up before the page was read would cover it.
    if (!first) empty?.focus();
  }

  /** @param {HTMLFormElement} form */
  async function enter(form) {
    const inputs = [...form.querySelectorAll('input')];
    identifier = input(form, '[data-kind=identifier]')?.value ?? identifier;
    const button = form.querySelector('button.main');
    if (button instanceof HTMLButtonElement) button.disabled = true;
    const values = inputs.map((input) => ({ id: Number(input.dataset.field), text: input.value }));
    try {
      const key = entry.dataset.key ?? '';
      const agreed = await agreeOnKey(await freshKey(), key, entry.dataset.flow ?? '');
      const { data } = await agreed.seal({ number: Number(form.dataset.number), values });
      const body = new URLSearchParams({ act: 'enter', key: agreed.publicKey, sealed: data });
      const answer = await fetch(path, { method: 'POST', body });
      await show(answer, true);
      for (const input of inputs) if (input.dataset.kind !== 'identifier') input.value = '';
    } catch {
      if (button instanceof HTMLButtonElement) button.disabled = false;
      // Nothing was lost: the button may be pressed again.
      form.querySelector('[data-unsent]')?.remove();
      const told = document.createElement('p');
      told.className = 'problem';
      told.setAttribute('role', 'alert');
      told.dataset.unsent = '';
      told.textContent = entry.dataset.unsent ?? '';
      form.append(told);
    }
  }

  /** Waits for changes for as long as the page is shown. */
  async function follow() {
    while (!over) {
      try {
        const answer = await fetch(`${path}/state?seen=${entry.dataset.version ?? '0'}`, { cache: 'no-store' });
        if (answer.status === 404 || answer.status === 410) return leave();
        if (!answer.ok) throw new Error('no state');
        const { version } = await answer.json();
        if (String(version) !== entry.dataset.version && !over) await show(await fetch(path, { cache: 'no-store' }), false);
      } catch {
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    }
  }

  /** Shows the page that came. @param {Response} answer @param {boolean} entered the visitor has just sent the form */
  async function show(answer, entered) {
    // The section alone: the rest of the page is the same, and its style sheets are for another nonce.
    const [section] = (await answer.text()).match(/<section id="entry"[^]*?<\/section>/) ?? [''];
    const next = new DOMParser().parseFromString(section, 'text/html').querySelector('#entry');
    if (over) return;
    // A node that starts again, too many requests: this passes.
    if (!answer.ok && answer.status !== 404 && answer.status !== 410) throw new Error('no page');
    // Another step, the website itself, or the end.
    if (!answer.ok || !(next instanceof HTMLElement)) return leave();
    const before = entry.querySelector('[data-values]');
    const after = next.querySelector('[data-values]');
    const same =
      before instanceof HTMLFormElement && after instanceof HTMLFormElement && before.dataset.number === after.dataset.number;
    const typing = same && [...before.querySelectorAll('input')].some((input) => input.value !== '' && input.value !== identifier);
    entry.dataset.version = next.dataset.version;
    if (next.dataset.key) entry.dataset.key = next.dataset.key;
    const progress = entry.querySelector('[data-progress]');
    const told = next.querySelector('[data-progress]');
    if (progress && told && progress.textContent !== told.textContent) progress.textContent = told.textContent;
    progress?.toggleAttribute('data-working', told?.hasAttribute('data-working') ?? false);
    if (typing && !entered) return;
    entry.querySelector('[data-part]')?.replaceWith(next.querySelector('[data-part]') ?? '');
    prepare(false);
  }

  function leave() {
    over = true;
    location.replace(path);
  }
}

/** @param {Element} button */
function toggle(button) {
  const field = button.parentElement?.querySelector('input');
  if (!field) return;
  const hidden = field.type === 'password';
  field.type = hidden ? 'text' : 'password';
  button.setAttribute('aria-pressed', String(hidden));
  field.focus();
}

/** @param {HTMLFormElement} form @param {string} selector @returns {HTMLInputElement | null} */
function input(form, selector) {
  return form.querySelector(`input${selector}`);
}
