//! Links, buttons and selects of many websites, and what they are good for.

use super::*;

fn control(text: &str, href: &str, context: &str) -> Control {
    Control {
        n: 0,
        tag: if href.is_empty() { "button" } else { "a" }.into(),
        role: String::new(),
        text: text.into(),
        label: String::new(),
        href: (!href.is_empty()).then(|| href.to_owned()),
        raw: None,
        download: false,
        rel: String::new(),
        context: context.into(),
        disabled: false,
        current: false,
        new_tab: false,
        pager: false,
        submits: false,
        fields: 0,
        expands: false,
        toggle: false,
        hint: String::new(),
    }
}

fn used(text: &str, href: &str, context: &str) -> ControlUse {
    use_of_control(
        &control(text, href, context),
        &"https://my.utility.example/home".parse().expect("a URL"),
        false,
    )
}

#[test]
fn harm_is_never_touched() {
    for (text, href) in [
        ("Sign out", "https://my.utility.example/x"),
        ("Abmelden", ""),
        ("Exit", "https://my.utility.example/account/logout?x=1"),
        ("Pay my bill", ""),
        ("Pay", "https://my.utility.example/p"),
        ("Kündigen", ""),
        ("Stop service", ""),
        ("Bill", "https://my.utility.example/pay/123"),
        ("Delete", ""),
        ("Mail us", "mailto:a@b.example"),
        ("Jetzt zahlen", ""),
        ("x", "https://my.utility.example/app#/logout"),
    ] {
        assert_eq!(
            used(text, href, "Nov 3, 2026 $12.00"),
            ControlUse::Forbidden,
            "{text} {href}"
        );
    }
    let search = Control {
        submits: true,
        fields: 1,
        ..control("Search bills", "", "")
    };
    assert_eq!(
        use_of_control(&search, &"https://a.example".parse().expect("a URL"), false),
        ControlUse::Forbidden
    );
}

#[test]
fn bills_are_seen() {
    for (text, href, context) in [
        (
            "PDF",
            "https://my.utility.example/b/1/pdf",
            "Nov 3, 2026 Electricity $142.00 PDF",
        ),
        ("View bill", "", "November 3, 2026 $142.00 View bill"),
        (
            "Herunterladen",
            "",
            "Rechnung vom 03.11.2026 142,00 € Herunterladen",
        ),
        (
            "Nov 3, 2026",
            "https://my.utility.example/bill?id=7",
            "Nov 3, 2026 $142.00",
        ),
        (
            "Facture novembre 2026",
            "https://my.utility.example/d/991",
            "Facture novembre 2026 88,10 €",
        ),
        (
            "invoice-2026-11.pdf",
            "https://my.utility.example/f/invoice-2026-11.pdf",
            "invoice-2026-11.pdf",
        ),
    ] {
        assert!(
            matches!(used(text, href, context), ControlUse::Bill(_)),
            "{text}: {:?}",
            used(text, href, context)
        );
    }
    for (text, href) in [
        (
            "Terms and conditions (PDF)",
            "https://my.utility.example/t.pdf",
        ),
        ("How to read your bill", "https://my.utility.example/g.pdf"),
        ("Privacy policy", "https://my.utility.example/p.pdf"),
    ] {
        assert!(
            !matches!(used(text, href, ""), ControlUse::Bill(_)),
            "{text}"
        );
    }
}

#[test]
fn pages_are_ranked() {
    let score = |text, href| match used(text, href, "") {
        ControlUse::Page(score) => score,
        other => panic!("{text}: {other:?}"),
    };
    let billing = score("Billing history", "https://my.utility.example/x");
    let documents = score("Documents", "https://my.utility.example/y");
    let usage = score("Usage", "https://my.utility.example/z");
    let news = score("Community news", "https://my.utility.example/n");
    assert!(
        billing > documents && documents > usage && usage > news,
        "{billing} {documents} {usage} {news}"
    );
    assert_eq!(score("2025", "https://my.utility.example/b?y=2025"), 90);
    assert_eq!(
        used("Billing", "https://elsewhere.example/billing", ""),
        ControlUse::Nothing
    );
    assert!(score("Bills", "https://bills.utility.example/") > 0);
}

#[test]
fn pagers_and_choosers() {
    assert_eq!(
        used("Next", "https://my.utility.example/b?p=2", ""),
        ControlUse::More
    );
    assert_eq!(used("Mehr anzeigen", "", ""), ControlUse::More);
    let numbered = Control {
        pager: true,
        ..control("3", "https://my.utility.example/b?p=3", "")
    };
    assert_eq!(
        use_of_control(
            &numbered,
            &"https://my.utility.example/".parse().expect("a URL"),
            false
        ),
        ControlUse::More
    );
    let select = |label: &str, options: &[&str]| Select {
        n: 0,
        label: label.into(),
        name: "s".into(),
        options: options
            .iter()
            .map(|text| super::super::survey::SelectOption {
                value: (*text).into(),
                text: (*text).into(),
                disabled: false,
            })
            .collect(),
        chosen: 0,
        submit: None,
        submit_text: String::new(),
    };
    assert!(is_chooser(&select("", &["2026", "2025"])));
    assert!(is_chooser(&select(
        "",
        &["All", "Electricity 4402-118-2207", "Water 7710-554-0913"]
    )));
    assert!(is_chooser(&select("Konto", &["A", "B"])));
    assert!(!is_chooser(&select("Language", &["English", "Español"])));
}

#[test]
fn sites() {
    let url = |text: &str| text.parse::<Url>().expect("a URL");
    assert!(same_site(
        &url("https://bills.power.co.uk/"),
        &url("https://www.power.co.uk/")
    ));
    assert!(!same_site(
        &url("https://power.co.uk/"),
        &url("https://water.co.uk/")
    ));
    assert!(!same_site(
        &url("http://127.0.0.1:1/"),
        &url("http://127.0.0.1:2/")
    ));
    assert!(!same_site(
        &url("http://10.0.0.1/"),
        &url("http://11.0.0.1/")
    ));
}

#[test]
fn ways_out_are_known() {
    for text in ["Sign out", "Abmelden", "Se déconnecter", "LOG OFF"] {
        assert!(signs_out(&control(text, "", "")), "{text}");
    }
    assert!(signs_out(&control(
        "Exit",
        "https://my.utility.example/logout",
        ""
    )));
    assert!(!signs_out(&control(
        "Pay now",
        "https://my.utility.example/pay",
        ""
    )));
}

#[test]
fn what_promises_a_file_says_so() {
    let page = "https://my.utility.example/bills/7";
    for (text, href, promises) in [
        ("Download", page, true),
        ("Télécharger la facture", page, true),
        ("Bill (PDF)", page, true),
        ("March", "https://my.utility.example/bills/7/pdf", true),
        ("View bill", page, false),
        ("Nov 3, 2026", page, false),
    ] {
        assert_eq!(
            promises_file(&control(text, href, "")),
            promises,
            "{text} {href}"
        );
    }
}
