//! The last page: each state of the proof, and what it offers.

use shared::{
    id::ConnectionId,
    proof::{CodePagePath, FoundAccount, FoundAccounts, Proof},
    status::{ConnectionStatus, UnattendedReason, UtilityType},
    wire::{DoneView, RepairView, StepView},
};

use super::{html, shown, view};
use crate::{
    pages::{DonePage, Shell},
    reply::Reply,
};

fn accounts(count: u64) -> FoundAccounts {
    let account = |utility_types: &[UtilityType], ending: &str| FoundAccount {
        utility_types: utility_types.to_vec(),
        ending: ending.into(),
    };
    FoundAccounts {
        count,
        shown: vec![
            account(&[UtilityType::Electricity], "2207"),
            account(&[], "<b>"),
        ],
    }
}

/// Every state of a proof.
pub(super) fn proofs() -> Vec<Proof> {
    let mut proofs = vec![
        Proof::Waiting,
        Proof::SigningIn,
        Proof::AwaitingCode {
            page: CodePagePath("/p/code/x/y".into()),
        },
        Proof::Collecting {
            accounts: FoundAccounts::default(),
            bills: 0,
            expected: 0,
            by_code: false,
        },
        Proof::Collecting {
            accounts: accounts(2),
            bills: 4,
            expected: 13,
            by_code: false,
        },
        Proof::Collected {
            accounts: accounts(5),
            bills: 13,
            by_code: false,
        },
        Proof::Collected {
            accounts: accounts(0),
            bills: 2,
            by_code: true,
        },
        Proof::CutShort {
            accounts: accounts(2),
            bills: 4,
            by_code: false,
        },
        Proof::NoBills,
        Proof::NoBillsYet,
        Proof::Stopped,
        Proof::OtherAccounts {
            accounts: accounts(2),
        },
    ];
    let missing = |reason: &UnattendedReason| Proof::Missing { reason: *reason };
    proofs.extend(UnattendedReason::ALL.iter().map(missing));
    proofs
}

pub(super) fn done(proof: Proof) -> DoneView {
    DoneView {
        connection_id: ConnectionId::from_bytes([5; 16]),
        is_repair: false,
        code_was_asked: true,
        has_proven_channel: false,
        proof,
    }
}

/// The last page of a flow that made a connection.
pub(super) fn done_page(shell: &Shell, done: &DoneView) -> Reply {
    let view = view(StepView::Done(done.clone()));
    DonePage::new(shell, &view, done, "/p/connect/x/flow/y").reply()
}

#[test]
fn the_last_page_says_how_far_the_proof_is_and_waits_while_there_is_more() {
    let [shell, _] = Shell::samples();
    for proof in proofs() {
        let reply = done_page(&shell, &done(proof.clone()));
        let (html, waits) = (html(&reply), !proof.is_over());
        let shown = shown(html);
        assert_eq!(html.contains("<script"), waits, "{proof:?}");
        assert_eq!(html.contains("Check again"), waits, "{proof:?}");
        // Once our own sign-in is through there is no code to wait for, and one that is waited for is asked for.
        let signs_in = matches!(proof, Proof::Waiting | Proof::SigningIn);
        assert_eq!(
            shown.contains("A code may reach you"),
            signs_in,
            "{proof:?}"
        );
        assert!(shown.contains("You can close this page"), "{shown}");
        let lines: &[&str] = match &proof {
            Proof::Waiting => &["In a moment"],
            Proof::SigningIn => &["Signing in by ourselves"],
            Proof::AwaitingCode { .. } => &["The website asks us for a code", "Enter the code"],
            Proof::Collecting { bills: 0, .. } => &["Works without you", "Looking for your bills"],
            Proof::Collecting { .. } => &[
                "Works without you",
                "Looking for your bills",
                "Electricity ··2207, ··&#60;b&#62;",
                "4 of 13",
            ],
            Proof::Collected { by_code: true, .. } => {
                &["The website asks for a code", "Your bills were found"]
            }
            Proof::Collected { .. } => &[
                "Works without you",
                "Your bills were found",
                "Electricity ··2207, ··&#60;b&#62;, +3",
                "13",
            ],
            Proof::CutShort { .. } => &["Works without you", "Some of your bills were found", "4"],
            Proof::NoBills => &["Works without you", "There are no bills in this account"],
            Proof::NoBillsYet => &["Works without you", "No bills were found so far"],
            Proof::Stopped => &["Bills are no longer collected here"],
            Proof::Missing { reason } => &[shell.text.unattended_reason(*reason).title],
            Proof::OtherAccounts { .. } => &[
                "This is another account",
                "Electricity ··2207",
                "Connect this account as well",
            ],
        };
        for line in lines {
            assert!(shown.contains(line), "{proof:?}: {shown}");
        }
        let goes_on = proof != Proof::Stopped;
        assert_eq!(shown.contains("From then on"), goes_on, "{proof:?}");
        let works = matches!(
            proof,
            Proof::Collecting { .. }
                | Proof::Collected { by_code: false, .. }
                | Proof::CutShort { .. }
                | Proof::NoBills
                | Proof::NoBillsYet
        );
        assert_eq!(shown.contains("Works without you"), works, "{proof:?}");
        let asked = UnattendedReason::ALL.iter().filter(|reason| {
            let why = shell.text.unattended_reason(**reason);
            shown.contains(why.title)
        });
        let asked: Vec<_> = asked.copied().collect();
        let mended = match &proof {
            Proof::Missing { reason } => reason.is_mended_by_sign_in(),
            Proof::OtherAccounts { .. } => true,
            _ => false,
        };
        assert_eq!(shown.contains("Sign in once more"), mended, "{proof:?}");
        let sets_up_codes = matches!(
            proof,
            Proof::Missing {
                reason: UnattendedReason::CodeNeeded
            } | Proof::Collecting { by_code: true, .. }
                | Proof::Collected { by_code: true, .. }
        );
        assert_eq!(
            shown.contains("Choose how codes reach us"),
            sets_up_codes,
            "{proof:?}"
        );
        let page = html.contains("href=\"/p/code/x/y\"");
        assert_eq!(
            page,
            matches!(proof, Proof::AwaitingCode { .. }),
            "{proof:?}"
        );
        match proof {
            Proof::Missing { reason } => assert_eq!(asked, [reason]),
            Proof::Collected { by_code: true, .. } => {
                assert_eq!(asked, [UnattendedReason::CodeNeeded]);
            }
            _ => assert_eq!(asked, []),
        }
    }
}

#[test]
fn a_repair_says_what_is_so_now() {
    let [shell, _] = Shell::samples();
    for proof in proofs() {
        for (code_was_asked, has_proven_channel) in [(false, false), (true, false), (true, true)] {
            let done = DoneView {
                is_repair: true,
                code_was_asked,
                has_proven_channel,
                ..done(proof.clone())
            };
            let mut view = view(StepView::Done(done.clone()));
            view.repair = Some(RepairView {
                status: ConnectionStatus::MfaTokenExpired,
                username: None,
            });
            let reply = DonePage::new(&shell, &view, &done, "/p/connect/x/flow/y").reply();
            let shown = shown(html(&reply));
            let is_over = proof.is_over() || matches!(proof, Proof::Missing { .. });
            assert_eq!(shown.contains("We check now"), !is_over, "{proof:?}");
            assert_eq!(shown.contains("We have checked"), is_over, "{proof:?}");
            let works = matches!(
                proof,
                Proof::Collected { by_code: false, .. }
                    | Proof::CutShort { by_code: false, .. }
                    | Proof::NoBills
                    | Proof::NoBillsYet
            );
            assert_eq!(
                shown.contains("asked for no code this time"),
                works && !code_was_asked,
                "{proof:?}"
            );
            assert_eq!(
                shown.contains("and may ask again when we sign in"),
                works && code_was_asked && !has_proven_channel,
                "{proof:?}"
            );
            let is_proven = works || matches!(proof, Proof::Collected { .. });
            if is_proven && code_was_asked && !has_proven_channel {
                assert!(shown.contains("Choose how codes reach us"), "{proof:?}");
            }
        }
    }
}
