//! A flow's pages. The origin knows the flow; the edge shows what it says and passes on what is done.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use shared::{
    signing::{sign_text, verify_text},
    status::UtilityType,
    time::UtcHour,
    wire::{
        FinishRefusal, FlowAction, FlowState, FlowStateQuery, FlowView, PROGRESS_MINUTES,
        RedirectView, STATE_SECONDS, StepView, Ticket, TicksShown,
    },
};
use url::Url;
use worker::web_sys;

use crate::{
    brand::{OriginLookup, branded_shell},
    error::EdgeError,
    form::Form,
    origin,
    origin::{OriginRequest, OriginResponse},
    pages::{
        DonePage, EntryPage, ForwardingPage, Notice, ProviderPage, Shell, SignInPage, SitesPage,
    },
    rate_limit::{self, Limit},
    reply::{self, Reply},
    request::Method,
    request_context::RequestContext,
    route::{FlowAddress, flow_path},
};

/// How long a visitor waits for a page, in milliseconds.
const TIMEOUT_MS: u32 = 15_000;
/// How long a page waits for a change, in milliseconds: longer than the origin does.
#[expect(clippy::cast_possible_truncation, reason = "a few seconds")]
const STATE_TIMEOUT_MS: u32 = (STATE_SECONDS as u32 + 10) * 1000;
/// How long one stream of events lasts at most, in milliseconds: the origin ends it before.
const EVENTS_TIMEOUT_MS: u32 = (PROGRESS_MINUTES as u32 + 1) * 60_000;

/// Answers a request for the page of a flow, or an action on it.
pub async fn answer(ctx: &RequestContext<'_>, flow: &FlowAddress<'_>) -> Result<Reply, EdgeError> {
    match ctx.request.method() {
        Method::Get | Method::Head => {
            let answer = ask(ctx, flow, "/edge/flow/view", String::new()).await?;
            let view = view(&answer, flow)?;
            let shell = branded_shell(ctx, flow.company, OriginLookup::Allowed).await?;
            Ok(page(ctx, &shell, flow, &view))
        }
        Method::Post => {
            let act = act(&ctx.request.form().await?).ok_or(EdgeError::NotUnderstood)?;
            let body = serde_json::to_string(&act).map_err(|_| EdgeError::NotUnderstood)?;
            let answer = ask(ctx, flow, "/edge/flow/act", body).await?;
            let path = flow_path(&flow.company, flow.secret);
            let left = act == FlowAction::Leave;
            let to = match view(&answer, flow) {
                Ok(view) if left => left_path(ctx, flow, &view),
                Err(EdgeError::FlowGone) if left => "/left".into(),
                Ok(_) => String::new(),
                Err(error) => return Err(error),
            };
            Ok(Reply::see_other(path + &to))
        }
        Method::Put | Method::Other => Err(EdgeError::Method("GET, HEAD, POST")),
    }
}

/// What keeps the signatures of addresses on `…/left` from being taken for others.
const LEFT_PURPOSE: &str = "left-redirect";

/// The path of the page for one who left, behind the flow's own. The flow is gone by then, so where the client may go back to
/// stands in the query, signed: nobody else's address gets onto the page.
fn left_path(ctx: &RequestContext<'_>, flow: &FlowAddress<'_>, view: &FlowView) -> String {
    let path = match view.step {
        StepView::Done(_) => "/left/connected",
        _ => "/left",
    };
    let Some(redirect) = &view.redirect else {
        return path.into();
    };
    let signed = format!("{} {}", flow.company, redirect.url);
    let signature = sign_text(&ctx.settings.signing, LEFT_PURPOSE, &signed);
    let url = URL_SAFE_NO_PAD.encode(&redirect.url);
    format!("{path}?to={url}&signature={signature}")
}

/// Where the query of `…/left` leads, if its signature is good.
fn left_redirect(ctx: &RequestContext<'_>, flow: &FlowAddress<'_>) -> Option<RedirectView> {
    let url = URL_SAFE_NO_PAD.decode(ctx.request.query("to")?).ok()?;
    let url = String::from_utf8(url).ok()?;
    let signed = format!("{} {url}", flow.company);
    let signature = ctx.request.query("signature")?;
    if !verify_text(&ctx.settings.signing, LEFT_PURPOSE, &signed, signature) {
        return None;
    }
    let host = Url::parse(&url).ok()?.host_str()?.to_owned();
    Some(RedirectView { url, host })
}

/// `GET …/left`: what is said to one who left, before or after a connection was made. The flow is gone: nothing of it
/// is needed.
pub async fn left(
    ctx: &RequestContext<'_>,
    flow: &FlowAddress<'_>,
    connected: bool,
) -> Result<Reply, EdgeError> {
    if !matches!(ctx.request.method(), Method::Get | Method::Head) {
        return Err(EdgeError::Method("GET, HEAD"));
    }
    let shell = branded_shell(ctx, flow.company, OriginLookup::Skip).await?;
    let notice = if connected {
        Notice::LeftConnected
    } else {
        Notice::Left
    };
    Ok(notice.reply_with_redirect(200, &shell, left_redirect(ctx, flow).as_ref()))
}

/// `POST …/ticket`: what the live view's script opens its WebSocket with.
pub async fn ticket(ctx: &RequestContext<'_>, flow: &FlowAddress<'_>) -> Result<Reply, EdgeError> {
    if ctx.request.method() != Method::Post {
        return Err(EdgeError::Method("POST"));
    }
    ctx.request.must_be_same_origin()?;
    let answer = ask(ctx, flow, "/edge/flow/ticket", String::new()).await?;
    match answer.status {
        200 => {
            // Read and written again: only what was agreed reaches the page.
            let ticket: Ticket = answer.read()?;
            let json = serde_json::to_string(&ticket).map_err(|_| EdgeError::NotUnderstood)?;
            Ok(Reply::json(200, json))
        }
        404 => Err(EdgeError::FlowGone),
        409 => Ok(Reply::json(409, r#"{"error":"no_live_view"}"#.into())),
        _ => Err(answer.unexpected()),
    }
}

/// `GET …/state?seen=N`: waits until the page would show another version than that, for some seconds at most.
pub async fn state(ctx: &RequestContext<'_>, flow: &FlowAddress<'_>) -> Result<Reply, EdgeError> {
    if ctx.request.method() != Method::Get {
        return Err(EdgeError::Method("GET"));
    }
    let seen = ctx.request.query("seen").and_then(|seen| seen.parse().ok());
    let query = FlowStateQuery {
        seen: seen.unwrap_or_default(),
    };
    let body = serde_json::to_string(&query).map_err(|_| EdgeError::NotUnderstood)?;
    let answer = ask(ctx, flow, "/edge/flow/state", body).await?;
    match answer.status {
        200 => {
            let state: FlowState = answer.read()?;
            let json = serde_json::to_string(&state).map_err(|_| EdgeError::NotUnderstood)?;
            Ok(Reply::json(200, json))
        }
        404 => Err(EdgeError::FlowGone),
        _ => Err(answer.unexpected()),
    }
}

/// `GET …/progress`: what the first collection does, as server-sent events that are passed on as they come. 204 when
/// there is nothing to wait for: the page's script then does not come back.
pub async fn progress(
    ctx: &RequestContext<'_>,
    flow: &FlowAddress<'_>,
) -> Result<web_sys::Response, EdgeError> {
    if ctx.request.method() != Method::Get {
        return Err(EdgeError::Method("GET"));
    }
    rate_limit::check(ctx, Limit::Flows).await?;
    let client = ctx.request.client();
    let client = client.as_deref();
    let events = origin::events(
        &ctx.settings,
        flow.node,
        flow.secret,
        client,
        EVENTS_TIMEOUT_MS,
    )
    .await?;
    match (events.status(), events.body()) {
        (200, Some(body)) => Ok(reply::send_events(&body)?),
        (204, _) => Ok(Reply::empty(204).send(false)?),
        (404, _) => Err(EdgeError::FlowGone),
        (status, _) => Err(EdgeError::Origin(format!(
            "answered {status} to a page that waits"
        ))),
    }
}

async fn ask(
    ctx: &RequestContext<'_>,
    flow: &FlowAddress<'_>,
    path: &'static str,
    body: String,
) -> Result<OriginResponse, EdgeError> {
    rate_limit::check(ctx, Limit::Flows).await?;
    let client = ctx.request.client();
    let call = OriginRequest {
        node: flow.node,
        path,
        body,
        flow: Some(flow.secret),
        client: client.as_deref(),
        timeout_ms: match path {
            "/edge/flow/state" => STATE_TIMEOUT_MS,
            _ => TIMEOUT_MS,
        },
    };
    origin::call(&ctx.settings, &call).await
}

/// The flow as it stands, if it lives and is this company's.
fn view(answer: &OriginResponse, flow: &FlowAddress<'_>) -> Result<FlowView, EdgeError> {
    match answer.status {
        200 => {}
        404 => return Err(EdgeError::FlowGone),
        _ => return Err(answer.unexpected()),
    }
    let view: FlowView = answer.read()?;
    if view.public_company_id != flow.company {
        return Err(EdgeError::FlowGone);
    }
    Ok(view)
}

/// The page of the step where the flow stands. Also one that says what was wrong with what was sent is a good answer: this
/// request asked for the page, and its script asks for it again as long as something is looked for.
fn page(ctx: &RequestContext<'_>, shell: &Shell, flow: &FlowAddress<'_>, view: &FlowView) -> Reply {
    match &view.step {
        StepView::Provider(provider) => ProviderPage::of_flow(shell, view, provider).reply(200),
        StepView::SignIn(sign_in) => {
            let path = flow_path(&flow.company, flow.secret);
            if sign_in.manual {
                return EntryPage::new(shell, view, sign_in, &path).reply();
            }
            SignInPage::new(shell, view, sign_in, &path).reply(ctx.request.own_origin())
        }
        StepView::Sites(sites) => {
            let path = flow_path(&flow.company, flow.secret);
            SitesPage::new(shell, view, sites, &path).reply()
        }
        StepView::Forwarding(forwarding) => {
            let path = flow_path(&flow.company, flow.secret);
            ForwardingPage::new(shell, view, forwarding, &path).reply(ctx.request.own_origin())
        }
        StepView::Done(done) => {
            let path = flow_path(&flow.company, flow.secret);
            DonePage::new(shell, view, done, &path).reply()
        }
        StepView::Refused(FinishRefusal::Used) => Notice::FinishUsed.reply(410, shell),
        StepView::Refused(FinishRefusal::Invalid) => Notice::FinishRefused.reply(410, shell),
    }
}

/// What the pressed button asks for.
fn act(form: &Form) -> Option<FlowAction> {
    Some(match form.text("act") {
        "provider" => FlowAction::Provider {
            url: form.text("url").to_owned(),
            country: form.text("country").to_owned(),
        },
        "change-provider" => FlowAction::ChangeProvider,
        "password-page" => FlowAction::OpenPasswordPage,
        "manual-entry" => FlowAction::EnterManually { manual: true },
        "live-view" => FlowAction::EnterManually { manual: false },
        "enter" => FlowAction::Enter {
            public_key: form.text("key").to_owned(),
            sealed: form.text("sealed").to_owned(),
        },
        "choose" => FlowAction::Choose {
            number: form.text("number").parse().ok()?,
            id: form.text("id").parse().ok()?,
        },
        "proceed" => FlowAction::Proceed {
            number: form.text("number").parse().ok()?,
        },
        "signed-in" => FlowAction::SignedIn { yes: true },
        "not-signed-in" => FlowAction::SignedIn { yes: false },
        "try-again" => FlowAction::TryAgain,
        "sites" => FlowAction::Sites {
            sites: parsed(form.all("site"))?,
            utility_types: parsed::<UtilityType>(form.all("type"))?,
            shown: TicksShown {
                sites: form.all("ticked").any(|name| name == "site"),
                utility_types: form.all("ticked").any(|name| name == "type"),
            },
        },
        "update-earlier" => FlowAction::UpdateEarlier,
        "sign-in-again" => FlowAction::SignInAgain,
        "connect-as-new" => FlowAction::ConnectAsNew,
        "set-up-codes" => FlowAction::SetUpCodes,
        "add-code-channel" => FlowAction::AddCodeChannel {
            kind: form.text("kind").parse().ok()?,
        },
        "remove-code-channel" => FlowAction::RemoveCodeChannel {
            kind: form.text("kind").parse().ok()?,
        },
        "show-website" => FlowAction::ShowWebsite { shown: true },
        "hide-website" => FlowAction::ShowWebsite { shown: false },
        "read-qr-code" => FlowAction::ReadQrCode,
        "show-code" => FlowAction::ShowCode,
        "choose-hour" => FlowAction::ChooseCodeHour { hour: hour(form)? },
        "try-codes" => FlowAction::TryCodes,
        "leave-forwarding" => FlowAction::LeaveForwarding,
        "add-more" => FlowAction::AddMore,
        "leave" => FlowAction::Leave,
        _ => return None,
    })
}

/// The hour that was chosen, or that none was; nothing for what is no hour.
pub fn hour(form: &Form) -> Option<Option<UtcHour>> {
    match form.text("hour") {
        "" => Some(None),
        hour => hour.parse().ok().map(Some),
    }
}

/// All of them, or nothing: our own boxes have no other values.
fn parsed<'a, T: std::str::FromStr>(values: impl Iterator<Item = &'a str>) -> Option<Vec<T>> {
    values.map(|value| value.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(body: &str) -> Option<FlowAction> {
        act(&Form::parse(body.as_bytes()))
    }

    #[test]
    fn buttons() {
        let provider = FlowAction::Provider {
            url: "coned.com".into(),
            country: "US".into(),
        };
        assert!(of("act=provider&url=coned.com&country=US") == Some(provider));
        assert!(of("act=signed-in") == Some(FlowAction::SignedIn { yes: true }));
        assert!(of("act=not-signed-in") == Some(FlowAction::SignedIn { yes: false }));
        assert!(of("act=manual-entry") == Some(FlowAction::EnterManually { manual: true }));
        assert!(of("act=choose&number=3&id=1") == Some(FlowAction::Choose { number: 3, id: 1 }));
        assert!(of("act=choose&number=3&id=x").is_none());
        assert!(of("act=leave") == Some(FlowAction::Leave));
        assert!(of("act=sign-in-again") == Some(FlowAction::SignInAgain));
        let site = "01234567-89ab-4def-8123-456789abcdef";
        let body = format!("act=sites&ticked=type&site={site}&type=GAS&type=HOT_WATER");
        let Some(FlowAction::Sites {
            sites,
            utility_types,
            shown,
        }) = of(&body)
        else {
            unreachable!("not understood");
        };
        assert_eq!(sites.len(), 1);
        assert_eq!(utility_types, [UtilityType::Gas, UtilityType::HotWater]);
        assert_eq!((shown.sites, shown.utility_types), (false, true));
        for bad in [
            "",
            "act=",
            "act=finish",
            "act=sites&site=1",
            "act=sites&type=COAL",
        ] {
            assert!(of(bad).is_none(), "{bad}");
        }
    }
}
