// @ts-check
/** Shows how far a file is while its rows are worked through. Without it the page loads itself again. */

const EVERY_MS = 1000;

setTimeout(look, EVERY_MS);

async function look() {
  const place = document.querySelector('#progress');
  if (!place) return;
  try {
    const answer = await fetch(location.href);
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const now = page.querySelector('#progress');
    if (answer.ok && !now) {
      location.reload();
      return;
    }
    if (now) place.replaceChildren(...now.childNodes);
  } catch {
    // No connection just now.
  }
  setTimeout(look, EVERY_MS);
}
