//! Where a connection stands, by what was found in its account.

use shared::status::{ConnectionStatus, StatusDetail};

use crate::store::connections::FoundStatus;

use super::{
    discover::{Discovery, Ended},
    reschedule::Again,
    verdict::found,
};

/// Where a connection stands after its pages were searched. `new` bills were not stored before; `had_bills`: earlier runs
/// saw some.
#[must_use]
pub fn of_discovery(discovery: &Discovery, new: usize, had_bills: bool) -> (FoundStatus, Again) {
    if discovery.bills > 0 {
        let cut_short = discovery.ended != Ended::Done;
        return (
            found(
                ConnectionStatus::Connected,
                cut_short.then_some(StatusDetail::CutShort),
            ),
            // A first run may be too long for one sitting. One that got no further would end there again.
            if cut_short && new > 0 {
                Again::Today
            } else {
                Again::Weekly
            },
        );
    }
    if discovery.ended == Ended::Time {
        return (
            found(ConnectionStatus::WebsiteDown, Some(StatusDetail::Timeout)),
            Again::Soon,
        );
    }
    // Bills were there, or look to be, and none was got: the website has changed or is not understood.
    let partial = discovery.is_partial();
    if discovery.rows > 0 || had_bills || discovery.ended == Ended::SignedOut || partial {
        return (
            found(
                ConnectionStatus::UnderInvestigation,
                Some(StatusDetail::SiteChanged),
            ),
            Again::Weekly,
        );
    }
    // What was held may have been the way to the bills.
    if discovery.held.may_hide_bills() > 0 {
        return (
            found(
                ConnectionStatus::UnderInvestigation,
                Some(StatusDetail::RequestsHeld),
            ),
            Again::Weekly,
        );
    }
    (
        found(ConnectionStatus::NoAccountsFound, None),
        Again::Weekly,
    )
}

#[cfg(test)]
#[path = "standing_tests.rs"]
mod tests;
