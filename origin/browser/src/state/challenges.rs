//! HTTP authentication: which challenges of websites wait for an answer, and which are cancelled at once.
//!
//! Only the document of a page's main frame may ask, and only for its own origin: whoever answers sees that page's host.
//! An image, a frame or a script of another website would get credentials that its page was trusted with.

use std::{collections::BTreeMap, time::Duration};

use chromiumoxide_cdp::cdp::browser_protocol::fetch::{
    AuthChallengeResponse, AuthChallengeResponseResponse, ContinueWithAuthParams,
};
use tokio::time::Instant;
use url::Url;

use super::effect::Effect;
use crate::{
    cdp_events::AuthRequired,
    challenge::{Challenge, ChallengeId, Realm},
    event::BrowserEvent,
    ids::PageId,
};

/// So long a challenge waits for its answer: somewhat longer than whoever asks a person gives that person, so that the end
/// is told there first.
const PATIENCE: Duration = Duration::from_secs(10 * 60 + 30);

/// The challenges of every page.
#[derive(Default)]
pub(crate) struct Challenges {
    /// How many there are who answer.
    answerers: usize,
    waiting: BTreeMap<PageId, Waiting>,
    last_id: u64,
}

/// A challenge that waits, and the session that told it.
struct Waiting {
    session: String,
    challenge: Challenge,
    since: Instant,
}

impl Challenges {
    /// Somebody answers from now on.
    pub fn offer(&mut self) {
        self.answerers += 1;
    }

    /// Somebody answers no longer. Without anybody, what waits is cancelled.
    pub fn offer_no_longer(&mut self) -> Vec<Effect> {
        self.answerers = self.answerers.saturating_sub(1);
        if self.answerers > 0 {
            return Vec::new();
        }
        let waiting = std::mem::take(&mut self.waiting);
        waiting.values().map(Waiting::cancel).collect()
    }

    /// A website, or a proxy, asks for user name and password. `page` is that of the frame if it is a main one.
    pub fn asked(
        &mut self,
        session: &str,
        asked: AuthRequired,
        page: Option<PageId>,
        now: Instant,
    ) -> Vec<Effect> {
        let cancelled = cancel(session, &asked.request_id);
        let Some(page) = page.filter(|_| asked.is_of_own_document()) else {
            return vec![cancelled];
        };
        // Of several schemes Chromium tells the strongest, and cancelling that gives up the others: the headless engine has no
        // switch to leave one out. A website that wants NTLM or Negotiate is refused, even if it would take Basic as well.
        let is_supported = matches!(
            asked.auth_challenge.scheme.to_ascii_lowercase().as_str(),
            "basic" | "digest"
        );
        self.last_id += 1;
        let challenge = Challenge {
            id: ChallengeId(self.last_id),
            request_id: asked.request_id,
            page,
            origin: asked.auth_challenge.origin,
            realm: Realm::named(&asked.auth_challenge.realm),
            url: asked.request.url,
        };
        let told = Effect::Emit(BrowserEvent::Challenged {
            page,
            origin: challenge.origin.clone(),
            realm: challenge.realm,
            is_supported,
        });
        if !is_supported || self.answerers == 0 {
            return vec![cancelled, told];
        }
        let waiting = Waiting {
            session: session.to_owned(),
            challenge,
            since: now,
        };
        // What waited there was given up: a page loads one document at a time.
        self.waiting.insert(page, waiting);
        vec![told]
    }

    /// The page goes elsewhere, or is gone.
    pub fn page_left(&mut self, page: PageId) -> Option<Effect> {
        let left = self.waiting.remove(&page);
        left.as_ref().map(Waiting::cancel)
    }

    /// Cancels what nobody has answered in time.
    pub fn cancel_overdue(&mut self, now: Instant) -> Vec<Effect> {
        let overdue = |waiting: &Waiting| now.duration_since(waiting.since) >= PATIENCE;
        let late = self.waiting.values().filter(|waiting| overdue(waiting));
        let cancelled = late.map(Waiting::cancel).collect();
        self.waiting.retain(|_, waiting| !overdue(waiting));
        cancelled
    }

    /// The challenge is answered: the session to answer in, if it still waits.
    pub fn take(&mut self, challenge: &Challenge) -> Option<String> {
        let waits = self
            .waiting
            .get(&challenge.page)
            .is_some_and(|waiting| waiting.challenge.id == challenge.id);
        waits
            .then(|| self.waiting.remove(&challenge.page))
            .flatten()
            .map(|waiting| waiting.session)
    }

    /// What waits, on this page.
    pub fn of(&self, page: PageId) -> Option<&Challenge> {
        self.waiting.get(&page).map(|waiting| &waiting.challenge)
    }

    /// What waits, on the newest page that was asked.
    pub fn newest(&self) -> Option<&Challenge> {
        let newest = self.waiting.values().next_back();
        newest.map(|waiting| &waiting.challenge)
    }
}

impl Waiting {
    fn cancel(&self) -> Effect {
        cancel(&self.session, &self.challenge.request_id)
    }
}

impl AuthRequired {
    /// Whether a website asks for the sake of a document, and the document is its own.
    fn is_of_own_document(&self) -> bool {
        let challenge = &self.auth_challenge;
        let asked = Url::parse(&challenge.origin).map(|url| url.origin());
        let own = Url::parse(&self.request.url).map(|url| url.origin());
        let is_own = matches!((asked, own), (Ok(asked), Ok(own)) if asked == own);
        // Our own proxy asks for nothing: what claims to be a proxy is somebody else.
        challenge.source == "Server" && self.resource_type == "Document" && is_own
    }
}

/// The website shows what it has for those who do not sign in.
fn cancel(session: &str, request_id: &str) -> Effect {
    let answer = AuthChallengeResponse::new(AuthChallengeResponseResponse::CancelAuth);
    Effect::send(
        session,
        &ContinueWithAuthParams::new(request_id.to_owned(), answer),
    )
}

#[cfg(test)]
mod tests {
    use super::{super::effect::lines, *};

    fn asked(change: impl FnOnce(&mut serde_json::Value)) -> AuthRequired {
        let mut event = serde_json::json!({
            "requestId": "7",
            "request": { "url": "https://utility.test/account" },
            "frameId": "main",
            "resourceType": "Document",
            "authChallenge": { "source": "Server", "origin": "https://utility.test", "scheme": "basic" },
        });
        change(&mut event);
        serde_json::from_value(event).unwrap()
    }

    #[test]
    fn only_the_main_documents_own_website_is_offered_an_answer() {
        let mut challenges = Challenges::default();
        let page = Some(PageId(1));
        let cancelled = "s Fetch.continueWithAuth".to_owned();
        let told = "emit Challenged".to_owned();
        let nobody = challenges.asked("s", asked(|_| {}), page, Instant::now());
        assert_eq!(lines(&nobody), [cancelled.clone(), told.clone()]);
        challenges.offer();
        type Change = fn(&mut serde_json::Value);
        let others: [(Change, Option<PageId>); 5] = [
            (
                |event| event["authChallenge"]["source"] = "Proxy".into(),
                page,
            ),
            (|event| event["resourceType"] = "Image".into(), page),
            (
                |event| event["authChallenge"]["origin"] = "https://other.test".into(),
                page,
            ),
            (
                |event| event["authChallenge"]["origin"] = "http://utility.test".into(),
                page,
            ),
            (|_| {}, None),
        ];
        for (change, page) in others {
            let answer = challenges.asked("s", asked(change), page, Instant::now());
            assert_eq!(lines(&answer), std::slice::from_ref(&cancelled));
        }
        let ntlm = challenges.asked(
            "s",
            asked(|event| event["authChallenge"]["scheme"] = "ntlm".into()),
            page,
            Instant::now(),
        );
        assert_eq!(lines(&ntlm), [cancelled, told.clone()]);
        assert!(challenges.newest().is_none());
        let offered = challenges.asked("s", asked(|_| {}), page, Instant::now());
        assert_eq!(lines(&offered), [told]);
        let waiting = challenges.newest().cloned().expect("it waits");
        assert_eq!(waiting.origin, "https://utility.test");
        assert!(challenges.take(&waiting).is_some());
        assert!(challenges.take(&waiting).is_none(), "answered twice");
    }

    #[test]
    fn what_waits_is_cancelled_in_time_or_when_nobody_answers_any_more() {
        let mut challenges = Challenges::default();
        challenges.offer();
        let began = Instant::now();
        let page = Some(PageId(1));
        challenges.asked("s", asked(|_| {}), page, began);
        let waiting = challenges.newest().cloned().expect("it waits");
        assert!(challenges.cancel_overdue(began).is_empty());
        let cancelled = challenges.cancel_overdue(began + PATIENCE);
        assert_eq!(lines(&cancelled), ["s Fetch.continueWithAuth"]);
        assert!(challenges.take(&waiting).is_none());
        challenges.asked("s", asked(|_| {}), page, began);
        assert!(challenges.page_left(PageId(1)).is_some());
        assert!(challenges.page_left(PageId(1)).is_none());
        challenges.asked("s", asked(|_| {}), page, began);
        assert_eq!(
            lines(&challenges.offer_no_longer()),
            ["s Fetch.continueWithAuth"]
        );
    }
}
