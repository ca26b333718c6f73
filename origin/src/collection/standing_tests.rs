//! What a collection that found this and held that says of its connection.

use super::*;
use crate::collection::read_only::HeldCounts;

#[test]
fn what_was_found_decides() {
    let of = |bills, rows, ended, new, had| {
        let (found, again) = of_discovery(
            &Discovery {
                pages: 3,
                rows,
                bills,
                ended,
                ..Discovery::default()
            },
            new,
            had,
        );
        (found.status, again)
    };
    assert_eq!(
        of(3, 3, Ended::Done, 0, true),
        (ConnectionStatus::Connected, Again::Weekly)
    );
    assert_eq!(
        of(3, 3, Ended::Time, 3, false),
        (ConnectionStatus::Connected, Again::Today)
    );
    assert_eq!(
        of(3, 3, Ended::SignedOut, 3, false),
        (ConnectionStatus::Connected, Again::Today)
    );
    assert_eq!(
        of(0, 0, Ended::Done, 0, false),
        (ConnectionStatus::NoAccountsFound, Again::Weekly)
    );
    assert_eq!(
        of(0, 0, Ended::Done, 0, true),
        (ConnectionStatus::UnderInvestigation, Again::Weekly)
    );
    assert_eq!(
        of(0, 4, Ended::Done, 0, false),
        (ConnectionStatus::UnderInvestigation, Again::Weekly)
    );
    assert_eq!(
        of(0, 0, Ended::SignedOut, 0, false),
        (ConnectionStatus::UnderInvestigation, Again::Weekly)
    );
    assert_eq!(
        of(0, 0, Ended::Time, 0, false),
        (ConnectionStatus::WebsiteDown, Again::Soon)
    );
}

#[test]
fn what_could_not_be_read_is_never_taken_for_nothing() {
    for (unread_frames, skipped_elements) in [(1, 0), (0, 1)] {
        let partial = Discovery {
            pages: 3,
            unread_frames,
            skipped_elements,
            ..Discovery::default()
        };
        let (found, again) = of_discovery(&partial, 0, false);
        assert_eq!(found.status, ConnectionStatus::UnderInvestigation);
        assert_eq!(again, Again::Weekly);
        let with_bills = Discovery {
            bills: 1,
            ..partial
        };
        let (found, _) = of_discovery(&with_bills, 1, false);
        assert_eq!(found.status, ConnectionStatus::Connected);
    }
}

#[test]
fn held_requests_without_bills_are_looked_into() {
    let status = |held| {
        let discovery = Discovery {
            held,
            ..Discovery::default()
        };
        of_discovery(&discovery, 0, false).0
    };
    let held = HeldCounts {
        unclear_post: 1,
        ..HeldCounts::default()
    };
    assert_eq!(
        status(held),
        found(
            ConnectionStatus::UnderInvestigation,
            Some(StatusDetail::RequestsHeld)
        )
    );
    let beacon = HeldCounts {
        beacon: 3,
        web_socket_messages: 1,
        ..HeldCounts::default()
    };
    assert_eq!(status(beacon).status, ConnectionStatus::NoAccountsFound);
}

#[test]
fn bills_of_a_run_that_was_cut_short_are_not_all() {
    let cut = Some(StatusDetail::CutShort);
    // The second run among bills that are known by then, too, though it need not be tried again at once: it found none.
    for (ended, new, had, detail, again) in [
        (Ended::Done, 3, false, None, Again::Weekly),
        (Ended::SignedOut, 3, false, cut, Again::Today),
        (Ended::Limit, 3, false, cut, Again::Today),
        (Ended::Limit, 0, true, cut, Again::Weekly),
        (Ended::SignedOut, 0, true, cut, Again::Weekly),
        (Ended::Done, 0, true, None, Again::Weekly),
    ] {
        let some = Discovery {
            rows: 3,
            bills: 3,
            ended,
            ..Discovery::default()
        };
        let (found, next) = of_discovery(&some, new, had);
        assert_eq!((found.detail, next), (detail, again), "{ended:?}: {new}");
    }
}
