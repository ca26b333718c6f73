//! The edge: a Cloudflare Worker that opens tokens, shows every public page in the organization's
//! brand, and forwards the rest to the origin. It stores nothing but brands.
//!
//! [`route`] reads the address, one module for each kind of request answers it, [`pages`] renders,
//! [`reply`] puts on the headers. Errors become pages in [`error_page`] alone.

mod any_node;
mod brand;
mod brand_cache;
mod brand_push;
mod brand_style;
mod code;
mod country;
mod error;
mod error_page;
mod flow;
mod form;
mod link;
mod live;
mod log;
mod mail;
mod origin;
mod outlined;
mod pages;
mod rate_limit;
mod reply;
mod request;
mod request_context;
mod route;
mod runtime;
mod settings;
mod unsubscribe;
mod warm_up;

use worker::{Context, Env, ForwardableEmailMessage, event, web_sys};

use crate::{
    brand::{OriginLookup, branded_shell},
    error::EdgeError,
    error_page::error_page,
    outlined::outlined,
    pages::Shell,
    reply::Reply,
    request::Request,
    request_context::RequestContext,
    route::Route,
    settings::Settings,
};

/// Runs once when an isolate starts.
#[event(start)]
fn start() {
    if let Err(error) = warm_up::render_one_page() {
        log::line("warm_up.failed", &[("why", &error.to_string())]);
    }
}

/// Answers one HTTP request; the Workers runtime calls it.
#[event(fetch)]
async fn main(
    request: web_sys::Request,
    env: Env,
    context: Context,
) -> worker::Result<web_sys::Response> {
    let request = Request::new(request);
    match answer(&request, &env, &context).await? {
        Answer::Reply(reply) => reply.send(request.is_head()),
        Answer::Upstream(response) => Ok(response),
    }
}

/// Takes one mail; the Workers runtime calls it. An error here is one to the runtime: the mail was not taken.
#[event(email)]
async fn email(
    message: ForwardableEmailMessage,
    env: Env,
    _context: Context,
) -> worker::Result<()> {
    outlined(mail::receive(&message, &env))
        .await
        .map_err(|error| worker::Error::RustError(error.to_string()))
}

/// What the Worker gives back to the runtime.
enum Answer {
    /// A reply that the edge made itself.
    Reply(Reply),
    /// What the origin sends, passed on without a change: an upgraded connection, or a stream of events.
    Upstream(web_sys::Response),
}

async fn answer(request: &Request, env: &Env, context: &Context) -> worker::Result<Answer> {
    let settings = match Settings::of_isolate(env) {
        Ok(settings) => settings,
        Err(error) => {
            return Ok(Answer::Reply(error_page(
                &error,
                &Shell::neutral(request.locale())?,
            )));
        }
    };
    let Some(route) = Route::of(request.path()) else {
        let reply = error_page(&EdgeError::NotFound, &Shell::neutral(request.locale())?);
        return Ok(Answer::Reply(reply));
    };
    let ctx = RequestContext {
        request,
        env,
        context,
        settings,
    };
    let answer = match &route {
        Route::Link(link) => link::answer(&ctx, link).await.map(Answer::Reply),
        Route::Flow(flow) => outlined(flow::answer(&ctx, flow)).await.map(Answer::Reply),
        Route::Ticket(flow) => outlined(flow::ticket(&ctx, flow)).await.map(Answer::Reply),
        Route::State(flow) => outlined(flow::state(&ctx, flow)).await.map(Answer::Reply),
        Route::Left { flow, connected } => outlined(flow::left(&ctx, flow, *connected))
            .await
            .map(Answer::Reply),
        Route::Live(flow) => outlined(live::answer(&ctx, flow))
            .await
            .map(Answer::Upstream),
        Route::Progress(flow) => outlined(flow::progress(&ctx, flow))
            .await
            .map(Answer::Upstream),
        Route::Code(code) => outlined(code::answer(&ctx, code)).await.map(Answer::Reply),
        Route::CodeState(code) => outlined(code::state(&ctx, code)).await.map(Answer::Reply),
        Route::Unsubscribe(address) => outlined(unsubscribe::answer(&ctx, address))
            .await
            .map(Answer::Reply),
        Route::Brand => outlined(brand_push::answer(&ctx)).await.map(Answer::Reply),
    };
    match answer {
        Ok(answer) => Ok(answer),
        Err(error) => outlined(error_reply(&ctx, &route, &error))
            .await
            .map(Answer::Reply),
    }
}

async fn error_reply(
    ctx: &RequestContext<'_>,
    route: &Route<'_>,
    error: &EdgeError,
) -> worker::Result<Reply> {
    let shell = match route.company() {
        Some(company) => branded_shell(ctx, company, OriginLookup::Skip).await?,
        None => Shell::neutral(ctx.request.locale())?,
    };
    Ok(error_page(error, &shell))
}
