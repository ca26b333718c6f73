// @ts-check
/** What can be entered or chosen on our page, in manual entry and above the website's picture: sent, and shown anew. */
import { showLocalHours } from './code-hours.js';
import { offerCopies } from './copy.js';
import { isAtBeginning } from './focused.js';
import { agreeOnKey, freshKey } from './live-seal.js';

/** What a ticked box says. */
const TICKED = 'yes';

/**
 * What is sent for a form: its values sealed, so that only the origin can read them.
 *
 * @param {{ key: string, flowRef: string, number: number }} to what to seal to, and the number of what is answered
 * @param {Iterable<{ dataset: DOMStringMap, type: string, checked: boolean, value: string }>} inputs
 */
export async function sealedEntry(to, inputs) {
  const values = Array.from(inputs, (input) => ({ id: Number(input.dataset.field), text: textOf(input) }));
  const agreed = await agreeOnKey(await freshKey(), to.key, to.flowRef);
  const { data } = await agreed.seal({ number: to.number, values });
  return new URLSearchParams({ act: 'enter', key: agreed.publicKey, sealed: data });
}

/** @param {{ type: string, checked: boolean, value: string }} input */
function textOf(input) {
  if (input.type === 'checkbox') return input.checked ? TICKED : '';
  return input.value;
}

/**
 * The part of a page that is entered into.
 *
 * @param {HTMLElement} entry
 * @param {{
 *   inPlace: boolean,
 *   change: (change: () => void) => void,
 *   onGone: () => void,
 * }} page `inPlace`: the page stays, whatever is pressed; `change` changes what is shown; `onGone`: the page that came
 * has no such part any more
 */
export function entryForm(entry, page) {
  const path = entry.dataset.path ?? location.pathname;
  /** What was entered last as a user name: a website that refuses the password does not take it away. */
  let identifier = '';

  prepare(true);
  entry.addEventListener('submit', (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement)) return;
    const sealed = form.matches('[data-values]');
    if (!sealed && !page.inPlace && !form.matches('[data-stays]')) return;
    event.preventDefault();
    void (sealed ? enter(form) : choose(form, /** @type {SubmitEvent} */ (event).submitter));
  });

  /** Shows the form, and gives it what is known. @param {boolean} first */
  function prepare(first) {
    showLocalHours(entry);
    offerCopies(entry);
    if (first) for (const details of entry.querySelectorAll('details')) details.dataset.served = String(details.open);
    const form = entry.querySelector('[data-values]');
    if (!(form instanceof HTMLFormElement)) return;
    form.hidden = false;
    for (const button of form.querySelectorAll('[data-show]')) button.addEventListener('click', (event) => toggle(button, event));
    const name = input(form, '[data-kind=identifier]');
    if (name && name.value === '') name.value = identifier;
    const inputs = texts(form);
    const empty = inputs.find((input) => input.value === '') ?? inputs[0];
    // A keyboard that pops up before the page was read would cover it, and what is typed into the picture stays there.
    const elsewhere = page.inPlace && !isAtBeginning();
    // Beside other things to read the form is only one of them.
    const aside = form.closest('details') !== null;
    if (!first && !elsewhere && !aside) empty?.focus({ preventScroll: page.inPlace });
  }

  /** @param {HTMLFormElement} form */
  async function enter(form) {
    identifier = input(form, '[data-kind=identifier]')?.value ?? identifier;
    const to = { key: entry.dataset.key ?? '', flowRef: entry.dataset.flow ?? '', number: Number(form.dataset.number) };
    const sent = await post(form, () => sealedEntry(to, form.querySelectorAll('input')));
    if (!sent) return;
    for (const input of texts(form)) if (input.dataset.kind !== 'identifier') input.value = '';
  }

  /** @param {HTMLFormElement} form @param {HTMLElement | null} button */
  function choose(form, button) {
    const body = new URLSearchParams();
    for (const field of form.querySelectorAll('input')) body.append(field.name, field.value);
    if (button instanceof HTMLButtonElement && button.name) body.append(button.name, button.value);
    return post(form, async () => body);
  }

  /** Tells whether it could be sent. @param {HTMLFormElement} form @param {() => Promise<URLSearchParams>} make */
  async function post(form, make) {
    // Pressed twice: the second does nothing. What is disabled loses the focus.
    const buttons = form.querySelectorAll('button');
    const places = form.matches('[data-stays]') ? placesOf(buttons[0] ?? null, entry) : [];
    for (const button of buttons) button.disabled = true;
    try {
      await show(await fetch(path, { method: 'POST', body: await make() }), true, places);
      return true;
    } catch {
      for (const button of buttons) button.disabled = false;
      // Nothing was lost: the button may be pressed again.
      form.querySelector('[data-unsent]')?.remove();
      const told = document.createElement('p');
      told.className = 'problem';
      told.setAttribute('role', 'alert');
      told.dataset.unsent = '';
      told.textContent = entry.dataset.unsent ?? '';
      form.append(told);
      return false;
    }
  }

  /**
   * Shows the page that came.
   *
   * @param {Response} answer
   * @param {boolean} entered the visitor has just sent the form
   * @param {string[]} [pressed] finds what they pressed in it, which keeps its place; else what has the focus does
   */
  async function show(answer, entered, pressed) {
    // The section alone: the rest of the page is the same, and its style sheets are for another nonce.
    const [section] = (await answer.text()).match(/<section id="entry"[^]*?<\/section>/) ?? [''];
    const next = new DOMParser().parseFromString(section, 'text/html').querySelector('#entry');
    // A node that starts again, too many requests: this passes.
    if (!answer.ok && answer.status !== 404 && answer.status !== 410) throw new Error('no page');
    // Another step, or the end.
    if (!answer.ok || !(next instanceof HTMLElement)) return page.onGone();
    // Another page, where this part is called something else: the website itself, manual entry, how codes reach us.
    if (next.ariaLabel !== entry.ariaLabel) return page.onGone();
    const before = entry.querySelector('[data-values]');
    const after = next.querySelector('[data-values]');
    const same =
      before instanceof HTMLFormElement && after instanceof HTMLFormElement && before.dataset.number === after.dataset.number;
    const typing = same && texts(before).some((input) => input.value !== '' && input.value !== identifier);
    if (next.dataset.version !== undefined) entry.dataset.version = next.dataset.version;
    if (next.dataset.key) entry.dataset.key = next.dataset.key;
    const progress = entry.querySelector('[data-progress]');
    const told = next.querySelector('[data-progress]');
    page.change(() => {
      for (const words of ['[data-progress]', ':scope > h1', ':scope > .lead']) {
        const [shown, now] = [entry.querySelector(words), next.querySelector(words)];
        if (shown && now && shown.textContent !== now.textContent) shown.textContent = now.textContent;
      }
      progress?.toggleAttribute('data-working', told?.hasAttribute('data-working') ?? false);
    });
    if (typing && !entered) return;
    const part = next.querySelector('[data-part]') ?? '';
    const places = pressed?.length ? pressed : placesOf(document.activeElement, entry);
    // What the visitor has opened or closed stays so, unless the page itself opens another one.
    for (const details of entry.querySelectorAll('details')) {
      const again = details.id && next.querySelector(`details#${details.id}`);
      if (!(again instanceof HTMLDetailsElement)) continue;
      const served = again.open;
      if (String(served) === (details.dataset.served ?? 'false')) again.open = details.open;
      again.dataset.served = String(served);
    }
    const replace = () => page.change(() => entry.querySelector('[data-part]')?.replaceWith(part));
    // The picture has its own place.
    keepInPlace(page.inPlace ? [] : places, replace);
    prepare(false);
    for (const place of places) {
      // What is not there any more, or is closed away, does not take it.
      if (document.activeElement !== document.body) break;
      const again = document.querySelector(place);
      if (again instanceof HTMLElement) again.focus({ preventScroll: true });
    }
  }

  return { show };
}

/**
 * Changes the part without moving what is looked at: the first of these places that is there before and after.
 *
 * @param {string[]} places
 * @param {() => void} change
 */
function keepInPlace(places, change) {
  const top = (/** @type {string} */ place) => document.querySelector(place)?.getBoundingClientRect().top;
  const before = places.map(top);
  change();
  for (const [at, place] of places.entries()) {
    const [was, is] = [before[at], top(place)];
    if (was === undefined || is === undefined) continue;
    return scrollBy({ top: is - was, behavior: 'instant' });
  }
}

/**
 * What finds an element in another version of the part, and what to go to where it is gone: the summary of what it was in,
 * the heading. Empty when it is not in the part.
 *
 * @param {Element | null} element
 * @param {HTMLElement} entry
 */
function placesOf(element, entry) {
  if (!element?.closest('[data-part]') || !entry.contains(element)) return [];
  const details = element.closest('details[id]');
  const within = details ? `#${CSS.escape(details.id)} ` : '';
  /** @type {string[]} */
  const places = [];
  if (element.id) places.push(`#${CSS.escape(element.id)}`);
  else if (element instanceof HTMLButtonElement && element.name)
    places.push(`${within}button[name="${CSS.escape(element.name)}"][value="${CSS.escape(element.value)}"]`);
  if (within) places.push(`${within}> summary`);
  return [...places, 'h1'];
}

/** @param {HTMLFormElement} form */
function texts(form) {
  return [...form.querySelectorAll('input')].filter((input) => input.type !== 'checkbox');
}

/** @param {Element} button @param {Event} event */
function toggle(button, event) {
  const field = button.parentElement?.querySelector('input');
  if (!field) return;
  const hidden = field.type === 'password';
  field.type = hidden ? 'text' : 'password';
  button.setAttribute('aria-pressed', String(hidden));
  // Whoever pressed it by a key goes on from there.
  if (event instanceof MouseEvent && event.detail > 0) field.focus();
}

/** @param {HTMLFormElement} form @param {string} selector @returns {HTMLInputElement | null} */
function input(form, selector) {
  return form.querySelector(`input${selector}`);
}
