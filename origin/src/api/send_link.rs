//! Sends a link by mail: the first time, and again.

use axum::http::StatusCode;
use serde::Serialize;
use shared::{id::LinkId, member::AuditAction, status::LinkStatus};
use utoipa::ToSchema;

use super::{
    call::{Call, Id},
    fields::{Body, Fields},
    idempotency::Answer,
    problem::{ApiProblem, FieldError, ProblemBody},
};
use crate::{
    api_types::rfc3339,
    mail::{SentOften, send_link_again},
    store::links::Link,
    text_values::Email,
};

/// Whom a link is sent to.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase", example = json!({ "to": "owner@client.example" }))]
pub(super) struct SendLink {
    /// The mail address; the link's `connectionOwnerEmail` when left out.
    #[schema(format = Email, max_length = 254)]
    to: Option<String>,
}

/// A mail with a link that is on its way.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LinkMail {
    /// The mail's id, which its `Message-ID` begins with.
    #[schema(value_type = uuid::Uuid)]
    id: String,
    #[schema(value_type = uuid::Uuid)]
    link_id: String,
    /// Whom it is sent to.
    #[schema(format = Email)]
    to: String,
    /// When it was written.
    #[schema(format = DateTime)]
    created_at: String,
}

impl SendLink {
    fn read(mut fields: Fields) -> Result<Self, ApiProblem> {
        let to = fields.parsed::<Email>("to").map(|email| email.0);
        fields.done()?;
        Ok(Self { to })
    }
}

/// Sends a link by mail, in your brand: what it is for, how long it takes and when data comes. Calling it again sends it
/// again, five times a day at most. The link's log tells what became of it: `MAIL_SENT` once it was handed over,
/// `MAIL_REFUSED`, `MAIL_GIVEN_UP` or `MAIL_BOUNCED` otherwise.
#[utoipa::path(post, path = "/v2.2/link/{id}/send", tag = "Links", operation_id = "sendLink",
    params(("id" = uuid::Uuid, Path, description = "The link's id")),
    request_body = Option<SendLink>,
    responses((status = 202, body = LinkMail),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json",
            description = "It was revoked, has run out or has done its work"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn send(
    call: Call,
    Id(id): Id<LinkId>,
    Body(body): Body,
) -> Result<Answer, ApiProblem> {
    let asked = SendLink::read(body)?;
    let (organization, now, random) = (call.organization, call.now, &*call.door.random);
    let (asked, audit) = (&asked, &call.audit);
    let done = call.tx.once("api.send_link", |tx| {
        Box::pin(async move {
            let found = tx.link(organization, id).await?;
            let link = found.ok_or(ApiProblem::NotFound)?.link;
            if let Some(why) = ended(link.status(now)) {
                return Err(ApiProblem::Conflict(why));
            }
            let to = recipient(asked, &link)?;
            let of = (organization, &link);
            let mail = send_link_again(tx, random, of, to, now).await?;
            let mail = mail.map_err(|SentOften { again_at }| ApiProblem::SentOften {
                seconds: (again_at.since(now) + 999) / 1000,
            })?;
            let (subject, told) = (Some(id.to_string()), Some(to.to_owned()));
            audit.did(tx, AuditAction::LinkSent, subject, told).await?;
            let answer = LinkMail {
                id: mail.to_string(),
                link_id: id.to_string(),
                to: to.to_owned(),
                created_at: rfc3339(now),
            };
            Ok((Answer::new(StatusCode::ACCEPTED, &answer)?, ()))
        })
    });
    Ok(done.await?.0)
}

fn recipient<'a>(asked: &'a SendLink, link: &'a Link) -> Result<&'a str, ApiProblem> {
    let to = asked.to.as_deref().or(link.owner_email.as_deref());
    to.ok_or_else(|| {
        ApiProblem::Fields(vec![FieldError {
            field: "to".into(),
            detail: "is required: the link has no connectionOwnerEmail".into(),
        }])
    })
}

/// Why a link of this status is not sent.
fn ended(status: LinkStatus) -> Option<&'static str> {
    match status {
        LinkStatus::Active => None,
        LinkStatus::Expired => Some("The link has run out: extend it, or make a new one."),
        LinkStatus::Revoked => Some("The link was taken back: make a new one."),
        LinkStatus::Fulfilled => Some("The link has done its work: make a new one."),
    }
}
