//! Sends a link by mail: the first time, and again.

use axum::http::StatusCode;
use serde::Serialize;
use shared::id::LinkId;
use utoipa::ToSchema;

use super::{
    call::{Call, Id},
    fields::{Body, Fields},
    idempotency::Answer,
    problem::{ApiProblem, ProblemBody},
};
use crate::{api_types::rfc3339, links, text_values::Email};

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
/// again, five times a day at most; one address gets twenty links a day at most, whichever they are. The link's log tells what became of it: `MAIL_SENT` once it was handed over,
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
    let (author, to) = (&call.audit.author(), asked.to.as_deref());
    let done = call.tx.once("api.send_link", |tx| {
        Box::pin(async move {
            let (mail, to) = links::send(tx, author, id, to).await?;
            let answer = LinkMail {
                id: mail.to_string(),
                link_id: id.to_string(),
                to,
                created_at: rfc3339(author.now),
            };
            Ok((Answer::new(StatusCode::ACCEPTED, &answer)?, ()))
        })
    });
    Ok(done.await?.0)
}
