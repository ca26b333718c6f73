// @ts-check
/// <reference path="page.js" />
/// <reference path="way_in.js" />
// Signs of being in or out, and what a page without fields asks for.

const NO_MARKS = { signOut: 0, signOutHidden: 0, signIn: 0, signInHidden: 0, greeting: false, account: [], names: [], signedInAs: false, sends: 0, buttons: 0, links: [] };

/** Texts about who is signed in are short. */
const WHO_LIMIT = 80;

/** "Signed in as ada@example.com". */
const SIGNED_IN_AS =
  /\b(signed|logged) in as\b|(angemeldet|eingeloggt) als\b|connectée? en tant que|conectad[oa] como|sesión iniciada como|(accesso effettuato|connesso) come|(aangemeld|ingelogd) als|inloggad som|logget (ind|inn) som|kirjautunut käyttäjänä|zalogowan[ya] jako|přihlášen[ýa]? jako|bejelentkezve|autentificat ca|sessão iniciada como|вы вошли как|ви увійшли як|oturum açan|としてログイン|登录用户|当前用户/iu;

/** What opens the menu of an account. */
const ACCOUNT_MENU =
  /\b(account|user|profile) menu|menu for\b|(konto|benutzer|profil)-?menü|menu (du compte|utilisateur)|menú de (usuario|la cuenta)|menu (utente|account)|(account|gebruikers)menu|användarmeny|menu (użytkownika|konta)|アカウントメニュー/iu;

/** Names of pictures that mean to sign out. */
const SIGN_OUT_ICON = /(^|[\s_-])((log|sign)[-_]?(out|off)|exit[-_]to[-_]app|power[-_]off|box-arrow-(right|in-right))([\s_-]|$)|(Sign|Log)Out/;

/** Names of pictures that mean who is signed in. */
const ACCOUNT_ICON =
  /(^|[\s_-])(account|user|profile)s?[-_](circle|menu|icon|button|img|image|photo|picture|avatar)([\s_-]|$)|(^|[\s_-])(button|menu|icon)[-_](account|user|profile)([\s_-]|$)|(^|[\s_-])avatar([\s_-]|$)|(Account|User|Profile)(Circle|Menu|Icon)/;

/** Whether a control without words is a picture that is named so. @param {Element} control @param {RegExp} pattern */
function isIcon(control, pattern) {
  const parts = [control, ...dom.all(control, "i, span, svg, use, img")].slice(0, 6);
  return parts.some((part) => {
    const names = ["class", "id", "href", "xlink:href", "src", "data-icon", "data-testid"].map((name) =>
      part === control && name === "href" ? "" : dom.attribute(part, name) ?? "",
    );
    return names.some((name) => name.length < 200 && pattern.test(name));
  });
}

/** A picture of who is signed in that leads to a form to sign in: nobody is. @param {Element} control @param {string} text @param {string} href */
function isWayInIcon(control, text, href) {
  return text.length < 3 && href.length < 300 && SIGN_IN_HREF.test(href) && isIcon(control, ACCOUNT_ICON);
}

/** A way into another website, as the foot of a page has. @param {Element} control @param {string} href */
function leadsAway(control, href) {
  if (!/^https?:/i.test(href) || !dom.closest(control, "footer, [role=contentinfo]")) return false;
  return attempt(() => new URL(href).host !== location.host, true);
}

/** Whether a control sends something that is no sign-out and no search. @param {HTMLElement} control @param {string} text */
function sends(control, text) {
  if (!(control instanceof HTMLButtonElement || control instanceof HTMLInputElement) || control.type !== "submit") return false;
  const form = dom.form(control);
  const method = form ? dom.attribute(form, "method") : null;
  return /post/i.test(method ?? "") && !SIGN_OUT.test(text) && !dom.closest(control, "header, nav, footer");
}

/** Whether something in the midst of a page is to be pressed or ticked. @param {HTMLElement} control */
function isButton(control) {
  const href = dom.attribute(control, "href");
  const leads = href !== null && !/^\s*(#|javascript:|$)/i.test(href);
  return !leads && !dom.closest(control, "header, nav, footer, aside, [role=banner], [role=navigation], [role=contentinfo]");
}

/** Short texts that may be the name of who is signed in: those in a bar or a box for it, and all that look like an address.
 * @param {Root[]} where */
function names(where) {
  const boxes = "header *, nav *, [role=banner] *, [class*=user i], [class*=account i], [class*=profile i], [class*=identity i], [class*=login i], [id*=user i], [id*=top i] *, b, strong, span, button";
  /** @type {Set<string>} */
  const found = new Set();
  for (const element of all(where, boxes, 400)) {
    if (found.size >= 12) break;
    const text = attempt(() => (dom.all(element, "*").length < 4 ? line(dom.text(element), WHO_LIMIT) : ""), "");
    const telling = text.includes("@") || dom.closest(element, "header, nav, [role=banner], [class*=user i], [class*=account i], [class*=profile i], [class*=identity i]");
    if (text.length > 2 && text.length < WHO_LIMIT && telling && attempt(() => visible(element), false)) found.add(text);
  }
  return [...found];
}

/** Where the links of a page lead on the same website, but for those at its foot. @param {Root[]} where */
function links(where) {
  /** @type {Set<string>} */
  const found = new Set();
  for (const link of all(where, "a[href]", 300)) {
    if (found.size >= 100) break;
    if (!(link instanceof HTMLAnchorElement) || link.origin !== location.origin || dom.closest(link, "footer, [role=contentinfo]")) continue;
    const route = /^#!?\//.test(link.hash) ? link.hash.split("?")[0] : "";
    if (attempt(() => visible(link), false)) found.add(line(link.pathname + route, WHO_LIMIT));
  }
  return [...found];
}

/** The first text below each of the first headings. @param {Root[]} where @returns {Element[]} */
function leads(where) {
  /** @type {Element[]} */
  const found = [];
  for (const heading of all(where, "h1, h2, h3, [role=heading]", 3)) {
    let next = attempt(() => dom.read(heading, "nextElementSibling"), null);
    for (let i = 0; next && i < 2; i++, next = dom.read(next, "nextElementSibling")) {
      if (!dom.matches(next, "p, div, span, h2, h3, h4")) break;
      if (attempt(() => dom.text(next).length < TEXT_LIMIT, false)) found.push(next);
    }
  }
  return found;
}

/** Signs of being in or out. @param {Root[]} where @param {HTMLElement[]} controls */
function marks(where, controls) {
  const account = new Set();
  const found = { signOut: 0, signOutHidden: 0, signIn: 0, signInHidden: 0, sends: 0, buttons: 0 };
  /** @param {HTMLElement} control */
  const count = (control) => {
    const text = controlText(control);
    const href = dom.attribute(control, "href") ?? "";
    const icon = text.length < 3 && isIcon(control, SIGN_OUT_ICON);
    if (SIGN_OUT.test(text) || icon || (href.length < 300 && SIGN_OUT_HREF.test(href))) {
      if (visible(control)) found.signOut += 1;
      else found.signOutHidden += 1;
    } else if ((SIGN_IN.test(text) || isWayInIcon(control, text, href)) && !leadsAway(control, href)) {
      if (visible(control)) found.signIn += 1;
      else found.signInHidden += 1;
    }
    if (sends(control, text) && visible(control)) found.sends += 1;
    if (isButton(control) && visible(control)) found.buttons += 1;
    const label = dom.attribute(control, "aria-label") ?? "";
    if (!icon && !isWayInIcon(control, text, href) && text.length < 3 && dom.closest(control, "header, nav, [role=banner]") && isIcon(control, ACCOUNT_ICON) && visible(control)) account.add("menu");
    if (dom.attribute(control, "aria-haspopup") && ACCOUNT_MENU.test(label.slice(0, WHO_LIMIT)) && visible(control)) account.add("menu");
  };
  for (const control of controls) attempt(() => count(control), undefined);
  let greeting = false;
  let signedInAs = false;
  const telling = [...controls, ...all(where, "h1, h2, h3, h4, th, dt, strong, [class*=welcome i], [class*=greeting i], [class*=user i], header p, header span, main > p", 300)];
  for (const element of telling) {
    const text = attempt(() => (visible(element) ? line(dom.text(element), WHO_LIMIT) : ""), "");
    if (!text) continue;
    for (const [kind, pattern] of ACCOUNT) if (!account.has(kind) && pattern.test(text)) account.add(kind);
    if (GREETING.test(text) && !GREETING_TO_ALL.test(text)) greeting = true;
  }
  for (const element of all(where, "header, header div, header span, nav div, nav span, p, span, body > div, [class*=user i], [class*=login i], [class*=welcome i]", 300)) {
    const text = attempt(() => (dom.text(element).length < 2 * WHO_LIMIT && visible(element) ? line(dom.text(element), WHO_LIMIT) : ""), "");
    if (SIGNED_IN_AS.test(text)) signedInAs = true;
    if (GREETING.test(text) && !GREETING_TO_ALL.test(text)) greeting = true;
  }
  const shownNames = attempt(() => names(where), []);
  return { ...found, greeting, signedInAs, names: shownNames, account: [...account].sort(), links: attempt(() => links(where), []) };
}
