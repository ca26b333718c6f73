//! What was clicked to go past pages that the recipe does not know.

use std::time::Duration;

use tokio::time::Instant;

/// So many controls are clicked in one sign-in.
const CLICKS: usize = 4;
/// What was clicked last has had this long to show what comes of it.
const PAUSE: Duration = Duration::from_secs(5);

/// A control that was clicked to go past a page.
struct Click {
    /// The address of the page.
    address: String,
    /// The name of the control.
    name: String,
    at: Instant,
}

/// All controls that were clicked in one sign-in to go past pages.
#[derive(Default)]
pub(super) struct Passed(Vec<Click>);

impl Passed {
    /// Whether another page may be gone past.
    pub fn allows_more(&self) -> bool {
        self.0.len() < CLICKS && !self.may_still_show()
    }

    /// Whether the page that was gone past last may still be shown.
    pub fn may_still_show(&self) -> bool {
        let last = self.0.last();
        last.is_some_and(|click| click.at.elapsed() < PAUSE)
    }

    /// The names of what was clicked on the page of this address.
    pub fn on(&self, address: &str) -> Vec<&str> {
        let there = self.0.iter().filter(|click| click.address == address);
        there.map(|click| click.name.as_str()).collect()
    }

    /// A control was clicked now.
    pub fn add(&mut self, address: String, name: String) {
        self.0.push(Click {
            address,
            name,
            at: Instant::now(),
        });
    }
}
