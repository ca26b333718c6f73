// @ts-check
/** What every page of the console is better with: it works without. */

showLocalTimes(document);
offerCopies(document);
askBefore(document);

/** Times come in UTC, and are shown in the reader's own. @param {ParentNode} place */
function showLocalTimes(place) {
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  for (const element of place.querySelectorAll('time[datetime]')) {
    const at = new Date(element.getAttribute('datetime') ?? '');
    if (!Number.isNaN(at.getTime())) element.textContent = format.format(at);
  }
}

/** What can be copied gets a button. @param {ParentNode} place */
function offerCopies(place) {
  for (const button of place.querySelectorAll('[data-copies]')) {
    if (!(button instanceof HTMLButtonElement) || !navigator.clipboard) continue;
    const from = document.getElementById(button.dataset.copies ?? '');
    if (!(from instanceof HTMLInputElement || from instanceof HTMLTextAreaElement)) continue;
    button.hidden = false;
    const name = button.textContent;
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(from.value);
      button.textContent = 'Copied';
      button.addEventListener('blur', () => (button.textContent = name), { once: true });
    });
  }
}

/** What cannot be taken back is asked for once more, by the button itself. @param {ParentNode} place */
function askBefore(place) {
  for (const button of place.querySelectorAll('[data-sure]')) {
    if (!(button instanceof HTMLButtonElement)) continue;
    const name = button.textContent;
    button.setAttribute('aria-live', 'polite');
    button.addEventListener('click', (event) => {
      if (button.textContent !== name) return;
      event.preventDefault();
      button.textContent = button.dataset.sure ?? name;
      button.addEventListener('blur', () => (button.textContent = name), { once: true });
    });
  }
}
