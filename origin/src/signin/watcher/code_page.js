// @ts-check
/// <reference path="page.js" />
/// <reference path="fields.js" />
// What a page has beside the code or the approval that it asks for: to get another one, another way, a box that lets
// this browser be remembered, and the number that is to be matched elsewhere.

const RESEND = new RegExp(
  [
    "\\bre-?send|\\bsend (it|again|me another|(me )?(a |the )?(new|another))|\\b(new|another) (verification |security |one-time )?(code|passcode|push|link)\\b|\\b(call|text|e-?mail|send|push)\\b.{0,30}\\bagain\\b",
    "\\b(erneut|noch ?mals?|noch ?einmal)\\b.{0,12}(senden|schicken|anfordern|anrufen)|neue[nrs]? (code|tan|sms|e-?mail|link|best[äa]tigungscode|sicherheitscode)",
    "\\brenvoyer|\\bnouveau code|\\bun autre code|\\brappeler",
    "\\breenviar|\\b(nuevo|otro) c[óo]digo|enviar.{0,20}(de nuevo|otra vez|novamente)|\\b(novo|outro) c[óo]digo",
    "\\breinvia|invia.{0,20}(di nuovo|nuovamente)|\\b(nuovo|un altro) codice",
    "opnieuw.{0,12}(verzenden|versturen|sturen|aanvragen|bellen)|\\bnieuwe code",
    "skicka.{0,20}(igen|ny kod)|\\bny kode?\\b|send.{0,20}(igen|på nytt|ny kode)|l[äa]het[äa].{0,20}uudelleen|\\buusi koodi",
    "wy[śs]lij.{0,20}(ponownie|nowy)|\\bnowy kod|znovu.{0,12}(odeslat|poslat|zaslat)|(odeslat|poslat|zaslat).{0,20}znovu|\\bnov[ýy] k[óo]d|[úu]jrak[üu]ld|[úu]j k[óo]d|retrimite|cod nou",
    "(tekrar|yeniden).{0,12}g[öo]nder|yeni kod|(отправить|выслать|послать).{0,20}(повторно|снова|ещ[её] раз)|новый код|надіслати.{0,20}(ще раз|повторно)|αποστολή.{0,12}ξανά|νέος κωδικός",
    "再送|再度送信|重新(发送|获取|發送|取得)|重发|重發|다시 (보내|전송|받기)|재(전송|발송)",
  ].join("|"),
  "iu",
);

const OTHER_WAY = new RegExp(
  [
    "\\b(another|a different|different|other|alternat\\w+|more) (verification |sign-?in |security )?(ways?|methods?|options?|factors?)\\b|\\b(can'?t|cannot|can not|don'?t|didn'?t|do not|did not)\\b.{0,30}\\b(code|otp|passcode|app|phone|device|number|e-?mail|text|message|call|push)\\b|\\b(recovery|back-?up) code|\\b(code|passcode|otp)\\b.{0,6}\\b(via|by|through)\\b|\\b(call|text|e-?mail) me\\b",
    "andere[nrs]? (methode|m[öo]glichkeit|weg|option|verfahren|weise|art)|(kein(en)?|nicht).{0,20}(erhalten|bekommen|zugriff)|wiederherstellungscode",
    "\\b(autre|diff[ée]rente?)s? (m[ée]thode|moyen|option|fa[çc]on)|autrement|(pas|non) re[çc]u|code de (secours|r[ée]cup[ée]ration)",
    "\\botr[oa]s? (m[ée]todo|forma|manera|opci[óo]n|modo|v[íi]a)|\\bno (he )?recib|c[óo]digo de (recuperaci[óo]n|respaldo)|\\boutr[oa]s? (m[ée]todo|forma|op[çc][ãa]o|maneira)|n[ãa]o recebi",
    "\\b(altr[oiae]|divers[oiae]) (metod|mod|opzion)|non (ho|hai) ricevuto",
    "andere (methode|manier|optie)|geen code|annat s[äa]tt|annan metod|(anden|annen) (metode|m[åa]te|m[åa]de)|ingen kod|(toinen|muu) tapa|en saanut",
    "inn(y|a|[ąa]|ej) (spos[óo]b|metod)|nie (otrzyma|dosta)|jin(ý|ou|[áa]) (zp[ůu]sob|metod)|m[áa]s(ik)? m[óo]d|alt[ăa] metod",
    "ba[şs]ka (bir )?(yol|y[öo]ntem)|di[ğg]er (se[çc]enek|y[öo]ntem)|друг(ой|им) способ|інш(ий|им) спос|άλλος τρόπος",
    "(別|他|ほか)の(方法|オプション)|其他(方式|方法|选项)|换(一种|个)?方式|다른 (방법|옵션)",
  ].join("|"),
  "iu",
);

const DEVICE =
  "(device|browser|computer|machine|ger[äa]t|rechner|appareil|navigateur|ordinateur|dispositivo|navegador|equipo|ordenador|computador|apparaat|enhet|enhed|webbl[äa]sare|nettleser|dator|laitte?|selain|selaime|urz[ąa]dzeni|przegl[ąa]dark|komputer|za[řr][íi]zen[íi]|prohl[íi][žz]e[čc]|po[čc][íi]ta[čc]|eszk[öo]z|b[öo]ng[ée]sz[őo]|cihaz|taray[ıi]c[ıi]|устройств|браузер|компьютер|συσκευή|端末|デバイス|ブラウザ|设备|裝置|浏览器|电脑|기기|브라우저)";
const REMEMBERING =
  "(remember|trust|recogni[sz]e|save|(do not|don'?t|never) (ask|challenge|require|prompt|send)|skip|merken|vertrau|speichern|nicht (mehr|erneut)|confiance|m[ée]moriser|souvenir|ne plus|confiar|recordar|no volver|lembrar|n[ãa]o (perguntar|pedir)|ricorda|attendibile|non chiedere|onthoud|vertrouw|kom ih[åa]g|lita p[åa]|husk|stol p[åa]|muista|luota|zapami[ęe]taj|zaufa|zapamatovat|d[ůu]v[ěe][řr]|megjegy|megb[íi]zhat|hat[ıi]rla|g[üu]ven|запомни|доверя|απομνημόν|信頼|記憶|保存|信任|记住|記住|신뢰|기억|저장)";
const REMEMBER = new RegExp(`${REMEMBERING}.*${DEVICE}|${DEVICE}.*${REMEMBERING}`, "iu");

/** A number that changes sooner than this, in milliseconds, more than once is a clock. */
const CLOCK_MS = 5000;
/** What numbers were shown last, since when, and how often they changed soon. @type {WeakMap<Element, {text: string, since: number, soon: number}>} */
const numbersSeen = new WeakMap();

/** What else the page offers to do, at most four. @param {HTMLElement[]} controls */
function offers(controls) {
  /** @type {Map<string, {kind: string, label: string}>} */
  const found = new Map();
  for (const control of controls) {
    if (found.size >= 4) break;
    const label = attempt(() => controlText(control), "");
    // Digits count down until it can be pressed; a masked number is a way to get a code, which is an option.
    if (!label || /\d|[*•●]{2}/.test(label)) continue;
    const kind = RESEND.test(label) ? "resend" : OTHER_WAY.test(label) ? "other_way" : "";
    if (!kind || dom.matches(control, ":disabled, [aria-disabled=true]") || dom.closest(control, "nav, header, footer")) continue;
    if (attempt(() => visible(control), false)) found.set(label, { kind, label });
  }
  return [...found.values()];
}

/** @param {HTMLElement} box */
function checkboxLabel(box) {
  const label = box instanceof HTMLInputElement ? box.labels?.[0]?.textContent : undefined;
  return line(label || dom.attribute(box, "aria-label"), 120);
}

/** The boxes that let this browser be remembered, with a label that can be seen. @param {Root[]} where */
function rememberBoxes(where) {
  return keep(all(where, "input[type=checkbox]", 20), (box) => {
    const label = box instanceof HTMLInputElement ? box.labels?.[0] : undefined;
    return REMEMBER.test(checkboxLabel(box)) && !dom.matches(box, ":disabled") && (visible(box) || Boolean(label && visible(label)));
  });
}

/** The label of the box that lets this browser be remembered; empty when there is none, or more than one.
 * @param {Root[]} where */
function rememberLabel(where) {
  const boxes = rememberBoxes(where);
  const [box] = boxes;
  return box && boxes.length === 1 ? checkboxLabel(box) : "";
}

/** What to click so that the box is as wanted: nothing when it is so already. Its label, where the box itself is
 * hidden. @param {boolean} wanted @returns {HTMLElement | null} */
function rememberBox(wanted) {
  const boxes = rememberBoxes(roots());
  const [box] = boxes;
  if (boxes.length !== 1 || !(box instanceof HTMLInputElement) || box.checked === wanted) return null;
  return visible(box) ? box : (box.labels?.[0] ?? null);
}

/** Numbers that stand alone in a box of their own, the largest first, as a page shows one to be matched elsewhere.
 * @param {Root[]} where */
function shownNumbers(where) {
  /** @type {{text: string, size: number}[]} */
  const found = [];
  for (const root of where) {
    const top = root === document ? dom.body() : root;
    if (!top) continue;
    const walker = walk(top, NodeFilter.SHOW_TEXT);
    for (let count = 0; count < 2000 && found.length < 10 && walker.nextNode(); count++) {
      const text = (walker.currentNode.nodeValue ?? "").trim();
      const parent = walker.currentNode.parentElement;
      if (!/^\d{1,6}$/.test(text) || !parent || !attempt(() => standsAlone(parent, text), false)) continue;
      const now = performance.now();
      let seen = numbersSeen.get(parent);
      if (seen?.text !== text) {
        const soon = seen && now - seen.since < CLOCK_MS ? seen.soon + 1 : (seen?.soon ?? 0);
        numbersSeen.set(parent, (seen = { text, since: now, soon }));
      }
      if (seen && seen.soon < 2) found.push({ text, size: parseFloat(getComputedStyle(parent).fontSize) });
    }
  }
  return found.sort((a, b) => b.size - a.size).map(({ text }) => text).slice(0, 3);
}

/** Whether nothing but this text stands in the element's own line. @param {HTMLElement} element @param {string} text */
function standsAlone(element, text) {
  if (dom.closest(element, "a, button, label, li, td, th, select, nav, header, footer, script, style, noscript, template")) return false;
  /** @type {Element | null} */
  let block = element;
  while (block && /^inline/.test(getComputedStyle(block).display)) block = dom.parent(block);
  return Boolean(block) && visible(element) && dom.text(/** @type {Element} */ (block)).trim() === text;
}
