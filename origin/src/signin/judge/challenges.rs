//! Challenges of websites (HTTP authentication), and what came of their answers: the document that was held for one
//! proves that the website took the answer, and another challenge that it did not.

use std::collections::BTreeMap;

use browser::{PageId, Realm, RequestId};
use url::Url;

use super::Judge;
use crate::signin::attempt::ChallengeOutcome;

/// Pages that are kept in mind.
const LIMIT: usize = 32;

/// The documents that pages wait for, and the challenge that was answered last.
#[derive(Debug, Default)]
pub(super) struct Challenges {
    documents: BTreeMap<PageId, Document>,
    /// The address that was opened first was encrypted.
    began_encrypted: Option<bool>,
    answered: Option<Answered>,
    is_unsupported: bool,
    is_downgraded: bool,
}

/// The main document of a page.
#[derive(Debug)]
struct Document {
    /// The newest request for it.
    request: RequestId,
    /// The page had an encrypted one, or was led on from one.
    was_encrypted: bool,
}

/// A challenge that was answered.
#[derive(Debug)]
struct Answered {
    page: PageId,
    origin: String,
    realm: Realm,
    /// The request that was held for it.
    request: Option<RequestId>,
}

impl Challenges {
    /// Whether a website wanted something else of the browser than user name and password.
    pub(super) fn is_unsupported(&self) -> bool {
        self.is_unsupported
    }

    /// Whether what is shown was held back for a challenge that was cancelled because its answer would have gone in clear.
    pub(super) fn is_downgraded(&self) -> bool {
        self.is_downgraded
    }

    /// The page is gone.
    pub(super) fn page_closed(&mut self, page: PageId) {
        self.documents.remove(&page);
    }
}

impl Judge {
    /// A page asks for its main document, at its first address or at one that it is led on to.
    pub fn document_requested(&mut self, page: PageId, request: &RequestId, url: &str) {
        let is_encrypted = url.starts_with("https:");
        let challenges = &mut self.challenges;
        challenges.is_downgraded = false;
        challenges.began_encrypted.get_or_insert(is_encrypted);
        let documents = &mut challenges.documents;
        let before = documents.get(&page);
        let was_encrypted = is_encrypted || before.is_some_and(|before| before.was_encrypted);
        if documents.len() < LIMIT || before.is_some() {
            let request = request.clone();
            documents.insert(
                page,
                Document {
                    request,
                    was_encrypted,
                },
            );
        }
    }

    /// Whether an answer to a challenge of this origin, on this page, would go in clear where something of the way there was encrypted: a person is used
    /// to that protection, and whoever is on the way may have taken it away. None while that is not known.
    #[must_use]
    pub fn is_downgrade(&self, page: PageId, origin: &str) -> Option<bool> {
        if origin.starts_with("https:") {
            return Some(false);
        }
        let document = self.challenges.documents.get(&page)?;
        Some(document.was_encrypted || self.challenges.began_encrypted?)
    }

    /// A challenge was cancelled because its answer would have gone in clear.
    pub fn refused_downgrade(&mut self) {
        self.challenges.is_downgraded = true;
    }

    /// A website asks for user name and password. The same one once more, on the same page and for the same realm, refuses
    /// what it was given.
    pub(super) fn challenged(
        &mut self,
        now: u64,
        page: PageId,
        (origin, realm): (&str, Realm),
        is_supported: bool,
    ) {
        self.challenges.is_unsupported = !is_supported;
        self.touch(now, false);
        let is_again = self.challenges.answered.as_ref().is_some_and(|answered| {
            answered.page == page && answered.origin == origin && answered.realm == realm
        });
        if is_again && self.challenge_outcome() == Some(ChallengeOutcome::Awaited) {
            self.set_challenge_outcome(ChallengeOutcome::Refused);
        }
    }

    /// The challenge was answered, which is the newest attempt.
    pub fn challenge_answered(&mut self, now: u64, page: PageId, (origin, realm): (&str, Realm)) {
        let document = self.challenges.documents.get(&page);
        self.challenges.answered = Some(Answered {
            page,
            origin: origin.to_owned(),
            realm,
            request: document.map(|document| document.request.clone()),
        });
        self.set_challenge_outcome(ChallengeOutcome::Awaited);
        self.held_is_sent(now);
    }

    /// The head of a page's main document came, or of what redirects to it. Only the very request that was held tells,
    /// and only once it has led to a document of the website that asked. Says whether it was accepted by that.
    pub fn document_answered(&mut self, request: &RequestId, url: &str, status: u16) -> bool {
        self.challenges.is_unsupported &= status == 401;
        let is_held = self.challenges.answered.as_ref().is_some_and(|answered| {
            let origin = Url::parse(url).map(|url| url.origin().ascii_serialization());
            answered.request.as_ref() == Some(request)
                && origin.ok().as_ref() == Some(&answered.origin)
        });
        let is_accepted = is_held
            && (200..300).contains(&status)
            && self.challenge_outcome() == Some(ChallengeOutcome::Awaited);
        if is_accepted {
            self.set_challenge_outcome(ChallengeOutcome::Accepted);
        }
        is_accepted
    }

    /// What came of the answer to a challenge, if that was the newest attempt.
    #[must_use]
    pub fn challenge_outcome(&self) -> Option<ChallengeOutcome> {
        self.attempt.as_ref()?.challenge
    }

    fn set_challenge_outcome(&mut self, outcome: ChallengeOutcome) {
        if let Some(attempt) = &mut self.attempt {
            attempt.challenge = Some(outcome);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signin::{capture::Submission, frames::Frames, verdict::Verdict};

    const PAGE: PageId = PageId(1);

    fn at(urls: &[&str]) -> Judge {
        let mut judge = Judge::default();
        for url in urls {
            judge.document_requested(PAGE, &RequestId("1".into()), url);
        }
        judge
    }

    #[test]
    fn challenge_in_clear_is_a_downgrade_after_anything_encrypted() {
        for (urls, origin, expected) in [
            (&["http://a.test/"][..], "http://a.test", Some(false)),
            (&["https://a.test/"], "https://a.test", Some(false)),
            // The start is led on, before any page is shown.
            (
                &["https://a.test/", "http://a.test/"],
                "http://a.test",
                Some(true),
            ),
            (
                &["http://a.test/", "https://a.test/", "http://a.test/"],
                "http://a.test",
                Some(true),
            ),
            (&[], "http://a.test", None),
        ] {
            assert_eq!(at(urls).is_downgrade(PAGE, origin), expected, "{urls:?}");
        }
        let mut judge = at(&["https://a.test/"]);
        let other = PageId(2);
        judge.document_requested(other, &RequestId("2".into()), "http://b.test/");
        assert_eq!(judge.is_downgrade(other, "http://b.test"), Some(true));
        let mut judge = at(&["http://a.test/"]);
        judge.document_requested(other, &RequestId("2".into()), "https://b.test/");
        assert_eq!(
            judge.is_downgrade(PAGE, "http://a.test"),
            Some(false),
            "another page's protection is not this one's"
        );
        judge.challenges.page_closed(PAGE);
        assert_eq!(judge.is_downgrade(PAGE, "http://a.test"), None);
    }

    #[test]
    fn cancelled_downgrade_is_told_until_the_page_asks_for_another_document() {
        let mut judge = at(&["https://a.test/"]);
        judge.refused_downgrade();
        let told = judge.status(9_000, &Frames::new()).verdict;
        assert_eq!(told, Some(Verdict::Unencrypted));
        judge.document_requested(PAGE, &RequestId("2".into()), "https://a.test/");
        assert_eq!(judge.status(9_000, &Frames::new()).verdict, None);
    }

    #[test]
    fn the_same_realm_alone_refuses_by_asking_again() {
        let (one, other) = (Realm::named("one"), Realm::named("other"));
        for (again, expected) in [
            (one, ChallengeOutcome::Refused),
            (other, ChallengeOutcome::Awaited),
        ] {
            let mut judge = at(&["https://a.test/"]);
            judge.challenged(1, PAGE, ("https://a.test", one), true);
            let frames = Frames::new();
            judge.submitted(
                2,
                "",
                "https://a.test/",
                Submission::Password,
                true,
                &frames,
            );
            judge.challenge_answered(2, PAGE, ("https://a.test", one));
            judge.challenged(3, PAGE, ("https://a.test", again), true);
            assert_eq!(judge.challenge_outcome(), Some(expected));
        }
    }
}
