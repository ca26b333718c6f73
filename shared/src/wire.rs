//! What the edge asks the origin, and what it answers. JSON over signed HTTP ([`crate::signing`]).
//!
//! Secrets travel in bodies and headers, never in request lines: those end up in logs.
//!
//! | request | header | body | answer |
//! |---|---|---|---|
//! | `POST /edge/flow/start` | | [`StartFlow`] | 201 [`StartedFlow`], 409/410 [`Refusal`], 422 [`Refusal`] |
//! | `POST /edge/flow/view` | [`FLOW_HEADER`] | | 200 [`FlowView`], 404 when no such flow lives |
//! | `POST /edge/flow/state` | [`FLOW_HEADER`] | [`FlowStateQuery`] | 200 [`FlowState`] at a change or after [`STATE_SECONDS`], 404 |
//! | `POST /edge/flow/act` | [`FLOW_HEADER`] | [`FlowAction`] | 200 [`FlowView`], 404 |
//! | `POST /edge/flow/ticket` | [`FLOW_HEADER`] | | 200 [`Ticket`], 404, 409 when the step has no live view |
//! | `GET /edge/flow/progress` | [`FLOW_HEADER`] | | 200 server-sent events, each a [`Proof`] as JSON; 204 when there is nothing to wait for, 404 |
//! | `GET /edge/flow/live` (WebSocket) | [`FLOW_HEADER`], [`TICKET_HEADER`] | | 101, 401 ticket used or too old |
//! | `POST /edge/code/view` | | [`CodePage`](crate::code_page::CodePage) | 200 [`CodeView`](crate::code_page::CodeView), 404 |
//! | `POST /edge/code/state` | | [`CodeStateQuery`](crate::code_page::CodeStateQuery) | 200 [`FlowState`] at a change or after [`STATE_SECONDS`], 404 |
//! | `POST /edge/code/act` | | [`CodeActionOn`](crate::code_page::CodeActionOn) | 200 [`CodeView`](crate::code_page::CodeView), 404 |
//! | `POST /edge/mail` | | [`InboundMail`](crate::inbound_mail::InboundMail) | 204 when it was taken, 404 when nobody has the address, 413, 429 |
//! | `POST /edge/brand` | | [`BrandQuery`] | 200 [`Brand`], 404 |
//!
//! The other way, `PUT /p/brand` on the edge takes a signed [`BrandPush`].

use serde::{Deserialize, Serialize};

use crate::{
    brand::Brand,
    country::Country,
    entry::EntryView,
    forwarding::ForwardingView,
    id::{ConnectionId, FlowRef, PublicCompanyId, SiteId},
    proof::{FoundAccounts, Proof},
    provider::{InvalidProviderUrl, ProviderUrl},
    status::{
        CodeAnswerer, ConnectionStatus, CountryProblem, ErrorCode, LinkKind, Phase, SitesProblem,
        UtilityType, UtilityTypesProblem,
    },
    time::{UnixMillis, UtcHour},
};

/// The header that carries the flow's secret (base64url, as in the page's URL).
pub const FLOW_HEADER: &str = "x-flow-secret";
/// The header that carries the one-use ticket of a live view.
pub const TICKET_HEADER: &str = "x-live-ticket";
/// For how many seconds a ticket can be used.
pub const TICKET_SECONDS: i64 = 30;
/// For how many seconds an answer about a flow's state waits for a change.
pub const STATE_SECONDS: u64 = 20;
/// Minutes after which a browser that nobody touches is closed. The pages say so.
pub const BROWSER_IDLE_MINUTES: u64 = 12;
/// Minutes after which a browser is closed however busy it is. The pages say so.
pub const BROWSER_TOTAL_MINUTES: u64 = 45;
/// Minutes after which a flow that nobody touches ends. The pages say so.
pub const FLOW_IDLE_MINUTES: u64 = 30;
/// Minutes after the finish in which the last page is told what the first collection does.
pub const PROGRESS_MINUTES: u64 = 10;

/// The first POST, which trades a token for a flow.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StartFlow {
    /// The public id of the company, from the URL.
    pub public_company_id: PublicCompanyId,
    /// The kind of the link, which the URL's path tells.
    pub kind: LinkKind,
    /// The token from the URL; the origin opens it again.
    pub token: String,
    /// The website and country that the client confirmed; `None` for a connection update link, whose connection has
    /// them.
    pub provider: Option<ConfirmedProvider>,
    /// The browser's Accept-Language, as sent, at most 256 bytes.
    pub accept_language: Option<String>,
}

/// The website that a client confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmedProvider {
    /// The address of the website.
    pub url: ProviderUrl,
    /// The country of the utility.
    pub country: Country,
}

/// The flow that was started.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StartedFlow {
    /// The secret of the flow, without which nobody can use it: base64url of one byte for the node and 16 random bytes.
    pub secret: String,
    /// The flow's public name.
    pub flow_ref: FlowRef,
}

/// Why a link does not open. The visitor sees one page for all but `Used` and `Busy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "refusal")]
pub enum Refusal {
    /// Forged, expired, revoked or unknown: told apart in the link's log alone, as far as the edge asked the origin.
    Invalid,
    /// The link has made its connection already.
    Used,
    /// Three flows of this link are open already.
    Busy,
}

/// Something that the client does on a page of the flow.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "act")]
pub enum FlowAction {
    /// At PROVIDER: use this website (after "change website" or "add more data").
    Provider {
        /// The address as the client typed it; the flow says what is wrong with it.
        url: String,
        /// The country code as the client chose it.
        country: String,
    },
    /// At SIGN_IN: go back to PROVIDER.
    ChangeProvider,
    /// At SIGN_IN: the client answers "Are you signed in?".
    SignedIn {
        /// Whether the answer is "yes"; else it is "not yet".
        yes: bool,
    },
    /// At SIGN_IN, in the live view: show the website's own page to change the password.
    OpenPasswordPage,
    /// At SIGN_IN: from now on the client enters what is needed on our own page, or uses the website by hand again.
    EnterManually {
        /// Whether it is our own page; else it is the live view.
        manual: bool,
    },
    /// At SIGN_IN and FORWARDING: values for the fields of an [`EntryView`].
    Enter {
        /// The public key that the page sealed with, base64url.
        public_key: String,
        /// A [`SealedEntry`](crate::entry::SealedEntry), sealed as message 0, base64url.
        sealed: String,
    },
    /// At SIGN_IN: the option or choice that the client chose.
    Choose {
        /// The [`EntryView::number`] of what is answered.
        number: u32,
        /// The id of the option or choice.
        id: u32,
    },
    /// At SIGN_IN: what was to be done elsewhere is done.
    Proceed {
        /// The [`EntryView::number`] of what is answered.
        number: u32,
    },
    /// At SIGN_IN: open the website once more, after an error ended the live view.
    TryAgain,
    /// At SITES: finish with these sites and utility types.
    Sites {
        /// The ids of the sites that the client ticked.
        sites: Vec<SiteId>,
        /// The utility types that the client ticked.
        utility_types: Vec<UtilityType>,
        /// What was ticked when the client got the page.
        #[serde(default)]
        shown: TicksShown,
    },
    /// At SITES, when the company has a connection for this sign-in already: update that one, and make no other.
    UpdateEarlier,
    /// At DONE, while the proof is missing for a reason that a sign-in may mend: sign in once more for the same connection.
    SignInAgain,
    /// At DONE of a repair, when the account turned out to be another one: make a new connection of it.
    ConnectAsNew,
    /// At DONE, of a connection whose website asks for codes: set up how they reach us.
    SetUpCodes,
    /// At FORWARDING: make an address that codes can be sent to.
    AddCodeChannel {
        /// What is to answer.
        kind: CodeAnswerer,
    },
    /// At FORWARDING: give up a way for codes.
    RemoveCodeChannel {
        /// What answers no more.
        kind: CodeAnswerer,
    },
    /// At FORWARDING: show the website in the browser of the sign-in, or hide it.
    ShowWebsite {
        /// Whether it is shown.
        shown: bool,
    },
    /// At FORWARDING: read the authenticator's secret from the QR code that the website shows.
    ReadQrCode,
    /// At FORWARDING: show a code of the authenticator, to be entered on the website.
    ShowCode,
    /// At FORWARDING: a sign-in that gets no code is tried again at this hour, or not at all.
    ChooseCodeHour {
        /// The hour of the day in UTC; `None`: not at all.
        hour: Option<UtcHour>,
    },
    /// At FORWARDING: sign in by ourselves once more now, so that the website sends a code.
    TryCodes,
    /// At FORWARDING: go on; what is not set up is left for later.
    LeaveForwarding,
    /// At DONE: begin again in the same flow, to make another connection.
    AddMore,
    /// At any step: end the flow; nothing is kept.
    Leave,
}

/// All that a page of the flow shows.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FlowView {
    /// The flow's public name.
    pub flow_ref: FlowRef,
    /// The company that the flow is for; the URL of the page must name the same.
    pub public_company_id: PublicCompanyId,
    /// The name of the company, as plain text.
    pub company_name: String,
    /// The host of the website, for headings; empty while it is unknown.
    pub provider_host: String,
    /// The country of the utility.
    pub country: Country,
    /// The connection that the flow repairs, if it came by a connection update link.
    pub repair: Option<RepairView>,
    /// Where the client goes when the flow is over, if the link says so.
    pub redirect: Option<RedirectView>,
    /// The [`FlowState::version`] of what this shows.
    pub version: u64,
    /// The step where the flow stands, and what its page shows.
    pub step: StepView,
}

/// Where the client goes when the flow is over: a page at an origin that the organization listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RedirectView {
    /// The whole address, with `status` (`CONNECTED` or `EXIT`), `flowRef` and, once a connection exists, `connectionId` in its
    /// query. It names no secret.
    pub url: String,
    /// Its host, for the words of the button.
    pub host: String,
}

/// The connection that a flow repairs, as far as its pages may show it before anybody has signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RepairView {
    /// Why the connection needs its client.
    pub status: ConnectionStatus,
    /// The user name with most of it hidden, if one was entered.
    pub username: Option<String>,
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
    /// The connection exists, and the client says how codes reach us from now on.
    Forwarding(Box<ForwardingView>),
    /// The connection exists.
    Done(DoneView),
    /// At the finish the link turned out to be no longer good: nothing was saved. Only [`FlowAction::Leave`] is left to do.
    Refused(FinishRefusal),
}

/// The reasons why a flow can never be finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FinishRefusal {
    /// The link made a connection in the meantime.
    Used,
    /// The link was revoked, or does not exist any more.
    Invalid,
}

/// What the page at PROVIDER shows.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProviderView {
    /// The address of the website; as it was typed when it is not (yet) a good one.
    pub url: String,
    /// What is wrong with what was entered last.
    pub problems: ProviderProblems,
    /// The client comes back because the website could not be reached at this address. An origin of the version before does
    /// not say so.
    #[serde(default)]
    pub unreachable: bool,
}

/// What is wrong with the fields of the page at PROVIDER.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProviderProblems {
    /// What is wrong with the address.
    pub url: Option<InvalidProviderUrl>,
    /// What is wrong with the country.
    pub country: Option<CountryProblem>,
}

impl From<InvalidProviderUrl> for ProviderProblems {
    fn from(url: InvalidProviderUrl) -> Self {
        Self {
            url: Some(url),
            country: None,
        }
    }
}

/// The state of the sign-in, for the page at SIGN_IN and for the live view's `state` message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignInView {
    /// What the sign-in waits for.
    pub phase: Phase,
    /// Whether there is a browser to look at (or one is starting). Without it the page shows what `error_code` means,
    /// and offers to try again or to change the website.
    pub live: bool,
    /// Whether the client enters what is needed on our own page and does not look at the website.
    pub manual: bool,
    /// What the client can enter or choose on our page now: in manual entry, or above the website's picture.
    pub entry: Option<Box<EntryView>>,
    /// Manual entry ended by itself: the website wants something that only the client can do in it.
    pub handed_over: bool,
    /// The client left manual entry before the website was given what they had entered: it never will be.
    pub not_sent: bool,
    /// Whether the client is asked "Are you signed in?".
    pub ask_signed_in: bool,
    /// What the website said, word for word, as plain text of bounded length.
    pub site_message: Option<String>,
    /// What went wrong, if anything did.
    pub error_code: Option<ErrorCode>,
}

/// Waits until the page of a flow would show something else.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FlowStateQuery {
    /// [`FlowState::version`] of what the page shows now; 0 when it knows none.
    pub seen: u64,
}

/// Where a flow stands, in short: a page that shows another version is out of date.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FlowState {
    /// A number that is another one for every change of what the page shows.
    pub version: u64,
}

/// What the page at SITES shows: the sites and utility types, and which of them are ticked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SitesView {
    /// The company's sites.
    pub sites: Vec<SiteChoice>,
    /// The utility types ticked so far.
    pub utility_types: Vec<UtilityType>,
    /// What is wrong with what was ticked last.
    pub problems: SitesProblems,
    /// When the company connected this account before, if it did: that connection can be updated instead.
    pub connected_on: Option<UnixMillis>,
    /// The accounts that the client's own browser sees, while it looks for them and afterwards.
    pub seen: Option<SeenAccounts>,
}

/// The kinds of boxes of which the page at SITES showed any ticked: of these the client left none by unticking them.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TicksShown {
    /// Sites.
    pub sites: bool,
    /// Utility types.
    pub utility_types: bool,
}

/// Accounts that are looked for while the client is at SITES.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SeenAccounts {
    /// Whether more may be found.
    pub goes_on: bool,
    /// The accounts so far.
    pub accounts: FoundAccounts,
}

/// What is wrong with the fields of the page at SITES.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SitesProblems {
    /// What is wrong with the sites.
    pub sites: Option<SitesProblem>,
    /// What is wrong with the utility types.
    pub utility_types: Option<UtilityTypesProblem>,
}

/// A site that the client can tick.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SiteChoice {
    /// The id of the site.
    pub id: SiteId,
    /// The name of the site.
    pub name: String,
    /// The address of the site, if it is known.
    pub address: Option<String>,
    /// Whether the site is ticked.
    pub selected: bool,
}

/// What the page at DONE shows.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DoneView {
    /// The connection that now exists, or that the flow repairs.
    pub connection_id: ConnectionId,
    /// Whether it is the connection that the flow came to repair, and no other.
    pub is_repair: bool,
    /// Whether the sign-in asked for a code: the proof may make the website send another one.
    pub code_was_asked: bool,
    /// Whether a way by which codes reach us has proven itself by a code that the website took, as far as FORWARDING knew.
    pub has_proven_channel: bool,
    /// How far the proof is that the connection works without its client.
    pub proof: Proof,
}

/// A ticket for the live view. It can be used once, within [`TICKET_SECONDS`].
#[derive(Clone, Serialize, Deserialize)]
pub struct Ticket {
    /// The ticket: random bytes, base64url.
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
    /// The brand to show on them.
    pub brand: Brand,
}
