//! The words of websites, folded (lower case, no accents), in many languages.

/// Words of controls that end the session.
#[rustfmt::skip]
pub const SIGN_OUT: &[&str] = &[
    "sign out", "signout", "sign-out", "log out", "logout", "log-out", "log off", "logoff", "sign off", "signoff", "abmelden", "ausloggen", "deconnexion", "deconnecter", "se deconnecter", "cerrar sesion",
    "salir", "esci", "disconnetti", "uitloggen", "afmelden", "terminar sessao", "sair", "logga ut", "log ud", "logg ut", "wyloguj",
];

/// Whatever leads there moves money or changes something. Never clicked, never opened, no more than a sign-out.
#[rustfmt::skip]
pub const FORBIDDEN: &[&str] = &[
    "pay", "pay now", "pay bill", "pay my bill", "make a payment", "one-time payment", "payment method", "payment methods", "add payment", "autopay", "auto pay", "auto-pay", "zahlen", "bezahlen", "jetzt zahlen",
    "payer", "regler", "payer ma facture", "pagar", "paga", "paga ora", "betalen", "betaal", "zaplac", "betala",
    "cancel", "cancel service", "stop service", "start service", "move service", "transfer service", "disconnect", "close account", "delete", "remove", "unlink", "unsubscribe", "kundigen", "kundigung",
    "loschen", "entfernen", "umzug", "umziehen", "resilier", "resiliation", "supprimer", "demenager", "darse de baja", "baja", "eliminar", "borrar", "disdetta", "elimina", "rimuovi", "opzeggen",
    "verwijderen", "verhuizen", "uppsagning", "ta bort",
    "change password", "reset password", "passwort andern", "edit", "update profile", "enroll", "enrol", "sign up", "register", "add account", "link account", "add user", "invite", "go paperless",
    "paperless", "switch to paper", "submit reading", "enter reading", "zahlerstand melden", "report an outage", "report outage", "dispute", "apply", "order", "buy", "donate", "checkout", "confirm",
    "email", "e-mail", "send", "share", "forward", "remind", "reminder", "report", "flag", "rate", "like", "vote", "subscribe", "save", "add", "upload", "change", "update", "switch", "approve", "dismiss", "accept offer", "request", "stop", "terminate", "refund", "extension", "payment arrangement", "payment plan", "budget billing",
];

/// Parts of a URL's path that mean the same.
#[rustfmt::skip]
pub const FORBIDDEN_IN_PATH: &[&str] = &[
    "pay", "paynow", "pay-now", "paybill", "pay-bill", "make-payment", "makepayment", "autopay", "cancel",
    "delete", "remove", "stop-service", "stopservice", "start-service", "move", "transfer", "close-account", "unsubscribe", "enroll", "register", "signup", "sign-up", "checkout", "kuendigen", "kuendigung",
    "resiliation", "password",
];

/// A page of bills is behind these.
#[rustfmt::skip]
pub const BILLING: &[&str] = &[
    "bill", "bills", "billing", "billing history", "bill history", "my bills", "view bill", "view bills", "invoice", "invoices", "statement", "statements", "e-bill", "ebill", "billing & payments",
    "bills and payments", "billing and payment", "bill & usage", "bills & documents", "billing documents", "past bills", "previous bills", "all bills", "all invoices",
    "rechnung", "rechnungen", "meine rechnungen", "abrechnung", "abrechnungen", "jahresabrechnung", "facture", "factures", "mes factures", "factura", "facturas", "mis facturas", "recibo", "recibos", "boleta", "boletas",
    "bolletta", "bollette", "fattura", "fatture", "le mie bollette", "factuur", "facturen", "mijn facturen", "jaarrekening", "nota's", "fatura", "faturas", "faktura", "fakturor", "fakturaer", "fakturor och betalningar",
    "regning", "regninger", "faktury", "rachunki", "moje faktury",
];

/// Bills are often behind these.
#[rustfmt::skip]
pub const PERHAPS: &[&str] = &[
    "documents", "document", "my documents", "document center", "history", "archive", "inbox", "mailbox", "files", "downloads", "payments", "payment history", "transactions", "account history", "dokumente",
    "unterlagen", "postfach", "posteingang", "archiv", "meine dokumente", "documentos", "mes documents", "espace documents", "historique", "historial", "documenti", "storico", "archivio", "documenten", "dokument",
    "dokumenter", "dokumenty", "historia",
];

/// Words of pages that lead to bills without having them.
#[rustfmt::skip]
pub const ON_THE_WAY: &[&str] = &[
    "account", "accounts", "my account", "overview", "dashboard", "home", "services", "my services", "contracts", "contract", "properties", "usage", "energy", "profile", "konto", "konten", "mein konto", "ubersicht",
    "vertrag", "vertrage", "meine vertrage", "verbrauch", "compte", "mon compte", "espace client", "contrat", "contrats", "mes contrats", "cuenta", "mi cuenta", "contratos", "mis contratos", "consumos", "area clienti",
    "area privata", "forniture", "contratti", "mijn account", "overzicht", "contracten", "minha conta", "mina sidor", "avtal", "min side", "aftaler", "moje konto", "umowy", "view", "more", "details", "select", "manage",
];

/// A file is behind these.
#[rustfmt::skip]
pub const FILE: &[&str] = &[
    "pdf", "download", "view", "view bill", "view pdf", "open", "print", "show", "get", "see bill", "bill", "invoice", "statement", "herunterladen", "ansehen", "anzeigen", "offnen", "rechnung", "abrechnung",
    "telecharger", "voir", "consulter", "facture", "descargar", "ver", "factura", "scarica", "visualizza", "bolletta", "fattura", "apri", "downloaden", "bekijk", "bekijken", "factuur", "transferir", "fatura",
    "ladda ner", "visa", "faktura", "last ned", "hent", "vis", "pobierz", "zobacz",
];

/// Words of controls behind which a file is, and no page.
#[rustfmt::skip]
pub const DOWNLOAD: &[&str] = &[
    "pdf", "download", "herunterladen", "telecharger", "descargar", "scarica", "downloaden", "transferir", "ladda ner", "last ned", "hent", "pobierz",
];

/// Files that are no bills.
#[rustfmt::skip]
pub const OTHER_FILES: &[&str] = &[
    "terms", "conditions", "privacy", "policy", "tariff sheet", "rate sheet", "rates", "brochure", "guide", "how to read", "understanding your bill", "sample bill", "form", "application", "annual report",
    "safety", "newsletter", "insert", "faq", "agb", "datenschutz", "preisblatt", "widerruf", "widerrufsbelehrung", "merkblatt", "formular", "conditions generales", "cgv", "mentions legales", "condiciones", "privacidad", "condizioni",
    "privacidade", "voorwaarden", "water quality", "consumer confidence", "accessibility", "cookie", "impressum", "contract copy", "csv", "excel", "xml", "green button", "export usage",
];

/// Words of controls that show the next page of a list.
#[rustfmt::skip]
pub const NEXT: &[&str] = &[
    "next", "next page", "older", "older bills", "›", "»", ">", ">>", "→", "weiter", "nachste", "nachste seite", "altere", "vor", "suivant", "suivante", "page suivante", "siguiente", "pagina siguiente",
    "anteriores", "successivo", "successiva", "avanti", "pagina successiva", "volgende", "proximo", "seguinte", "nasta", "naeste", "neste", "nastepna",
];

/// More of the same page.
#[rustfmt::skip]
pub const MORE: &[&str] = &[
    "load more", "show more", "see more", "view more", "more bills", "show all", "view all", "see all", "show older", "load older", "mehr anzeigen", "mehr laden", "weitere anzeigen", "alle anzeigen", "voir plus",
    "afficher plus", "tout afficher", "charger plus", "ver mas", "cargar mas", "mostrar mas", "ver todo", "ver todas", "mostra altro", "carica altro", "vedi tutte", "mostra tutte", "meer tonen", "meer laden", "toon meer", "toon alles",
    "ver mais", "carregar mais", "visa fler", "visa alla", "vis flere", "vis alle", "pokaz wiecej",
];

/// Labels of selects that change which bills are shown.
#[rustfmt::skip]
pub const CHOOSERS: &[&str] = &[
    "account", "accounts", "service", "property", "meter", "year", "period", "date range", "time period", "from", "months", "show", "konto", "vertrag", "vertragskonto", "jahr", "zeitraum", "compte", "contrat", "annee", "periode",
    "cuenta", "contrato", "ano", "periodo", "anno", "contratto", "fornitura", "jaar", "contract", "conta", "ar", "avtal", "aftale", "rok", "umowa", "document type", "dokumenttyp",
];

/// Options that say nothing is chosen yet.
#[rustfmt::skip]
pub const NO_CHOICE: &[&str] = &["select", "choose", "please select", "bitte wahlen", "auswahlen", "choisir", "selectionner", "seleccione", "seleccionar", "elegir", "seleziona", "kies", "selecione", "valj", "vaelg", "velg", "wybierz", "--"];

/// More about one bill, order or document is behind these.
#[rustfmt::skip]
pub const DETAILS: &[&str] = &[
    "details", "detail", "view details", "show details", "more details", "einzelheiten", "voir le detail", "details de la facture", "detalles", "detalle", "ver detalle", "dettagli", "dettaglio", "detalhes", "bijzonderheden", "szczegoly", "detaljer", "tiedot", "podrobnosti",
];

/// What the name of an icon says behind which a document is.
#[rustfmt::skip]
pub const ICONS: &[&str] = &["pdf", "download", "downloads", "document", "file", "bill", "invoice", "statement", "herunterladen", "rechnung", "telecharger", "facture", "descargar", "factura", "scarica", "fattura", "bolletta", "pobierz", "faktura", "hent"];

/// Labels of selects that set something.
#[rustfmt::skip]
pub const NO_CHOOSERS: &[&str] = &[
    "default", "preferred", "language", "payment", "payment method", "pay from", "bank account", "reminder", "reminders", "notification", "notifications", "alert", "alerts", "currency", "theme", "tariff", "tarif", "plan", "frequency", "delivery", "bank", "card",
    "sprache", "zahlungsart", "zahlweise", "benachrichtigung", "langue", "paiement", "idioma", "pago", "lingua", "pagamento", "taal", "betaling", "jezyk", "sprak", "sprog", "kieli", "jazyk", "set",
];
