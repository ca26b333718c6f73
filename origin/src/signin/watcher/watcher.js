// @ts-check
/// <reference path="page.js" />
/// <reference path="fields.js" />
/// <reference path="ready.js" />
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
  for (const element of all(where, "iframe[src], [id*=captcha i], [class*=captcha i], [name*=captcha i], img[src*=captcha i]", 60)) {
    const box = element.getBoundingClientRect();
    if (box.width < 40 || box.height < 15 || !visible(element)) continue;
    if (element.closest(".grecaptcha-badge")) continue;
    if (element instanceof HTMLIFrameElement && (!frame.test(element.src) || /size=invisible/.test(element.src))) continue;
    return true;
  }
  return false;
}

const ERROR_CLASS =
  /(^|[\s_-])(errors?|err|error[-_]?(msg|message|text)|alert|danger|invalid|fail(ed|ure)?|warn(ing)?|fehler(meldung)?|erreur|hinweis|toast|snackbar|flash|notice|notification|validation|feedback)([\s_-]|$)|(Error|Alert|Invalid|Toast|Failure)/;

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
    if ((element.textContent ?? "").length > 2000 || !visible(element)) return;
    add(line(/** @type {HTMLElement} */ (element).innerText, TEXT_LIMIT), from);
  };
  for (const element of all(where, "[role=alert], [role=alertdialog], [aria-live=assertive]", 20)) tell(element, "alert");
  for (const field of list.filter((field) => field.getAttribute("aria-invalid") === "true")) {
    const ids = `${field.getAttribute("aria-errormessage") ?? ""} ${field.getAttribute("aria-describedby") ?? ""}`;
    const root = /** @type {Root} */ (field.getRootNode());
    for (const id of ids.trim().split(/\s+/, 4)) {
      const element = id && root.getElementById ? root.getElementById(id) : null;
      if (element) tell(element, "alert");
    }
  }
  for (const element of all(where, "[class], [id]", 4000)) {
    const name = `${element.getAttribute("class") ?? ""} ${element.id}`;
    if (name.length < 400 && ERROR_CLASS.test(name) && !isField(element) && !element.matches("body, html, form, main, label")) {
      if (!element.querySelector("input, form, nav")) tell(element, "error");
    }
    if (found.length >= 20) break;
  }
  for (const element of all(where, "[aria-live=polite], [role=status], dialog[open], [role=dialog]", 10)) tell(element, "status");
  for (const text of nearby(list)) add(text, "near");
  for (const element of all(where, "h1, h2, h3, legend, [role=heading]", 8)) tell(element, "heading");
  add(line(document.title, TEXT_LIMIT), "title");
  // Labels and hints of a form are no message.
  if (textSeen.short && !list.some(visible)) add(textSeen.short, "page");
  const order = ["alert", "error", "status", "near", "page", "heading", "title"];
  found.sort((a, b) => order.indexOf(a.from) - order.indexOf(b.from));
  /** @type {Record<string, number>} */
  const count = {};
  return found.filter(({ from }) => (count[from] = (count[from] ?? 0) + 1) <= MESSAGE_LIMIT).slice(0, 24);
}

/** Short texts in the box round the password (or only) field. @param {Field[]} list */
function nearby(list) {
  const field = list.find((field) => isPassword(field) && visible(field)) ?? list.find(visible);
  /** @type {Element | null} */
  let box = field?.parentElement ?? null;
  while (box?.parentElement && box !== document.body && (box.parentElement.textContent ?? "").length < 1500) {
    box = box.parentElement;
  }
  /** @type {string[]} */
  const texts = [];
  if (!box) return texts;
  const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
  while (walker.nextNode() && texts.length < 30) {
    const parent = walker.currentNode.parentElement;
    if (!parent || parent.closest("label, button, a, script, style, noscript, option, template")) continue;
    const text = line(walker.currentNode.nodeValue, TEXT_LIMIT);
    if (text.length > 1 && visible(parent)) texts.push(text);
  }
  return texts;
}

/** The page's text as a whole; costly, so at most twice a second unless the document is new. */
function pageText() {
  const now = performance.now();
  if (now - textSeenAt < 500 || !document.body) return;
  textSeenAt = now;
  const text = document.body.innerText.slice(0, 20000);
  let hash = 2166136261;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619);
  const trimmed = text.trim();
  textSeen = { length: trimmed.length, hash: hash >>> 0, short: trimmed.length <= 600 ? line(trimmed, TEXT_LIMIT) : "" };
}

/** Signs of being in or out. @param {Root[]} where @param {HTMLElement[]} controls */
function marks(where, controls) {
  const account = new Set();
  const found = { signOut: 0, signOutHidden: 0, signIn: 0, signInHidden: 0 };
  for (const control of controls) {
    const text = controlText(control);
    const href = control.getAttribute("href") ?? "";
    if (SIGN_OUT.test(text) || (href.length < 300 && SIGN_OUT_HREF.test(href))) {
      if (visible(control)) found.signOut += 1;
      else found.signOutHidden += 1;
    } else if (SIGN_IN.test(text)) {
      if (visible(control)) found.signIn += 1;
      else found.signInHidden += 1;
    }
  }
  let greeting = false;
  const telling = [...controls, ...all(where, "h1, h2, h3, h4, th, dt, strong, [class*=welcome i], [class*=greeting i], [class*=user i], header p, header span, main > p", 300)];
  for (const element of telling) {
    const text = line(element.textContent, 80);
    if (!text || !visible(element)) continue;
    for (const [kind, pattern] of ACCOUNT) if (!account.has(kind) && pattern.test(text)) account.add(kind);
    if (GREETING.test(text) && !GREETING_TO_ALL.test(text)) greeting = true;
  }
  return { ...found, greeting, account: [...account].sort() };
}

/** Words that say what a form is for. @param {Field[]} list @param {Root[]} where @param {HTMLElement[]} controls */
function groups(list, where, controls) {
  /** @type {Map<number, {group: number, words: string, buttons: string[]}>} */
  const found = new Map();
  for (const field of list) {
    const group = groupOf(field, where);
    if (found.has(group) || found.size >= 12) continue;
    const form = field.form;
    const words = form ? line(`${form.id} ${form.getAttribute("name") ?? ""} ${form.getAttribute("class") ?? ""} ${form.getAttribute("action") ?? ""} ${form.getAttribute("role") ?? ""}`, 200) : "";
    const own = controls.filter((control) => (form ? form.contains(control) : !control.closest("form, nav, header, footer")));
    const buttons = own.filter((control) => !(control instanceof HTMLAnchorElement) && visible(control)).slice(0, 6).map(controlText);
    found.set(group, { group, words, buttons });
  }
  return [...found.values()];
}

function scan() {
  scanTimer = undefined;
  const began = performance.now();
  const where = roots();
  for (const root of where) watch(root);
  const list = fields(where);
  /** @type {Map<number, string>} */
  const shapes = new Map();
  const controls = all(where, CONTROLS);
  pageText();
  const busy = all(where, "[aria-busy=true], [role=progressbar], progress, [class*=spinner i], [class*=loading i], [class*=loader i]", 40).some(visible);
  const options = [...all(where, "input[type=radio]", 20), ...controls.filter((control) => !(control instanceof HTMLAnchorElement))]
    .filter((element) => visible(element) || (element instanceof HTMLInputElement && element.type === "radio"))
    .slice(0, 20)
    .map((element) => (element instanceof HTMLInputElement && element.type === "radio" ? `( ) ${line(element.labels?.[0]?.textContent, 76)}` : controlText(element)));
  const state = {
    t: "state",
    ready: document.readyState === "complete",
    fields: list.map((field) => describeField(field, where, list, shapes)),
    groups: groups(list, where, controls),
    messages: messages(where, list),
    marks: marks(where, controls),
    captcha: captchaShown(where),
    options,
    busy,
    text: { length: textSeen.length, hash: textSeen.hash },
  };
  scanAt = performance.now();
  scanCost = scanAt - began;
  const json = JSON.stringify(state);
  if (json === lastState) return;
  if (send(state, false)) lastState = json;
  else later();
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
  if (!event.isTrusted || !(host instanceof HTMLElement) || isField(host) || host.shadowRoot || host.isContentEditable) return;
  const may = host.tagName.includes("-") || event.type === "input";
  if (may && ![...closedRoots].some((root) => root.host === host)) send({ t: "closed" }, true);
}

/** A user name that the website filled in goes with the password that is typed beside it: most forms
 * keep it after a refusal, and some remember their customers. @param {Field} password */
function takeBeside(password) {
  const where = roots();
  const group = groupOf(password, where);
  const beside = fields(where).filter((field) => {
    return groupOf(field, where) === group && !isPassword(field) && visible(field) && !field.readOnly && !field.disabled;
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
  if (scanTimer !== undefined) clearTimeout(scanTimer);
  scan();
  flush();
  const where = roots();
  const owner = form ?? field?.form ?? null;
  const group = owner ? keyOf(owner) : field ? groupOf(field, where) : 0;
  send({ t: "submit", group, sure, button: button ? describeControl(button, all(where, CONTROLS), where) : null }, true);
}

/** What was clicked; anything may be a button once a password is typed.
 * @param {Event} event @param {boolean} anything @returns {HTMLElement | undefined} */
function controlOf(event, anything) {
  const path = event.composedPath().filter((node) => node instanceof HTMLElement);
  const control = path.find((node) => node.matches(`${CONTROLS}, [onclick], [tabindex]`));
  if (control) return isField(control) ? undefined : control;
  const first = path[0];
  if (!anything || !first || first.matches("input, textarea, select, label, option, body, html, form, dialog, main")) return undefined;
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
  if (isSubmit(control) && typed.size > 0) return submitted(undefined, control, true, /** @type {any} */ (control).form ?? null);
  if (passwordTyped && !(control instanceof HTMLAnchorElement && control.getAttribute("href"))) submitted(undefined, control, false, null);
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

/** @param {EventTarget} target */
function listen(target) {
  for (const name of ["input", "change"]) target.addEventListener(name, onInput, { capture: true, passive: true });
  target.addEventListener("focusin", onHost, { capture: true, passive: true });
  target.addEventListener("click", onClick, { capture: true, passive: true });
  target.addEventListener("keydown", onKey, { capture: true, passive: true });
  target.addEventListener("submit", onSubmit, { capture: true, passive: true });
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
window.addEventListener("pagehide", flush, { capture: true });
for (const name of ["load", "pageshow", "hashchange", "popstate", "animationend", "transitionend"]) window.addEventListener(name, later, { capture: true, passive: true });
// Styles can hide a form without any mutation.
setInterval(later, 1000);
/** @type {any} */ (globalThis).watcher = { find, readiness, radio, adopt, later: () => ((lastState = ""), later()) };
scan();
