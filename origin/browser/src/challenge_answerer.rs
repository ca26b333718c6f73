//! Answers to websites that ask for user name and password by HTTP authentication.

use std::sync::Arc;

use chromiumoxide_cdp::cdp::browser_protocol::fetch::{
    AuthChallengeResponse, AuthChallengeResponseResponse, ContinueWithAuthParams,
};
use tokio::time::Instant;
use zeroize::Zeroize as _;

use super::{challenge::Challenge, core::Core, state::effect::Effect};

/// Answers the challenges of one browser, which are cancelled at once while there is nobody to answer them. One whose page
/// goes elsewhere is cancelled too, and so is one that has no answer after some ten minutes, when it is asked for.
pub struct ChallengeAnswerer {
    core: Arc<Core>,
}

impl ChallengeAnswerer {
    pub(super) fn new(core: Arc<Core>) -> Self {
        core.change(|state| {
            state.challenges.offer();
            Vec::new()
        });
        Self { core }
    }

    /// Returns the challenge that waits for an answer, if one does: of several, that of the newest page.
    #[must_use]
    pub fn waiting(&self) -> Option<Challenge> {
        self.core
            .change(|state| state.challenges.cancel_overdue(Instant::now()));
        self.core.state().challenges.newest().cloned()
    }

    /// Answers with user name and password. False when the challenge does not wait any more.
    pub fn answer(&self, challenge: &Challenge, username: &str, password: &str) -> bool {
        let kind = AuthChallengeResponseResponse::ProvideCredentials;
        let mut response = AuthChallengeResponse::new(kind);
        response.username = Some(username.to_owned());
        response.password = Some(password.to_owned());
        self.send(challenge, response)
    }

    /// Gives no answer: the page shows what the website has for those who do not sign in.
    pub fn cancel(&self, challenge: &Challenge) -> bool {
        let kind = AuthChallengeResponseResponse::CancelAuth;
        self.send(challenge, AuthChallengeResponse::new(kind))
    }

    fn send(&self, challenge: &Challenge, response: AuthChallengeResponse) -> bool {
        let mut session = None;
        self.core.change(|state| {
            session = state.challenges.take(challenge);
            Vec::<Effect>::new()
        });
        let mut command = ContinueWithAuthParams::new(challenge.request_id.clone(), response);
        if let Some(session) = &session {
            let session = Some(session.as_str()).filter(|session| !session.is_empty());
            self.core.cdp.send(session, &command);
        }
        command.auth_challenge_response.username.zeroize();
        command.auth_challenge_response.password.zeroize();
        session.is_some()
    }
}

impl Drop for ChallengeAnswerer {
    fn drop(&mut self) {
        self.core.change(|state| state.challenges.offer_no_longer());
    }
}
