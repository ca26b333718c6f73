//! Bills of the European continent.

use shared::status::UtilityType;

use super::{Truth, sheet::Sheet};

pub fn german() -> Vec<Sheet> {
    vec![Sheet::default()
        .bold(50.0, 60.0, 16.0, "Stadtwerke Musterstadt GmbH")
        .bold(50.0, 110.0, 13.0, "Stromrechnung")
        .rows(330.0, 545.0, 100.0, 13.0, &[("Kundennummer:", "4711082"), ("Vertragskonto:", "2000 334 871"), ("Rechnungsnummer:", "VR-2026-00918273"), ("Rechnungsdatum:", "14.02.2026")])
        .at(50.0, 180.0, 9.0, "Abrechnungszeitraum: 01.01.2025 bis 31.12.2025")
        .at(50.0, 193.0, 9.0, "Zahlbar bis: 02.03.2026")
        .row(230.0, &[(50.0, "Zählernummer"), (150.0, "Tarif"), (220.0, "Zählerstand alt"), (320.0, "Zählerstand neu"), (430.0, "Verbrauch in kWh")])
        .row(244.0, &[(50.0, "1EMH0012345678"), (150.0, "HT"), (220.0, "12.408"), (320.0, "15.020"), (430.0, "2.612")])
        .row(257.0, &[(50.0, "1EMH0012345678"), (150.0, "NT"), (220.0, "8.110"), (320.0, "9.204"), (430.0, "1.094")])
        .rows(50.0, 545.0, 300.0, 14.0, &[
            ("Arbeitspreis HT 2.612 kWh x 32,10 ct/kWh", "838,45 €"),
            ("Arbeitspreis NT 1.094 kWh x 24,00 ct/kWh", "262,56 €"),
            ("Grundpreis 12 Monate", "118,80 €"),
            ("Umsatzsteuer 19 %", "231,76 €"),
            ("Rechnungsbetrag brutto", "1.451,57 €"),
            ("Geleistete Abschläge", "-1.320,00 €"),
            ("Nachzahlung", "131,57 €"),
        ])
        .at(50.0, 440.0, 9.0, "Ihr Vorjahresverbrauch betrug 3.998 kWh. Der neue monatliche Abschlag beträgt 121,00 € ab 01.03.2026.")]
}

pub fn german_truth() -> Truth {
    Truth {
        country: "DE",
        account: "2000 334 871",
        invoice: Some("VR-2026-00918273"),
        bill_date: "2026-02-14",
        due_date: Some("2026-03-02"),
        period: Some(("2025-01-01", "2025-12-31")),
        total: 131.57,
        current: Some(1451.57),
        taxes: Some(231.76),
        currency: "EUR",
        usage: vec![
            (2612.0, "kWh", Some((12408.0, 15020.0)), false),
            (1094.0, "kWh", Some((8110.0, 9204.0)), false),
        ],
        meters: vec!["1EMH0012345678"],
        kind: Some(UtilityType::Electricity),
        lines: vec![("Grundpreis", 118.80), ("Umsatzsteuer 19 %", 231.76)],
        ..Truth::default()
    }
}

pub fn french() -> Vec<Sheet> {
    vec![
        Sheet::default()
            .bold(50.0, 60.0, 16.0, "Lumière de Provence")
            .at(
                50.0,
                80.0,
                10.0,
                "Votre facture d'électricité du 3 novembre 2026",
            )
            .at(50.0, 110.0, 9.0, "N° client : 6 012 345 678")
            .at(50.0, 123.0, 9.0, "Facture n° 10 223 445 566")
            .at(50.0, 136.0, 9.0, "Date d'émission : 3 novembre 2026")
            .bold(330.0, 110.0, 12.0, "Montant à payer")
            .right(545.0, 110.0, 12.0, "1 204,31 €")
            .at(330.0, 126.0, 9.0, "À régler avant le 20 novembre 2026")
            .at(
                50.0,
                170.0,
                9.0,
                "Période de facturation : du 02/09/2026 au 01/11/2026",
            )
            .row(
                210.0,
                &[
                    (50.0, "N° compteur"),
                    (160.0, "Ancien index"),
                    (260.0, "Nouvel index"),
                    (360.0, "Consommation (kWh)"),
                ],
            )
            .row(
                224.0,
                &[
                    (50.0, "021 876 554"),
                    (160.0, "34 500"),
                    (260.0, "39 320"),
                    (360.0, "4 820"),
                ],
            )
            .rows(
                50.0,
                545.0,
                260.0,
                14.0,
                &[
                    ("Abonnement", "36,20 €"),
                    ("Consommation 4 820 kWh à 0,2016 €", "971,71 €"),
                    ("Total TVA", "196,40 €"),
                    ("Total TTC", "1 204,31 €"),
                ],
            ),
    ]
}

pub fn french_truth() -> Truth {
    Truth {
        country: "FR",
        account: "6 012 345 678",
        invoice: Some("10 223 445 566"),
        bill_date: "2026-11-03",
        due_date: Some("2026-11-20"),
        period: Some(("2026-09-02", "2026-11-01")),
        total: 1204.31,
        current: Some(1204.31),
        taxes: Some(196.40),
        currency: "EUR",
        usage: vec![(4820.0, "kWh", Some((34500.0, 39320.0)), false)],
        kind: Some(UtilityType::Electricity),
        ..Truth::default()
    }
}

pub fn spanish() -> Vec<Sheet> {
    vec![
        Sheet::default()
            .bold(50.0, 60.0, 16.0, "Energía del Sur, S.A.")
            .at(50.0, 80.0, 10.0, "Factura de electricidad")
            .rows(
                50.0,
                300.0,
                110.0,
                13.0,
                &[
                    ("Número de factura", "P26CON041182334"),
                    ("Fecha de emisión", "05/03/2026"),
                    ("Número de contrato", "120044556677"),
                    ("Fecha de vencimiento", "15/03/2026"),
                ],
            )
            .at(
                50.0,
                180.0,
                9.0,
                "Periodo de facturación: 31/01/2026 a 28/02/2026",
            )
            .rows(
                50.0,
                300.0,
                210.0,
                13.0,
                &[
                    ("Lectura anterior", "45.112"),
                    ("Lectura actual", "45.398"),
                    ("Consumo total", "286 kWh"),
                ],
            )
            .rows(
                50.0,
                500.0,
                280.0,
                14.0,
                &[
                    ("Potencia contratada", "14,02 €"),
                    ("Energía consumida 286 kWh x 0,1512 €", "43,24 €"),
                    ("Impuesto eléctrico", "2,93 €"),
                    ("IVA 21%", "12,64 €"),
                ],
            )
            .bold(50.0, 350.0, 12.0, "Total a pagar")
            .right(500.0, 350.0, 12.0, "72,83 €"),
    ]
}

pub fn spanish_truth() -> Truth {
    Truth {
        country: "ES",
        account: "120044556677",
        invoice: Some("P26CON041182334"),
        bill_date: "2026-03-05",
        due_date: Some("2026-03-15"),
        period: Some(("2026-01-31", "2026-02-28")),
        total: 72.83,
        taxes: Some(12.64),
        currency: "EUR",
        usage: vec![(286.0, "kWh", Some((45112.0, 45398.0)), false)],
        kind: Some(UtilityType::Electricity),
        lines: vec![("Potencia contratada", 14.02)],
        ..Truth::default()
    }
}

pub fn italian() -> Vec<Sheet> {
    vec![
        Sheet::default()
            .bold(50.0, 60.0, 16.0, "Fiamma Gas S.p.A.")
            .at(50.0, 80.0, 10.0, "Bolletta gas naturale")
            .rows(
                50.0,
                300.0,
                110.0,
                13.0,
                &[
                    ("Codice cliente", "880 123 456"),
                    ("Numero fattura", "2026/0004412"),
                    ("Data emissione", "12 gennaio 2026"),
                    ("Scadenza", "2 febbraio 2026"),
                ],
            )
            .at(
                50.0,
                180.0,
                9.0,
                "Periodo di fatturazione: 1 novembre 2025 - 31 dicembre 2025",
            )
            .rows(
                50.0,
                300.0,
                210.0,
                13.0,
                &[
                    ("Lettura precedente", "3.110"),
                    ("Lettura attuale (stimata)", "3.302"),
                    ("Consumo fatturato", "192 Smc"),
                ],
            )
            .rows(
                50.0,
                500.0,
                280.0,
                14.0,
                &[
                    ("Spesa per la materia gas", "118,40 €"),
                    ("Trasporto e gestione del contatore", "41,10 €"),
                    ("IVA", "24,05 €"),
                    ("Totale da pagare", "183,55 €"),
                ],
            ),
    ]
}

pub fn italian_truth() -> Truth {
    Truth {
        country: "IT",
        account: "880 123 456",
        invoice: Some("2026/0004412"),
        bill_date: "2026-01-12",
        due_date: Some("2026-02-02"),
        period: Some(("2025-11-01", "2025-12-31")),
        total: 183.55,
        taxes: Some(24.05),
        currency: "EUR",
        usage: vec![(192.0, "Smc", Some((3110.0, 3302.0)), true)],
        kind: Some(UtilityType::Gas),
        ..Truth::default()
    }
}

pub fn swiss() -> Vec<Sheet> {
    vec![
        Sheet::default()
            .bold(50.0, 60.0, 14.0, "Elektrizitätswerk Seetal")
            .at(50.0, 78.0, 10.0, "Rechnung Strom")
            .rows(
                330.0,
                545.0,
                60.0,
                13.0,
                &[
                    ("Kunden-Nr.", "33.410.882"),
                    ("Rechnungs-Nr.", "900441827"),
                    ("Datum", "07.10.2026"),
                    ("Fällig am", "06.11.2026"),
                ],
            )
            .at(50.0, 140.0, 9.0, "Zeitraum 01.07.2026 - 30.09.2026")
            .rows(
                50.0,
                400.0,
                170.0,
                14.0,
                &[
                    ("Stand alt", "88'120"),
                    ("Stand neu", "93'402"),
                    ("Verbrauch", "5'282 kWh"),
                ],
            )
            .rows(
                50.0,
                500.0,
                240.0,
                14.0,
                &[
                    ("Energie 5'282 kWh x 0.1430", "755.33"),
                    ("Netznutzung", "501.79"),
                    ("MWST 8.1%", "101.83"),
                    ("Gesamtbetrag CHF", "1'358.95"),
                ],
            )
            .bold(50.0, 330.0, 11.0, "Zu zahlender Betrag")
            .right(500.0, 330.0, 11.0, "CHF 1'358.95"),
    ]
}

pub fn swiss_truth() -> Truth {
    Truth {
        country: "CH",
        account: "33.410.882",
        invoice: Some("900441827"),
        bill_date: "2026-10-07",
        due_date: Some("2026-11-06"),
        period: Some(("2026-07-01", "2026-09-30")),
        total: 1358.95,
        taxes: Some(101.83),
        currency: "CHF",
        usage: vec![(5282.0, "kWh", Some((88120.0, 93402.0)), false)],
        kind: Some(UtilityType::Electricity),
        ..Truth::default()
    }
}

pub fn dutch() -> Vec<Sheet> {
    vec![
        Sheet::default()
            .bold(50.0, 60.0, 14.0, "Polder Energie")
            .at(50.0, 80.0, 10.0, "Factuur elektriciteit")
            .at(50.0, 110.0, 9.0, "Klantnummer 30112245")
            .at(50.0, 123.0, 9.0, "Factuurnummer 2026110077")
            .at(50.0, 136.0, 9.0, "Factuurdatum 5 november 2026")
            .at(50.0, 149.0, 9.0, "Vervaldatum 19 november 2026")
            .at(
                50.0,
                162.0,
                9.0,
                "Factuurperiode 1 oktober 2026 t/m 31 oktober 2026",
            )
            .rows(
                50.0,
                400.0,
                200.0,
                14.0,
                &[
                    ("Verbruik", "318 kWh"),
                    ("Leveringskosten", "€ 95,40"),
                    ("Vastrecht", "€ 6,99"),
                    ("BTW 21%", "€ 21,50"),
                    ("Totaal te betalen", "€ 123,89"),
                ],
            ),
    ]
}

pub fn dutch_truth() -> Truth {
    Truth {
        country: "NL",
        account: "30112245",
        invoice: Some("2026110077"),
        bill_date: "2026-11-05",
        due_date: Some("2026-11-19"),
        period: Some(("2026-10-01", "2026-10-31")),
        total: 123.89,
        taxes: Some(21.50),
        currency: "EUR",
        usage: vec![(318.0, "kWh", None, false)],
        kind: Some(UtilityType::Electricity),
        lines: vec![("Vastrecht", 6.99)],
        ..Truth::default()
    }
}
