//! A connection as an operator sees it: how it stands, where its sign-in fails, and what its runs came to.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse as _, Redirect, Response},
};
use serde::Deserialize;
use shared::{
    api_key::ApiKeyEnvironment, id::ConnectionId, operator::OperatorAction, time::UnixMillis,
};

use super::{
    error::OperatorError,
    page::{Place, Shell, render},
    session::Operating,
    words::{anonymous, detail_words, reason_words, step_words},
};
use crate::{
    collection::{CollectNow, KeptFailure, kept_failure, lock},
    console::{Form, Moment, StatusWords, status_words},
    signin::{FailedStep, Recipe, SignInFailure},
    store::{Page, collections::Collection, investigations::InspectedConnection},
};

/// Runs that the page shows.
const RUNS: Page = Page {
    limit: 20,
    number: 1,
};

/// What the page is made of.
struct Found {
    inspected: InspectedConnection,
    /// The steps of the recipe; `None` where there is none that this version reads.
    steps: Option<Vec<FailedStep>>,
    failure: Option<KeptFailure>,
    runs: Vec<Collection>,
    runs_total: i64,
}

#[derive(Template)]
#[template(path = "operator/connection.html")]
struct ConnectionPage<'a> {
    shell: Shell<'a>,
    found: &'a Found,
    /// Whether it was to be collected just now.
    is_collected: bool,
}

/// What stands behind the page's address.
#[derive(Deserialize)]
pub(super) struct Asked {
    done: Option<String>,
}

impl ConnectionPage<'_> {
    fn words(&self) -> StatusWords {
        let connection = &self.found.inspected.connection;
        status_words(connection.status, connection.inactive_at.is_some())
    }

    fn detail(&self) -> &'static str {
        let detail = self.found.inspected.connection.status_detail;
        detail.map(detail_words).unwrap_or_default()
    }

    fn website_says(&self) -> Option<String> {
        let text = self.found.inspected.connection.status_error_detail.as_ref();
        text.map(|text| anonymous(text))
    }

    /// Scheme, host and port of the website; its path may name a customer.
    fn website(&self) -> String {
        let url = self.found.inspected.connection.provider_url.url();
        url.origin().ascii_serialization()
    }

    fn is_sandbox(&self) -> bool {
        self.found.inspected.environment == ApiKeyEnvironment::Sandbox
    }

    fn may_collect(&self) -> bool {
        let connection = &self.found.inspected.connection;
        connection.inactive_at.is_none() && !connection.status.refuses_sign_in()
    }

    fn seen(&self) -> Option<&SignInFailure> {
        self.found.failure.as_ref()?.seen.as_ref()
    }

    fn reason(&self, failure: &SignInFailure) -> &'static str {
        reason_words(failure.reason)
    }

    fn step(&self, step: &FailedStep) -> &'static str {
        step_words(step.kind)
    }

    /// Whether the failure ended at this step.
    fn failed_at(&self, step: &FailedStep) -> bool {
        let failed = self.seen().and_then(|failure| failure.step.as_ref());
        failed.is_some_and(|failed| failed.index == step.index && failed.kind == step.kind)
    }

    fn outcome(&self, run: &Collection) -> StatusWords {
        match run.status {
            Some(status) => status_words(status, false),
            None => StatusWords {
                label: "Not finished",
                tone: "waits",
                who: "",
            },
        }
    }

    fn run_detail(&self, run: &Collection) -> &'static str {
        run.status_detail.map(detail_words).unwrap_or_default()
    }

    /// How long a run took, in seconds.
    fn seconds(&self, run: &Collection) -> Option<i64> {
        run.finished_at.map(|at| at.since(run.started_at) / 1000)
    }

    fn moment(&self, at: &UnixMillis) -> Moment {
        Moment::at(*at)
    }
}

/// What the log calls a connection.
fn name_of(inspected: &InspectedConnection) -> String {
    let website = &inspected.connection.provider_name;
    let (company, organization) = (&inspected.company_name, &inspected.organization.name);
    format!("{website} of {company} ({organization})")
}

/// Shows the connection. Where its failure is shown with it, that is written down first.
pub(super) async fn show(
    me: Operating,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, OperatorError> {
    let id: ConnectionId = id.parse().map_err(|_| OperatorError::NotFound)?;
    let door = &me.state.door;
    let reading = door.store.read("operator.connection", |tx| {
        Box::pin(async move {
            let inspected = tx.inspected_connection(id).await?;
            let inspected = inspected.ok_or(OperatorError::NotFound)?;
            let company = inspected.connection.company;
            let credentials = tx.credentials(company, id).await?;
            let recipe =
                credentials.and_then(|stored| serde_json::from_str::<Recipe>(&stored.recipe).ok());
            let runs = tx.collections(company, id, RUNS).await?;
            Ok::<_, OperatorError>(Found {
                steps: recipe.as_ref().map(FailedStep::all_of),
                failure: kept_failure(tx, &door.vault, (company, id)).await?,
                runs: runs.rows,
                runs_total: runs.total,
                inspected,
            })
        })
    });
    let found = reading.await?;
    if found.failure.is_some() {
        note(&me, OperatorAction::FailureOpened, &found.inspected).await?;
    }
    render(&ConnectionPage {
        shell: Shell::new(&me, Place::Failures),
        found: &found,
        is_collected: asked.done.is_some(),
    })
}

/// Sends the masked picture of the connection's failure, which is written down first.
pub(super) async fn picture(
    me: Operating,
    Path(id): Path<String>,
) -> Result<Response, OperatorError> {
    let id: ConnectionId = id.parse().map_err(|_| OperatorError::NotFound)?;
    let door = &me.state.door;
    let reading = door.store.read("operator.picture", |tx| {
        Box::pin(async move {
            let inspected = tx.inspected_connection(id).await?;
            let inspected = inspected.ok_or(OperatorError::NotFound)?;
            let company = inspected.connection.company;
            let failure = kept_failure(tx, &door.vault, (company, id)).await?;
            Ok::<_, OperatorError>((inspected, failure))
        })
    });
    let (inspected, failure) = reading.await?;
    let picture = failure
        .and_then(|failure| failure.seen)
        .and_then(|seen| seen.picture());
    let picture = picture.ok_or(OperatorError::NotFound)?;
    note(&me, OperatorAction::PictureOpened, &inspected).await?;
    let kind = HeaderValue::from_static("image/jpeg");
    Ok((StatusCode::OK, [(header::CONTENT_TYPE, kind)], picture).into_response())
}

/// Collects the connection now, as its organization could.
pub(super) async fn collect(
    me: Operating,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, OperatorError> {
    me.check(&form)?;
    let id: ConnectionId = id.parse().map_err(|_| OperatorError::NotFound)?;
    let (door, now, who) = (&me.state.door, me.now, &me);
    let collecting = door.store.tx("operator.collect", |tx| {
        Box::pin(async move {
            let inspected = tx.inspected_connection(id).await?;
            let inspected = inspected.ok_or(OperatorError::NotFound)?;
            let organization = inspected.organization.id;
            let locked = lock(tx, organization, id, &*door.random, now).await?;
            let locked = locked.ok_or(OperatorError::NotFound)?;
            if locked.collect_now(tx).await? == CollectNow::Queued {
                let of = Some((id, name_of(&inspected)));
                let event = who.event(OperatorAction::CollectionAsked, of);
                tx.add_operator_event(&event).await?;
            }
            Ok::<_, OperatorError>(())
        })
    });
    collecting.await?;
    let page = format!("/operator/connections/{id}?done=collect");
    Ok(Redirect::to(&page).into_response())
}

async fn note(
    me: &Operating,
    action: OperatorAction,
    inspected: &InspectedConnection,
) -> Result<(), OperatorError> {
    let event = &me.event(action, Some((inspected.connection.id, name_of(inspected))));
    let noting = me
        .state
        .door
        .store
        .tx("operator.note", |tx| Box::pin(tx.add_operator_event(event)));
    Ok(noting.await?)
}
