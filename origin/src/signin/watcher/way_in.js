// @ts-check
/// <reference path="page.js" />
/// <reference path="fields.js" />
/// <reference path="ready.js" />
// What leads from a website's first page to its form to sign in, for who cannot see the page.

/** Addresses of pages to sign in. */
const SIGN_IN_HREF =
  /(^|[/?&=_.#-])(log[-_]?(in|on)|sign[-_]?(in|on)|auth(enticate|entication|orize)?|sso|anmelden|anmeldung|einloggen|connexion|iniciar[-_]?sesion|acceso|accedi|inloggen|logga[-_]?in|logowanie|zaloguj|giris|entrar)([/?&=_.;#-]|$)/i;

/** What leads to the customers' own pages, where a form to sign in may wait. */
const OWN_PAGES = new RegExp(
  "^[^\\p{L}]*(" +
    [
      "(go to |open |view |manage )?my (account|energy|bills?|portal|services?)|(customer|client|online|self[- ]service|account|bill(ing)?) (portal|account|access|area|cent(er|re)|services?)|your account|online services?|self[- ]service|account|portal|pay (my |your )?bill|view (my |your )?bill",
      "mein (konto|bereich|portal|zugang)|meine? [\\p{L}-]{2,20}|kunden(portal|konto|center|bereich|login|service)|online-?(portal|service|center)|serviceportal",
      "mon (compte|espace)( client)?|espace (client|personnel|perso)|mes factures|agence en ligne",
      "mi cuenta|[áa]rea (de )?(clientes?|privada|personal)|oficina virtual|zona (de )?clientes?|mis facturas",
      "area (clienti|riservata|personale)|il mio (account|profilo)|sportello online|minha conta|[áa]rea (de|do) cliente",
      "mijn (account|omgeving|[\\p{L}-]{2,20})|klant(en)?(portaal|zone|omgeving)|mina sidor|mitt konto|min side|minside|oma(t)? (tili|sivut)|selvbetjening",
      "moje konto|panel klienta|strefa klienta|ebok|m[ůô]j [úu][čc]et|z[áa]kaznick[ýá] (port[áa]l|z[óo]na)|[üu]gyf[ée]l(kapu|szolg[áa]lat)|hesab[ıi]m|m[üu][şs]teri (giri[şs]i|portal[ıi])",
      "личный кабинет|мой кабинет|особистий кабінет|ο λογαριασμός μου|マイページ|会員ページ|我的(账户|帳戶)|网上营业厅|내 계정|마이페이지|حسابي|החשבון שלי|मेरा खाता",
    ].join("|") +
    ")[^\\p{L}]*$",
  "iu",
);

/** What opens the menu of a page that has no room for it. */
const MENU = /^[^\p{L}]*(main |site |open |show |toggle )*(menu|navigation|nav|men[üu]|menú|valikko|меню|μενού|メニュー|菜单|選單|메뉴)[^\p{L}]*$/iu;

/** What ends a question about cookies or the like that lies over the page, the most private answer first. */
const DISMISS = [
  /^[^\p{L}]*(reject|decline|refuse|deny|disagree)( all)?( (optional |non-essential )?cookies)?[^\p{L}]*$|^[^\p{L}]*(alle(s)? )?(ablehnen|weigeren|afwijzen|avvis( alle)?|neka( alla)?)[^\p{L}]*$|^[^\p{L}]*((tout )?refuser( tout)?|(rechazar|rifiuta|recusar|odrzu[cć]|odm[íi]tnout)( (todo|todas|tutt[oi]|tudo|wszystkie|v[šs]e))?|hylkää( kaikki)?)[^\p{L}]*$|continue without accepting|continuer sans accepter/iu,
  /\b(only|just|use) (necessary|essential|required)\b|\b(necessary|essential|required)( cookies)? only\b|nur (notwendige|erforderliche|essenzielle)|alleen noodzakelijke|uniquement les (n[ée]cessaires|essentiels)|solo (necesarias|necessari)|kun n[øo]dvendige|endast n[öo]dv[äa]ndiga/iu,
  /^[×✕✖]$|^[^\p{L}]*(close|dismiss|got it|no,? thanks|not now|later|skip|schlie[ßs]+en|fermer|cerrar|chiudi|sluiten|st[äa]ng|luk|lukk|sulje|zamknij|zav[řr][íi]t|kapat|закрыть|閉じる|关闭|닫기|x)[^\p{L}]*$/iu,
  /^[^\p{L}]*(accept|agree|allow|consent|ok(ay)?|i agree|accept(er|eren)?|akzeptieren|zustimmen|einverstanden|aceptar|accetta|aceitar|akkoord|godk[äa]nn|tillad|godta|hyv[äa]ksy|akceptuj[ęe]?|p[řr]ijmout|kabul( et)?|принять|同意|동의)\b.{0,30}$/iu,
];

/** What lies over the whole page, if something does. @returns {HTMLElement | null} */
function front() {
  const body = dom.body();
  const top = body && dom.invoke(dom.root(body), "elementFromPoint", innerWidth / 2, innerHeight / 2);
  if (!(top instanceof HTMLElement)) return null;
  for (let at = top; at && at !== body; at = dom.parent(at)) if (getComputedStyle(at).position === "fixed") return top;
  return null;
}

/** @param {HTMLElement} control */
function wayName(control) {
  return line(`${controlText(control)}|${dom.attribute(control, "href") ?? ""}`, 200);
}

/** Leads to a page or opens something here: no mail, no call, no file. @param {HTMLElement} control */
function leadsSomewhere(control) {
  const href = dom.attribute(control, "href");
  return href === null || !/^\s*(mailto|tel|sms|javascript:void window|data|blob):/i.test(href);
}

/** What lies over the middle of the control, if something does. @param {HTMLElement} control @returns {HTMLElement | null} */
function overlay(control) {
  control.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
  const box = dom.box(control);
  const top = dom.invoke(dom.root(control), "elementFromPoint", box.left + box.width / 2, box.top + box.height / 2);
  if (!(top instanceof HTMLElement) || dom.contains(control, top) || dom.contains(top, control)) return null;
  return top;
}

/** The button that ends what lies over a control. @param {HTMLElement} over @param {string[]} tried
 * @param {RegExp[]} patterns what it may say, the best first @returns {HTMLElement | null} */
function dismissal(over, tried, patterns = DISMISS) {
  // The box around the question: the largest ancestor that is laid over the page.
  let outermost = over;
  for (let at = over; at && at !== dom.body(); at = dom.parent(at)) {
    if (/fixed|absolute|sticky/.test(getComputedStyle(at).position)) outermost = at;
  }
  // A backdrop often stands beside its dialog.
  for (const where of [outermost, dom.parent(outermost) ?? outermost]) {
    const buttons = keep(all([/** @type {any} */ (where)], CONTROLS, 60), (button) => visible(button) && !tried.includes(wayName(button)));
    for (const pattern of patterns) {
      const found = buttons.find((button) => pattern.test(controlText(button)));
      if (found) return found;
    }
  }
  return null;
}

/** What to click to come nearer to a form to sign in: none that was tried already.
 * @param {string[]} tried names that `wayInName` gave before @returns {HTMLElement | null} */
function wayIn(tried) {
  const controls = keep(all(roots(), CONTROLS), (control) => leadsSomewhere(control) && !tried.includes(wayName(control)));
  const shownControls = keep(controls, visible);
  const href = (/** @type {HTMLElement} */ control) => dom.attribute(control, "href") ?? "";
  /** @type {((control: HTMLElement) => boolean)[]} */
  const kinds = [
    (control) => SIGN_IN.test(controlText(control)),
    (control) => href(control).length < 300 && SIGN_IN_HREF.test(href(control)),
    (control) => OWN_PAGES.test(controlText(control)),
    (control) => MENU.test(controlText(control)) && dom.attribute(control, "aria-expanded") !== "true",
  ];
  for (const kind of kinds) {
    for (const control of keep(shownControls, kind)) {
      const over = attempt(() => overlay(control), null);
      if (!over) return control;
      const button = attempt(() => dismissal(over, tried), null);
      if (button) return button;
    }
  }
  // Nothing leads there: the page may ask or tell something first.
  const over = attempt(front, null);
  const button = over && attempt(() => dismissal(over, tried), null);
  return button ?? keep(shownControls, (control) => GO_ON.test(controlText(control)))[0] ?? null;
}

/** The name of what [`wayIn`] finds, for remembering that it was tried. @param {string[]} tried */
function wayInName(tried) {
  const control = wayIn(tried);
  return control && wayName(control);
}
