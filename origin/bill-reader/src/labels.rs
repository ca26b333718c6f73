//! What bills call things, normalized (lower case, no accents). Weight: how surely the phrase means the field.

/// A fact that a bill prints beside a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// The number of the customer's account.
    Account,
    /// The number of the bill itself.
    Invoice,
    /// The day on which the bill was made out.
    BillDate,
    /// The day by which the bill must be paid.
    DueDate,
    /// The first and the last day of the period that the bill covers.
    Period,
    /// The first day of the period, printed by itself.
    PeriodStart,
    /// The last day of the period, printed by itself.
    PeriodEnd,
    /// The amount that must be paid in all.
    Total,
    /// The charges of this period alone.
    Current,
    /// The balance that was open before this bill.
    Previous,
    /// The payments since the bill before.
    Payments,
    /// The amount that was credited.
    Credits,
    /// The sum of all taxes.
    Taxes,
    /// The quantity that was used in the period.
    Usage,
    /// The reading of the meter at the start of the period.
    PreviousReading,
    /// The reading of the meter at the end of the period.
    CurrentReading,
    /// The number of the meter.
    Meter,
    /// The name of the tariff.
    Tariff,
}

use Field::{
    Account, BillDate, Credits, Current, CurrentReading, DueDate, Invoice, Meter, Payments, Period,
    PeriodEnd, PeriodStart, Previous, PreviousReading, Tariff, Taxes, Total, Usage,
};

/// Phrases and what they mean. A longer phrase beats a shorter one at the same place.
#[rustfmt::skip]
pub const LABELS: &[(Field, &str, i32)] = &[
    // English
    (Account, "account number", 100), (Account, "account no", 100), (Account, "account #", 100), (Account, "acct #", 95), (Account, "acct no", 95),
    (Account, "account id", 90), (Account, "account", 60), (Account, "customer number", 70), (Account, "customer no", 70), (Account, "customer id", 65),
    (Account, "contract account", 90), (Account, "customer reference", 60), (Account, "service agreement", 40),
    (Invoice, "invoice number", 100), (Invoice, "invoice no", 100), (Invoice, "invoice #", 100), (Invoice, "bill number", 95), (Invoice, "bill no", 90),
    (Invoice, "statement number", 90), (Invoice, "bill id", 85), (Invoice, "invoice id", 95), (Invoice, "bill reference", 70), (Invoice, "tax invoice", 50),
    (BillDate, "bill date", 100), (BillDate, "billing date", 100), (BillDate, "statement date", 100), (BillDate, "invoice date", 100),
    (BillDate, "date of bill", 95), (BillDate, "issue date", 90), (BillDate, "date of issue", 90), (BillDate, "date issued", 90), (BillDate, "bill issued", 90),
    (BillDate, "date prepared", 85), (BillDate, "mailing date", 60), (BillDate, "date mailed", 60), (BillDate, "prepared on", 60), (BillDate, "date", 25),
    (DueDate, "due date", 100), (DueDate, "payment due date", 100), (DueDate, "date due", 100), (DueDate, "payment due", 90), (DueDate, "due by", 85),
    (DueDate, "pay by", 85), (DueDate, "please pay by", 90), (DueDate, "due on", 80), (DueDate, "amount due by", 80), (DueDate, "total amount due by", 80),
    (DueDate, "payment date", 50), (DueDate, "we will collect", 50), (DueDate, "by", 15),
    (Period, "service period", 100), (Period, "billing period", 100), (Period, "bill period", 100), (Period, "period of service", 95),
    (Period, "statement period", 85), (Period, "service dates", 90), (Period, "service from", 85), (Period, "supply period", 90), (Period, "charges for", 40),
    (Period, "period", 60), (Period, "for service", 70), (Period, "usage period", 90), (Period, "billing for", 60),
    (PeriodStart, "from", 30), (PeriodStart, "service start", 60), (PeriodStart, "start date", 60), (PeriodStart, "period start", 70), (PeriodStart, "previous read date", 40),
    (PeriodEnd, "to", 30), (PeriodEnd, "service end", 60), (PeriodEnd, "end date", 60), (PeriodEnd, "period end", 70), (PeriodEnd, "current read date", 40),
    (Total, "total amount due", 100), (Total, "amount due", 95), (Total, "total due", 95), (Total, "balance due", 90), (Total, "please pay", 85),
    (Total, "pay this amount", 95), (Total, "amount to pay", 95), (Total, "total to pay", 95), (Total, "amount payable", 90), (Total, "total payable", 90),
    (Total, "total account balance", 80), (Total, "account balance", 60), (Total, "new balance", 75), (Total, "total balance", 70), (Total, "amount now due", 95),
    (Total, "total bill", 70), (Total, "amount enclosed", -100), (Total, "total", 20), (Total, "you owe", 80), (Total, "your balance", 60),
    (Total, "autopay amount", 60), (Total, "amount owed", 80), (Total, "current amount due", 85), (Total, "total amount", 50),
    (Current, "total current charges", 100), (Current, "current charges", 95), (Current, "total new charges", 100), (Current, "new charges", 90),
    (Current, "charges this period", 90), (Current, "total charges this period", 95), (Current, "total charges", 70), (Current, "this bill", 50),
    (Current, "charges this bill", 85), (Current, "total for this period", 85), (Current, "total charges for this period", 95), (Current, "invoice total", 60),
    (Current, "total current billing", 95), (Current, "current bill", 70), (Current, "current month charges", 90),
    (Previous, "previous balance", 100), (Previous, "prior balance", 95), (Previous, "balance from last bill", 95), (Previous, "balance on last bill", 95),
    (Previous, "amount of last bill", 95), (Previous, "last bill amount", 90), (Previous, "previous bill amount", 90), (Previous, "amount due on last bill", 90),
    (Previous, "previous amount due", 90), (Previous, "opening balance", 90), (Previous, "amount of previous bill", 90), (Previous, "last bill", 60),
    (Previous, "previous bill", 60), (Previous, "balance brought forward", 50), (Previous, "previous statement balance", 95), (Previous, "your last bill", 70),
    (Payments, "payments received", 100), (Payments, "payment received", 100), (Payments, "payments", 80), (Payments, "payment", 50), (Payments, "thank you", 30),
    (Payments, "you paid", 80), (Payments, "amount paid", 60),
    (Credits, "credits", 80), (Credits, "credit", 50), (Credits, "total credits", 95), (Credits, "adjustments", 40),
    (Taxes, "total taxes and fees", 100), (Taxes, "total taxes", 100), (Taxes, "taxes and fees", 80), (Taxes, "taxes", 60), (Taxes, "total tax", 95),
    (Taxes, "total vat", 100), (Taxes, "vat", 60), (Taxes, "sales tax", 60), (Taxes, "gst", 60), (Taxes, "hst", 60), (Taxes, "tax", 40), (Taxes, "utility tax", 50),
    (Usage, "usage", 80), (Usage, "total usage", 100), (Usage, "consumption", 90), (Usage, "total consumption", 100), (Usage, "used", 60), (Usage, "kwh used", 95),
    (Usage, "energy used", 95), (Usage, "units used", 80), (Usage, "billed usage", 95), (Usage, "total kwh", 95), (Usage, "total therms", 95), (Usage, "difference", 50),
    (Usage, "total used", 90), (Usage, "water used", 95), (Usage, "gas used", 95), (Usage, "electricity used", 95), (Usage, "kwh", 40), (Usage, "you used", 80),
    (PreviousReading, "previous reading", 100), (PreviousReading, "previous read", 95), (PreviousReading, "prior reading", 95), (PreviousReading, "previous", 60),
    (PreviousReading, "prior", 50), (PreviousReading, "last reading", 85), (PreviousReading, "opening reading", 90), (PreviousReading, "start read", 85),
    (PreviousReading, "previous meter reading", 100), (PreviousReading, "start reading", 90), (PreviousReading, "opening read", 90),
    (CurrentReading, "current reading", 100), (CurrentReading, "current read", 95), (CurrentReading, "present reading", 95), (CurrentReading, "present", 60),
    (CurrentReading, "current", 50), (CurrentReading, "latest reading", 90), (CurrentReading, "this reading", 85), (CurrentReading, "closing reading", 90),
    (CurrentReading, "current meter reading", 100), (CurrentReading, "end read", 85), (CurrentReading, "end reading", 90), (CurrentReading, "closing read", 90),
    (Meter, "meter number", 100), (Meter, "meter no", 100), (Meter, "meter #", 100), (Meter, "meter id", 95), (Meter, "meter serial number", 100),
    (Meter, "serial number", 60), (Meter, "meter", 60),
    (Tariff, "rate schedule", 95), (Tariff, "tariff", 90), (Tariff, "tariff name", 95), (Tariff, "rate class", 90), (Tariff, "rate plan", 85), (Tariff, "rate", 30),
    // German
    (Account, "vertragskonto", 100), (Account, "vertragskontonummer", 100), (Account, "kundennummer", 90), (Account, "kunden-nr", 90), (Account, "kundennr", 90),
    (Account, "vertragsnummer", 70), (Account, "vertragskonto-nr", 100), (Account, "verbrauchsstelle", 20),
    (Invoice, "rechnungsnummer", 100), (Invoice, "rechnungs-nr", 100), (Invoice, "rechnung nr", 95), (Invoice, "rechnungsnr", 100), (Invoice, "belegnummer", 70),
    (BillDate, "rechnungsdatum", 100), (BillDate, "datum der rechnung", 95), (BillDate, "ausstellungsdatum", 90), (BillDate, "rechnung vom", 80), (BillDate, "datum", 40),
    (DueDate, "fallig am", 100), (DueDate, "falligkeit", 95), (DueDate, "falligkeitsdatum", 100), (DueDate, "zahlbar bis", 100), (DueDate, "zu zahlen bis", 95),
    (DueDate, "zahlungsziel", 80), (DueDate, "faellig am", 100), (DueDate, "zahlbar bis zum", 100),
    (Period, "abrechnungszeitraum", 100), (Period, "verbrauchszeitraum", 100), (Period, "lieferzeitraum", 95), (Period, "zeitraum", 80), (Period, "leistungszeitraum", 95),
    (PeriodStart, "von", 30), (PeriodStart, "vom", 30), (PeriodEnd, "bis", 30),
    (Total, "rechnungsbetrag", 75), (Total, "zu zahlender betrag", 100), (Total, "zahlbetrag", 100), (Total, "zu zahlen", 90), (Total, "nachzahlung", 90),
    (Total, "gesamtforderung", 95), (Total, "offener betrag", 85), (Total, "forderungsbetrag", 90), (Total, "gesamtbetrag", 70), (Total, "restforderung", 90),
    (Total, "noch zu zahlen", 95), (Total, "endbetrag", 80), (Total, "guthaben", 40),
    (Current, "rechnungssumme", 85), (Current, "bruttobetrag", 80), (Current, "gesamtkosten", 80), (Current, "rechnungsbetrag brutto", 95), (Current, "summe brutto", 85),
    (Current, "kosten brutto", 80), (Current, "rechnungsbetrag", 74), (Current, "gesamtbetrag brutto", 90), (Current, "aktuelle kosten", 80),
    (Previous, "vorheriger saldo", 100), (Previous, "saldovortrag", 95), (Previous, "offener vorsaldo", 95), (Previous, "alter saldo", 90), (Previous, "ubertrag", 50),
    (Payments, "geleistete zahlungen", 90), (Payments, "zahlungen", 80), (Payments, "abschlage", 70), (Payments, "geleistete abschlage", 90), (Payments, "abschlagszahlungen", 90),
    (Credits, "gutschrift", 80), (Credits, "gutschriften", 85),
    (Taxes, "mehrwertsteuer", 80), (Taxes, "mwst", 80), (Taxes, "umsatzsteuer", 80), (Taxes, "ust", 70), (Taxes, "steuern gesamt", 95),
    (Usage, "verbrauch", 90), (Usage, "gesamtverbrauch", 100), (Usage, "verbrauch in kwh", 95), (Usage, "menge", 40), (Usage, "differenz", 50),
    (PreviousReading, "zahlerstand alt", 100), (PreviousReading, "anfangsstand", 95), (PreviousReading, "alter zahlerstand", 95), (PreviousReading, "zahlerstand anfang", 100),
    (PreviousReading, "stand alt", 95), (PreviousReading, "alt", 40), (PreviousReading, "zahlerstand von", 80),
    (CurrentReading, "zahlerstand neu", 100), (CurrentReading, "endstand", 95), (CurrentReading, "neuer zahlerstand", 95), (CurrentReading, "zahlerstand ende", 100),
    (CurrentReading, "stand neu", 95), (CurrentReading, "neu", 40), (CurrentReading, "zahlerstand bis", 80),
    (Meter, "zahlernummer", 100), (Meter, "zahler-nr", 100), (Meter, "zahlernr", 100), (Meter, "zahler", 50), (Tariff, "tarif", 80), (Tariff, "produkt", 40),
    // French
    (Account, "numero de client", 95), (Account, "n° client", 95), (Account, "reference client", 95), (Account, "numero de compte", 100), (Account, "compte de contrat", 90),
    (Account, "n° de compte", 100), (Account, "n° de client", 95), (Account, "ref client", 90), (Account, "compte client", 90), (Account, "numero client", 95), (Account, "numero de contrat", 70),
    (Invoice, "numero de facture", 100), (Invoice, "n° de facture", 100), (Invoice, "facture n°", 100), (Invoice, "n° facture", 100), (Invoice, "reference facture", 90),
    (BillDate, "date de facture", 100), (BillDate, "date de facturation", 95), (BillDate, "date d'emission", 95), (BillDate, "facture du", 80), (BillDate, "emise le", 80),
    (DueDate, "date d'echeance", 100), (DueDate, "a payer avant le", 100), (DueDate, "a regler avant le", 100), (DueDate, "date limite de paiement", 100),
    (DueDate, "echeance", 85), (DueDate, "date de prelevement", 75), (DueDate, "prelevement le", 70), (DueDate, "preleve le", 70), (DueDate, "a regler le", 80),
    (Period, "periode de facturation", 100), (Period, "periode de consommation", 100), (Period, "periode", 70), (Period, "consommation du", 60), (Period, "periode facturee", 95),
    (PeriodStart, "du", 25), (PeriodEnd, "au", 25),
    (Total, "montant a payer", 100), (Total, "net a payer", 100), (Total, "total a payer", 100), (Total, "solde a payer", 95), (Total, "montant du", 60), (Total, "somme a payer", 95),
    (Total, "montant total a payer", 100), (Total, "a payer", 60),
    (Current, "total ttc", 85), (Current, "montant ttc", 85), (Current, "total facture ttc", 95), (Current, "montant de la facture", 85), (Current, "total de la facture", 85),
    (Current, "montant total ttc", 90), (Current, "facture ttc", 85),
    (Previous, "solde precedent", 100), (Previous, "ancien solde", 95), (Previous, "solde anterieur", 95), (Previous, "report", 40),
    (Payments, "vos paiements", 90), (Payments, "paiements", 75), (Payments, "reglements", 75), (Payments, "paiements recus", 95), (Payments, "versements", 75),
    (Credits, "avoir", 60), (Taxes, "total tva", 100), (Taxes, "montant tva", 95), (Taxes, "tva", 70), (Taxes, "taxes et contributions", 60),
    (Usage, "consommation", 90), (Usage, "consommation totale", 100), (Usage, "volume consomme", 95), (Usage, "quantite", 30), (Usage, "conso", 80),
    (PreviousReading, "ancien index", 100), (PreviousReading, "index precedent", 95), (PreviousReading, "index debut", 95), (PreviousReading, "ancien releve", 90),
    (PreviousReading, "releve precedent", 90), (CurrentReading, "nouvel index", 100), (CurrentReading, "index actuel", 95), (CurrentReading, "index fin", 95),
    (CurrentReading, "nouveau releve", 90), (CurrentReading, "nouveau", 40), (PreviousReading, "ancien", 40),
    (Meter, "numero de compteur", 100), (Meter, "n° compteur", 100), (Meter, "n° de compteur", 100), (Meter, "compteur", 60), (Tariff, "option tarifaire", 90), (Tariff, "offre", 40),
    // Spanish
    (Account, "numero de cuenta", 90), (Account, "numero de cliente", 95), (Account, "n° de cliente", 95), (Account, "numero de contrato", 85), (Account, "n° contrato", 80),
    (Account, "referencia del contrato", 80), (Account, "contrato", 40), (Account, "numero de servicio", 80),
    (Invoice, "numero de factura", 100), (Invoice, "n° factura", 100), (Invoice, "n° de factura", 100), (Invoice, "factura n°", 100),
    (BillDate, "fecha de factura", 100), (BillDate, "fecha de emision", 100), (BillDate, "fecha factura", 100), (BillDate, "fecha emision", 100), (BillDate, "fecha", 30),
    (DueDate, "fecha de vencimiento", 100), (DueDate, "vencimiento", 90), (DueDate, "fecha de cargo", 80), (DueDate, "fecha limite de pago", 100), (DueDate, "pagar antes del", 95),
    (DueDate, "pagar antes de", 95), (Period, "periodo de facturacion", 100), (Period, "periodo de consumo", 100), (Period, "periodo facturado", 100), (Period, "periodo", 75),
    (Total, "total a pagar", 100), (Total, "importe a pagar", 100), (Total, "total importe factura", 90), (Total, "importe total", 80), (Total, "monto a pagar", 100),
    (Current, "importe de la factura", 85), (Current, "total factura", 85), (Current, "importe factura", 85), (Previous, "saldo anterior", 100), (Previous, "adeudo anterior", 90),
    (Payments, "pagos", 75), (Payments, "su pago", 85), (Taxes, "iva", 70), (Taxes, "total impuestos", 100), (Taxes, "impuestos", 60), (Usage, "consumo", 90), (Usage, "consumo total", 100),
    (PreviousReading, "lectura anterior", 100), (CurrentReading, "lectura actual", 100), (Meter, "numero de contador", 100), (Meter, "n° contador", 100), (Meter, "contador", 55),
    (Meter, "numero de medidor", 100), (Meter, "medidor", 55), (Tariff, "tarifa", 80),
    // Italian
    (Account, "codice cliente", 95), (Account, "numero cliente", 95), (Account, "codice contratto", 80), (Account, "numero utenza", 85), (Account, "conto contrattuale", 85),
    (Invoice, "numero fattura", 100), (Invoice, "fattura n", 90), (Invoice, "fattura n°", 100), (Invoice, "bolletta n", 90), (Invoice, "bolletta n°", 95), (Invoice, "numero bolletta", 95),
    (BillDate, "data fattura", 100), (BillDate, "data emissione", 100), (BillDate, "data di emissione", 100), (BillDate, "emessa il", 90), (BillDate, "del", 10),
    (DueDate, "scadenza", 90), (DueDate, "data scadenza", 100), (DueDate, "data di scadenza", 100), (DueDate, "da pagare entro il", 100), (DueDate, "entro il", 80),
    (Period, "periodo di fatturazione", 100), (Period, "periodo di riferimento", 95), (Period, "periodo fatturato", 95),
    (PeriodStart, "dal", 25), (PeriodEnd, "al", 25),
    (Total, "totale da pagare", 100), (Total, "importo da pagare", 100), (Total, "totale bolletta", 90), (Total, "totale dovuto", 95), (Current, "totale fattura", 85),
    (Previous, "saldo precedente", 100), (Taxes, "totale imposte", 90), (Usage, "consumi", 80), (Usage, "consumo fatturato", 95), (PreviousReading, "lettura precedente", 100),
    (PreviousReading, "lettura iniziale", 95), (CurrentReading, "lettura attuale", 100), (CurrentReading, "lettura finale", 95), (Meter, "matricola contatore", 100),
    (Meter, "matricola", 70), (Meter, "contatore", 55),
    // Dutch, Portuguese, Swedish, Danish, Norwegian, Polish
    (Account, "klantnummer", 95), (Account, "contractnummer", 70), (Account, "kundnummer", 95), (Account, "kundenummer", 95), (Account, "numer klienta", 95), (Account, "codigo de cliente", 90),
    (Invoice, "factuurnummer", 100), (Invoice, "fakturanummer", 100), (Invoice, "numer faktury", 100), (Invoice, "fatura n°", 95), (BillDate, "factuurdatum", 100), (BillDate, "fakturadatum", 100),
    (BillDate, "fakturadato", 100), (BillDate, "data wystawienia", 100), (BillDate, "data de emissao", 100), (DueDate, "vervaldatum", 100), (DueDate, "betalen voor", 90), (DueDate, "uiterste betaaldatum", 100),
    (DueDate, "forfallodatum", 100), (DueDate, "forfallsdato", 100), (DueDate, "betalingsdato", 90), (DueDate, "termin platnosci", 100), (DueDate, "data limite de pagamento", 100), (DueDate, "data de vencimento", 100),
    (Period, "factuurperiode", 100), (Period, "verbruiksperiode", 100), (Period, "avrakningsperiod", 90), (Period, "okres rozliczeniowy", 100), (Period, "periodo de faturacao", 100),
    (Total, "te betalen", 95), (Total, "totaal te betalen", 100), (Total, "att betala", 100), (Total, "a betale", 90), (Total, "do zaplaty", 100), (Total, "valor a pagar", 100),
    (Taxes, "btw", 70), (Taxes, "moms", 70), (Taxes, "vat 23%", 40), (Usage, "verbruik", 90), (Usage, "forbrukning", 90), (Usage, "forbruk", 90), (Usage, "zuzycie", 90),
    (PreviousReading, "beginstand", 95), (CurrentReading, "eindstand", 95), (Meter, "meternummer", 100), (Meter, "maler", 50), (Meter, "numer licznika", 100),
];

/// Phrases after which an amount is not what the label says ("amount due after May 3", "late").
pub const MISLEADING: &[&str] = &[
    "after due date",
    "if paid after",
    "if received after",
    "due after",
    "pay after",
    "past due",
    "late",
    "minimum",
    "last month",
    "last year",
    "average",
    "per day",
    "abschlag",
    "next payment",
    "deposit",
    "installment",
    "instalment",
];

/// Words that say that a reading or usage was guessed.
pub const ESTIMATED: &[&str] = &[
    "estimated",
    "estimate",
    "est",
    "geschatzt",
    "schatzung",
    "rechnerisch",
    "estime",
    "estimee",
    "estimation",
    "estimada",
    "estimado",
    "stimata",
    "stimato",
    "stima",
    "geschat",
    "beraknad",
    "(e)",
];

/// Words that say that a reading was taken.
pub const ACTUAL: &[&str] = &[
    "actual",
    "abgelesen",
    "abgelesene",
    "releve",
    "relevee",
    "real",
    "rilevata",
    "effettiva",
    "(a)",
    "customer read",
    "smart read",
];
