//! User name and password that a challenge (HTTP authentication) was answered with.

use zeroize::Zeroizing;

use super::{Capture, Sent};
use crate::signin::{
    credentials::Credentials,
    recipe::{FrameLocation, Step},
};

impl Capture {
    /// The challenge of the website at this place is answered: what was clicked before led there.
    pub fn challenge_answered(
        &mut self,
        now: u64,
        at: FrameLocation,
        username: &Zeroizing<String>,
        password: &Zeroizing<String>,
    ) {
        let mut steps = self.trail.steps.clone();
        steps.retain(|step| matches!(step, Step::Open { .. }));
        steps.push(Step::Authenticate { at });
        self.chosen = None;
        self.sent = Some(Sent {
            at: now,
            credentials: Credentials {
                username: username.clone(),
                password: password.clone(),
                others: Vec::new(),
            },
            steps,
        });
    }
}
