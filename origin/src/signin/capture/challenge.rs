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
        steps.retain(leads_there);
        let step = Step::Authenticate { at };
        if steps.last() != Some(&step) {
            steps.push(step);
        }
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

    /// The website took the answer: what is done from now on comes after it.
    pub fn challenge_accepted(&mut self) {
        if let Some(sent) = &self.sent {
            self.trail.steps.clone_from(&sent.steps);
            self.trail.others.clear();
            self.gate = Some(sent.credentials.clone());
        }
    }

    /// Whether the challenge before the form took what the form was given. A recipe has one user name and password: where
    /// they differ, it leaves the challenge out, so that neither is given to the other, and does not lead in by itself.
    pub(super) fn passes_gate(&self, username: &str, password: &str) -> bool {
        self.gate.as_ref().is_none_or(|gate| {
            gate.username.as_str() == username && gate.password.as_str() == password
        })
    }
}

/// Whether the step leads to a form, and is done once for all tries there.
pub(super) fn leads_there(step: &Step) -> bool {
    matches!(step, Step::Open { .. } | Step::Authenticate { .. })
}
