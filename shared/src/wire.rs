//! What the edge asks the origin, and what it answers. JSON over signed HTTP ([`crate::signing`]).
//!
//! Secrets travel in bodies and headers, never in request lines: those end up in logs.
//!
//! | request | header | body | answer |
//! |---|---|---|---|
//! | `POST /edge/flow/start` | | [`StartFlow`] | 201 [`StartedFlow`], 409/410 [`Refusal`], 422 [`Refusal`] |
//! | `POST /edge/flow/view` | [`FLOW_HEADER`] | | 200 [`FlowView`], 404 when no such flow lives |
//! | `POST /edge/flow/act` | [`FLOW_HEADER`] | [`Act`] | 200 [`FlowView`], 404 |
//! | `POST /edge/flow/ticket` | [`FLOW_HEADER`] | | 200 [`Ticket`], 404, 409 when the step has no live view |
//! | `GET /edge/flow/live` (WebSocket) | [`FLOW_HEADER`], [`TICKET_HEADER`] | | 101, 401 ticket used or too old |
//! | `POST /edge/brand` | | [`BrandQuery`] | 200 [`Brand`], 404 |
//!
//! The other way, `PUT /p/brand` on the edge takes a signed [`BrandPush`].

use serde::{Deserialize, Serialize};

use crate::{
    brand::Brand,
    country::Country,
    id::{ConnectionId, FlowRef, PublicCompanyId, SiteId},
    provider::{InvalidProviderUrl, ProviderUrl},
    status::{
        CountryProblem, ErrorCode, LinkKind, Phase, SitesProblem, UtilityType, UtilityTypesProblem,
    },
};

/// The header that carries the flow's secret (base64url, as in the page's URL).
pub const FLOW_HEADER: &str = "x-flow-secret";
/// The header that carries the one-use ticket of a live view.
pub const TICKET_HEADER: &str = "x-live-ticket";
/// For how many seconds a ticket can be used.
pub const TICKET_SECONDS: i64 = 30;
/// Minutes after which a browser that nobody touches is closed. The pages say so.
pub const BROWSER_IDLE_MINUTES: u64 = 12;
/// Minutes after which a browser is closed however busy it is. The pages say so.
pub const BROWSER_TOTAL_MINUTES: u64 = 45;
/// Minutes after which a flow that nobody touches ends. The pages say so.
pub const FLOW_IDLE_MINUTES: u64 = 30;

/// The first POST: trade the token for a flow.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StartFlow {
    /// The company in the URL.
    pub public_company_id: PublicCompanyId,
    /// Which of the two paths it was.
    pub kind: LinkKind,
    /// The token in the URL; the origin opens it again.
    pub token: String,
    /// The website that the client confirmed.
    pub provider: ProviderUrl,
    /// The country that the client confirmed.
    pub country: Country,
    /// The browser's Accept-Language, as sent, at most 256 bytes.
    pub accept_language: Option<String>,
}

/// A flow began.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StartedFlow {
    /// One byte node, 16 random bytes, base64url: the only key to the flow.
    pub secret: String,
    /// Its public name.
    pub flow_ref: FlowRef,
}

/// Why a link does not open. The visitor sees one page for all but `Used` and `Busy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "refusal")]
pub enum Refusal {
    /// Forged, expired, revoked or unknown: told apart in the link's log alone, as far as the edge asked the origin.
    Invalid,
    /// It made its connection already.
    Used,
    /// Three flows of this link are open.
    Busy,
}

/// What the client does on a page.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "act")]
pub enum Act {
    /// PROVIDER: another website (after "change website" or "add more data").
    Provider {
        /// As typed: the flow answers what is wrong with it.
        url: String,
        /// As chosen.
        country: String,
    },
    /// SIGN_IN: go back to PROVIDER.
    ChangeProvider,
    /// SIGN_IN: the answer to "Are you signed in?".
    SignedIn {
        /// Yes or not yet.
        yes: bool,
    },
    /// SIGN_IN: open the website once more, after an error ended the live view.
    TryAgain,
    /// SITES: finish.
    Sites {
        /// As ticked.
        sites: Vec<SiteId>,
        /// As ticked.
        utility_types: Vec<UtilityType>,
    },
    /// DONE: once more.
    AddMore,
    /// Any step: give up; nothing is kept.
    Leave,
}

/// All that a page of the flow shows.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FlowView {
    /// The flow's public name.
    pub flow_ref: FlowRef,
    /// Whose flow it is: the page's URL must say the same.
    pub public_company_id: PublicCompanyId,
    /// The company's name, plain text.
    pub company_name: String,
    /// The website's host, for headings. Empty while it is unknown.
    pub provider_host: String,
    /// The country of the utility.
    pub country: Country,
    /// The step where the flow stands, and what its page shows.
    pub step: StepView,
}

/// A step of a flow, with what its page shows.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StepView {
    /// The client says which website.
    Provider(ProviderView),
    /// The client signs in.
    SignIn(SignInView),
    /// The client picks sites and utility types.
    Sites(SitesView),
    /// The connection exists.
    Done(DoneView),
    /// At the finish the link turned out to be no longer good: nothing was saved. Only [`Act::Leave`] is left to do.
    Refused(FinishRefusal),
}

/// Why a finish was refused for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FinishRefusal {
    /// The link made a connection in the meantime.
    Used,
    /// The link was revoked, or does not exist any more.
    Invalid,
}

/// PROVIDER.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProviderView {
    /// The website's address; as typed when it is not (yet) a good one.
    pub url: String,
    /// What is wrong with what was entered last.
    pub problems: ProviderProblems,
}

/// What is wrong with the fields of PROVIDER.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProviderProblems {
    /// With the address.
    pub url: Option<InvalidProviderUrl>,
    /// With the country.
    pub country: Option<CountryProblem>,
}

/// SIGN_IN: the state of the sign-in, on the page and in the live view's `state` message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignInView {
    /// What it waits for.
    pub phase: Phase,
    /// There is a browser to look at (or one is starting). Without it the page shows what
    /// `error_code` means, and offers to try again or to change the website.
    pub live: bool,
    /// The client is asked "Are you signed in?".
    pub ask_signed_in: bool,
    /// The website's own words, bounded plain text.
    pub site_message: Option<String>,
    /// What went wrong, if anything did.
    pub error_code: Option<ErrorCode>,
}

/// SITES: what can be ticked, and what is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SitesView {
    /// The company's sites.
    pub sites: Vec<SiteChoice>,
    /// The utility types ticked so far.
    pub utility_types: Vec<UtilityType>,
    /// What is wrong with what was ticked last.
    pub problems: SitesProblems,
}

/// What is wrong with the fields of SITES.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SitesProblems {
    /// With the sites.
    pub sites: Option<SitesProblem>,
    /// With the utility types.
    pub utility_types: Option<UtilityTypesProblem>,
}

/// A site to tick.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SiteChoice {
    /// Its id.
    pub id: SiteId,
    /// Its name.
    pub name: String,
    /// Its address, if known.
    pub address: Option<String>,
    /// Whether it is ticked.
    pub selected: bool,
}

/// DONE: what was made.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DoneView {
    /// The connection that now exists.
    pub connection_id: ConnectionId,
}

/// A ticket for the live view. It can be used once, within [`TICKET_SECONDS`].
#[derive(Clone, Serialize, Deserialize)]
pub struct Ticket {
    /// Random bytes, base64url.
    pub ticket: String,
}

/// Asks for the brand of a company's pages.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BrandQuery {
    /// The company in the link's URL.
    pub public_company_id: PublicCompanyId,
}

/// A brand that the origin gives to the edge to keep.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BrandPush {
    /// The company whose pages show it.
    pub public_company_id: PublicCompanyId,
    /// The brand.
    pub brand: Brand,
}
