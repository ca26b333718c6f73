//! Words of addresses, forms and controls that say that something is changed, in many languages. Pure.
//!
//! All words are folded: lower case, no accents, nothing but letters and digits, several words written as one.

use bill_reader::normalize::normalize;

/// Nothing that only reads is called by one of these.
#[rustfmt::skip]
const CHANGING: &[&str] = &[
    // English
    "delete", "del", "remove", "erase", "destroy", "purge", "cancel", "terminate", "deactivate", "disable", "activate", "enable", "unsubscribe", "subscribe", "optout", "optin", "enroll", "enrol", "unenroll", "unenrol",
    "disenroll", "logout", "signout", "logoff", "signoff", "unlink", "unregister", "deregister", "revoke", "reset", "resend", "paynow", "makepayment", "withdraw", "unarchive", "suspend", "resume", "discard",
    "approve", "reject", "decline", "accept", "acknowledge", "dismiss", "merge", "overwrite", "upload", "donate", "checkout", "purchase", "refund", "dispute", "disconnect", "reconnect", "autopayenroll", "closeaccount",
    "enrollment", "optedin", "optedout", "turnon", "turnoff", "switchoff", "switchon", "toggle", "report", "hide", "lock", "unlock", "markread", "markasread", "redeem", "upgrade", "downgrade", "renew", "reorder",
    // German
    "loeschen", "loschen", "entfernen", "kuendigen", "kundigen", "kuendigung", "kundigung", "stornieren", "abbestellen", "abonnieren", "abmelden", "ausloggen", "deaktivieren", "aktivieren", "widerrufen", "bezahlen",
    "zurucksetzen", "zuruecksetzen", "bestatigen", "bestaetigen", "beantragen", "bestellen", "umziehen", "ummelden", "sperren", "entsperren", "hochladen", "einreichen", "anlegen", "abschliessen", "buchen",
    // French
    "supprimer", "effacer", "resilier", "resiliation", "annuler", "desabonner", "desinscrire", "desinscription", "sabonner", "abonner", "desactiver", "activer", "deconnexion", "deconnecter", "payer", "regler", "valider", "confirmer",
    "souscrire", "souscription", "reinitialiser", "enregistrer", "enlever", "commander", "demenager", "televerser",
    // Spanish
    "eliminar", "borrar", "cancelar", "anular", "desactivar", "activar", "suscribir", "suscribirse", "desuscribir", "cerrarsesion", "pagar", "confirmar", "guardar", "quitar", "darsedebaja", "darbaja", "inscribir", "inscribirse", "solicitar",
    "contratar", "restablecer", "rescindir",
    // Italian
    "elimina", "eliminare", "cancella", "cancellare", "annulla", "annullare", "disattiva", "disattivare", "attiva", "attivare", "iscriviti", "disiscriviti", "disiscrivi", "disdici", "disdire", "disdetta", "disconnetti", "esci", "paga", "pagare", "conferma",
    "confermare", "salva", "salvare", "rimuovi", "rimuovere", "recedi", "sottoscrivi",
    // Portuguese
    "apagar", "excluir", "remover", "desativar", "ativar", "inscrever", "sair", "terminarsessao", "salvar", "aderir", "rescindir", "assinar", "encerrar",
    // Dutch
    "verwijderen", "verwijder", "wissen", "opzeggen", "annuleren", "afmelden", "uitschrijven", "inschrijven", "uitloggen", "betalen", "betaal", "bevestigen", "opslaan", "deactiveren", "activeren", "verhuizen", "aanmelden", "wijzigen", "bestel",
    // Polish
    "usun", "usuwanie", "skasuj", "anuluj", "wypowiedz", "wyloguj", "zaplac", "potwierdz", "zapisz", "dezaktywuj", "aktywuj", "wypisz", "subskrybuj", "zrezygnuj", "rezygnuj", "zamow", "zglos", "wyslij",
    // Swedish, Danish, Norwegian
    "tabort", "radera", "avsluta", "sagupp", "avboka", "avbryt", "avregistrera", "avprenumerera", "prenumerera", "loggaut", "betala", "bekrafta", "spara", "inaktivera", "aktivera", "bestall", "slet", "fjern", "opsig", "annuller", "afmeld",
    "tilmeld", "logud", "betal", "bekraeft", "gem", "deaktiver", "aktiver", "bestil", "slett", "siopp", "avslutt", "avbestill", "meldav", "meldpa", "loggut", "bekreft", "lagre", "flytt",
    // Finnish
    "poista", "peruuta", "irtisano", "lopeta", "kirjauduulos", "maksa", "vahvista", "tallenna", "tilaa", "peru", "luovu",
    // Czech, Slovak
    "smazat", "odstranit", "odebrat", "zrusit", "vypovedet", "odhlasit", "zaplatit", "potvrdit", "ulozit", "deaktivovat", "aktivovat", "prihlasitkodberu", "objednat", "zmazat", "odoslat", "odeslat", "zapnout", "vypnout",
    // Hungarian, Romanian, Croatian
    "torles", "lemondas", "kijelentkezes", "fizetes", "mentes", "sterge", "anuleaza", "dezaboneaza", "deconectare", "plateste", "confirma", "salveaza", "izbrisi", "obrisi", "otkazi", "odjava", "plati", "potvrdi", "spremi",
];

/// Verbs that change something, but are also parts of harmless names (`pay history`, `start page`).
#[rustfmt::skip]
const AMBIGUOUS: &[&str] = &[
    "pay", "edit", "update", "save", "submit", "send", "create", "add", "insert", "register", "signup", "confirm", "apply", "change", "modify", "rename", "replace", "assign", "transfer", "move", "start", "stop", "switch", "set", "put",
    "patch", "post", "order", "request", "buy", "book", "schedule", "reschedule", "invite", "share", "import", "sync", "agree", "consent", "store", "write", "process", "execute", "run", "finish", "complete", "close", "link",
    "bearbeiten", "speichern", "senden", "absenden", "andern", "aendern", "hinzufugen", "hinzufuegen", "erstellen", "zahlen", "modifier", "envoyer", "ajouter", "creer", "changer", "editar", "modificar", "enviar", "anadir", "crear", "cambiar", "actualizar",
    "modifica", "modificare", "invia", "inviare", "aggiungi", "crea", "alterar", "adicionar", "criar", "gravar", "atualizar", "bewerken", "versturen", "verzenden", "toevoegen", "aanmaken", "edytuj", "dodaj", "zmien", "utworz", "redigera", "andra", "skicka",
    "lagg", "skapa", "rediger", "aendre", "tilfoj", "opret", "endre", "leggtil", "opprett", "muokkaa", "laheta", "lisaa", "luo", "vaihda", "upravit", "zmenit", "pridat", "vytvorit",
];

/// After these an ambiguous verb is none: `pay-history`, `order_by`, `edit-mode=off`.
#[rustfmt::skip]
const HARMLESS_SECOND: &[&str] = &[
    "history", "by", "date", "dates", "number", "no", "nr", "status", "list", "log", "details", "detail", "overview", "id", "ids", "summary", "page", "type", "sort", "direction", "point", "time", "day", "month", "year", "period", "index", "view", "views",
    "count", "size", "options", "info", "url", "uri", "methods", "bills", "bill", "amount", "documents", "document", "files", "token", "locale", "in", "language", "lang", "back", "verlauf", "datum", "historique", "historial", "storico",
];

/// After these even a clear verb is part of a name: `cancel-url`, `subscribe_date`.
#[rustfmt::skip]
const NAME_SECOND: &[&str] = &["history", "date", "dates", "status", "list", "log", "url", "uri", "policy", "reason", "period", "count", "scenes", "info", "token", "locale"];

/// What an ambiguous verb acts on where it stands before it: `start-service`, `add_user`.
#[rustfmt::skip]
const NEEDS_OBJECT: &[&str] = &["start", "stop", "set", "order", "request", "run", "process", "close", "link", "put", "post", "store", "book", "schedule", "share", "import", "sync", "complete", "finish", "patch", "write", "execute", "move", "transfer", "switch", "apply", "register"];

#[rustfmt::skip]
const OBJECTS: &[&str] = &[
    "service", "services", "account", "accounts", "address", "plan", "plans", "payment", "payments", "password", "email", "mail", "phone", "profile", "user", "users", "contract", "tariff", "provider", "supplier", "paperless", "autopay", "card", "bank",
    "meter", "reading", "readings", "subscription", "preference", "preferences", "setting", "settings", "default", "alert", "alerts", "notification", "notifications", "outage", "move", "consent", "order", "message", "ticket", "read", "green", "offer", "new", "data",
];

/// Collections in which a POST makes or changes something.
#[rustfmt::skip]
const COLLECTIONS: &[&str] = &[
    "preferences", "preference", "settings", "subscriptions", "subscription", "payments", "payment", "enrollments", "enrollment", "autopay", "paperless", "orders", "order", "tickets", "messages", "profile", "password", "address", "addresses",
    "paymentmethods", "paymentmethod", "notifications", "alerts", "consents", "consent", "meterreadings", "readings", "users", "members", "requests", "appointments", "outages", "complaints", "feedback", "contact", "newsletter", "cards", "mandates",
    "archive", "email", "mail", "share", "forward", "remind", "reminder", "reminders", "paperbill", "ratings", "rating", "vote", "like", "favorite", "favorites", "star", "flag", "pin", "note", "notes", "comment", "comments", "tag", "tags", "label", "labels", "tariff", "tarif", "tarifa", "plan", "language",
    "sepa", "iban", "contracts", "moves", "transfers", "plans", "offers", "einstellungen", "zahlungen", "zahlung", "zahlerstand", "zaehlerstand", "preferencias", "ajustes", "pagos", "pago", "preferenze", "pagamenti", "pagamento", "paiements", "paiement", "parametres",
    "voorkeuren", "betalingen", "platnosci", "ustawienia", "installningar", "indstillinger", "innstillinger", "asetukset", "nastaveni", "platby",
];

/// Settings that a field with a value of yes or no turns on or off.
#[rustfmt::skip]
const SETTINGS: &[&str] = &[
    "paperless", "autopay", "autopayment", "ebilling", "ebill", "newsletter", "marketing", "optin", "optout", "consent", "subscribed", "enrolled", "subscribe", "enroll", "notify", "notifications", "smsalerts", "emailalerts", "agree", "agreed", "accepted", "termsaccepted",
    "enabled", "active", "isactive", "isenabled", "autorenew", "budgetbilling", "greenpower", "greentariff", "einwilligung", "papierlos", "lastschrift", "sepa", "facturesansemail", "sinpapel", "domiciliacion", "domiciliazione",
];

/// Names of parameters whose value says what is to be done.
#[rustfmt::skip]
const ACTION_NAMES: &[&str] = &[
    "action", "actions", "act", "do", "cmd", "command", "op", "operation", "method", "task", "event", "eventid", "mode", "func", "function", "fn", "verb", "submit", "handler", "intent", "aktion", "accion", "accio", "azione", "acao", "opcion", "befehl",
    "process", "todo", "button", "btn", "operationname", "akcja", "akce", "handling", "toiminto", "actie",
];

/// Words around a verb that say only what kind of element or file it is.
#[rustfmt::skip]
const WRAPPERS: &[&str] = &[
    "btn", "button", "lnk", "link", "lb", "cmd", "ctl", "img", "icon", "action", "do", "php", "asp", "aspx", "jsp", "jsf", "xhtml", "html", "htm", "json", "xml", "ashx", "asmx", "svc", "cgi", "handler", "controller", "form", "on", "click", "ajax", "api",
    "my", "the", "your", "a", "to", "me", "it", "this", "item", "row", "now", "all", "async", "request", "perform", "execute",
];

/// Words of addresses that say that something is read.
#[rustfmt::skip]
const READING: &[&str] = &[
    "search", "list", "listing", "query", "filter", "find", "get", "fetch", "load", "history", "lookup", "browse", "view", "show", "details", "detail", "read", "export", "download", "retrieve", "overview", "summary", "page", "paging", "pdf", "print", "display",
    "select", "suche", "suchen", "liste", "auflisten", "anzeigen", "laden", "herunterladen", "recherche", "rechercher", "lister", "afficher", "telecharger", "consulter",
    "buscar", "busqueda", "consulta", "consultar", "listar", "descargar", "cerca", "ricerca", "elenco", "scarica", "visualizza", "zoeken", "lijst", "ophalen", "pesquisa", "pesquisar", "szukaj", "lista", "pobierz", "sok", "hamta",
    "hent", "sog", "hae", "haku", "hledat", "hledej", "seznam", "vypis", "stahnout",
];

/// Parts of addresses by which a session is kept, renewed or passed on.
#[rustfmt::skip]
const SESSION: &[&str] = &[
    "token", "tokens", "oauth", "oauth2", "openidconnect", "oidc", "saml", "saml2", "acs", "sso", "adfs", "wsfed", "refresh", "refreshtoken", "tokenrefresh", "renewtoken", "keepalive", "heartbeat", "extendsession", "sessionextend", "keepsessionalive", "renewsession",
    "signinoidc", "authorize", "userinfo", "introspect", "assertionconsumerservice",
];

/// Splits an identifier or a piece of an address into folded words: `lnkDelete_Account` is `lnk delete account`.
#[must_use]
pub fn words_of(text: &str) -> Vec<String> {
    let mut spaced = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    for c in text.chars().take(400) {
        if !c.is_alphanumeric() {
            spaced.push(' ');
        } else {
            if c.is_uppercase() && before.is_lowercase()
                || c.is_alphabetic() && before.is_ascii_digit()
            {
                spaced.push(' ');
            }
            spaced.push(c);
        }
        before = c;
    }
    normalize(&spaced)
        .split_whitespace()
        .map(str::to_owned)
        .collect()
}

/// How much a word must say to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// Ambiguous verbs count too, as in the value of `action=` or a name of a submit button.
    Any,
    /// Only verbs that never belong to reading.
    Clear,
}

/// One piece of an address, form or control names a change: a verb alone, or one with what it acts on.
#[must_use]
pub fn names_change(text: &str, strictness: Strictness) -> bool {
    let all = words_of(text);
    if all.is_empty() || all.len() > 7 {
        return false;
    }
    let words: Vec<&str> = {
        let kept: Vec<&str> = all
            .iter()
            .map(String::as_str)
            .filter(|word| !WRAPPERS.contains(word) && !word.chars().all(|c| c.is_ascii_digit()))
            .collect();
        if kept.is_empty() {
            all.iter().map(String::as_str).collect()
        } else {
            kept
        }
    };
    let joined = words.concat();
    if CHANGING.contains(&joined.as_str()) || CHANGING.contains(&all.concat().as_str()) {
        return joined != "report" || strictness == Strictness::Any;
    }
    let (Some(first), Some(last)) = (words.first(), words.last()) else {
        return false;
    };
    let second = words.get(1).copied().unwrap_or("");
    let clear = |word: &str| {
        CHANGING.contains(&word)
            && !matches!(
                word,
                "report"
                    | "archive"
                    | "lock"
                    | "hide"
                    | "gem"
                    | "resume"
                    | "accept"
                    | "peru"
                    | "activa"
            )
    };
    let harmless = |word: &str| HARMLESS_SECOND.contains(&word);
    if words.len() > 1
        && (clear(first) && !NAME_SECOND.contains(&second) || clear(last) && words.len() <= 3)
    {
        return true;
    }
    // Two words that are one verb: `log out`, `opt in`, `sign up` at the beginning or the end.
    if words.len() > 2 {
        let pair = format!("{first}{second}");
        let end: String = words.iter().rev().take(2).rev().copied().collect();
        if CHANGING.contains(&pair.as_str()) || CHANGING.contains(&end.as_str()) {
            return true;
        }
    }
    if !AMBIGUOUS.contains(first) {
        return strictness == Strictness::Any
            && words.len() > 1
            && AMBIGUOUS.contains(last)
            && !NEEDS_OBJECT.contains(last)
            && *last != "pay";
    }
    match words.len() {
        1 => strictness == Strictness::Any || !NEEDS_OBJECT.contains(first),
        _ if harmless(second) => false,
        _ if NEEDS_OBJECT.contains(first) => {
            words.iter().skip(1).any(|word| OBJECTS.contains(word))
        }
        _ => true,
    }
}

/// One whole word or phrase that is a verb of change and nothing else.
#[must_use]
pub fn is_changing_verb(text: &str) -> bool {
    let joined = words_of(text).concat();
    CHANGING.contains(&joined.as_str())
        && !matches!(
            joined.as_str(),
            "report"
                | "hide"
                | "gem"
                | "lock"
                | "slet"
                | "activa"
                | "resume"
                | "toggle"
                | "upload"
                | "peru"
        )
}

/// Says in a few words for a reader that something is changed: the text of a link or a button.
#[must_use]
pub fn says_change(text: &str) -> bool {
    let words = words_of(text);
    let has = |n: usize| {
        words.windows(n).enumerate().any(|(at, run)| {
            let next = words.get(at + n).map_or("", String::as_str);
            is_changing_verb(&run.concat()) && !NAME_SECOND.contains(&next)
        })
    };
    words.len() <= 12 && (1..=3).any(has) || names_change(text, Strictness::Clear)
}

/// A parameter of this name says what is to be done.
#[must_use]
pub fn is_action_name(name: &str) -> bool {
    let words = words_of(name);
    words.len() <= 3
        && words
            .last()
            .is_some_and(|last| ACTION_NAMES.contains(&last.as_str()))
        || ACTION_NAMES.contains(&words.concat().as_str())
}

/// A setting that a yes or no changes.
#[must_use]
pub fn is_setting(name: &str) -> bool {
    let words = words_of(name);
    let words: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| !matches!(*word, "is" | "chk" | "cb" | "has" | "want" | "wants" | "rb"))
        .collect();
    SETTINGS.contains(&words.concat().as_str())
}

/// A POST to a place of this name makes or changes something.
#[must_use]
pub fn is_changed_collection(segment: &str) -> bool {
    COLLECTIONS.contains(&words_of(segment).concat().as_str())
}

/// It is called like something that reads.
#[must_use]
pub fn names_reading(segment: &str) -> bool {
    let words = words_of(segment);
    let at = |word: Option<&String>| word.is_some_and(|word| READING.contains(&word.as_str()));
    at(words.first()) || at(words.last())
}

/// It is called like something that keeps a session.
#[must_use]
pub fn names_session(segment: &str) -> bool {
    SESSION.contains(&words_of(segment).concat().as_str())
}
