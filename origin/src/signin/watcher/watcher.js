// @ts-check
/// <reference path="page.js" />
/// <reference path="fields.js" />
/// <reference path="forms.js" />
/// <reference path="ready.js" />
/// <reference path="way_in.js" />
/// <reference path="marks.js" />
/// <reference path="code_page.js" />
// Reports: the state of this frame when it changed, what the person typed, and when they sent it.

const MESSAGE_LIMIT = 10;
const SCAN_GAP_MS = 150;
const REPORT_LIMIT = 60000;

/** A name for this document: a frame's next document has another. */
const doc = Math.random().toString(36).slice(2, 12);
let tokens = 60;
let refilled = performance.now();
let scanAt = 0;
/** A page that is long to read is read less often. */
let scanCost = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let scanTimer;
let lastState = "";
/** The person typed into a field of this document. */
let typedBefore = false;
let textSeenAt = -1e9;
let textSeen = { length: 0, hash: 0, short: "" };

/** Bounded in rate: a page that changes without end must not flood us.
 * @param {Record<string, unknown>} message @param {boolean} must */
function send(message, must) {
  const now = performance.now();
  tokens = Math.min(60, tokens + ((now - refilled) / 1000) * 20);
  refilled = now;
  // What the person did has a reserve of its own.
  if (tokens < (must ? -60 : 1)) return false;
  const json = JSON.stringify({ ...message, doc });
  if (json.length > REPORT_LIMIT) return false;
  tokens -= 1;
  /** @type {any} */ (globalThis).report(json);
  return true;
}

/** Captchas that a person must solve, not the invisible kinds. @param {Root[]} where */
function captchaShown(where) {
  const frame =
    /recaptcha\/(api2|enterprise)\/(anchor|bframe)|hcaptcha\.com|challenges\.cloudflare\.com|arkoselabs|funcaptcha|captcha-delivery|geetest|friendlycaptcha|mtcaptcha|captcha/i;
  const elements = all(where, "iframe[src], [id*=captcha i], [class*=captcha i], [name*=captcha i], img[src*=captcha i]", 60);
  return keep(elements, (element) => {
    const box = dom.box(element);
    if (box.width < 40 || box.height < 15 || !visible(element) || dom.closest(element, ".grecaptcha-badge")) return false;
    return !(element instanceof HTMLIFrameElement) || (frame.test(element.src) && !/size=invisible/.test(element.src));
  }).length > 0;
}

const ERROR_CLASS =
  /(^|[\s_-])(errors?|err|error[-_]?(msg|message|text|list|summary|label|box|block|hint)s?|alert|danger|invalid|fail(ed|ure)?|warn(ing)?|fehler(meldung)?|erreur|hinweis|toast|snackbar|flash|notice|notification|validation|feedback)([\s_-]|$)|(Error|Alert|Invalid|Toast|Failure)/;

/** What speaks to everybody, whatever happened. @param {Element} element */
function isBanner(element) {
  const banner = dom.closest(element, "header, footer, [role=banner], [role=contentinfo], [class*=banner i], [id*=banner i], [class*=cookie i], [id*=cookie i], [class*=consent i], [id*=consent i], [class*=announcement i], [class*=promo i]");
  // "error-banner" is how some call an error.
  return banner !== null && !/err|alert|danger|invalid|fail|warn|fehler/i.test(`${dom.attribute(banner, "class") ?? ""} ${dom.attribute(banner, "id") ?? ""}`);
}

/** The text that a component frames without holding it. @param {Element} element */
function slotted(element) {
  const nodes = dom.all(element, "slot").slice(0, 4).flatMap((slot) => dom.assigned(slot).slice(0, 20));
  return nodes.map((node) => dom.text(node).slice(0, 2000)).join(" ");
}

/** The site's own words about what just happened: bounded plain text, visible only. @param {Root[]} where @param {Field[]} list */
function messages(where, list) {
  /** @type {{text: string, from: string}[]} */
  const found = [];
  const seen = new Set();
  /** @param {string} text @param {string} from */
  const add = (text, from) => {
    if (text.length < 2 || seen.has(text) || found.length >= 40) return;
    seen.add(text);
    found.push({ text, from });
  };
  /** @param {Element} element @param {string} from */
  const tell = (element, from) => {
    attempt(() => {
      if (dom.text(element).length > 2000 || !visible(element) || clipped(element)) return;
      const loud = from === "alert" || from === "error";
      const own = dom.shownText(element);
      add(line(own.trim() ? own : slotted(element), TEXT_LIMIT), loud && isBanner(element) ? "banner" : from);
    }, undefined);
  };
  for (const element of all(where, "[role=alert], [role=alertdialog], [aria-live=assertive]", 20)) tell(element, "alert");
  for (const field of list.filter((field) => field.getAttribute("aria-invalid") === "true")) {
    const ids = `${field.getAttribute("aria-errormessage") ?? ""} ${field.getAttribute("aria-describedby") ?? ""}`;
    const root = /** @type {Root} */ (field.getRootNode());
    for (const id of ids.trim().split(/\s+/, 4)) {
      const element = id ? dom.byId(root, id) : null;
      if (element) tell(element, "alert");
    }
  }
  for (const element of all(where, "[class], [id]", 4000)) {
    const name = `${dom.attribute(element, "class") ?? ""} ${dom.attribute(element, "id") ?? ""}`;
    if (name.length < 400 && ERROR_CLASS.test(name) && !isField(element) && !dom.matches(element, "body, html, form, main, label")) {
      if (!dom.first(element, "input, form, nav")) tell(element, "error");
    }
    if (found.length >= 20) break;
  }
  for (const element of all(where, "[aria-live=polite], [role=status], dialog[open], [role=dialog]", 10)) tell(element, "status");
  for (const text of attempt(() => nearby(list), [])) add(text, "near");
  for (const element of all(where, "h1, h2, h3, legend, [role=heading]", 8)) tell(element, "heading");
  // What a page without fields asks for stands below its headings.
  if (keep(list, shown).length === 0) for (const element of leads(where)) tell(element, "near");
  add(line(dom.title(), TEXT_LIMIT), "title");
  // Labels and hints of a form are no message.
  if (textSeen.short && keep(list, shown).length === 0) add(textSeen.short, "page");
  const order = ["alert", "error", "status", "near", "page", "banner", "heading", "title"];
  found.sort((a, b) => order.indexOf(a.from) - order.indexOf(b.from));
  /** @type {Record<string, number>} */
  const count = {};
  return found.filter(({ from }) => (count[from] = (count[from] ?? 0) + 1) <= MESSAGE_LIMIT).slice(0, 24);
}

/** Short texts in the box round the password (or only) field. @param {Field[]} list */
function nearby(list) {
  const usable = keep(list, shown);
  const field = usable.find(isPassword) ?? usable[0];
  /** @type {Element | null} */
  let box = field?.parentElement ?? null;
  for (let outer = box; outer && box !== dom.body() && dom.text(outer).length < 1500; outer = dom.read(outer, "parentElement")) {
    box = outer;
  }
  /** @type {string[]} */
  const texts = [];
  if (!box) return texts;
  const walker = walk(box, NodeFilter.SHOW_TEXT);
  while (walker.nextNode() && texts.length < 30) {
    const parent = walker.currentNode.parentElement;
    if (!parent || dom.closest(parent, "label, button, a, script, style, noscript, option, template")) continue;
    const text = line(walker.currentNode.nodeValue, TEXT_LIMIT);
    if (text.length > 1 && attempt(() => visible(parent), false)) texts.push(text);
  }
  return texts;
}

/** The page's text as a whole; costly, so at most twice a second unless the document is new. */
function pageText() {
  const now = performance.now();
  const body = dom.body();
  if (now - textSeenAt < 500 || !body) return;
  textSeenAt = now;
  const text = dom.shownText(body).slice(0, 20000);
  let hash = 2166136261;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619);
  const trimmed = text.trim();
  textSeen = { length: trimmed.length, hash: hash >>> 0, short: trimmed.length <= 600 ? line(trimmed, TEXT_LIMIT) : "" };
}

/** The heading of a form: one inside, or the nearest before it in the boxes round it. @param {Element} of */
function titleOf(of) {
  for (let box = /** @type {Element | null} */ (of), level = 0; box && level < 12; box = dom.parent(box), level++) {
    for (const heading of dom.all(box, "h1, h2, h3, h4, legend, [role=heading]").slice(0, 6)) {
      const text = line(dom.text(heading), 100);
      const follows = dom.invoke(of, "compareDocumentPosition", heading) & Node.DOCUMENT_POSITION_FOLLOWING && !dom.contains(of, heading);
      if (text && !follows && visible(heading)) return text;
    }
  }
  return "";
}

/** Whether it is a link to another page to sign in. @param {HTMLElement} control */
function leadsToSignIn(control) {
  if (!(control instanceof HTMLAnchorElement) || !SIGN_IN.test(controlText(control))) return false;
  const elsewhere = /^https?:$/.test(control.protocol) && control.pathname !== location.pathname;
  return elsewhere && !dom.closest(control, "nav, header, footer") && visible(control);
}

/** Words that say what a form is for. @param {Field[]} list @param {Root[]} where @param {HTMLElement[]} controls */
function groups(list, where, controls) {
  /** @type {Map<number, {group: number, words: string, title: string, submit: string, buttons: string[], signsInElsewhere: boolean}>} */
  const found = new Map();
  for (const field of list) {
    const group = groupOf(field, where);
    if (found.has(group) || found.size >= 12) continue;
    const form = formOf(field);
    const named = form ? ["id", "name", "class", "action", "role"].map((name) => dom.attribute(form, name) ?? "") : [];
    const words = line(named.join(" "), 200);
    const own = keep(controls, (control) => (form ? dom.contains(form, control) : !dom.closest(control, "nav, header, footer") && !formOfControl(control)));
    const sending = keep(own, (control) => !(control instanceof HTMLAnchorElement) && visible(control)).slice(0, 6);
    const buttons = sending.map((control) => attempt(() => controlText(control), ""));
    const main = sayingSenders(group, where, controls)[0];
    const submit = main ? attempt(() => controlText(main), "") : "";
    const signsInElsewhere = Boolean(form && main) && own.some((control) => attempt(() => leadsToSignIn(control), false));
    found.set(group, { group, words, title: attempt(() => titleOf(form ?? field), ""), submit, buttons, signsInElsewhere });
  }
  return [...found.values()];
}

/** Texts of radio buttons and buttons. @param {Root[]} where @param {HTMLElement[]} controls */
function optionTexts(where, controls) {
  /** @param {HTMLElement} element @returns {element is HTMLInputElement} */
  const isRadio = (element) => element instanceof HTMLInputElement && element.type === "radio";
  // A link with a masked number or address on it is a way to get a code.
  /** @param {HTMLElement} control */
  const isWay = (control) => !(control instanceof HTMLAnchorElement) || /[*•●·]{2}|X{2}/.test(controlText(control));
  const elements = [...all(where, "input[type=radio]", 20), ...keep(controls, isWay)];
  return keep(elements, (element) => isRadio(element) || visible(element))
    .slice(0, 20)
    .map((element) => attempt(() => (isRadio(element) ? `( ) ${line(element.labels?.[0]?.textContent, 76)}` : controlText(element)), ""));
}

/** How the frame looks. What cannot be read is left out and counted; `blind` when fields may be missing. */
function readState() {
  skipped = 0;
  let blind = false;
  const where = roots();
  for (const root of where) watch(root);
  const list = fields(where);
  /** @type {Map<number, string>} */
  const shapes = new Map();
  blind ||= skipped > 0;
  const controls = all(where, CONTROLS);
  attempt(pageText, undefined);
  const busy = keep(all(where, "[aria-busy=true], [role=progressbar], progress, [class*=spinner i], [class*=loading i], [class*=loader i]", 40), visible).length > 0;
  const described = list.map((field) => attempt(() => describeField(field, where, list, shapes), null));
  const state = {
    t: "state",
    ready: dom.read(document, "readyState") === "complete",
    fields: described.filter((field) => field !== null),
    groups: attempt(() => groups(list, where, controls), []),
    messages: attempt(() => messages(where, list), []),
    marks: attempt(() => marks(where, controls), NO_MARKS),
    captcha: captchaShown(where),
    options: optionTexts(where, controls),
    offers: attempt(() => offers(controls), []),
    remember: attempt(() => rememberLabel(where), ""),
    numbers: keep(list, shown).length === 0 ? attempt(() => shownNumbers(where), []) : [],
    busy,
    text: { length: textSeen.length, hash: textSeen.hash },
  };
  return { ...state, blind: blind || described.includes(null), skipped };
}

/** What is told of a frame that cannot be read, or whose state does not fit into a report. */
const BLIND = {
  t: "state",
  ready: false,
  fields: [],
  groups: [],
  messages: [],
  marks: NO_MARKS,
  captcha: false,
  options: [],
  offers: [],
  remember: "",
  numbers: [],
  busy: false,
  text: { length: 0, hash: 0 },
  blind: true,
  skipped: 0,
};

function scan() {
  scanTimer = undefined;
  const began = performance.now();
  /** @type {Record<string, unknown>} */
  let state = attempt(readState, { ...BLIND, skipped: 1 });
  scanAt = performance.now();
  scanCost = scanAt - began;
  let json = JSON.stringify(state);
  if (json.length > REPORT_LIMIT - 100) json = JSON.stringify((state = BLIND));
  if (json === lastState) return;
  if (send(state, false)) lastState = json;
  else later();
}

function scanNow() {
  if (scanTimer !== undefined) clearTimeout(scanTimer);
  scan();
}

function later() {
  if (scanTimer !== undefined) return;
  scanTimer = setTimeout(scan, Math.max(30, Math.max(SCAN_GAP_MS, 8 * scanCost) - (performance.now() - scanAt)));
}

/** Sends what was typed and not yet sent. */
function flush() {
  for (const [field, entry] of typed) {
    if (entry.sent) continue;
    entry.sent = send({ t: "typed", k: keyOf(field), value: entry.value }, true);
  }
}

/** A closed shadow root: its host stands in for what is inside. The browser can open it for us.
 * @param {Event} event */
function onHost(event) {
  const host = event.composedPath()[0];
  if (!event.isTrusted || !(host instanceof HTMLElement) || isField(host) || dom.read(host, "shadowRoot") || dom.read(host, "isContentEditable")) return;
  const may = dom.string(host, "localName").includes("-") || event.type === "input";
  if (may && ![...closedRoots].some((root) => root.host === host)) send({ t: "closed" }, true);
}

/** A user name that the website filled in goes with the password that is typed beside it: most forms
 * keep it after a refusal, and some remember their customers. @param {Field} password */
function takeBeside(password) {
  const where = roots();
  const group = groupOf(password, where);
  const beside = keep(fields(where), (field) => {
    return groupOf(field, where) === group && !isPassword(field) && shown(field) && !field.readOnly && !field.disabled;
  });
  if (beside.some((field) => typed.has(field))) return;
  for (const field of beside) {
    if (field.value !== "" && typed.size < 60) typed.set(field, { value: field.value.slice(0, VALUE_LIMIT), sent: false });
  }
}

/** @param {Event} event */
function onInput(event) {
  const field = event.composedPath()[0];
  if (!event.isTrusted) return;
  if (!isField(field)) return onHost(event);
  // What the page says before the first key is no answer to what is typed.
  if (!typedBefore) scanNow();
  typedBefore = true;
  if (isPassword(field) && !typed.has(field)) takeBeside(field);
  if (field.value === "") typed.delete(field);
  else if (typed.size < 60 || typed.has(field)) typed.set(field, { value: field.value.slice(0, VALUE_LIMIT), sent: false });
  if (field.value === "") send({ t: "typed", k: keyOf(field), value: "" }, true);
  // The state must name the field before its value can be told apart.
  later();
  setTimeout(flush, 60);
}

/** @param {Field | undefined} field @param {HTMLElement | undefined} button @param {boolean} sure @param {HTMLFormElement | null} form */
function submitted(field, button, sure, form) {
  scanNow();
  flush();
  const where = roots();
  const owner = form ?? (field ? formOf(field) : button ? formOfControl(button) : null);
  const group = owner ? keyOf(owner) : field ? groupOf(field, where) : 0;
  send({ t: "submit", group, sure, button: button ? describeControl(button, all(where, CONTROLS), where) : null }, true);
}

/** What was clicked; anything may be a button once a password is typed.
 * @param {Event} event @param {boolean} anything @returns {HTMLElement | undefined} */
function controlOf(event, anything) {
  const path = event.composedPath().filter((node) => node instanceof HTMLElement);
  const control = path.find((node) => dom.matches(node, `${CONTROLS}, [onclick], [tabindex]`));
  if (control) return isField(control) ? undefined : control;
  const first = path[0];
  if (!anything || !first || dom.matches(first, "input, textarea, select, label, option, body, html, form, dialog, main")) return undefined;
  return first;
}

/** @param {Event} event */
function onClick(event) {
  if (!event.isTrusted || !event.target) return;
  const passwordTyped = [...typed.keys()].some((field) => passwords.has(field));
  const control = controlOf(event, passwordTyped);
  if (!control) return;
  const where = roots();
  const controls = all(where, CONTROLS);
  if (isSubmit(control) && typed.size > 0) return submitted(undefined, control, true, dom.form(control));
  if (passwordTyped && !(control instanceof HTMLAnchorElement && dom.attribute(control, "href"))) submitted(undefined, control, false, null);
  else send({ t: "click", control: describeControl(control, controls, where) }, true);
}

/** @param {Event} event */
function onKey(event) {
  const key = /** @type {KeyboardEvent} */ (event);
  const field = key.composedPath()[0];
  if (!key.isTrusted || key.key !== "Enter" || key.isComposing) return;
  if (isField(/** @type {EventTarget} */ (field)) && !(field instanceof HTMLTextAreaElement)) submitted(/** @type {Field} */ (field), undefined, true, null);
}

/** @param {Event} event */
function onSubmit(event) {
  const form = event.composedPath()[0];
  if (form instanceof HTMLFormElement) {
    const button = /** @type {SubmitEvent} */ (event).submitter ?? undefined;
    submitted(undefined, button, true, form);
  }
}

/** @type {WeakSet<Root>} */
const watched = new WeakSet();
const observer = new MutationObserver(later);

/** Listens in a root once. Shadow roots need their own: mutations never leave them. @param {Root} root */
function watch(root) {
  if (watched.has(root)) return;
  watched.add(root);
  observer.observe(root, { subtree: true, childList: true, characterData: true, attributes: true });
  // Inside a closed root an event is retargeted before it reaches the window.
  if (root instanceof ShadowRoot && closedRoots.has(root)) listen(root);
}

/** A listener that fails is told of: what the person typed or sent then may be missing.
 * @param {string} name @param {(event: Event) => void} handle @returns {(event: Event) => void} */
function reporting(name, handle) {
  return (event) => {
    try {
      handle(event);
    } catch {
      send({ t: "failed", name }, true);
    }
  };
}

/** A person used this document. */
let touched = false;

/** @param {Event} event */
function onTouch(event) {
  if (event.isTrusted && !touched) touched = send({ t: "touched" }, true);
}

/** @type {[string, (event: Event) => void][]} */
const LISTENERS = [
  ["pointerdown", onTouch],
  ["keydown", onTouch],
  ["input", onInput],
  ["change", onInput],
  ["focusin", onHost],
  ["click", onClick],
  ["keydown", onKey],
  ["submit", onSubmit],
];

/** @param {EventTarget} target */
function listen(target) {
  for (const [name, handle] of LISTENERS) dom.listen(target, name, reporting(name, handle), { capture: true, passive: true });
}

/** Takes a closed shadow root that the browser opened for us. @param {ShadowRoot} root */
function adopt(root) {
  if (closedRoots.has(root)) return;
  closedRoots.add(root);
  watch(root);
  // What the person typed before we could see it.
  for (const field of all([root], "input, textarea", 40)) {
    if (isField(field) && field.value !== "") typed.set(field, { value: field.value.slice(0, VALUE_LIMIT), sent: false });
  }
  later();
  setTimeout(flush, 60);
}

listen(window);
dom.listen(window, "pagehide", flush, { capture: true });
for (const name of ["load", "pageshow", "hashchange", "popstate", "animationend", "transitionend"]) dom.listen(window, name, later, { capture: true, passive: true });
// Styles can hide a form without any mutation.
setInterval(later, 1000);
Object.defineProperty(globalThis, "watcher", { value: { find, readiness, radio, wayIn, wayInName, wayPast, wayPastName, rememberBox, nextBox, adopt, later: () => ((lastState = ""), later()) } });
scan();
