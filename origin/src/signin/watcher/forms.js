// @ts-check
/// <reference path="page.js" />
/// <reference path="fields.js" />
// Forms, and boxes that serve as forms: which fields belong together, and what sends them.

/** Boxes that serve as forms, of fields and buttons that have no form, until the roots are looked for again.
 * @type {Map<Root, Map<Element, Element>>} */
const boxesOfRoots = new Map();

/** A link that opens nothing: a script does with it what a button does. @param {HTMLElement} control */
function leadsNowhere(control) {
  if (!(control instanceof HTMLAnchorElement)) return true;
  return /^\s*(#.{0,40}|javascript:.*)?$/is.test(dom.attribute(control, "href") ?? "");
}

/** A button that says that it sends. @param {HTMLElement} control */
function saysThatItSends(control) {
  const text = controlText(control);
  return (SIGN_IN.test(text) || GO_ON.test(text)) && leadsNowhere(control);
}

/** The smallest box round a field that holds a button which says that it sends. @param {Element} field @param {Set<Element>} round */
function sendingBox(field, round) {
  for (let at = dom.read(field, "parentElement"); at && at !== dom.body(); at = dom.read(at, "parentElement")) if (round.has(at)) return at;
  return null;
}

/** The smallest box round both. @param {Element} one @param {Element} other */
function boxRound(one, other) {
  /** @type {Element | null} */
  let box = one;
  while (box && !dom.contains(box, other)) box = dom.read(box, "parentElement");
  return box;
}

/** Those of the fields without a form that are in a box of their own, each with its box. A page without forms may ask
 * for several things: each box with a button that says that it sends is one. User name and password belong together
 * although each may have a button. @param {Root} root @returns {Map<Element, Element>} */
function boxesIn(root) {
  const known = boxesOfRoots.get(root);
  if (known) return known;
  /** @type {Map<Element, Element>} */
  const boxes = new Map();
  boxesOfRoots.set(root, boxes);
  const free = keep(all([root], "input, textarea", 200), (field) => isField(field) && !field.form);
  if (free.length < 2) return boxes;
  const senders = keep(all([root], CONTROLS, 400), (control) => !dom.form(control) && !dom.closest(control, "form, nav, header, footer") && saysThatItSends(control));
  /** @type {Set<Element>} */
  const round = new Set();
  for (const sender of senders) for (let at = dom.read(sender, "parentElement"); at && !round.has(at); at = dom.read(at, "parentElement")) round.add(at);
  /** @type {{box: Element, own: Element[], takes: "password" | "text" | "both"}[]} */
  const parts = [];
  for (const field of free) {
    const box = sendingBox(field, round);
    const takes = isField(field) && isPassword(field) ? "password" : "text";
    if (!box) continue;
    const part = parts.find((part) => part.box === box);
    const last = parts.at(-1);
    if (part) {
      part.own.push(field);
      if (part.takes !== takes) part.takes = "both";
    } else if (last?.takes === "text" && takes === "password") {
      parts.splice(-1, 1, { box: boxRound(last.box, box) ?? box, own: [...last.own, field], takes: "both" });
    } else parts.push({ box, own: [field], takes });
  }
  // A box round others is none of its own, nor is the whole page.
  const alone = parts.filter(({ box }) => box !== dom.body() && !parts.some((other) => other.box !== box && dom.contains(box, other.box)));
  const isAll = alone.length === 1 && alone[0]?.own.length === free.length;
  for (const { box, own } of isAll ? [] : alone) for (const field of own) boxes.set(field, box);
  return boxes;
}

/** The form of a field, or the box that serves as one. @param {Field} field @returns {HTMLElement | null} */
function formOf(field) {
  if (field.form) return field.form;
  const box = boxesIn(/** @type {Root} */ (field.getRootNode())).get(field);
  return box instanceof HTMLElement ? box : null;
}

/** What belongs together: a form, a box that serves as one, or what has neither in one root.
 * @param {Field} field @param {Root[]} where */
function groupOf(field, where) {
  const form = formOf(field);
  if (form) return keyOf(form);
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
  const button = senders(group, where, all(where, CONTROLS))[0];
  return `${types}(${button ? line(controlText(button), 40).replaceAll("/", " ").toLowerCase() : ""})`;
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

/** The form of a button, or the box that serves as one. @param {HTMLElement} control @returns {HTMLElement | null} */
function formOfControl(control) {
  const form = dom.form(control) ?? dom.closest(control, "form");
  if (form instanceof HTMLFormElement) return form;
  const boxes = new Set(boxesIn(dom.root(control)).values());
  for (let at = dom.read(control, "parentElement"); at && boxes.size > 0; at = dom.read(at, "parentElement")) {
    if (boxes.has(at) && at instanceof HTMLElement) return at;
  }
  return null;
}

/** The group of the fields that a button sends. @param {HTMLElement} control @param {Root[]} where */
function controlGroup(control, where) {
  const form = formOfControl(control);
  return form ? keyOf(form) : -1 - Math.max(0, where.indexOf(dom.root(control)));
}

/** What a person may take for the button of a form that has none. */
const LIKE_BUTTONS = "[onclick], [tabindex], [class*=btn i], [class*=button i], [class*=submit i]";

/** What says that it sends a group of fields, the likeliest first: buttons; where the form has none at all, links and
 * boxes. @param {number} group @param {Root[]} where @param {HTMLElement[]} controls */
function sayingSenders(group, where, controls) {
  const own = keep(controls, (control) => controlGroup(control, where) === group);
  const buttons = submitButtons(own);
  if (buttons.length > 0 || buttonsAfterPassword(group, where, own).length > 0) return buttons;
  const links = keep(own, (control) => saysThatItSends(control) && visible(control));
  if (links.length > 0) return links;
  if (!keep(fields(where), (field) => groupOf(field, where) === group).some(isPassword)) return [];
  const alike = keep(all(where, LIKE_BUTTONS, 400), (element) => {
    return controlGroup(element, where) === group && saysThatItSends(element) && visible(element) && !dom.first(element, FIELDS);
  });
  return alike.filter((element) => !alike.some((other) => other !== element && dom.contains(element, other)));
}

/** The buttons with words that stand after the password of a group, and not beside that field alone.
 * @param {number} group @param {Root[]} where @param {HTMLElement[]} own the controls of that group */
function buttonsAfterPassword(group, where, own) {
  const mine = keep(fields(where), (field) => groupOf(field, where) === group && shown(field));
  const password = mine.filter(isPassword).at(-1);
  if (!password) return [];
  return keep(own, (control) => {
    if (control instanceof HTMLAnchorElement || !/\p{L}{2}/u.test(controlText(control)) || !visible(control)) return false;
    if (!(dom.invoke(password, "compareDocumentPosition", control) & Node.DOCUMENT_POSITION_FOLLOWING)) return false;
    let box = dom.parent(control);
    while (box && !mine.some((field) => dom.contains(box, field))) box = dom.parent(box);
    return box !== null && mine.filter((field) => dom.contains(box, field)).length >= Math.min(2, mine.length);
  });
}

/** What a group of fields is sent with, the likeliest first: what says so, or else the first button after the password
 * whose words say nothing else. @param {number} group @param {Root[]} where @param {HTMLElement[]} controls */
function senders(group, where, controls) {
  const saying = sayingSenders(group, where, controls);
  if (saying.length > 0) return saying;
  const own = keep(controls, (control) => controlGroup(control, where) === group);
  return buttonsAfterPassword(group, where, own).filter((control) => !ASIDE.test(controlText(control))).slice(0, 1);
}

/** `email+password/submit/0`: the shape of its form, and the place among what sends that form; empty for other controls.
 * @param {HTMLElement} control @param {HTMLElement[]} controls @param {Root[]} where */
function controlPosition(control, controls, where) {
  const group = controlGroup(control, where);
  const index = senders(group, where, controls).indexOf(control);
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

/** What stands at a position (`email+password/submit/0`). @param {string} position @param {HTMLElement[]} controls @param {Root[]} where */
function controlsAt(position, controls, where) {
  const among = fields(where);
  const [shape = "", kind, index] = position.split("/");
  if (kind !== "submit") return [];
  // A button may send a form without fields: one that opens another window.
  const ofControls = controls.map((control) => controlGroup(control, where));
  const groups = [...new Set([...keep(among, shown).map((field) => groupOf(field, where)), ...ofControls])];
  const alike = groups.filter((group) => attempt(() => shapeOf(group, where, among), "") === shape);
  return alike.flatMap((group) => senders(group, where, controls)[Number(index)] ?? []);
}

/** @param {{by: string, is: string}[]} locators @param {Root[]} where @returns {HTMLElement | null} */
function findControl(locators, where) {
  const controls = keep(all(where, CONTROLS), visible);
  for (const among of [controls, keep(all(where, CLICKABLE), visible)]) {
    for (const { by, is } of locators) {
      const at = by === "position" ? controlsAt(is, controls, where) : [];
      const hits = keep(among, (element) => {
        if (by === "id") return dom.attribute(element, "id") === is;
        if (by === "name") return dom.attribute(element, "name") === is;
        if (by === "label") return controlText(element) === is;
        return at.includes(element);
      });
      // Of boxes in boxes with the same text the innermost is meant.
      const inner = hits.filter((element) => !hits.some((other) => other !== element && dom.contains(element, other)));
      if (inner.length === 1) return inner[0] ?? null;
    }
  }
  return null;
}
