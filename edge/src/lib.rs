//! The edge: a Cloudflare Worker that opens tokens, shows every public page in the organization's
//! brand, and forwards the rest to the origin. It stores nothing but brands.
//!
//! [`route`] reads the address, one module for each kind of request answers it, [`pages`] renders,
//! [`reply`] puts on the headers. Errors become pages in [`error`] alone.

mod brand;
mod brand_cache;
mod brand_push;
mod country;
mod error;
mod flow;
mod form;
mod link;
mod live;
mod log;
mod origin;
mod pages;
mod rate_limit;
mod reply;
mod request;
mod route;
mod runtime;
mod settings;
mod warm_up;

use std::{pin::Pin, rc::Rc, task};

use shared::id::PublicCompanyId;
use worker::{Context, Env, event, web_sys};

use crate::{
    brand::OriginLookup, error::EdgeError, pages::Shell, reply::Reply, request::Request,
    route::Route, settings::Settings,
};

/// Runs once when an isolate starts.
#[event(start)]
fn start() {
    if let Err(error) = warm_up::render_one_page() {
        log::line("warm_up.failed", &[("why", &error.to_string())]);
    }
}

/// Answers one request.
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

/// The answer to a request.
enum Answer {
    /// A reply of the edge's own.
    Reply(Reply),
    /// The origin's response, untouched: an upgraded connection.
    Upstream(web_sys::Response),
}

/// A request, and what is needed to answer it.
struct RequestContext<'a> {
    request: &'a Request,
    env: &'a Env,
    context: &'a Context,
    settings: Rc<Settings>,
}

async fn answer(request: &Request, env: &Env, context: &Context) -> worker::Result<Answer> {
    let settings = match Settings::of_isolate(env) {
        Ok(settings) => settings,
        Err(error) => {
            return Ok(Answer::Reply(
                error.reply(&Shell::neutral(request.locale())?),
            ));
        }
    };
    let Some(route) = Route::of(request.path()) else {
        let reply = EdgeError::NotFound.reply(&Shell::neutral(request.locale())?);
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
        Route::Left(flow) => outlined(flow::left(&ctx, flow)).await.map(Answer::Reply),
        Route::Live(flow) => outlined(live::answer(&ctx, flow))
            .await
            .map(Answer::Upstream),
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
        Some(company) => ctx.shell(company, OriginLookup::Skip).await?,
        None => Shell::neutral(ctx.request.locale())?,
    };
    Ok(error.reply(&shell))
}

/// A future that is compiled as a function of its own ("outlined", the opposite of inlined). The
/// runtime compiles a function when it is first called, and compile time per byte grows with the
/// function's size: if all handlers were inlined into one function, the visitor of a link's page would
/// wait tens of milliseconds for the compilation of handlers that the page does not use.
struct Outlined<F>(Pin<Box<F>>);

/// Keeps the future out of its caller's function; see [`Outlined`].
fn outlined<F: Future>(future: F) -> Outlined<F> {
    Outlined(Box::pin(future))
}

impl<F: Future> Future for Outlined<F> {
    type Output = F::Output;

    #[inline(never)]
    fn poll(self: Pin<&mut Self>, context: &mut task::Context<'_>) -> task::Poll<F::Output> {
        self.get_mut().0.as_mut().poll(context)
    }
}

impl RequestContext<'_> {
    /// The page shell in this company's brand; `lookup` says whether the origin may be asked for it.
    async fn shell(&self, company: PublicCompanyId, lookup: OriginLookup) -> worker::Result<Shell> {
        Shell::with_brand(
            self.request.locale(),
            brand::brand_for(self, company, lookup).await,
        )
    }
}
