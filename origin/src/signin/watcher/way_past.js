// @ts-check
/// <reference path="page.js" />
/// <reference path="fields.js" />
/// <reference path="ready.js" />
/// <reference path="way_in.js" />
// What leads past a page that stands between the password and the account: news, an offer, a question to be asked again.

/** What puts an offer or a question off. */
const NOT_NOW = new RegExp(
  "^[^\\p{L}]*(" +
    [
      "no,? (thanks|thank you)|not (now|yet|today|this time)|(maybe |ask me |remind me |do (it|this) )?later|skip( (this|for now|this step|for today))?|remind me .{1,20}",
      "(jetzt |heute )?nicht( jetzt)?|sp[äa]ter( erinnern)?|nein,? danke|[üu]berspringen",
      "pas maintenant|plus tard|non,? merci|ignorer|passer( cette [ée]tape)?|(me le )?rappeler plus tard",
      "ahora no|m[áa]s tarde|no,? gracias|omitir|non ora|pi[ùu] tardi|no,? grazie|salta",
      "niet nu|nu niet|nee,? (bedankt|dank je)|overslaan|agora n[ãa]o|mais tarde|n[ãa]o,? obrigad[oa]|pular|saltar",
      "inte nu|senare|nej,? tack|hoppa [öo]ver|ikke nu|senere|nej,? tak|spring over|ikke n[åa]|nei,? takk|hopp over|ei kiitos|ei nyt|my[öo]hemmin|ohita",
      "nie teraz|p[óo][źz]niej|nie,? dzi[ęe]kuj[ęe]|pomi[ńn]|te[ďd] ne|pozd[ěe]ji|ne,? d[ěe]kuji|p[řr]esko[čc]it|most nem|k[ée]s[őo]bb|kihagy[áa]s|[şs]imdi de[ğg]il|daha sonra|ge[çc]",
      "не сейчас|позже|нет,? спасибо|пропустить|не зараз|пізніше|пропустити|όχι τώρα|αργότερα|今はしない|後で|スキップ|暂不|稍后|跳过|나중에|건너뛰기",
    ].join("|") +
    ")[^\\p{L}]*$",
  "iu",
);

/** What leads on. */
const CONTINUE =
  /^[^\p{L}]*(close|dismiss|got it|ok(ay)?|schlie[ßs]en|verstanden|fermer|compris|cerrar|entendido|chiudi|ho capito|sluiten|begrepen|fechar|continue|proceed|next|go on|(continue|go|proceed) to (my |your |the )?(account|overview|dashboard|home ?page|portal|site|website)|weiter|fortfahren|zum (konto|portal)|continuer|poursuivre|suivant|continuar|seguir|siguiente|avanti|prosegui|continua|volgende|verder|doorgaan|n[äa]sta|forts[äa]tt|næste|fortsæt|neste|fortsett|seuraava|jatka|dalej|kontynuuj|pokra[čc]ovat|dal[šs][íi]|tov[áa]bb|continu[ăa]|nastavi|naprej|devam( et)?|далее|продолжить|далі|продовжити|συνέχεια|επόμενο|次へ|続ける|下一步|继续|다음|계속)[^\p{L}]*$/iu;

/** What gives a consent that was given before, in other words now. */
const CONSENT = /^[^\p{L}]*(i |yes,? )?(accept|agree|allow|permit|consent|grant|authori[sz]e|akzeptieren|zustimmen|erlauben|zulassen|accepter|autoriser|aceptar|permitir|autorizar|accetta|consenti|autorizza|accepteren|toestaan|akkoord|aceitar|godk[äa]nn|till[åa]t|tillad|godta|hyv[äa]ksy|salli|akceptuj[ęe]?|zezw[óo]l|povolit|souhlas[íi]m|elfogad(om)?|kabul|izin ver|принять|разрешить|同意|許可|允许|허용)( all| access| and continue| alle[sn]?| zugriff| tout| todo| tutt[oi]| toegang)*[^\p{L}]*$/iu;

/** Whether a control only leads on: it sends no form that holds anything. @param {HTMLElement} control */
function onlyLeads(control) {
  const form = dom.form(control);
  const posts = form && /post/i.test(dom.attribute(form, "method") ?? "");
  return !posts && (!form || !dom.all(form, "input, select, textarea").some((field) => attempt(() => visible(field), true)));
}

/** The control that leads on from a page that asks for nothing: none that was tried already. A consent is given only where
 * `consents` says that it was given before; nothing else is accepted, and nothing is declined but a question about cookies.
 * @param {string[]} tried names that `wayPastName` gave before @param {boolean} consents @returns {HTMLElement | null} */
function wayPast(tried, consents) {
  const over = attempt(front, null);
  const asksCookies = over && attempt(() => /cookie/i.test(dom.text(over)), false);
  const button = over && asksCookies && attempt(() => dismissal(over, tried, DISMISS.slice(0, -1)), null);
  if (button) return button;
  const controls = keep(
    all(roots(), CONTROLS),
    (control) => leadsSomewhere(control) && visible(control) && !tried.includes(wayName(control)) && !dom.closest(control, "header, nav, footer, aside, [role=banner], [role=contentinfo]"),
  );
  // What lies over the page comes first: what is below it cannot be pressed.
  const shown = over ? keep(controls, (control) => attempt(() => overlay(control) === null, false)) : controls;
  /** @type {((control: HTMLElement) => boolean)[]} */
  const kinds = [
    (control) => consents && CONSENT.test(controlText(control)),
    (control) => NOT_NOW.test(controlText(control)),
    (control) => CONTINUE.test(controlText(control)) && onlyLeads(control),
  ];
  for (const kind of kinds) {
    const found = shown.find(kind);
    if (found) return found;
  }
  return null;
}

/** The name of what [`wayPast`] finds, for remembering that it was tried. @param {string[]} tried @param {boolean} consents */
function wayPastName(tried, consents) {
  const control = wayPast(tried, consents);
  return control && wayName(control);
}
