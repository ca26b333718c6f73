use shared::{entry::EntryValue, status::OfferKind};

use super::*;
use crate::{
    clock::SystemRandom,
    signin::drive::demand::{DemandedField, Offer},
};

const MINUTE: Duration = Duration::from_secs(60);

fn entry() -> Entry {
    Entry::new(
        FlowRef::from_bytes([7; 16]),
        &SystemRandom,
        "www.utility.test",
        true,
    )
}

fn demand(kind: DemandKind) -> Demand {
    Demand {
        kind,
        site_message: None,
        again: false,
        refusal: None,
        host: Some("login.utility.test".into()),
        offers: Vec::new(),
    }
}

fn demanded(id: u32, kind: FieldKind) -> DemandedField {
    DemandedField {
        id,
        kind,
        label: "Label".into(),
        autocomplete: String::new(),
        numeric: false,
        required: true,
        origin: "https://login.utility.test".into(),
        other: None,
    }
}

fn fields(kinds: &[FieldKind]) -> Demand {
    let fields = (0..).zip(kinds).map(|(id, kind)| demanded(id, *kind));
    demand(DemandKind::Fields(fields.collect()))
}

fn code() -> Demand {
    demand(DemandKind::Code {
        fields: vec![demanded(0, FieldKind::Code)],
        channel: None,
        target: None,
        refused: None,
    })
}

/// Enters these texts for the fields with the ids from 0 on, as the page does.
fn enter(entry: &mut Entry, texts: &[&str]) -> Option<Answer> {
    let view = entry.view().expect("something is asked");
    let values = (0..).zip(texts).map(|(id, text)| EntryValue {
        id,
        text: Zeroizing::new((*text).to_owned()),
    });
    let plain = serde_json::to_vec(&SealedEntry {
        number: view.number,
        values: values.collect(),
    });
    let key = sealing_key(&SystemRandom);
    let mut sealer = key
        .sealer(&view.public_key, FlowRef::from_bytes([7; 16]))
        .expect("a public key");
    let (_, sealed) = sealer.seal(&plain.expect("JSON")).expect("sealed");
    entry.entered(&key.public(), &sealed)
}

fn texts(answer: Option<Answer>) -> Vec<String> {
    match answer {
        Some(Answer::Fields(values)) => values.iter().map(|(_, text)| text.to_string()).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_entered_at_once_answers_a_website_that_asks_on_two_pages() {
    let mut entry = entry();
    assert_eq!(
        enter(&mut entry, &["ada", "secret"]),
        None,
        "nothing is demanded yet"
    );
    assert_eq!(entry.view(), None, "and nothing is asked meanwhile");
    let name = entry.demanded(1, fields(&[FieldKind::Identifier]));
    assert_eq!(texts(name), ["ada"]);
    let password = entry.demanded(1, fields(&[FieldKind::Password]));
    assert_eq!(texts(password), ["secret"]);
    // Each value is used once: what is asked again, the client has to enter again.
    assert_eq!(entry.demanded(1, fields(&[FieldKind::Password])), None);
    assert_eq!(entry.view().expect("asked").fields.len(), 1);
}

#[test]
fn website_that_asks_for_the_name_first_gets_a_password_that_was_entered_with_it() {
    let mut entry = entry();
    assert_eq!(entry.demanded(1, fields(&[FieldKind::Identifier])), None);
    assert_eq!(entry.view().expect("asked").fields.len(), 2);
    assert_eq!(texts(enter(&mut entry, &["ada", "secret"])), ["ada"]);
    entry.nothing_demanded();
    let password = entry.demanded(1, fields(&[FieldKind::Password]));
    assert_eq!(texts(password), ["secret"]);
}

#[test]
fn form_of_another_website_gets_nothing_that_was_entered_before_it_was_named() {
    let mut entry = entry();
    enter(&mut entry, &["ada", "secret"]);
    let elsewhere = Demand {
        host: Some("pay.example".into()),
        ..fields(&[FieldKind::Identifier, FieldKind::Password])
    };
    assert_eq!(entry.demanded(1, elsewhere), None);
    let view = entry.view().expect("asked again");
    assert_eq!(view.host.as_deref(), Some("pay.example"));
    assert_eq!(view.problem, Some(EntryProblem::NotSentElsewhere));
    assert_eq!(
        texts(enter(&mut entry, &["ada", "secret"])),
        ["ada", "secret"]
    );
    let answered = entry.demanded(2, fields(&[FieldKind::Identifier, FieldKind::Password]));
    assert_eq!(answered, None);
    assert_eq!(entry.view().expect("asked again").problem, None);
}

#[test]
fn who_entered_nothing_before_is_not_told_that_it_was_not_sent() {
    let mut entry = entry();
    entry.demanded(
        1,
        Demand {
            host: Some("pay.example".into()),
            ..fields(&[FieldKind::Identifier, FieldKind::Password])
        },
    );
    assert_eq!(entry.view().expect("asked").problem, None);
}

fn challenge(origin: &str) -> Demand {
    let of = |id, kind| DemandedField {
        origin: origin.into(),
        ..demanded(id, kind)
    };
    demand(DemandKind::Challenge(vec![
        of(0, FieldKind::Identifier),
        of(1, FieldKind::Password),
    ]))
}

#[test]
fn what_is_typed_before_it_is_said_where_it_goes_is_not_taken() {
    let elsewhere = Demand {
        host: Some("pay.example".into()),
        ..fields(&[FieldKind::Identifier, FieldKind::Password])
    };
    let own = fields(&[FieldKind::Identifier, FieldKind::Password]);
    let challenge = challenge("https://login.utility.test");
    for (demand, keeps) in [(own, true), (elsewhere, false), (challenge, false)] {
        let mut entry = entry();
        let typing = entry.view().expect("asked at once").number;
        assert_eq!(entry.demanded(1, demand), None);
        let asked = entry.view().expect("asked").number;
        assert_eq!(asked == typing, keeps, "{:?}", entry.view());
    }
}

#[tokio::test(start_paused = true)]
async fn challenge_is_told_with_its_time_and_whether_it_is_encrypted() {
    for (origin, encrypted) in [
        ("https://login.utility.test", true),
        ("http://login.utility.test", false),
    ] {
        let mut entry = entry();
        entry.demanded(1, challenge(origin));
        let view = entry.view().expect("asked");
        assert_eq!(view.challenged_by.as_deref(), Some("login.utility.test"));
        assert_eq!(view.challenge_encrypted, encrypted);
        assert_eq!(entry.ends_at(), Some(Instant::now() + 10 * MINUTE));
        assert_eq!(entry.warns_at(), Some(Instant::now() + 8 * MINUTE));
    }
}

#[test]
fn refused_values_are_forgotten() {
    let mut entry = entry();
    enter(&mut entry, &["ada", "wrong"]);
    let refused = Demand {
        refusal: Some(crate::signin::Verdict::Rejected { message: None }),
        ..fields(&[FieldKind::Identifier, FieldKind::Password])
    };
    assert_eq!(entry.demanded(1, refused), None, "they are not given again");
    let number = entry.view().expect("asked").number;
    assert_eq!(
        entry.chosen(number + 1, 0),
        None,
        "nor is an answer to something else"
    );
    assert_eq!(entry.chosen(number, 0), Some(Answer::Choose(0)));
}

#[tokio::test(start_paused = true)]
async fn code_has_ten_minutes_and_the_page_says_so_in_the_last_two() {
    let mut entry = entry();
    assert_eq!(
        entry.ends_at(),
        None,
        "a password has all the time that the browser has"
    );
    entry.demanded(1, code());
    let left = |entry: &Entry| entry.view().expect("asked").minutes_left;
    assert_eq!(left(&entry), None);
    assert_eq!(entry.warns_at(), Some(Instant::now() + 8 * MINUTE));
    tokio::time::advance(8 * MINUTE).await;
    assert_eq!((left(&entry), entry.warns_at()), (Some(2), None), "once");
    tokio::time::advance(MINUTE).await;
    assert_eq!((left(&entry), entry.warns_at()), (Some(1), None));
    assert_eq!(entry.ends_at(), Some(Instant::now() + MINUTE));
}

#[test]
fn what_the_page_offers_may_change_while_the_client_types() {
    let mut entry = entry();
    entry.demanded(1, code());
    let number = entry.view().expect("asked").number;
    let resend = Offer {
        kind: OfferKind::Resend,
        label: "Send a new code".into(),
    };
    let offering = Demand {
        offers: vec![resend],
        ..code()
    };
    entry.demanded(2, offering);
    let view = entry.view().expect("asked");
    assert_eq!(view.number, number, "what is typed meanwhile is taken");
    assert_eq!(view.offers.len(), 1);
    assert_eq!(entry.told(), Some(2));
    let is_new = |entry: &Entry| {
        entry
            .view()
            .expect("asked")
            .code
            .expect("a code")
            .asked_anew
    };
    assert!(!is_new(&entry));
    assert_eq!(entry.chosen(number, 0), Some(Answer::Choose(0)));
    entry.nothing_demanded();
    entry.demanded(3, code());
    assert!(is_new(&entry), "told until a code is entered");
    enter(&mut entry, &["123456"]);
    entry.demanded(4, code());
    assert!(!is_new(&entry));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_at_the_picture_before_the_website_asks_and_no_time_is_set() {
    let flow = FlowRef::from_bytes([7; 16]);
    let mut entry = Entry::new(flow, &SystemRandom, "www.utility.test", false);
    assert_eq!(entry.view(), None);
    entry.demanded(1, code());
    assert_eq!(entry.view().expect("asked").fields.len(), 1);
    assert_eq!(entry.ends_at(), None);
    entry.nothing_demanded();
    assert_eq!(entry.view(), None);
}
