// @ts-check
/// <reference path="../../../browser/src/dom.js" />
// The page as the watcher sees it: its roots, what is visible, and the words of its controls.
// These files are joined with dom.js and run as one function body in an isolated world of every frame.

/** @typedef {Document | ShadowRoot} Root */

const TEXT_LIMIT = 300;
const NAME_LIMIT = 120;
const ELEMENT_LIMIT = 20000;

/** Elements that could not be read since the last report. */
let skipped = 0;

/** The answer, or `otherwise` when it cannot be had: one odd element must not hide the rest of the page.
 * @template T @param {() => T} answer @param {T} otherwise @returns {T} */
function attempt(answer, otherwise) {
  try {
    return answer();
  } catch {
    skipped += 1;
    return otherwise;
  }
}

/** Those that fit; those that cannot be read do not. @template T @param {T[]} list @param {(one: T) => boolean} fits */
function keep(list, fits) {
  return list.filter((one) => attempt(() => fits(one), false));
}

/** What is known since the roots were looked for last; layout is costly. @type {Map<Element, boolean>} */
const shownFields = new Map();

/** Closed shadow roots that the browser handed over: scripts cannot find these by themselves.
 * @type {Set<ShadowRoot>} */
const closedRoots = new Set();

/** One line of bounded plain text. @param {string | null | undefined} text */
function line(text, limit = NAME_LIMIT) {
  if (!text || typeof text !== "string") return "";
  // Twice the limit is enough to collapse blanks in; site text can be megabytes long.
  const short = text.slice(0, limit * 4).replace(/[\s\u0000-\u001f\u007f\u200b-\u200f\u202a-\u202e\u2066-\u2069]+/g, " ").trim();
  // Half an emoji is no text, and no JSON.
  return [...short].slice(0, limit).join("").toWellFormed();
}

/** @param {any} root @param {number} what a constant of NodeFilter @returns {TreeWalker} */
function walk(root, what) {
  return dom.invoke(document, "createTreeWalker", root, what);
}

/** The document and every shadow root that can be reached. @returns {Root[]} */
function roots() {
  shownFields.clear();
  boxesOfRoots.clear();
  /** @type {Root[]} */
  const found = [document];
  let count = 0;
  for (let i = 0; i < found.length && found.length < 200; i++) {
    const walker = walk(found[i], NodeFilter.SHOW_ELEMENT);
    while (walker.nextNode() && count++ < ELEMENT_LIMIT) {
      const inner = dom.read(walker.currentNode, "shadowRoot");
      if (inner) found.push(inner);
    }
  }
  for (const root of closedRoots) {
    if (dom.isConnected(root.host)) found.push(root);
    else closedRoots.delete(root);
  }
  return found;
}

/** All elements under these roots that match. @param {Root[]} where @param {string} selector */
function all(where, selector, limit = 1500) {
  /** @type {HTMLElement[]} */
  const found = [];
  for (const root of where) {
    for (const element of dom.all(root, selector)) {
      if (found.length >= limit) return found;
      if (element instanceof HTMLElement) found.push(element);
    }
  }
  return found;
}

/** Whether a person could see it if they scrolled there. @param {Element} element */
function visible(element) {
  // A frame of no size is no place for a person.
  if (window !== window.top && (innerWidth < 20 || innerHeight < 20)) return false;
  if (!dom.isRendered(element, { opacityProperty: true, visibilityProperty: true })) return false;
  const box = dom.box(element);
  if (box.width < 3 || box.height < 3) return false;
  return box.right + scrollX > 0 && box.bottom + scrollY > 0;
}

/** Whether an ancestor without size cuts it off, as a folded panel does. @param {Element} element */
function clipped(element) {
  let position = getComputedStyle(element).position;
  for (let at = dom.parent(element), level = 0; at && level < 60 && position !== "fixed"; at = dom.parent(at), level++) {
    const style = getComputedStyle(at);
    // What is positioned is not cut off by a box that it is not positioned in.
    const whole = at === dom.body() || at === dom.read(document, "documentElement");
    const cuts = !whole && /hidden|clip/.test(style.overflow) && !(position === "absolute" && style.position === "static");
    const box = cuts ? dom.box(at) : null;
    if (box && (box.width < 3 || box.height < 3)) return true;
    if (position !== "absolute" || style.position !== "static") position = style.position;
  }
  return false;
}

/** What a control calls itself. @param {HTMLElement} element */
function controlText(element) {
  if (element instanceof HTMLInputElement) {
    return line(element.value || element.alt || element.getAttribute("aria-label") || element.title, 80);
  }
  const text = line(dom.text(element), 80);
  if (text) return text;
  const image = dom.first(element, "img[alt]");
  return line(dom.attribute(element, "aria-label") || dom.attribute(element, "title") || (image && dom.attribute(image, "alt")), 80);
}

/** What a person may take for a button although nothing says so. */
const CLICKABLE = "[onclick], [tabindex], [class*=btn i], [class*=button i], [class*=submit i], [class*=login i], [id]";
const CONTROLS =
  "a, button, summary, input[type=submit], input[type=button], input[type=image], [role=button], [role=link], [role=menuitem], [role=tab]";

// Words of controls, each the whole of a short text. Message wording is judged elsewhere: here
// only what must be looked for among hundreds of links.
const SIGN_OUT = new RegExp(
  "^[^\\p{L}]*(" +
    [
      "log ?out|log ?off|sign ?out|sign ?off|sign me out|log me out|end (my )?session|exit account|session beenden|terminer (la )?session|finalizar sesi[óo]n",
      "abmelden|ausloggen|logout|uitloggen|afmelden",
      "(se |me )?d[ée]connecter|d[ée]connexion|fermer (la|ma) session",
      "cerrar (la )?sesi[óo]n|desconectar(se|me)?|salir|tancar (la )?sessi[óo]|saioa itxi|pechar sesi[óo]n",
      "terminar (a )?sess[ãa]o|encerrar (a )?sess[ãa]o|sair|esci|disconnetti(ti)?|disconnessione|scollegati",
      "logga ut|log ud|log af|logg ut|logg av|kirjaudu ulos|[úu]tskr[áa]ning",
      "wyloguj( si[ęe])?|odhl[áa]si[tť]( s[ea])?|odhl[áa]sen[íi]e?|kijelentkez[ée]s|deconect(are|eaz[ăa](-te)?)|ie[șs]ire|odjav[ai]( se)?|odjavi me",
      "atsijungti|iziet|iziet no sist[ēe]mas|logi v[äa]lja",
      "[çc][ıi]k[ıi][şs]( yap)?|oturumu kapat|выйти|выход|вийти|вихід|изход|одјава|αποσύνδεση|έξοδος",
      "ログアウト|サインアウト|登出|退出(登录|登錄)?|注销|로그아웃|ออกจากระบบ|đăng xuất|keluar|log keluar",
      "تسجيل الخروج|خروج|התנתק(ות)?|יציאה|लॉग ?आउट|साइन ?आउट",
    ].join("|") +
    ")[^\\p{L}]*$",
  "iu",
);
const SIGN_OUT_HREF =
  /(^|[/?&=_.#-])(log[-_]?(out|off)|sign[-_]?(out|off)|abmelden|ausloggen|deconnexion|cerrar[-_]?sesion|uitloggen|wyloguj|kirjaudu-ulos|loggaut|logud)([/?&=_.;#-]|$)/i;

const SIGN_IN = new RegExp(
  "^[^\\p{L}]*(" +
    [
      "(member |customer |client |account |secure |my )?(log ?in|log ?on|sign ?in|sign ?on)( (here|again|now|to (your|my) account|to continue))?|log (me )?in|sign me in",
      "(jetzt |hier |erneut |wieder |kunden-?)?(anmelden|einloggen|login)|anmeldung|zum login|zur anmeldung|inloggen|aanmelden|log opnieuw in",
      "(se |me )?connecter|connexion|s['’]identifier|identification|se reconnecter",
      "iniciar (la )?sesi[óo]n|inicia(r)? sesi[óo]n|acceder|acceso|ingresar|entrar|inicie sesi[óo]n|iniciar sess[ãa]o|fazer login|aceder|acessar",
      "accedi|accesso|login|entra|logga in|log ind|log p[åa]|logg inn|logg p[åa]|kirjaudu( sis[äa][äa]n)?|innskr[áa]ning",
      "zaloguj( si[ęe])?|logowanie|p[řr]ihl[áa]si[tť]( s[ea])?|prihl[áa]senie|p[řr]ihl[áa][šs]en[íi]|bejelentkez[ée]s|bel[ée]p[ée]s|autentificare|conectare|prijav[ai]( se)?",
      "prisijungti|pieteikties|ien[āa]kt|logi sisse|giri[şs]( yap)?|oturum a[çc]|войти|вход|увійти|вхід|σύνδεση|είσοδος",
      "prisijung(ti|imas)|j[āa]udas|autoriz[ēe]ties|sisene(mine)?|uloguj se|вписване|пријава|пријави се|เข้าสู่ระบบ|ลงชื่อเข้าใช้",
      "(ログイン|サインイン)(する)?|登录|登錄|登入|로그인( ?하기)?|đăng nhập|masuk|log masuk",
      "(تسجيل )?(ال)?دخول|ورود( به حساب)?|התחבר(ות)?|כניסה|लॉग ?इन( करें)?|साइन इन( करें)?",
    ].join("|") +
    ")[^\\p{L}]*$",
  "iu",
);

const GO_ON =
  /^[^\p{L}]*(continue|next|submit|go|ok|proceed|confirm|weiter|best[äa]tigen|absenden|continuer|suivant|valider|continuar|siguiente|enviar|avanti|prosegui|continua|invia|volgende|verder|doorgaan|n[äa]sta|forts[äa]tt|næste|fortsæt|neste|fortsett|seuraava|jatka|dalej|pokra[čc]ovat|pokra[čc]ova[ťt]|tov[áa]bb|continu[ăa]|[îi]nainte|naprej|nastavi|dalje|devam|ileri|далее|продолжить|далі|напред|συνέχεια|επόμενο|следующий|следващ[аи]|следеће|toliau|t[ęe]sti|t[āa]l[āa]k|turpin[āa]t|edasi|j[äa]tka|pokračova[ťt]|další|ďalej|tovább|urmatorul|următorul|lanjut(kan)?|(se)?berikutnya|teruskan|seterusnya|tiếp( tục| theo)?|ถัดไป|ดำเนินการต่อ|ต่อไป|次へ|次に進む|続ける|続行|送信|確認|下一步|继续|繼續|提交|확인|다음|계속( ?하기)?|التالي|متابعة|استمرار|استمر|بعدی|ادامه|הבא|המשך|आगे( बढ़ें)?|जारी रखें|अगला|даље|настави|seg[üu]ent|seguinte|jarraitu|hurrengoa|[áa]fram|davam et|შემდეგ)[^\p{L}]*$/iu;

/** What a button of a form says that is not the one to sign in with: it shows, closes, goes back, forgets or registers. */
const ASIDE = new RegExp(
  "\\b(show|hide|reveal|toggle|view|close|cancel|clear|reset|back|forgot|forgotten|help|register|sign ?up|create|join|search|facebook|google|apple|microsoft|passkey)\\b|" +
    [
      "anzeigen|verbergen|schlie[ßs]en|abbrechen|zur[üu]ck|vergessen|registrieren|konto erstellen|hilfe|suchen?",
      "afficher|masquer|fermer|annuler|retour|oubli[ée]|inscri|cr[ée]er|rechercher",
      "mostrar|ocultar|cerrar|cancelar|volver|olvid|regist|crear|buscar|esconder|fechar|voltar|esquec|criar",
      "mostra|nascondi|chiudi|annulla|indietro|dimentic|crea |cerca",
      "tonen|verbergen|sluiten|annuleren|terug|vergeten|aanmaken|zoeken",
      "visa|d[öo]lj|st[äa]ng|avbryt|gl[öo]mt|vis |skjul|luk|annuller|glemt|opret|n[äa]yt[äa]|sulje|peruuta|unohd|rekister",
      "poka[żz]|ukryj|zamknij|anuluj|zapomnia|zarejestruj|zobrazit|skr[ýy]t|zav[řr][íi]t|zru[šs]it|zapomen|elfelejt|göster|gizle|kapat|unuttum",
      "показать|скрыть|закрыть|отмена|назад|забыли|регистр|показати|表示|閉じる|キャンセル|忘れ|新規登録|显示|关闭|取消|忘记|注册|표시|닫기|취소|찾기|가입|εμφάνιση|κλείσιμο|ακύρωση|ξέχασ|εγγραφ|إلغاء|نسيت|إنشاء|إغلاق|بستن|فراموش|ثبت ?نام|ביטול|סגור|שכחת|הרשמה|ยกเลิก|ลืม|สมัคร|hủy|quên|đăng ký|batal|lupa|daftar|रद्द|भूल|पंजीकर",
    ].join("|"),
  "iu",
);

/** Kinds of things that only an account has; each kind counts once. @type {[string, RegExp][]} */
const ACCOUNT = [
  ["bills", /\b(bills?|billing|invoices?|statements?|view bill)\b|rechnung|abrechnung|facture|facturas?|bollett[ae]|fattur[ae]|rekening|facturen|faktura|fakturor|fakturaer|regning|lasku|rachun(ek|ki)|faktury|faturas?|számla|számlá|fatura|счет|счёт|рахун|請求|账单|帳單|청구/iu],
  ["usage", /\b(usage|consumption|energy use|meter readings?|meters?)\b|verbrauch|zähler(stand)?|consommation|relev[ée]|consumos?|lecturas?|consumi|letture|verbruik|meterstand|förbrukning|mätar|forbruk|kulutus|zużyci|spotřeb|fogyasztás|tüketim|потребл|показан|使用量|用量|사용량/iu],
  ["payments", /\b(payments?|pay (my |your )?bill|balance|amount due|autopay|auto pay|direct debit)\b|zahlung|guthaben|abschlag|paiement|solde|prélèvement|pagos?|saldo|pagament|betaling|saldo|betalning|maksu|płatno|platb|fizetés|ödeme|платеж|оплат|баланс|支払|お支払|付款|余额|결제/iu],
  ["profile", /\b(my profile|profile|account settings|my settings|preferences|personal (data|details|information))\b|mein profil|meine daten|persönliche daten|mon profil|mes informations|mes coordonnées|mi perfil|mis datos|il mio profilo|i miei dati|mijn gegevens|mijn profiel|min profil|mina uppgifter|omat tiedot|mój profil|můj profil|профил|マイページ|プロフィール|个人(资料|中心)|프로필/iu],
  ["account", /^[^\p{L}]*your account[^\p{L}]*$|\b(my account|account (overview|number|summary|details)|dashboard|customer (number|no\.?)|contracts?)\b|mein konto|kontoübersicht|kundennummer|vertragskonto|mein vertrag|verträge|mon compte|mon espace|tableau de bord|mes contrats|numéro de client|mi cuenta|resumen de cuenta|mis contratos|número de cliente|il mio account|area (personale|riservata)|numero cliente|mijn (account|omgeving)|klantnummer|mitt konto|mina sidor|min side|kundenummer|oma tili|moje konto|numer klienta|můj účet|zákaznické číslo|fiókom|hesabım|личный кабинет|мой кабинет|お客様番号|アカウント|我的(账户|帳戶)|내 계정/iu],
];
const GREETING = new RegExp(
  "^[^\\p{L}]*(welcome( back)?|hello|hi|good (morning|afternoon|evening)|hallo|willkommen( zurück)?|guten (tag|morgen|abend)|bonjour|bienvenue|hola|bienvenid[oa](/a)?( de nuevo)?|buon(giorno|asera)|ciao|benvenut[oa]|welkom( terug)?|välkommen|hej|velkommen|hei|tervetuloa|witaj|dzień dobry|vítejte|dobrý den|bem-vind[oa]|olá|merhaba|hoş geldin(iz)?|добро пожаловать|здравствуйте|ようこそ|欢迎|환영합니다)[,!]? +\\p{L}[\\p{L}.'’ -]{1,60}[!.]?$",
  "iu",
);
/** "Welcome to Energy", "Hello there": nobody is greeted by name. */
const GREETING_TO_ALL =
  /\b(to|back to|our|there|everyone|all|guest|visitor|customers?|bei|beim|zu|zum|zur|auf|im|in|gast|liebe|chez|dans|sur|à|au|aux|visiteur|a|al|en|invitado|da|nel|su|ospite|bij|op|gast|till|på|til|na|w|do|gość|v|em|ao|à)\b/iu;
