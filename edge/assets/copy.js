// @ts-check
/** Buttons that copy what is to be typed somewhere else. Without a script, or a browser that lets one copy, there are none. */

/** "Copied" is said for so long, in milliseconds. */
const SAID_MS = 4000;

/** Gives each `[data-copy]` its button, whose texts it has. @param {ParentNode} place */
export function offerCopies(place) {
  if (!navigator.clipboard) return;
  for (const source of place.querySelectorAll('[data-copy]')) {
    if (!(source instanceof HTMLElement) || source.nextElementSibling?.matches('[data-copies]')) continue;
    const { copy = '', copied = '' } = source.dataset;
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'second copy';
    button.dataset.copies = '';
    // By these it is found again when the page is renewed around it.
    button.name = 'copy';
    button.value = 'copy';
    button.textContent = copy;
    const said = document.createElement('span');
    said.setAttribute('role', 'status');
    said.className = 'copied';
    button.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(source.textContent ?? '');
      } catch {
        // It can be selected and copied by hand.
        return getSelection()?.selectAllChildren(source);
      }
      said.textContent = copied;
      setTimeout(() => said.replaceChildren(), SAID_MS);
    });
    source.after(button, said);
  }
}
