//! Settings > Redirects: the origins to which links may lead clients after the end.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use shared::member::AuditAction;

use super::{
    error::ConsoleError,
    form::Form,
    page::{Place, Shell, render},
    session::SignedIn,
};
use crate::text_values::RedirectOrigin;

/// The path of the page about redirect origins.
const PAGE: &str = "/console/redirects";
/// Origins that an organization may list, as in the API.
const MOST: usize = 50;

/// The list as it was typed, one origin a line, and what is wrong with it.
struct Filled {
    lines: String,
    /// The list when the page was made.
    before: String,
    wrong: Option<String>,
}

impl Filled {
    /// The origins, each once, or all that is wrong with them.
    fn read(&self) -> Result<Vec<String>, String> {
        let lines = self.lines.lines().map(str::trim);
        let (mut origins, mut others) = (Vec::<String>::new(), Vec::new());
        for line in lines.filter(|line| !line.is_empty()) {
            let Ok(RedirectOrigin(origin)) = line.parse() else {
                let line: String = line.chars().take(80).collect();
                others.push(format!("“{line}”"));
                continue;
            };
            if !origins.contains(&origin) {
                origins.push(origin);
            }
        }
        if origins.len() + others.len() > MOST {
            return Err("These are too many: 50 at most.".to_owned());
        }
        if !others.is_empty() {
            let are = if others.len() == 1 {
                "is none"
            } else {
                "are none"
            };
            let others = others.join(", ");
            return Err(format!(
                "{others} {are}: write https:// and a host, such as https://portal.example, and no path.",
            ));
        }
        Ok(origins)
    }
}

#[derive(Template)]
#[template(path = "console/redirects.html")]
struct RedirectsPage<'a> {
    shell: Shell<'a>,
    filled: &'a Filled,
    is_saved: bool,
}

fn page(
    me: &SignedIn,
    status: StatusCode,
    filled: &Filled,
    is_saved: bool,
) -> Result<Response, ConsoleError> {
    let html = render(&RedirectsPage {
        shell: Shell::new(me, Place::Settings),
        filled,
        is_saved,
    })?;
    Ok((status, html).into_response())
}

/// Shows the origins that the organization listed.
pub(super) async fn show(me: SignedIn) -> Result<Response, ConsoleError> {
    me.must_administer()?;
    shown(&me, false).await
}

/// Shows the list, and that it was saved just now.
pub(super) async fn show_saved(me: SignedIn) -> Result<Response, ConsoleError> {
    me.must_administer()?;
    shown(&me, true).await
}

async fn shown(me: &SignedIn, is_saved: bool) -> Result<Response, ConsoleError> {
    let organization = me.organization.id;
    let reading = me
        .console
        .door
        .store
        .read("console.redirect_origins", |tx| {
            Box::pin(tx.redirect_origins(organization))
        });
    let lines = reading.await?.join("\n");
    let filled = Filled {
        before: lines.clone(),
        lines,
        wrong: None,
    };
    page(me, StatusCode::OK, &filled, is_saved)
}

/// Puts another list in the place of the one before, unless somebody else did meanwhile.
pub(super) async fn save(me: SignedIn, form: Form) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_administer()?;
    let plain = |name: &str| form.text(name).replace("\r\n", "\n");
    let mut filled = Filled {
        lines: plain("origins"),
        before: plain("before"),
        wrong: None,
    };
    let origins = match filled.read() {
        Ok(origins) => origins,
        Err(wrong) => {
            filled.wrong = Some(wrong);
            return page(&me, StatusCode::UNPROCESSABLE_ENTITY, &filled, false);
        }
    };
    let told = Some(origins.join(", ")).filter(|told| !told.is_empty());
    let event = me.audit(AuditAction::RedirectOriginsChanged, None, told);
    let (organization, event) = (me.organization.id, &event);
    let (origins, before) = (&origins, &filled.before);
    let saving = me
        .console
        .door
        .store
        .tx("console.set_redirect_origins", |tx| {
            Box::pin(async move {
                tx.lock_organization(organization).await?;
                let known = tx.redirect_origins(organization).await?.join("\n");
                if known != *before {
                    return Ok(Some(known));
                }
                tx.set_redirect_origins(organization, origins).await?;
                tx.add_audit_event(event).await?;
                Ok::<_, ConsoleError>(None)
            })
        });
    if let Some(known) = saving.await? {
        filled.wrong = Some(
            "Somebody changed the list meanwhile. What you see here is yours: save again to put it in the place of theirs."
                .to_owned(),
        );
        filled.before = known;
        return page(&me, StatusCode::CONFLICT, &filled, false);
    }
    Ok(Redirect::to(&format!("{PAGE}/saved")).into_response())
}
