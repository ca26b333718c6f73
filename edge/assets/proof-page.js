// @ts-check
/** Shows the proof on the last page. Only what has changed is touched, so that nothing flickers or is read out twice. */

/** @typedef {import('./proof-events.js').Proof} Proof */
/** @typedef {import('./proof-events.js').Accounts} Accounts */
/** @typedef {import('./live-texts.js').Texts} Texts */

/**
 * @param {HTMLElement} place
 * @param {Texts} text
 */
export function proofPage(place, text) {
  /** @type {HTMLElement[]} */
  const lines = [...place.querySelectorAll('[data-states]')].filter((line) => line instanceof HTMLElement);

  return {
    /** @param {Proof} proof */
    show(proof) {
      for (const line of lines) {
        const { states = '', reason, byCode } = line.dataset;
        const fits = byCode === undefined || byCode === String(proof.byCode ?? false);
        hide(line, !states.split(' ').includes(proof.state) || reason !== proof.reason || !fits);
      }
      const page = place.querySelector('[data-code-page]');
      if (page && proof.page) page.setAttribute('href', proof.page);
      fill('accounts', proof.accounts ? accountNames(proof.accounts, text) : '');
      fill('bills', billCount(proof, text));
    },
    leaveAlone() {
      const alone = place.querySelector('[data-alone]');
      if (alone instanceof HTMLElement) hide(alone, false);
    },
  };

  /** @type {(name: string, value: string) => void} */
  function fill(name, value) {
    const count = place.querySelector(`[data-count=${name}]`);
    const shown = count?.querySelector('dd');
    if (!(count instanceof HTMLElement) || !shown) return;
    if (shown.textContent !== value) shown.textContent = value;
    hide(count, value === '');
  }
}

/** @type {(element: HTMLElement, hidden: boolean) => void} */
function hide(element, hidden) {
  if (element.hidden !== hidden) element.hidden = hidden;
}

/**
 * @param {Accounts} accounts
 * @param {Texts} text
 * @returns {string} as `Electricity ··2207, Water ··0913`
 */
export function accountNames({ count, shown }, text) {
  const names = shown.map(({ utilityTypes, ending }) => [...utilityTypes.map(text), `··${ending}`].join(' '));
  const more = count - names.length;
  if (more > 0) names.push(names.length ? `+${more}` : `${more}`);
  return names.join(', ');
}

/**
 * @param {Proof} proof
 * @param {Texts} text
 * @returns {string} as `4 of 13`; empty while there are none
 */
export function billCount({ bills = 0, expected }, text) {
  if (expected === undefined) return bills > 0 ? `${bills}` : '';
  if (expected === 0) return '';
  return text('bills-of').replace('{found}', `${bills}`).replace('{expected}', `${expected}`);
}
