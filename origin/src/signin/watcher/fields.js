// @ts-check
/// <reference path="page.js" />
/// <reference path="forms.js" />
// Fields: what each is, what the person typed into it, and how to find it again.

/** @typedef {HTMLInputElement | HTMLTextAreaElement} Field */

const FIELD_LIMIT = 40;
const VALUE_LIMIT = 512;
const LABEL_LIMIT = 80;
const TEXT_TYPES = new Set(["text", "email", "tel", "number", "password", "search", "url"]);
/** What a person types into. */
const FIELDS = "textarea, input:not([type=hidden], [type=checkbox], [type=radio], [type=submit], [type=button], [type=image], [type=reset])";
/** What may stand before a field and is no label of it, nor is what holds such things. */
const NO_LABEL = `${FIELDS}, select, h1, h2, h3, h4, h5, h6, legend, header, nav, [role=heading], a, button, script, style, template`;

let nextKey = 1;
/** @type {WeakMap<Element, number>} */
const keys = new WeakMap();
/** Fields that were type=password at any time: a "show password" button makes them text.
 * @type {WeakSet<Element>} */
const passwords = new WeakSet();
/** What the person typed, and whether it was sent. @type {Map<Field, {value: string, sent: boolean}>} */
const typed = new Map();

/** @param {EventTarget | null | undefined} target @returns {target is Field} */
function isField(target) {
  if (target instanceof HTMLTextAreaElement) return true;
  return target instanceof HTMLInputElement && TEXT_TYPES.has(target.type);
}

/** Whether a person could type into it. @param {Field} field */
function shown(field) {
  let answer = shownFields.get(field);
  if (answer === undefined) {
    answer = visible(field) && !clipped(field);
    shownFields.set(field, answer);
  }
  return answer;
}

/** A number that stays with the element. @param {Element} element */
function keyOf(element) {
  let key = keys.get(element);
  if (!key) keys.set(element, (key = nextKey++));
  return key;
}

/** What a field for a password is named, as a whole. */
const PASSWORD_NAME = /^(inp(ut)?|txt|form|login|user|usr|account|my)?[_\W]*(password|passwd|passwort|kennwort|wachtwoord|contrase[ñn]a|mot[_ ]?de[_ ]?passe|senha|has[łl]o|heslo|pass|pwd)$/i;

/** Whether it takes a password although it is no field for one: its maker says so, or its form has no other and it is
 * named like one ("show password" is on from the start on some sites) or hides by its style what is typed.
 * @param {Field} field */
function isOtherPassword(field) {
  if (!(field instanceof HTMLInputElement) || !/^(text|tel)$/.test(field.type)) return false;
  const isText = field.type === "text";
  if (isText && /^(current|new)-password$/i.test(field.autocomplete)) return true;
  const isNamed = isText && PASSWORD_NAME.test(field.name || field.id);
  if (!isNamed && !/^(disc|circle|square)$/.test(getComputedStyle(field).getPropertyValue("-webkit-text-security"))) return false;
  const beside = field.form ? [...field.form.elements] : dom.all(/** @type {Root} */ (field.getRootNode()), "input");
  return !beside.some((other) => other instanceof HTMLInputElement && other.type === "password");
}

/** @param {Field} field */
function isPassword(field) {
  if (!passwords.has(field) && (field.type === "password" || isOtherPassword(field))) passwords.add(field);
  return passwords.has(field);
}

/** @param {Field} field */
function labelOf(field) {
  const by = field.getAttribute("aria-labelledby");
  const root = /** @type {Root} */ (field.getRootNode());
  const others = (by ?? "").split(/\s+/, 4).map((id) => (id ? dom.byId(root, id) : null));
  const named = others.map((other) => (other ? dom.text(other) : "")).join(" ").trim();
  const label = field.labels?.[0]?.textContent;
  const own = line(named || label || field.getAttribute("aria-label") || field.placeholder || field.title);
  return own || labelBefore(field);
}

/** What stands before a field, or before a box that holds no other field: a short text that is no heading.
 * @param {Field} field */
function labelBefore(field) {
  let box = /** @type {Element | null} */ (field);
  for (let level = 0; box && level < 4; box = dom.read(box, "parentElement"), level++) {
    if (box !== field && (dom.matches(box, "form, fieldset, body") || dom.all(box, FIELDS).length > 1)) return "";
    for (let before = dom.read(box, "previousElementSibling"); before; before = dom.read(before, "previousElementSibling")) {
      // The label of another field says nothing of this one.
      if (before instanceof HTMLLabelElement && before.control && before.control !== field) return "";
      const isOther = dom.matches(before, NO_LABEL) || dom.first(before, NO_LABEL) || dom.all(before, "*").length > 4;
      const text = isOther ? "" : line(dom.text(before));
      if (text.length > LABEL_LIMIT) return "";
      if (text && visible(before)) return text;
      if (isOther) break;
    }
  }
  return "";
}

/** Fields of all roots in document order, at most FIELD_LIMIT; passwords are never the ones left out.
 * @param {Root[]} where @returns {Field[]} */
function fields(where) {
  const found = /** @type {Field[]} */ (keep(all(where, "input, textarea", 400), isField));
  if (found.length <= FIELD_LIMIT) return found;
  const wanted = new Set(found.filter((field) => isPassword(field) || typed.has(field)).slice(0, FIELD_LIMIT));
  for (const field of found) {
    if (wanted.size >= FIELD_LIMIT) break;
    if (attempt(() => shown(field), true)) wanted.add(field);
  }
  return found.filter((field) => wanted.has(field));
}

/** `email+password/password/0`: the shape of its form, the kind of field, and the place among the visible ones
 * of that kind in that form. @param {Field} field @param {Root[]} where @param {Field[]} among
 * @param {Map<number, string>} shapes those of the groups that were asked for before */
function positionOf(field, where, among, shapes) {
  const kind = isPassword(field) ? "password" : "text";
  const group = groupOf(field, where);
  const mine = keep(among, (other) => groupOf(other, where) === group && shown(other));
  const index = mine.filter((other) => (isPassword(other) ? "password" : "text") === kind).indexOf(field);
  if (index < 0) return "";
  const shape = shapes.get(group) ?? shapeOf(group, where, among);
  shapes.set(group, shape);
  return `${shape}/${kind}/${index}`;
}

/** @param {Field} field @param {Root[]} where @param {Field[]} among @param {Map<number, string>} shapes */
function describeField(field, where, among, shapes) {
  return {
    k: keyOf(field),
    group: groupOf(field, where),
    type: field.type,
    pw: isPassword(field),
    ac: line(field.autocomplete || field.getAttribute("autocomplete"), 60).toLowerCase(),
    id: line(field.id, 80),
    name: line(field.name, 80),
    label: labelOf(field),
    mode: line(field.inputMode, 20),
    max: field.maxLength > 0 ? Math.min(field.maxLength, 9999) : 0,
    vis: shown(field),
    ro: field.readOnly || field.disabled,
    // ARIA's combobox: what is typed looks for an entry of a list.
    list: field.getAttribute("role") === "combobox" && /^(list|both)$/.test(field.getAttribute("aria-autocomplete") ?? ""),
    filled: field.value !== "",
    typed: typed.has(field),
    bad: field.getAttribute("aria-invalid") === "true",
    pos: positionOf(field, where, among, shapes),
  };
}

/** The element that a recipe means: the first locator that finds exactly one visible match.
 * @param {{by: string, is: string}[]} locators @param {string} kind `password`, `text` or `control`
 * @returns {HTMLElement | null} */
function find(locators, kind) {
  const where = roots();
  if (kind === "control") return findControl(locators, where);
  const among = fields(where);
  /** @type {Map<number, string>} */
  const shapes = new Map();
  const fits = keep(among, (field) => {
    if (!shown(field)) return false;
    return kind === "password" ? isPassword(field) : !isPassword(field) && !isSearchBox(field);
  });
  for (const { by, is } of locators) {
    const hits = keep(fits, (field) => {
      if (by === "autocomplete") return (field.autocomplete || field.getAttribute("autocomplete") || "").toLowerCase() === is;
      if (by === "id") return field.id === is;
      if (by === "name") return field.name === is;
      if (by === "label") return labelOf(field) === is;
      return by === "position" && positionOf(field, where, among, shapes) === is;
    });
    if (hits.length === 1) return hits[0] ?? null;
  }
  return null;
}
