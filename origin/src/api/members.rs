//! The team: who signs in to the console, invited, listed, read, changed and removed.

use axum::{
    Json,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use futures_util::TryFutureExt as _;
use serde::Serialize;
use shared::{
    api_key::ApiKeyScope::{self, Connections, Links, Read},
    id::MemberId,
    member::MemberRole,
};
use utoipa::ToSchema;

use super::{
    ApiProblem,
    call::{Call, Id},
    etag,
    fields::{Body, Query},
    idempotency::Answer,
    paging::{self, PageInfo, Paging},
    problem::{FieldError, ProblemBody},
    schema,
    state::ApiDoor,
};
use crate::{
    api_types::rfc3339,
    store::{keys::ApiKey, members::Member},
    team::{self, Invitations, MemberChange, NewMember, TeamRefused, lock_member},
};

/// Why a member gets no invitation.
const CAN_MORE: &str =
    "The member may do more than the key that asks, which cannot let anybody in as them.";

impl From<TeamRefused> for ApiProblem {
    fn from(refused: TeamRefused) -> Self {
        match refused {
            TeamRefused::Unknown => Self::NotFound,
            TeamRefused::Taken => {
                Self::Conflict("Somebody is a member with this mail address already.")
            }
            TeamRefused::TooMany => {
                Self::Conflict("There are 500 members already, which is the most: remove one.")
            }
            TeamRefused::LastOwner => {
                Self::Conflict("An organization needs an owner: make somebody else one first.")
            }
            TeamRefused::InvitedOften { seconds } => Self::SentOften { seconds },
            TeamRefused::Store(error) => Self::Store(error),
            TeamRefused::Vault(error) => Self::Vault(error),
        }
    }
}

/// Somebody who signs in to the console.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Member)]
pub(super) struct MemberJson {
    #[schema(value_type = uuid::Uuid)]
    id: String,
    /// What they sign in with.
    #[schema(format = Email)]
    email: String,
    name: String,
    #[schema(value_type = schema::MemberRole)]
    role: MemberRole,
    /// Whether they have accepted an invitation and chosen a password.
    has_password: bool,
    /// Whether they sign in with an authenticator beside the password.
    has_second_factor: bool,
    #[schema(format = DateTime)]
    created: String,
    /// When they last signed in; null before.
    #[schema(format = DateTime)]
    last_signed_in_at: Option<String>,
}

/// A member with an invitation, which is shown this once.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = InvitedMember)]
pub(super) struct InvitedMember {
    #[serde(flatten)]
    member: MemberJson,
    /// Lets whoever opens it in once, within seven days, to choose the member's password. It is mailed to them as well.
    #[schema(
        example = "https://api.example.com/console/sign-in/Zk3vAq0zR1m5x8Lw2cYt7uE9hN4bJ6pD0sFgKiQoVTe"
    )]
    invitation_url: String,
}

/// A page of members.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct MemberPage {
    total_members: i64,
    #[serde(flatten)]
    info: PageInfo,
    members: Vec<MemberJson>,
}

/// Lists the members, oldest first.
#[utoipa::path(get, path = "/v2.2/member", tag = "Team", operation_id = "listMembers",
    params(Paging),
    responses((status = 200, body = MemberPage), (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn list(
    call: Call,
    Query(mut query): Query,
) -> Result<Json<MemberPage>, ApiProblem> {
    let page = paging::page(&mut query);
    query.done()?;
    let reading = call.tx.read("api.list_members", |tx| {
        Box::pin(tx.members(call.organization).err_into())
    });
    // Never more than `team::MOST`.
    let all = reading.await?;
    let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let count = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
    let before = count((page.number - 1).saturating_mul(page.limit));
    let shown = all.iter().skip(before).take(count(page.limit));
    Ok(Json(MemberPage {
        total_members: total,
        info: paging::info(page, total),
        members: shown.map(render).collect(),
    }))
}

/// Invites somebody: the invitation is mailed to them, and its address is in this answer and never shown again. They can do
/// no more than the key that asks.
#[utoipa::path(post, path = "/v2.2/member", tag = "Team", operation_id = "inviteMember",
    request_body = NewMember,
    responses((status = 201, body = InvitedMember),
        (status = 409, body = ProblemBody, content_type = "application/problem+json",
            description = "Somebody is a member with the mail address already, or there are 500 members"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn invite(call: Call, Body(body): Body) -> Result<Answer, ApiProblem> {
    call.must_be_of_production()?;
    let new = NewMember::read(body)?;
    must_cover(&call.key, new.role)?;
    let (door, author) = (&call.door, &call.audit.author());
    let member = &new.member(call.organization, &*door.random, call.now);
    let invitations = invitations(&call.door);
    let done = call.tx.once("api.invite_member", |tx| {
        Box::pin(async move {
            let url = team::invite(tx, author, invitations, member).await?;
            Ok((shown_once(StatusCode::CREATED, member, url)?, ()))
        })
    });
    let (answer, made) = done.await?;
    if made.is_some() {
        let organization = author.organization;
        tracing::info!(%organization, member = %member.id, by = %call.key.id, "a member was invited");
    }
    Ok(answer)
}

/// Reads a member.
#[utoipa::path(get, path = "/v2.2/member/{id}", tag = "Team", operation_id = "getMember",
    params(("id" = uuid::Uuid, Path, description = "The member's id")),
    responses((status = 200, body = MemberJson, headers(("ETag" = String, description = "The version of what can be changed"))),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn get(call: Call, Id(id): Id<MemberId>) -> Result<Response, ApiProblem> {
    let reading = call.tx.read("api.get_member", |tx| {
        Box::pin(tx.member(call.organization, id).err_into())
    });
    let found = reading.await?.ok_or(ApiProblem::NotFound)?;
    Ok(answer(&found))
}

/// Changes a member. With `If-Match` only if nobody else has changed them since. The last owner stays one, and nobody gets a
/// role that can do more than the key that asks.
#[utoipa::path(patch, path = "/v2.2/member/{id}", tag = "Team", operation_id = "changeMember",
    params(("id" = uuid::Uuid, Path, description = "The member's id"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the version that is to be changed")),
    request_body = MemberChange,
    responses((status = 200, body = MemberJson, headers(("ETag" = String, description = "The version of what can be changed"))),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json", description = "It is the last owner"),
        (status = 412, body = ProblemBody, content_type = "application/problem+json", description = "It is another version by now"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn change(
    call: Call,
    Id(id): Id<MemberId>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, ApiProblem> {
    call.must_be_of_production()?;
    let change = &MemberChange::read(body)?;
    let (author, key, headers) = (&call.audit.author(), &call.key, &headers);
    let changing = call.tx.write("api.change_member", |tx| {
        Box::pin(async move {
            let before = lock_member(tx, author.organization, id).await?;
            if !etag::matches(headers, &tag(&before)) {
                return Err(ApiProblem::PreconditionFailed);
            }
            if let Some(role) = change.role.filter(|role| *role != before.role) {
                must_cover(key, role)?;
            }
            Ok(team::change(tx, author, &before, change).await?)
        })
    });
    let changed = changing.await?;
    let organization = author.organization;
    tracing::info!(%organization, member = %id, by = %key.id, "a member was changed");
    Ok(answer(&changed))
}

/// Removes a member, whose sessions end at once. The last owner stays.
#[utoipa::path(delete, path = "/v2.2/member/{id}", tag = "Team", operation_id = "removeMember",
    params(("id" = uuid::Uuid, Path, description = "The member's id")),
    responses((status = 204),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json", description = "It is the last owner")))]
pub(super) async fn remove(call: Call, Id(id): Id<MemberId>) -> Result<StatusCode, ApiProblem> {
    call.must_be_of_production()?;
    let author = &call.audit.author();
    let removing = call.tx.write("api.remove_member", |tx| {
        Box::pin(async move {
            let member = lock_member(tx, author.organization, id).await?;
            Ok(team::remove(tx, author, &member).await?)
        })
    });
    removing.await?;
    let organization = author.organization;
    tracing::info!(%organization, member = %id, by = %call.key.id, "a member was removed");
    Ok(StatusCode::NO_CONTENT)
}

/// Makes another invitation for a member who has lost theirs, or the password: it is mailed to them, and its address is in
/// this answer and never shown again. The invitations before let in no longer.
#[utoipa::path(post, path = "/v2.2/member/{id}/invitation", tag = "Team", operation_id = "inviteMemberAgain",
    params(("id" = uuid::Uuid, Path, description = "The member's id")),
    responses((status = 201, body = InvitedMember),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json",
            description = "The member may do more than the key that asks")))]
pub(super) async fn invite_again(call: Call, Id(id): Id<MemberId>) -> Result<Answer, ApiProblem> {
    call.must_be_of_production()?;
    let (author, key, invitations) = (&call.audit.author(), &call.key, invitations(&call.door));
    let done = call.tx.once("api.invite_member_again", |tx| {
        Box::pin(async move {
            let member = lock_member(tx, author.organization, id).await?;
            if missing(key, member.role).is_some() {
                return Err(ApiProblem::Conflict(CAN_MORE));
            }
            let url = team::invite_again(tx, author, invitations, &member).await?;
            Ok((shown_once(StatusCode::CREATED, &member, url)?, ()))
        })
    });
    let (answer, made) = done.await?;
    if made.is_some() {
        let organization = author.organization;
        tracing::info!(%organization, member = %id, by = %key.id, "a member was invited again");
    }
    Ok(answer)
}

fn invitations(door: &ApiDoor) -> Invitations<'_> {
    Invitations {
        mailed_by: Some(&door.vault),
        console: &door.public_url,
    }
}

/// The first scope that who has this role has and the key has not: nobody gives more than they have.
fn missing(key: &ApiKey, role: MemberRole) -> Option<ApiKeyScope> {
    let needed: &[ApiKeyScope] = match role {
        MemberRole::Owner => ApiKeyScope::ALL,
        MemberRole::Member => &[Read, Links, Connections],
        MemberRole::ReadOnly => &[Read],
    };
    needed.iter().copied().find(|scope| !key.has(*scope))
}

fn must_cover(key: &ApiKey, role: MemberRole) -> Result<(), ApiProblem> {
    let Some(scope) = missing(key, role) else {
        return Ok(());
    };
    Err(ApiProblem::Fields(vec![FieldError {
        field: "role".into(),
        detail: format!("must not be {role}: the key that asks has not got {scope} itself"),
    }]))
}

/// The tag of what can be changed.
fn tag(member: &Member) -> String {
    etag::of_values(&(&member.name, member.role))
}

fn answer(member: &Member) -> Response {
    (etag::header(&tag(member)), Json(render(member))).into_response()
}

fn shown_once(status: StatusCode, member: &Member, url: String) -> Result<Answer, ApiProblem> {
    let shown = InvitedMember {
        member: render(member),
        invitation_url: url,
    };
    Answer::new(status, &shown)
}

fn render(member: &Member) -> MemberJson {
    MemberJson {
        id: member.id.to_string(),
        email: member.email.clone(),
        name: member.name.clone(),
        role: member.role,
        has_password: member.has_password,
        has_second_factor: member.has_second_factor,
        created: rfc3339(member.created_at),
        last_signed_in_at: member.last_signed_in_at.map(rfc3339),
    }
}
