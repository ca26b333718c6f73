//! A link's page: opened by the edge alone. Only the first POST, which starts the flow, needs the origin.

use shared::{
    country::Country,
    provider::ProviderUrl,
    status::{CountryProblem, LinkKind},
    token::{Claims, open},
    wire::{ConfirmedProvider, ProviderProblems, Refusal, StartFlow, StartedFlow},
};

use crate::{
    brand::{OriginLookup, branded_shell},
    country,
    error::EdgeError,
    form::Form,
    log, origin,
    origin::{OriginRequest, OriginResponse},
    outlined::outlined,
    pages::{Notice, ProviderPage, RepairPage, Shell},
    rate_limit::{self, Limit},
    reply::Reply,
    request::Method,
    request_context::RequestContext,
    route::{LinkAddress, flow_path, node_of},
    runtime,
};

/// How long a visitor waits for a flow to start, in milliseconds: a node may have to start a browser.
const TIMEOUT_MS: u32 = 15_000;
/// Nodes that are tried before the visitor is told to come back.
const TRIES: usize = 2;

/// Answers a request for the page of a link, or the POST that starts a flow.
pub async fn answer(ctx: &RequestContext<'_>, link: &LinkAddress<'_>) -> Result<Reply, EdgeError> {
    match ctx.request.method() {
        Method::Get | Method::Head => show(ctx, link).await,
        Method::Post => outlined(start(ctx, link)).await,
        Method::Put | Method::Other => Err(EdgeError::Method("GET, HEAD, POST")),
    }
}

async fn show(ctx: &RequestContext<'_>, link: &LinkAddress<'_>) -> Result<Reply, EdgeError> {
    let Some(claims) = opened(ctx, link) else {
        return outlined(refused(ctx, link)).await;
    };
    let shell = branded_shell(ctx, link.company, OriginLookup::Allowed).await?;
    if link.kind == LinkKind::ConnectionUpdate {
        let host = claims.provider.as_ref().map(ProviderUrl::host);
        return Ok(RepairPage::new(&shell, host.as_deref()).reply(200));
    }
    let likely = claims.country.or_else(|| guess_country(ctx));
    let url = claims.provider.as_ref().map_or("", ProviderUrl::as_str);
    Ok(ProviderPage::of_link(&shell, url, likely).reply(200))
}

async fn start(ctx: &RequestContext<'_>, link: &LinkAddress<'_>) -> Result<Reply, EdgeError> {
    let form = ctx.request.form().await?;
    let Some(claims) = opened(ctx, link) else {
        return refused(ctx, link).await;
    };
    let shell = branded_shell(ctx, link.company, OriginLookup::Allowed).await?;
    let provider = match link.kind {
        // The website is the connection's, and nobody's to choose.
        LinkKind::ConnectionUpdate => None,
        LinkKind::Company => match confirmed(&form) {
            Ok(confirmed) => Some(confirmed),
            Err(problems) => return Ok(again(&shell, &form, problems).reply(422)),
        },
    };
    rate_limit::check(ctx, Limit::Starts).await?;
    let body = serde_json::to_string(&StartFlow {
        public_company_id: link.company,
        kind: link.kind,
        token: link.token.to_owned(),
        provider,
        accept_language: ctx
            .request
            .header("accept-language")
            .filter(|text| text.len() <= 256),
    });
    let body = body.map_err(|_| EdgeError::NotUnderstood)?;
    match ask_nodes(ctx, &body).await {
        Ok(answer) if answer.status == 201 => {
            let started: StartedFlow = answer.read()?;
            // The secret becomes part of an address: only what is one.
            node_of(&started.secret).ok_or_else(|| answer.unexpected())?;
            log::line("flow.started", &[("flow", &started.flow_ref.to_string())]);
            Ok(Reply::see_other(flow_path(&link.company, &started.secret)))
        }
        Ok(answer) => match answer.read()? {
            Refusal::Invalid => refused(ctx, link).await,
            Refusal::Used => Ok(match link.kind {
                LinkKind::Company => Notice::Used,
                LinkKind::ConnectionUpdate => Notice::Repaired,
            }
            .reply(410, &shell)),
            Refusal::Busy => Ok(Notice::Busy.reply(429, &shell)),
        },
        Err(error) => {
            log::line(
                "flow.not_started",
                &[
                    ("company", &link.company.to_string()),
                    ("why", &error.to_string()),
                ],
            );
            if link.kind == LinkKind::ConnectionUpdate {
                let host = claims.provider.as_ref().map(ProviderUrl::host);
                let mut page = RepairPage::new(&shell, host.as_deref());
                page.unavailable = true;
                return Ok(page.reply(503));
            }
            let mut page = again(&shell, &form, ProviderProblems::default());
            page.unavailable = true;
            Ok(page.reply(503))
        }
    }
}

/// The claims, if the token is authentic here and its time has not run out.
fn opened(ctx: &RequestContext<'_>, link: &LinkAddress<'_>) -> Option<Claims> {
    let company = link.company.to_string();
    match open(&ctx.settings.keys, link.kind, &link.company, link.token) {
        Ok(claims) if claims.expired(runtime::now()) => {
            let facts = [
                ("why", "expired"),
                ("link", &claims.link.to_string()),
                ("company", &company),
            ];
            log::line("link.refused", &facts);
            None
        }
        Ok(claims) => Some(claims),
        Err(why) => {
            log::line(
                "link.refused",
                &[("why", &why.to_string()), ("company", &company)],
            );
            None
        }
    }
}

/// One page for expired, revoked and forged: who tries tokens learns nothing from it.
async fn refused(ctx: &RequestContext<'_>, link: &LinkAddress<'_>) -> Result<Reply, EdgeError> {
    let shell = branded_shell(ctx, link.company, OriginLookup::Skip).await?;
    Ok(Notice::Invalid.reply(404, &shell))
}

/// The website and country that the form says, or what is wrong with them.
fn confirmed(form: &Form) -> Result<ConfirmedProvider, ProviderProblems> {
    let url = form.text("url").parse::<ProviderUrl>();
    let country = form.text("country").parse::<Country>();
    match (url, country) {
        (Ok(url), Ok(country)) => Ok(ConfirmedProvider { url, country }),
        (url, country) => Err(ProviderProblems {
            url: url.err(),
            country: country.err().map(|_| CountryProblem::Unknown),
        }),
    }
}

/// The page once more, with what was typed.
fn again<'a>(shell: &'a Shell, form: &'a Form, problems: ProviderProblems) -> ProviderPage<'a> {
    let country = form.text("country").parse().ok();
    ProviderPage {
        problems,
        ..ProviderPage::of_link(shell, form.text("url"), country)
    }
}

fn guess_country(ctx: &RequestContext<'_>) -> Option<Country> {
    let network = ctx.request.header("cf-ipcountry");
    let languages = ctx.request.header("accept-language");
    country::guess(network.as_deref(), languages.as_deref())
}

/// Asks one node after the other, from a random one on, until one answers as agreed.
async fn ask_nodes(ctx: &RequestContext<'_>, body: &str) -> Result<OriginResponse, EdgeError> {
    let client = ctx.request.client();
    let [byte] = runtime::random()?;
    let mut last = EdgeError::Origin("there is no node".into());
    for node in ctx.settings.origins.nodes_from(byte).take(TRIES) {
        let call = OriginRequest {
            node,
            path: "/edge/flow/start",
            body: body.to_owned(),
            flow: None,
            client: client.as_deref(),
            timeout_ms: TIMEOUT_MS,
        };
        match origin::call(&ctx.settings, &call).await {
            Ok(answer) if matches!(answer.status, 201 | 409 | 410 | 422) => return Ok(answer),
            Ok(answer) => last = answer.unexpected(),
            Err(error) => last = error,
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use messages::Locale;

    use super::*;

    #[test]
    fn each_field_says_what_is_wrong_with_it() {
        let check = |body: &str| confirmed(&Form::parse(body.as_bytes()));
        assert!(check("url=coned.com&country=US").is_ok());
        let problems = check("url=&country=US").err().unwrap_or_default();
        let message = problems.url.map(|code| Locale::En.address_problem(code));
        assert_eq!(message, Some("Enter the address of the utility's website."));
        assert_eq!(problems.country, None);
        let problems = check("url=coned.com&country=").err().unwrap_or_default();
        assert_eq!(problems.url, None);
        let message = problems
            .country
            .map(|code| Locale::En.country_problem_text(code));
        assert_eq!(message, Some("Choose the country of the utility."));
        let problems = check("url=file:///etc/passwd").err().unwrap_or_default();
        assert!(problems.url.is_some() && problems.country.is_some());
    }
}
