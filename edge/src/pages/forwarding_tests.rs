//! The page at FORWARDING.

use shared::{
    forwarding::{
        ChannelState, Confirmation, ForwardingChannel, ForwardingView, ShownCode, UnreadQrCode,
        WebsiteWindow,
    },
    id::ConnectionId,
    proof::Proof,
    status::{CodeAnswerer, CodeChannel, EntryProblem, UnattendedReason},
    time::UnixMillis,
    wire::StepView,
};

use super::{EVIL, done_tests::proofs, html, provider, readable, view};
use crate::pages::{ForwardingPage, Shell};

fn channel(kind: CodeAnswerer, state: Option<ChannelState>) -> ForwardingChannel {
    let has_address = state.is_some() && kind != CodeAnswerer::Authenticator;
    ForwardingChannel {
        kind,
        state,
        address: has_address.then(|| EVIL.into()),
        confirmation: None,
    }
}

fn forwarding(state: Option<ChannelState>) -> ForwardingView {
    let kinds = CodeAnswerer::ALL.iter();
    ForwardingView {
        connection_id: ConnectionId::from_bytes([5; 16]),
        channel: Some(CodeChannel::Sms),
        trusted_until: Some(UnixMillis(1_777_766_400_000)),
        owner: Some(EVIL.into()),
        hour: None,
        channels: kinds.map(|kind| channel(*kind, state)).collect(),
        public_key: EVIL.into(),
        number: 2,
        problem: None,
        code: None,
        is_code_soon: false,
        website: WebsiteWindow::Hidden,
        unread: None,
        proof: Proof::Waiting,
    }
}

/// The page as it may look.
pub(super) fn forwardings() -> Vec<ForwardingView> {
    let states = [
        None,
        Some(ChannelState::Waiting),
        Some(ChannelState::Proven),
    ];
    let mut views: Vec<_> = states.into_iter().map(forwarding).collect();
    views.extend(proofs().into_iter().map(|proof| ForwardingView {
        proof,
        ..forwarding(None)
    }));
    views.extend(EntryProblem::ALL.iter().map(|problem| ForwardingView {
        problem: Some(*problem),
        ..forwarding(None)
    }));
    views.push(ForwardingView {
        is_code_soon: true,
        ..forwarding(Some(ChannelState::Waiting))
    });
    for unread in [UnreadQrCode::NoQrCode, UnreadQrCode::NotSupported] {
        for state in states {
            views.push(ForwardingView {
                website: WebsiteWindow::Shown,
                unread: Some(unread),
                code: Some(ShownCode {
                    code: EVIL.into(),
                    until: UnixMillis(0),
                }),
                ..forwarding(state)
            });
        }
    }
    for is_confirmed in [true, false] {
        let mut confirmed = forwarding(Some(ChannelState::Waiting));
        for channel in &mut confirmed.channels {
            channel.confirmation = Some(Confirmation {
                from: EVIL.into(),
                is_authentic: is_confirmed,
                code: Some(EVIL.into()),
                link: Some(format!("https://mail.example/{EVIL}")),
                is_confirmed,
            });
        }
        views.push(confirmed);
    }
    views
}

fn page(view_of: &ForwardingView) -> String {
    let [shell, _] = Shell::samples();
    let flow = view(StepView::Provider(provider()));
    let page = ForwardingPage::new(&shell, &flow, view_of, "/p/connect/x/flow/y");
    html(&page.reply("https://own.example")).to_owned()
}

/// Whether the part of the page for this way is open.
fn is_open(html: &str, kind: CodeAnswerer) -> bool {
    html.contains(&format!("id=\"way-{kind}\" open>"))
}

#[test]
fn the_way_by_which_the_code_came_is_open_until_another_is_set_up() {
    let html = page(&forwarding(None));
    assert!(is_open(&html, CodeAnswerer::Sms), "{html}");
    assert!(!is_open(&html, CodeAnswerer::Email), "{html}");
    assert!(readable(&html).contains("Later"), "{html}");
    assert!(!html.contains("try-codes"), "{html}");

    let mut set_up = forwarding(None);
    set_up.channels = vec![
        channel(CodeAnswerer::Authenticator, Some(ChannelState::Waiting)),
        channel(CodeAnswerer::Sms, None),
    ];
    let html = page(&set_up);
    assert!(is_open(&html, CodeAnswerer::Authenticator), "{html}");
    assert!(!is_open(&html, CodeAnswerer::Sms), "{html}");
    assert!(readable(&html).contains("Continue"), "{html}");
    assert!(html.contains("How should we get the next code?"), "{html}");
    let proven = page(&forwarding(Some(ChannelState::Proven)));
    assert!(!proven.contains("How should we get"), "{proven}");
    assert!(!proven.contains("leave it for later"), "{proven}");
    // While our own sign-in goes on there is nothing to start.
    assert!(!html.contains("try-codes"), "{html}");
    for (proof, offered) in [
        (Proof::NoBills, true),
        (
            Proof::Missing {
                reason: UnattendedReason::CodeNeeded,
            },
            true,
        ),
        // A refused password is not sent again.
        (
            Proof::Missing {
                reason: UnattendedReason::PasswordIncorrect,
            },
            false,
        ),
    ] {
        let over = ForwardingView {
            proof,
            ..set_up.clone()
        };
        assert_eq!(page(&over).contains("try-codes"), offered);
    }
}

#[test]
fn what_is_proven_is_closed_and_says_so() {
    let mut proven = forwarding(Some(ChannelState::Proven));
    proven.proof = Proof::NoBills;
    let html = page(&proven);
    assert!(!html.contains("try-codes"), "{html}");
    for kind in CodeAnswerer::ALL {
        assert!(!is_open(&html, *kind), "{html}");
    }
    assert_eq!(
        html.matches("Works: the website took a code of it.")
            .count(),
        3
    );
}

#[test]
fn a_confirmation_of_an_unknown_sender_says_so() {
    let mut waiting = forwarding(Some(ChannelState::Waiting));
    for channel in &mut waiting.channels {
        channel.confirmation = Some(Confirmation {
            from: "forwarding-noreply@google.com".into(),
            is_authentic: false,
            code: Some("123456".into()),
            link: Some("https://mail.example/confirm".into()),
            is_confirmed: false,
        });
    }
    let html = page(&waiting);
    assert!(html.contains("The sender is not proven."), "{html}");
    assert!(
        html.contains("<strong class=\"match\">123456</strong>"),
        "{html}"
    );
    assert!(
        html.contains(
            "href=\"https://mail.example/confirm\" target=\"_blank\" rel=\"noopener noreferrer\""
        ),
        "{html}"
    );
}

#[test]
fn the_window_is_there_only_while_it_is_shown() {
    let hidden = page(&forwarding(None));
    assert!(!hidden.contains("id=\"live\""), "{hidden}");
    assert!(hidden.contains("show-website"), "{hidden}");
    let gone = ForwardingView {
        website: WebsiteWindow::Gone,
        ..forwarding(None)
    };
    assert!(!page(&gone).contains("show-website"));
    let shown = ForwardingView {
        website: WebsiteWindow::Shown,
        ..forwarding(None)
    };
    let html = page(&shown);
    assert!(html.contains("data-step=\"FORWARDING\""), "{html}");
    assert!(html.contains("live.js"), "{html}");
    assert!(html.contains("read-qr-code"), "{html}");
}
