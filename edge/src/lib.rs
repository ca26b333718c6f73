//! The edge: a Cloudflare Worker that opens tokens, wears the organization's brand, serves every
//! public page, and forwards the rest to the origin. It stores nothing but brands.
//!
//! [`route`] reads the address, one module for each kind of request answers it, [`pages`] renders,
//! [`reply`] puts on the headers. Errors become pages in [`error`] alone.

mod brand;
mod country;
mod error;
mod flow;
mod form;
mod limit;
mod link;
mod live;
mod log;
mod memory;
mod origin;
mod pages;
mod push;
mod reply;
mod request;
mod route;
mod runtime;
mod settings;
mod warm;

use std::{pin::Pin, rc::Rc, task};

use shared::id::PublicCompanyId;
use worker::{Context, Env, event, web_sys};

use crate::{
    brand::Ask, error::EdgeError, pages::Shell, reply::Reply, request::Visit, route::Route,
    settings::Settings,
};

/// Begins an isolate.
#[event(start)]
fn start() {
    if let Err(error) = warm::up() {
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
    let visit = Visit::new(request);
    match answer(&visit, &env, &context).await? {
        Answer::Reply(reply) => reply.send(visit.is_head()),
        Answer::Upstream(response) => Ok(response),
    }
}

/// What a request comes to.
enum Answer {
    /// A reply of the edge's own.
    Reply(Reply),
    /// The origin's response, untouched: an upgraded connection.
    Upstream(web_sys::Response),
}

/// A request and what answers it.
struct At<'a> {
    visit: &'a Visit,
    env: &'a Env,
    context: &'a Context,
    settings: Rc<Settings>,
}

async fn answer(visit: &Visit, env: &Env, context: &Context) -> worker::Result<Answer> {
    let settings = match Settings::of_isolate(env) {
        Ok(settings) => settings,
        Err(error) => return Ok(Answer::Reply(error.reply(&Shell::neutral()?))),
    };
    let Some(route) = Route::of(visit.path()) else {
        let reply = EdgeError::NotFound.reply(&Shell::neutral()?);
        return Ok(Answer::Reply(reply));
    };
    let at = At {
        visit,
        env,
        context,
        settings,
    };
    let answer = match &route {
        Route::Link(link) => link::answer(&at, link).await.map(Answer::Reply),
        Route::Flow(flow) => apart(flow::answer(&at, flow)).await.map(Answer::Reply),
        Route::Ticket(flow) => apart(flow::ticket(&at, flow)).await.map(Answer::Reply),
        Route::Left(flow) => apart(flow::left(&at, flow)).await.map(Answer::Reply),
        Route::Live(flow) => apart(live::answer(&at, flow)).await.map(Answer::Upstream),
        Route::Brand => apart(push::answer(&at)).await.map(Answer::Reply),
    };
    match answer {
        Ok(answer) => Ok(answer),
        Err(error) => apart(failed(&at, &route, &error)).await.map(Answer::Reply),
    }
}

async fn failed(at: &At<'_>, route: &Route<'_>, error: &EdgeError) -> worker::Result<Reply> {
    let shell = match route.company() {
        Some(company) => at.shell(company, Ask::Anyone).await?,
        None => Shell::neutral()?,
    };
    Ok(error.reply(&shell))
}

/// A future that is compiled as a function of its own. The runtime compiles a function when it is
/// first called, and the larger it is the longer a byte of it takes: joined into one, the ways that
/// a visitor of a link's page does not go would cost that visitor tens of milliseconds.
struct Apart<F>(Pin<Box<F>>);

fn apart<F: Future>(future: F) -> Apart<F> {
    Apart(Box::pin(future))
}

impl<F: Future> Future for Apart<F> {
    type Output = F::Output;

    #[inline(never)]
    fn poll(self: Pin<&mut Self>, context: &mut task::Context<'_>) -> task::Poll<F::Output> {
        self.get_mut().0.as_mut().poll(context)
    }
}

impl At<'_> {
    /// The frame of a page that wears this company's brand.
    async fn shell(&self, company: PublicCompanyId, ask: Ask) -> worker::Result<Shell> {
        Shell::wearing(brand::worn(self, company, ask).await)
    }
}
