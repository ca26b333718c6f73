//! Challenges of websites (HTTP authentication), and what came of their answers: the document that was held for one
//! proves that the website took the answer, and another challenge that it did not.

use std::collections::BTreeMap;

use browser::{PageId, RequestId};
use url::Url;

use super::Judge;
use crate::signin::attempt::ChallengeOutcome;

/// Pages that are kept in mind.
const LIMIT: usize = 32;

/// The documents that pages wait for, and the challenge that was answered last.
#[derive(Debug, Default)]
pub(super) struct Challenges {
    /// The newest request for the main document of each page.
    documents: BTreeMap<PageId, RequestId>,
    answered: Option<Answered>,
    is_unsupported: bool,
}

/// A challenge that was answered.
#[derive(Debug)]
struct Answered {
    page: PageId,
    origin: String,
    /// The request that was held for it.
    request: Option<RequestId>,
}

impl Challenges {
    /// Whether a website wanted something else of the browser than user name and password.
    pub(super) fn is_unsupported(&self) -> bool {
        self.is_unsupported
    }
}

impl Judge {
    /// A page asks for its main document.
    pub fn document_requested(&mut self, page: PageId, request: &RequestId) {
        let documents = &mut self.challenges.documents;
        if documents.len() < LIMIT || documents.contains_key(&page) {
            documents.insert(page, request.clone());
        }
    }

    /// A website asks for user name and password. The same one once more, on the same page, refuses what it was given.
    pub(super) fn challenged(&mut self, now: u64, page: PageId, origin: &str, is_supported: bool) {
        self.challenges.is_unsupported = !is_supported;
        self.touch(now, false);
        let is_again = self
            .challenges
            .answered
            .as_ref()
            .is_some_and(|answered| answered.page == page && answered.origin == origin);
        if is_again && self.challenge_outcome() == Some(ChallengeOutcome::Awaited) {
            self.set_challenge_outcome(ChallengeOutcome::Refused);
        }
    }

    /// The challenge was answered, which is the newest attempt.
    pub fn challenge_answered(&mut self, now: u64, page: PageId, origin: &str) {
        self.challenges.answered = Some(Answered {
            page,
            origin: origin.to_owned(),
            request: self.challenges.documents.get(&page).cloned(),
        });
        self.set_challenge_outcome(ChallengeOutcome::Awaited);
        self.held_is_sent(now);
    }

    /// The head of a page's main document came, or of what redirects to it. Only the very request that was held tells,
    /// and only once it has led to a document of the website that asked.
    pub fn document_answered(&mut self, request: &RequestId, url: &str, status: u16) {
        self.challenges.is_unsupported &= status == 401;
        let is_held = self.challenges.answered.as_ref().is_some_and(|answered| {
            let origin = Url::parse(url).map(|url| url.origin().ascii_serialization());
            answered.request.as_ref() == Some(request)
                && origin.ok().as_ref() == Some(&answered.origin)
        });
        if is_held
            && (200..300).contains(&status)
            && self.challenge_outcome() == Some(ChallengeOutcome::Awaited)
        {
            self.set_challenge_outcome(ChallengeOutcome::Accepted);
        }
    }

    fn challenge_outcome(&self) -> Option<ChallengeOutcome> {
        self.attempt.as_ref()?.challenge
    }

    fn set_challenge_outcome(&mut self, outcome: ChallengeOutcome) {
        if let Some(attempt) = &mut self.attempt {
            attempt.challenge = Some(outcome);
        }
    }
}
