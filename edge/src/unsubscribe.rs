//! The page on which the owner of a connection ends reminders. The edge opens the token; all else is at the origin.

use shared::{
    token::{TokenKind, open},
    unsubscribe_page::{SubscriptionChange, SubscriptionView, UnsubscribePage as Page},
};

use crate::{
    any_node::{TIMEOUT_MS, ask, read},
    brand::{OriginLookup, branded_shell},
    error::EdgeError,
    form::{Form, MAX_BODY},
    log,
    pages::{Notice, UnsubscribePage},
    reply::Reply,
    request::Method,
    request_context::RequestContext,
    route::{UnsubscribeAddress, unsubscribe_path},
};

/// Answers a request for the page, or an action on it. Opening it changes nothing: scanners of mails open everything.
pub async fn answer(
    ctx: &RequestContext<'_>,
    address: &UnsubscribeAddress<'_>,
) -> Result<Reply, EdgeError> {
    let Some(page) = opened(ctx, address) else {
        return refused(ctx, address).await;
    };
    match ctx.request.method() {
        Method::Get | Method::Head => {
            let answer = ask(ctx, "/edge/unsubscribe/view", &page, TIMEOUT_MS).await?;
            if answer.status == 404 {
                return refused(ctx, address).await;
            }
            shown(ctx, address, read(&answer)?).await
        }
        Method::Post => {
            let form = Form::parse(&ctx.request.body(MAX_BODY).await?);
            let wants_reminders = form.text("act") == "again";
            if wants_reminders {
                // Nobody but their reader asks for mails.
                ctx.request.must_be_same_origin()?;
            }
            let change = SubscriptionChange {
                page,
                wants_reminders,
            };
            let answer = ask(ctx, "/edge/unsubscribe/change", &change, TIMEOUT_MS).await?;
            if answer.status == 404 {
                return refused(ctx, address).await;
            }
            let view = read(&answer)?;
            if form.text("act").is_empty() {
                // A mail program, which follows no redirect (RFC 8058).
                return shown(ctx, address, view).await;
            }
            let mut path = unsubscribe_path(&address.company, address.token);
            if wants_reminders {
                path.push_str("?again=yes");
            }
            Ok(Reply::see_other(path))
        }
        Method::Put | Method::Other => Err(EdgeError::Method("GET, HEAD, POST")),
    }
}

async fn shown(
    ctx: &RequestContext<'_>,
    address: &UnsubscribeAddress<'_>,
    view: SubscriptionView,
) -> Result<Reply, EdgeError> {
    let shell = branded_shell(ctx, address.company, OriginLookup::Allowed).await?;
    let is_again = ctx.request.query("again").is_some();
    Ok(UnsubscribePage::new(&shell, view, is_again).reply())
}

/// The page, if its token is authentic here. It never runs out: an old mail ends reminders as well.
fn opened(ctx: &RequestContext<'_>, address: &UnsubscribeAddress<'_>) -> Option<Page> {
    let (company, token) = (&address.company, address.token);
    match open(&ctx.settings.keys, TokenKind::Unsubscribe, company, token) {
        Ok(_) => Some(Page {
            public_company_id: address.company,
            token: token.to_owned(),
        }),
        Err(why) => {
            let (why, company) = (why.to_string(), company.to_string());
            log::line(
                "unsubscribe.refused",
                &[("why", &why), ("company", &company)],
            );
            None
        }
    }
}

/// One page for what is forged and what is gone: who tries tokens learns nothing from it.
async fn refused(
    ctx: &RequestContext<'_>,
    address: &UnsubscribeAddress<'_>,
) -> Result<Reply, EdgeError> {
    let shell = branded_shell(ctx, address.company, OriginLookup::Skip).await?;
    Ok(Notice::UnsubscribeOver.reply(404, &shell))
}
