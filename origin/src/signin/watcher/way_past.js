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
      "(no,? )?thanks?( you)?|no,? (thanks|thank you)|not (now|yet|today|this time)|(maybe |ask me |remind me |do (it|this) )?later|skip( (this|for now|this step|for today))?|close|dismiss|got it|ok(ay)?|remind me .{1,20}",
      "(jetzt |heute )?nicht( jetzt)?|sp[äa]ter( erinnern)?|nein,? danke|[üu]berspringen|schlie[ßs]en|verstanden",
      "pas maintenant|plus tard|non,? merci|ignorer|passer( cette [ée]tape)?|fermer|compris|(me le )?rappeler plus tard",
      "ahora no|m[áa]s tarde|no,? gracias|omitir|cerrar|entendido|non ora|pi[ùu] tardi|no,? grazie|salta|chiudi|ho capito",
      "niet nu|nu niet|nee,? (bedankt|dank je)|overslaan|sluiten|begrepen|agora n[ãa]o|mais tarde|n[ãa]o,? obrigad[oa]|pular|saltar|fechar",
      "inte nu|senare|nej,? tack|hoppa [öo]ver|ikke nu|senere|nej,? tak|spring over|ikke n[åa]|nei,? takk|hopp over|ei kiitos|ei nyt|my[öo]hemmin|ohita",
      "nie teraz|p[óo][źz]niej|nie,? dzi[ęe]kuj[ęe]|pomi[ńn]|te[ďd] ne|pozd[ěe]ji|ne,? d[ěe]kuji|p[řr]esko[čc]it|most nem|k[ée]s[őo]bb|kihagy[áa]s|[şs]imdi de[ğg]il|daha sonra|ge[çc]",
      "не сейчас|позже|нет,? спасибо|пропустить|не зараз|пізніше|пропустити|όχι τώρα|αργότερα|今はしない|後で|スキップ|暂不|稍后|跳过|나중에|건너뛰기",
    ].join("|") +
    ")[^\\p{L}]*$",
  "iu",
);

/** What leads on, and neither sends nor confirms anything. */
const CONTINUE =
  /^[^\p{L}]*(continue|proceed|next|go on|(continue|go|proceed) to (my |your |the )?(account|overview|dashboard|home ?page|portal|site|website)|weiter|fortfahren|zum (konto|portal)|continuer|poursuivre|suivant|continuar|seguir|siguiente|avanti|prosegui|continua|volgende|verder|doorgaan|n[äa]sta|forts[äa]tt|næste|fortsæt|neste|fortsett|seuraava|jatka|dalej|kontynuuj|pokra[čc]ovat|dal[šs][íi]|tov[áa]bb|continu[ăa]|nastavi|naprej|devam( et)?|далее|продолжить|далі|продовжити|συνέχεια|επόμενο|次へ|続ける|下一步|继续|다음|계속)[^\p{L}]*$/iu;

/** What gives a consent that was given before, in other words now. */
const CONSENT = /^[^\p{L}]*(i |yes,? )?(accept|agree|allow|permit|consent|grant|authori[sz]e|approve|confirm|akzeptieren|zustimmen|erlauben|zulassen|accepter|autoriser|aceptar|permitir|autorizar|accetta|consenti|autorizza|accepteren|toestaan|akkoord|aceitar|godk[äa]nn|till[åa]t|tillad|godta|hyv[äa]ksy|salli|akceptuj[ęe]?|zezw[óo]l|povolit|souhlas[íi]m|elfogad(om)?|kabul|izin ver|принять|разрешить|同意|許可|允许|허용)\b.{0,30}$/iu;

/** The control that leads on from a page that asks for nothing: none that was tried already. A consent is given only where
 * `consents` says that it was given before.
 * @param {string[]} tried names that `wayPastName` gave before @param {boolean} consents @returns {HTMLElement | null} */
function wayPast(tried, consents) {
  const over = attempt(front, null);
  // Nothing is accepted here that a page asks for the first time.
  const button = over && attempt(() => dismissal(over, tried, DISMISS.slice(0, -1)), null);
  if (button) return button;
  const controls = keep(
    all(roots(), CONTROLS),
    (control) => leadsSomewhere(control) && visible(control) && !tried.includes(wayName(control)) && !dom.closest(control, "header, nav, footer, [role=banner], [role=contentinfo]"),
  );
  const patterns = consents ? [CONSENT, NOT_NOW, CONTINUE] : [NOT_NOW, CONTINUE];
  for (const pattern of patterns) {
    const found = controls.find((control) => pattern.test(controlText(control)));
    if (found) return found;
  }
  return null;
}

/** The name of what [`wayPast`] finds, for remembering that it was tried. @param {string[]} tried @param {boolean} consents */
function wayPastName(tried, consents) {
  const control = wayPast(tried, consents);
  return control && wayName(control);
}
