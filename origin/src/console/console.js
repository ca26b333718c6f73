// @ts-check
/** What every page of the console is better with: it works without. */

showLocalTimes(document);
offerCopies(document);
askBefore(document);
showWhereOneIs(document);
breakAddresses(document);
// Beside this module; pages without connections need none of it.
if (document.querySelector('[data-connection]')) {
  void import('./live.js').then(({ followConnections }) => followConnections());
}

/** Times come in UTC, and are shown in the reader's own; written as days are beside them. @param {ParentNode} place */
function showLocalTimes(place) {
  const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
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
      try {
        await navigator.clipboard.writeText(from.value);
        button.textContent = 'Copied';
        button.addEventListener('blur', () => (button.textContent = name), { once: true });
        say('Copied');
      } catch {
        // The browser does not allow it: then by hand.
        from.select();
        say('Not copied. The text is selected.');
      }
    });
  }
}

/** What cannot be taken back is asked for once more, by the button itself. @param {ParentNode} place */
function askBefore(place) {
  for (const button of place.querySelectorAll('[data-sure]')) {
    if (!(button instanceof HTMLButtonElement)) continue;
    const [text, label] = [button.textContent, button.getAttribute('aria-label')];
    button.addEventListener('click', (event) => {
      if (button.textContent !== text) {
        // The second press of a double click is no answer.
        if (event.detail > 1) event.preventDefault();
        return;
      }
      event.preventDefault();
      const question = button.dataset.sure ?? '';
      button.textContent = question;
      button.removeAttribute('aria-label');
      say(question);
      const back = () => {
        button.textContent = text;
        if (label !== null) button.setAttribute('aria-label', label);
      };
      button.addEventListener('blur', back, { once: true });
    });
  }
}

/** Where a row of links is wider than the page, the current one comes into view. @param {ParentNode} place */
function showWhereOneIs(place) {
  for (const link of place.querySelectorAll('nav [aria-current]')) {
    const row = link.closest('nav');
    if (!row || row.scrollWidth <= row.clientWidth) continue;
    const [inner, outer] = [link.getBoundingClientRect(), row.getBoundingClientRect()];
    // At once, and along the row alone: nothing moves while one reads.
    row.scrollBy({ left: inner.left + inner.width / 2 - (outer.left + outer.width / 2), behavior: 'instant' });
  }
}

/** A mail address or a URL that is longer than its line is broken before its @ or after a slash, not within a word.
    @param {ParentNode} place */
function breakAddresses(place) {
  for (const element of place.querySelectorAll('main :is(h1, h2, td, th, dd, a, span, small, .letter)')) {
    for (const node of [...element.childNodes]) {
      if (!(node instanceof Text) || !/\S@\S|:\/\/\S/.test(node.data)) continue;
      const parts = node.data.match(/@?[^@/]+\/*|[@/]+/g) ?? [];
      node.replaceWith(...parts.flatMap((part, at) => (at ? [document.createElement('wbr'), part] : [part])));
    }
  }
}

/** For those who hear the page. @param {string} text */
export function say(text) {
  const told = document.querySelector('#told');
  if (told) told.textContent = text;
}
