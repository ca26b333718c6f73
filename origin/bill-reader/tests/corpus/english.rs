//! Bills of English-speaking countries.

use shared::status::UtilityType;

use super::{Truth, sheet::Sheet};

pub fn label_above_value() -> Vec<Sheet> {
    vec![
        Sheet::default()
            .bold(40.0, 50.0, 18.0, "Granite State Gas")
            .at(40.0, 66.0, 9.0, "Natural gas service statement")
            .row(
                100.0,
                &[
                    (40.0, "ACCOUNT NUMBER"),
                    (180.0, "STATEMENT DATE"),
                    (300.0, "DUE DATE"),
                    (430.0, "AMOUNT DUE"),
                ],
            )
            .bold(40.0, 116.0, 11.0, "0091 2277 4410")
            .bold(180.0, 116.0, 11.0, "02/09/2026")
            .bold(300.0, 116.0, 11.0, "03/03/2026")
            .bold(430.0, 116.0, 11.0, "$184.17")
            .at(40.0, 150.0, 9.0, "SERVICE PERIOD")
            .at(40.0, 164.0, 10.0, "01/06/2026 - 02/05/2026")
            .rows(
                40.0,
                300.0,
                200.0,
                14.0,
                &[
                    ("Previous balance", "$152.90"),
                    ("Payment received 01/28 - thank you", "-$152.90"),
                    ("Current charges", "$184.17"),
                ],
            )
            .row(
                270.0,
                &[
                    (40.0, "Meter number"),
                    (140.0, "Previous read"),
                    (240.0, "Current read"),
                    (340.0, "Therms used"),
                ],
            )
            .row(
                284.0,
                &[
                    (40.0, "GM-448120"),
                    (140.0, "5521"),
                    (240.0, "5663"),
                    (340.0, "142"),
                ],
            )
            .rows(
                40.0,
                300.0,
                320.0,
                14.0,
                &[
                    ("Customer charge", "$15.39"),
                    ("Distribution charge", "$61.32"),
                    ("Cost of gas", "$107.46"),
                ],
            )
            .at(
                40.0,
                700.0,
                8.0,
                "Make checks payable to Granite State Gas. Amount enclosed $__________",
            ),
    ]
}

pub fn label_above_value_truth() -> Truth {
    Truth {
        country: "US",
        account: "0091 2277 4410",
        bill_date: "2026-02-09",
        due_date: Some("2026-03-03"),
        period: Some(("2026-01-06", "2026-02-05")),
        total: 184.17,
        current: Some(184.17),
        previous: Some(152.90),
        currency: "USD",
        usage: vec![(142.0, "therms", Some((5521.0, 5663.0)), false)],
        meters: vec!["GM-448120"],
        kind: Some(UtilityType::Gas),
        lines: vec![("Customer charge", 15.39), ("Cost of gas", 107.46)],
        ..Truth::default()
    }
}

pub fn uk() -> Vec<Sheet> {
    vec![
        Sheet::default()
            .bold(50.0, 60.0, 18.0, "Northmoor Energy")
            .at(50.0, 95.0, 10.0, "Your gas bill")
            .at(50.0, 120.0, 9.0, "Your account number: 850 0012 3344")
            .at(50.0, 133.0, 9.0, "Bill number: 40318822")
            .at(50.0, 146.0, 9.0, "Bill date: 04/03/2026")
            .at(50.0, 159.0, 9.0, "Billing period: 01/12/2025 to 28/02/2026")
            .rows(
                50.0,
                320.0,
                190.0,
                14.0,
                &[
                    ("Previous balance", "£48.10"),
                    ("Payments received", "£48.10 CR"),
                    ("Total charges this period", "£212.93"),
                    ("Amount to pay", "£212.93"),
                ],
            )
            .at(
                50.0,
                255.0,
                9.0,
                "We will collect this by Direct Debit on 18/03/2026",
            )
            .at(50.0, 290.0, 9.0, "Meter serial number: E6S1234567")
            .row(
                310.0,
                &[
                    (50.0, "Opening reading"),
                    (170.0, "Closing reading"),
                    (290.0, "Units used"),
                    (390.0, "kWh used"),
                ],
            )
            .row(
                324.0,
                &[
                    (50.0, "2204 (A)"),
                    (170.0, "2479 estimated"),
                    (290.0, "275"),
                    (390.0, "3,088"),
                ],
            )
            .rows(
                50.0,
                460.0,
                360.0,
                14.0,
                &[
                    ("Gas used 3,088 kWh at 6.014p", "£185.71"),
                    ("Standing charge 90 days at 19.0p", "£17.10"),
                    ("VAT at 5%", "£10.12"),
                ],
            )
            .at(
                50.0,
                430.0,
                9.0,
                "Over the same period last year you used 3,402 kWh.",
            ),
    ]
}

pub fn uk_truth() -> Truth {
    Truth {
        country: "GB",
        account: "850 0012 3344",
        invoice: Some("40318822"),
        bill_date: "2026-03-04",
        period: Some(("2025-12-01", "2026-02-28")),
        total: 212.93,
        current: Some(212.93),
        previous: Some(48.10),
        taxes: Some(10.12),
        currency: "GBP",
        usage: vec![(3088.0, "kWh", Some((2204.0, 2479.0)), true)],
        meters: vec!["E6S1234567"],
        kind: Some(UtilityType::Gas),
        ..Truth::default()
    }
}

pub fn city() -> Vec<Sheet> {
    let front = Sheet::default()
        .bold(40.0, 50.0, 14.0, "City of Alder Creek - Water Department")
        .row(
            80.0,
            &[
                (40.0, "Account #: 10-4432-00"),
                (330.0, "Bill Date"),
                (460.0, "Jun 30, 2026"),
            ],
        )
        .row(
            94.0,
            &[
                (40.0, "Service address: 12 Orchard Way"),
                (330.0, "Payment due date"),
                (460.0, "Jul 20, 2026"),
            ],
        )
        .row(
            108.0,
            &[(330.0, "Service dates"), (460.0, "May 27 - Jun 26, 2026")],
        )
        .row(
            150.0,
            &[
                (40.0, "Meter #"),
                (130.0, "Previous reading"),
                (250.0, "Present reading"),
                (370.0, "Usage (kgal)"),
            ],
        )
        .row(
            164.0,
            &[
                (40.0, "70112233"),
                (130.0, "1,204"),
                (250.0, "1,219"),
                (370.0, "15"),
            ],
        )
        .row(
            177.0,
            &[
                (40.0, "70112234 irrigation"),
                (130.0, "0,388"),
                (250.0, "0,410"),
                (370.0, "22"),
            ],
        )
        .at(40.0, 210.0, 9.0, "See the other side for the charges.");
    let back = Sheet::default().rows(
        40.0,
        400.0,
        60.0,
        14.0,
        &[
            ("Past due balance", "$0.00"),
            ("Water base", "$22.50"),
            ("Water usage", "$88.43"),
            ("Sewer", "$41.00"),
            ("Refuse collection", "$19.75"),
            ("Total current charges", "$171.68"),
            ("Total amount due", "$171.68"),
            ("Amount due after due date", "$180.26"),
        ],
    );
    vec![front, back]
}

pub fn city_truth() -> Truth {
    Truth {
        country: "US",
        account: "10-4432-00",
        bill_date: "2026-06-30",
        due_date: Some("2026-07-20"),
        period: Some(("2026-05-27", "2026-06-26")),
        total: 171.68,
        current: Some(171.68),
        currency: "USD",
        usage: vec![
            (15.0, "kgal", Some((1204.0, 1219.0)), false),
            (22.0, "kgal", Some((388.0, 410.0)), false),
        ],
        meters: vec!["70112233", "70112234"],
        kind: Some(UtilityType::Water),
        lines: vec![("Sewer", 41.0), ("Refuse collection", 19.75)],
        ..Truth::default()
    }
}

pub fn canadian() -> Vec<Sheet> {
    vec![
        Sheet::default()
            .bold(40.0, 50.0, 16.0, "Prairie Gas Ltd.")
            .rows(
                320.0,
                540.0,
                50.0,
                14.0,
                &[
                    ("Account number", "5540 7781 02"),
                    ("Bill date", "2026-01-19"),
                    ("Due date", "2026-02-09"),
                    ("Balance due", "$141.08"),
                ],
            )
            .at(40.0, 130.0, 9.0, "Billing period: 2025-12-16 to 2026-01-15")
            .at(40.0, 150.0, 9.0, "Natural gas used: 12.41 GJ")
            .rows(
                40.0,
                400.0,
                190.0,
                14.0,
                &[
                    ("Previous balance", "$120.55"),
                    ("Payment", "$120.55 CR"),
                    ("Gas supply 12.41 GJ @ 4.5100", "$55.97"),
                    ("Delivery", "$62.15"),
                    ("Carbon charge", "$16.24"),
                    ("GST 5%", "$6.72"),
                    ("Current charges", "$141.08"),
                ],
            ),
    ]
}

pub fn canadian_truth() -> Truth {
    Truth {
        country: "CA",
        account: "5540 7781 02",
        bill_date: "2026-01-19",
        due_date: Some("2026-02-09"),
        period: Some(("2025-12-16", "2026-01-15")),
        total: 141.08,
        current: Some(141.08),
        previous: Some(120.55),
        taxes: Some(6.72),
        currency: "CAD",
        usage: vec![(12.41, "GJ", None, false)],
        kind: Some(UtilityType::Gas),
        lines: vec![("Delivery", 62.15), ("Carbon charge", 16.24)],
        ..Truth::default()
    }
}

pub fn credit() -> Vec<Sheet> {
    vec![
        Sheet::default()
            .bold(40.0, 50.0, 16.0, "Mesa Electric Cooperative")
            .rows(
                40.0,
                300.0,
                90.0,
                14.0,
                &[
                    ("Account No.", "77120934"),
                    ("Statement date", "April 8, 2026"),
                    ("Service from 03/05/2026 to 04/04/2026", "31 days"),
                ],
            )
            .rows(
                40.0,
                400.0,
                150.0,
                14.0,
                &[
                    ("Prior balance", "-$61.20"),
                    ("Basic service", "$21.00"),
                    ("Energy 402 kWh x $0.1010", "$40.60"),
                    ("Solar credit 611 kWh", "-$48.88"),
                    ("Total new charges", "$12.72"),
                    ("Total amount due", "-$48.48"),
                ],
            )
            .at(
                40.0,
                260.0,
                9.0,
                "You have a credit. Do not pay. Electric usage this month: 402 kWh",
            ),
    ]
}

pub fn credit_truth() -> Truth {
    Truth {
        country: "US",
        account: "77120934",
        bill_date: "2026-04-08",
        period: Some(("2026-03-05", "2026-04-04")),
        total: -48.48,
        current: Some(12.72),
        previous: Some(-61.20),
        currency: "USD",
        usage: vec![(402.0, "kWh", None, false)],
        kind: Some(UtilityType::Electricity),
        lines: vec![("Basic service", 21.0)],
        ..Truth::default()
    }
}

pub fn two_columns() -> Vec<Sheet> {
    // Two independent columns whose lines share baselines: what stands right of a label may be another column's.
    vec![
        Sheet::default()
            .bold(40.0, 50.0, 16.0, "Tidewater Power")
            .row(
                90.0,
                &[
                    (40.0, "Account number"),
                    (190.0, "3300-118-4"),
                    (330.0, "Your usage"),
                ],
            )
            .row(
                104.0,
                &[
                    (40.0, "Date issued"),
                    (190.0, "08/14/2026"),
                    (330.0, "1,204 kWh"),
                ],
            )
            .row(
                118.0,
                &[
                    (40.0, "Payment due"),
                    (190.0, "09/04/2026"),
                    (330.0, "Average per day 38.8 kWh"),
                ],
            )
            .row(
                132.0,
                &[
                    (40.0, "Amount due"),
                    (190.0, "$168.20"),
                    (330.0, "Last year 1,377 kWh"),
                ],
            )
            .row(
                146.0,
                &[
                    (40.0, "Bill period"),
                    (190.0, "Jul 13 to Aug 12, 2026"),
                    (330.0, "Rate: Residential R-1"),
                ],
            )
            .row(190.0, &[(40.0, "Electric charges"), (330.0, "Messages")])
            .row(
                204.0,
                &[
                    (40.0, "Service charge"),
                    (190.0, "$14.00"),
                    (330.0, "Call 811 before you dig."),
                ],
            )
            .row(
                218.0,
                &[
                    (40.0, "Energy charge"),
                    (190.0, "$148.09"),
                    (330.0, "Offices close on 09/07/2026."),
                ],
            )
            .row(
                232.0,
                &[
                    (40.0, "State tax"),
                    (190.0, "$6.11"),
                    (330.0, "A late fee of $5.00 applies."),
                ],
            )
            .row(246.0, &[(40.0, "Total charges"), (190.0, "$168.20")]),
    ]
}

pub fn two_columns_truth() -> Truth {
    Truth {
        country: "US",
        account: "3300-118-4",
        bill_date: "2026-08-14",
        due_date: Some("2026-09-04"),
        period: Some(("2026-07-13", "2026-08-12")),
        total: 168.20,
        current: Some(168.20),
        taxes: Some(6.11),
        currency: "USD",
        usage: vec![(1204.0, "kWh", None, false)],
        kind: Some(UtilityType::Electricity),
        ..Truth::default()
    }
}
