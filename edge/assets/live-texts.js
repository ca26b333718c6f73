// @ts-check
/** The texts that the scripts show. The page has them in its language, in hidden elements `[data-text=name]`. */

/** @typedef {(name: string) => string} Texts */

/**
 * @param {HTMLElement} live
 * @returns {Texts} answers the text with this name
 */
export function readTexts(live) {
  /** @type {Map<string | undefined, string>} */
  const texts = new Map();
  for (const element of live.querySelectorAll('[data-text]')) {
    if (element instanceof HTMLElement) texts.set(element.dataset.text, element.textContent ?? '');
  }
  return (name) => texts.get(name) ?? '';
}
