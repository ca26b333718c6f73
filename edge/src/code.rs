//! The page on which the owner of a connection gives a code that a sign-in waits for. The edge opens the token; all else
//! is at the origin, where any node answers.

use shared::{
    code_page::{CodeAction, CodeActionOn, CodePage as Page, CodeStateQuery, CodeView},
    token::{TokenKind, open},
    wire::{FlowState, STATE_SECONDS},
};

use crate::{
    any_node::{TIMEOUT_MS, ask, read},
    brand::{OriginLookup, branded_shell},
    error::EdgeError,
    flow::hour,
    form::Form,
    log,
    pages::{CodePage, Notice},
    reply::Reply,
    request::Method,
    request_context::RequestContext,
    route::{CodeAddress, code_path},
    runtime,
};

/// How long a page waits for a change, in milliseconds: longer than the origin does.
#[expect(clippy::cast_possible_truncation, reason = "a few seconds")]
const STATE_TIMEOUT_MS: u32 = (STATE_SECONDS as u32 + 10) * 1000;

/// Answers a request for the page, or an action on it.
pub async fn answer(ctx: &RequestContext<'_>, code: &CodeAddress<'_>) -> Result<Reply, EdgeError> {
    let Some(page) = opened(ctx, code) else {
        return refused(ctx, code).await;
    };
    let path = code_path(&code.company, code.token);
    match ctx.request.method() {
        Method::Get | Method::Head => {
            let answer = ask(ctx, "/edge/code/view", &page, TIMEOUT_MS).await?;
            if answer.status == 404 {
                return refused(ctx, code).await;
            }
            let view: CodeView = read(&answer)?;
            let shell = branded_shell(ctx, code.company, OriginLookup::Allowed).await?;
            Ok(CodePage::new(&shell, &view, &path).reply())
        }
        Method::Post => {
            let action = action(&ctx.request.form().await?).ok_or(EdgeError::NotUnderstood)?;
            let done = CodeActionOn { page, action };
            let answer = ask(ctx, "/edge/code/act", &done, TIMEOUT_MS).await?;
            if answer.status == 404 {
                return refused(ctx, code).await;
            }
            read::<CodeView>(&answer)?;
            Ok(Reply::see_other(path))
        }
        Method::Put | Method::Other => Err(EdgeError::Method("GET, HEAD, POST")),
    }
}

/// `GET …/state?seen=N`: waits until the page would show another version than that, for some seconds at most.
pub async fn state(ctx: &RequestContext<'_>, code: &CodeAddress<'_>) -> Result<Reply, EdgeError> {
    if ctx.request.method() != Method::Get {
        return Err(EdgeError::Method("GET"));
    }
    let page = opened(ctx, code).ok_or(EdgeError::FlowGone)?;
    let seen = ctx.request.query("seen").and_then(|seen| seen.parse().ok());
    let query = CodeStateQuery {
        page,
        seen: seen.unwrap_or_default(),
    };
    let answer = ask(ctx, "/edge/code/state", &query, STATE_TIMEOUT_MS).await?;
    if answer.status == 404 {
        return Err(EdgeError::FlowGone);
    }
    let state: FlowState = read(&answer)?;
    let json = serde_json::to_string(&state).map_err(|_| EdgeError::NotUnderstood)?;
    Ok(Reply::json(200, json))
}

/// The page, if its token is authentic here and its day is not over.
fn opened(ctx: &RequestContext<'_>, code: &CodeAddress<'_>) -> Option<Page> {
    let opened = open(
        &ctx.settings.keys,
        TokenKind::Code,
        &code.company,
        code.token,
    );
    let why = match opened {
        Ok(claims) if claims.expired(runtime::now()) => "expired".to_owned(),
        Ok(_) => {
            return Some(Page {
                public_company_id: code.company,
                token: code.token.to_owned(),
            });
        }
        Err(why) => why.to_string(),
    };
    let company = code.company.to_string();
    log::line("code.refused", &[("why", &why), ("company", &company)]);
    None
}

/// One page for what ran out and what is forged: who tries tokens learns nothing from it.
async fn refused(ctx: &RequestContext<'_>, code: &CodeAddress<'_>) -> Result<Reply, EdgeError> {
    let shell = branded_shell(ctx, code.company, OriginLookup::Skip).await?;
    Ok(Notice::CodeOver.reply(404, &shell))
}

/// What the pressed button asks for.
fn action(form: &Form) -> Option<CodeAction> {
    match form.text("act") {
        "enter" => Some(CodeAction::Enter {
            public_key: form.text("key").to_owned(),
            sealed: form.text("sealed").to_owned(),
        }),
        "again" => Some(CodeAction::Again),
        "choose-hour" => hour(form).map(|hour| CodeAction::ChooseHour { hour }),
        _ => None,
    }
}
