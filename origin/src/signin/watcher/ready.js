// @ts-check
/// <reference path="page.js" />
/// <reference path="fields.js" />
// Whether a field can be typed into now, and which form it belongs to.

/** Names that fields of a site's own search have. */
const SEARCH_NAME = /^(q|query|search|s|suche|suchbegriff|recherche|buscar|cerca|zoeken|sok|keywords?)$/i;

/** A box of the site's own search is never a field to sign in; what `autocomplete` says of a user name is said by
 * the site's makers, and some write `type=search` to keep browsers from filling it. @param {Field} field */
function isSearchBox(field) {
  if (/\b(username|email|webauthn)\b/i.test(field.getAttribute("autocomplete") ?? "")) return false;
  if (field.type === "search" || field.getAttribute("role") === "searchbox") return true;
  return SEARCH_NAME.test(field.name || field.id) || field.closest("search, [role=search]") !== null;
}

/** Whether a person could not click the middle of it: another element covers it, or it is inert.
 * @param {Field} field @param {DOMRect} box */
function covered(field, box) {
  if (field.closest("[inert]")) return true;
  const root = /** @type {Root} */ (field.getRootNode());
  const top = dom.invoke(root, "elementFromPoint", box.left + box.width / 2, box.top + box.height / 2);
  if (!top || top === field || field.contains(top)) return false;
  return ![...(field.labels ?? [])].some((label) => label === top || label.contains(top));
}

/** What is needed to tell whether the field is ready: the same answer some times in a row means that it
 * stays the same element in the same place.
 * @param {{by: string, is: string}[]} locators @param {string} kind `password` or `text` */
function readiness(locators, kind) {
  const field = find(locators, kind);
  if (!isField(field)) return null;
  let box = field.getBoundingClientRect();
  if (box.bottom < 0 || box.right < 0 || box.top > innerHeight || box.left > innerWidth) {
    field.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    box = field.getBoundingClientRect();
  }
  return {
    element: `${doc}/${keyOf(field)}`,
    box: [box.left, box.top, box.width, box.height].map(Math.round),
    free: !field.readOnly && !field.disabled && !covered(field, box),
    loaded: dom.read(document, "readyState") === "complete",
  };
}

/** The box of a code with one box for each character that was typed into last. @type {HTMLInputElement | undefined} */
let lastBox;

/** Before the next character of a code: goes on to the next box where the page does not do so by itself, and selects
 * what stands there, so that typing replaces it. @param {boolean} first the character is the first one */
function nextBox(first) {
  /** @type {Element | null} */
  let active = document.activeElement;
  for (let inner = active; inner; inner = dom.read(inner, "shadowRoot")?.activeElement ?? null) active = inner;
  if (!(active instanceof HTMLInputElement) || active.maxLength !== 1) return;
  let box = active;
  if (!first && box === lastBox && box.value !== "") {
    const where = roots();
    const group = groupOf(box, where);
    const boxes = keep(fields(where), (field) => field.maxLength === 1 && groupOf(field, where) === group && shown(field));
    const next = boxes[boxes.indexOf(box) + 1];
    if (next instanceof HTMLInputElement) {
      next.focus();
      box = next;
    }
  }
  box.select();
  lastBox = box;
}

/** The radio button with this label, or its label where the button itself is hidden. @param {string} label */
function radio(label) {
  for (const element of all(roots(), "input[type=radio]", 40)) {
    const own = element instanceof HTMLInputElement ? element.labels?.[0] : undefined;
    if (own && line(own.textContent, 76) === label) return visible(element) ? element : own;
  }
  return null;
}
