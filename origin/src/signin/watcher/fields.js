// @ts-check
/// <reference path="page.js" />
// Fields: what each is, what the person typed into it, and how to find it again.

/** @typedef {HTMLInputElement | HTMLTextAreaElement} Field */

const FIELD_LIMIT = 40;
const VALUE_LIMIT = 512;
const TEXT_TYPES = new Set(["text", "email", "tel", "number", "password", "search", "url"]);

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

/** Whether it takes a password although it is shown: its maker says so, or it is named like one and its form has no
 * other. "Show password" is on from the start on some sites. @param {Field} field */
function isShownPassword(field) {
  if (field.type !== "text" || !(field instanceof HTMLInputElement)) return false;
  if (/^(current|new)-password$/i.test(field.autocomplete)) return true;
  if (!PASSWORD_NAME.test(field.name || field.id)) return false;
  const beside = field.form ? [...field.form.elements] : dom.all(/** @type {Root} */ (field.getRootNode()), "input");
  return !beside.some((other) => other instanceof HTMLInputElement && other.type === "password");
}

/** @param {Field} field */
function isPassword(field) {
  if (!passwords.has(field) && (field.type === "password" || isShownPassword(field))) passwords.add(field);
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
  if (own) return own;
  const before = field.previousElementSibling ?? field.closest("td")?.previousElementSibling;
  // The label of another field says nothing of this one.
  if (before instanceof HTMLLabelElement && before.control && before.control !== field) return "";
  return before && dom.all(before, "*").length < 5 ? line(dom.text(before)) : "";
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

/** What belongs together: a form, or what has no form in one root. @param {Field} field @param {Root[]} where */
function groupOf(field, where) {
  if (field.form) return keyOf(field.form);
  return -1 - Math.max(0, where.indexOf(/** @type {Root} */ (field.getRootNode())));
}

/** What a form looks like: the types of its visible fields in document order (`email+password`). One
 * without a password is told from others by its first button too, and the second of the same shape by its number
 * (`email+password#2`).
 * @param {number} group @param {Root[]} where @param {Field[]} among */
function shapeOf(group, where, among) {
  const own = plainShape(group, where, among);
  const before = [...new Set(keep(among, shown).map((field) => groupOf(field, where)))];
  const same = before.slice(0, Math.max(0, before.indexOf(group))).filter((other) => plainShape(other, where, among) === own);
  return same.length > 0 ? `${own}#${same.length + 1}` : own;
}

/** The shape without a number. @param {number} group @param {Root[]} where @param {Field[]} among */
function plainShape(group, where, among) {
  const mine = keep(among, (field) => groupOf(field, where) === group && shown(field));
  const types = mine.map((field) => (isPassword(field) ? "password" : field.type)).join("+");
  if (mine.some(isPassword)) return types;
  const button = all(where, CONTROLS).find((control) => controlGroup(control, where) === group && submitButtons([control]).length > 0);
  return `${types}(${button ? line(controlText(button), 40).replaceAll("/", " ").toLowerCase() : ""})`;
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
    filled: field.value !== "",
    typed: typed.has(field),
    bad: field.getAttribute("aria-invalid") === "true",
    pos: positionOf(field, where, among, shapes),
  };
}

/** Buttons that send, visible ones. @param {HTMLElement} button */
function isSubmit(button) {
  if (button instanceof HTMLInputElement && (button.type === "submit" || button.type === "image")) return true;
  if (button instanceof HTMLButtonElement && button.form && button.type === "submit") return true;
  const text = controlText(button);
  return SIGN_IN.test(text) || GO_ON.test(text);
}

/** How likely a button is the one that a form is sent with, the likeliest first: `type=submit` that is written down,
 * words to sign in, any other that sends, and last what its words say is something else. @param {HTMLElement} button */
function submitRank(button) {
  const text = controlText(button);
  const signsIn = SIGN_IN.test(text);
  const declared = button instanceof HTMLInputElement ? button.type !== "button" : dom.attribute(button, "type") === "submit";
  if (signsIn) return declared ? 0 : 2;
  if (/\b(register|sign ?up|create)\b/i.test(text) && declared) return 1;
  if (ASIDE.test(text)) return 4;
  return declared ? 1 : 3;
}

/** The likeliest first. @param {HTMLElement[]} controls */
function submitButtons(controls) {
  const sending = keep(controls, (control) => !(control instanceof HTMLAnchorElement) && isSubmit(control) && visible(control));
  const ranked = sending.map((control) => ({ control, rank: attempt(() => submitRank(control), 4) }));
  return ranked.sort((a, b) => a.rank - b.rank).map(({ control }) => control);
}

/** The group of the fields that a button sends. @param {HTMLElement} control @param {Root[]} where */
function controlGroup(control, where) {
  const form = dom.form(control) ?? dom.closest(control, "form");
  if (form instanceof HTMLFormElement) return keyOf(form);
  return -1 - Math.max(0, where.indexOf(dom.root(control)));
}

/** `email+password/submit/0`: the shape of its form, and the place among the visible buttons that send it; empty
 * for other controls. @param {HTMLElement} control @param {HTMLElement[]} controls @param {Root[]} where */
function controlPosition(control, controls, where) {
  const group = controlGroup(control, where);
  const index = submitButtons(keep(controls, (other) => controlGroup(other, where) === group)).indexOf(control);
  return index < 0 ? "" : `${shapeOf(group, where, fields(where))}/submit/${index}`;
}

/** A button or link, for finding it again. @param {HTMLElement} control @param {HTMLElement[]} controls @param {Root[]} where */
function describeControl(control, controls, where) {
  return {
    id: line(dom.attribute(control, "id"), 80),
    name: line(dom.attribute(control, "name"), 80),
    label: controlText(control),
    pos: controlPosition(control, controls, where),
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

/** @param {{by: string, is: string}[]} locators @param {Root[]} where @returns {HTMLElement | null} */
function findControl(locators, where) {
  const controls = keep(all(where, CONTROLS), visible);
  for (const among of [controls, keep(all(where, CLICKABLE), visible)]) {
    for (const { by, is } of locators) {
      const hits = keep(among, (element) => {
        if (by === "id") return dom.attribute(element, "id") === is;
        if (by === "name") return dom.attribute(element, "name") === is;
        if (by === "label") return controlText(element) === is;
        return by === "position" && controlPosition(element, controls, where) === is;
      });
      // Of boxes in boxes with the same text the innermost is meant.
      const inner = hits.filter((element) => !hits.some((other) => other !== element && dom.contains(element, other)));
      if (inner.length === 1) return inner[0] ?? null;
    }
  }
  return null;
}
