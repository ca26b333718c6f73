//! Settings > Team: who may use the console.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use shared::{
    id::MemberId,
    member::{AuditAction, MemberRole},
};

use super::{
    error::ConsoleError,
    form::{Form, Wrong, told_at},
    page::{Place, Shell, render},
    session::SignedIn,
    sign_in::invitation,
    words::{Moment, role_words},
};
use crate::{
    clock::bytes,
    mail::queue_invitation,
    store::{Tx, members::Member},
    text_values::Email,
};

/// The longest name of a person, in characters.
const NAME_MAX: usize = 100;

/// What somebody entered for a new member, and what is wrong with it.
#[derive(Default)]
struct Filled {
    email: String,
    name: String,
    role: String,
    wrong: Option<Wrong>,
}

#[derive(Template)]
#[template(path = "console/team.html")]
struct TeamPage<'a> {
    shell: Shell<'a>,
    members: &'a [Member],
    /// Whether all must sign in with an authenticator.
    is_required: bool,
    filled: &'a Filled,
    /// An invitation that was made just now, and for whom: it is shown this once.
    invited: Option<(&'a str, &'a str)>,
}

impl TeamPage<'_> {
    fn told(&self, field: &str) -> Option<&'static str> {
        told_at(self.filled.wrong, field)
    }

    fn is_chosen(&self, role: &str) -> bool {
        self.filled.role == role
    }

    fn roles(&self) -> &'static [MemberRole] {
        MemberRole::ALL
    }

    fn role(&self, role: &MemberRole) -> &'static str {
        role_words(*role)
    }

    fn last_seen(&self, member: &Member) -> Option<Moment> {
        member.last_signed_in_at.map(Moment::at)
    }

    fn is_me(&self, member: &Member) -> bool {
        self.shell.me.member.id == member.id
    }
}

async fn page(
    me: &SignedIn,
    status: StatusCode,
    filled: &Filled,
    invited: Option<(&str, &str)>,
) -> Result<Response, ConsoleError> {
    let organization = me.organization.id;
    let reading = me.console.door.store.read("console.team", |tx| {
        Box::pin(async move {
            let is_required = tx.is_second_factor_required(organization).await?;
            Ok::<_, ConsoleError>((tx.members(organization).await?, is_required))
        })
    });
    let (members, is_required) = reading.await?;
    let html = render(&TeamPage {
        shell: Shell::new(me, Place::Settings),
        members: &members,
        is_required,
        filled,
        invited,
    })?;
    Ok((status, html).into_response())
}

/// Lists the organization's members with their roles.
pub(super) async fn list(me: SignedIn) -> Result<Response, ConsoleError> {
    page(&me, StatusCode::OK, &Filled::default(), None).await
}

/// Adds a member, and shows the invitation once.
pub(super) async fn invite(me: SignedIn, form: Form) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_administer()?;
    let (email, name) = (form.text("email"), form.text("name"));
    let refuse = async |field, told| {
        let filled = Filled {
            email: email.to_owned(),
            name: name.to_owned(),
            role: form.text("role").to_owned(),
            wrong: Some(Wrong::new(field, told)),
        };
        page(&me, StatusCode::UNPROCESSABLE_ENTITY, &filled, None).await
    };
    let Ok(address) = email.parse::<Email>() else {
        return refuse(
            "email",
            "Enter a mail address, such as robin@organization.example.",
        )
        .await;
    };
    if name.is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        return refuse("name", "Enter the person's name.").await;
    }
    let Ok(role) = form.text("role").parse() else {
        return refuse("role", "Choose a role.").await;
    };
    let member = Member {
        id: MemberId::from_random(bytes(&*me.console.door.random)),
        organization: me.organization.id,
        email: address.0.to_lowercase(),
        name: name.to_owned(),
        role,
        has_password: false,
        has_second_factor: false,
        created_at: me.now,
        last_signed_in_at: None,
    };
    let added = change(&me, AuditAction::MemberInvited, &member, true).await?;
    let Some(url) = added else {
        return refuse(
            "email",
            "Somebody is a member with this mail address already.",
        )
        .await;
    };
    page(
        &me,
        StatusCode::OK,
        &Filled::default(),
        Some((&member.name, &url)),
    )
    .await
}

/// Writes a new member, or an invitation for one who is there, with its line in the audit log. Nothing when the address is
/// somebody else's.
async fn change(
    me: &SignedIn,
    action: AuditAction,
    member: &Member,
    is_new: bool,
) -> Result<Option<String>, ConsoleError> {
    let (id, email) = (member.id.to_string(), member.email.clone());
    let event = me.audit(action, Some(id), Some(email));
    let (door, event) = (&me.console.door, &event);
    let writing = door.store.tx("console.invite", |tx| {
        Box::pin(async move {
            if is_new && !tx.add_member(member).await? {
                return Ok(None);
            }
            tx.add_audit_event(event).await?;
            let sources = (&*door.random, me.now);
            let url = invitation(tx, &door.public_url, sources, member.id).await?;
            let keys = (&*door.vault, &*door.random);
            queue_invitation(tx, keys, member, &url, me.now).await?;
            Ok::<_, ConsoleError>(Some(url))
        })
    });
    writing.await
}

/// Makes another invitation for a member.
pub(super) async fn invite_again(
    me: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_administer()?;
    let member = member(&me, &id).await?;
    let url = change(&me, AuditAction::MemberInvited, &member, false).await?;
    let invited = url.as_deref().map(|url| (member.name.as_str(), url));
    page(&me, StatusCode::OK, &Filled::default(), invited).await
}

/// The member of this id, if they are of the same organization.
pub(super) async fn member(me: &SignedIn, id: &str) -> Result<Member, ConsoleError> {
    let id = id.parse().map_err(|_| ConsoleError::NotFound)?;
    let organization = me.organization.id;
    let reading = me
        .console
        .door
        .store
        .read("console.member", |tx| Box::pin(tx.member(organization, id)));
    reading.await?.ok_or(ConsoleError::NotFound)
}

/// Gives a member another role.
pub(super) async fn set_role(
    me: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_administer()?;
    let role: MemberRole = form
        .text("role")
        .parse()
        .map_err(|_| ConsoleError::OldForm)?;
    let member = member(&me, &id).await?;
    let detail = Some(format!("{}: {role}", member.email));
    let event = me.audit(AuditAction::MemberRoleChanged, Some(id), detail);
    let (member, event) = (&member, &event);
    let writing = me.console.door.store.tx("console.set_role", |tx| {
        Box::pin(async move {
            if role != MemberRole::Owner {
                keep_an_owner(tx, member).await?;
            }
            tx.set_member_role(member, role).await?;
            tx.add_audit_event(event).await?;
            Ok::<_, ConsoleError>(())
        })
    });
    done(&me, writing.await).await
}

/// Removes a member, whose sessions end at once; the last owner stays.
pub(super) async fn remove(
    me: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_administer()?;
    let member = member(&me, &id).await?;
    let detail = Some(member.email.clone());
    let event = me.audit(AuditAction::MemberRemoved, Some(id), detail);
    let (member, event, now) = (&member, &event, me.now);
    let writing = me.console.door.store.tx("console.remove_member", |tx| {
        Box::pin(async move {
            keep_an_owner(tx, member).await?;
            tx.remove_member(member, now).await?;
            tx.add_audit_event(event).await?;
            Ok::<_, ConsoleError>(())
        })
    });
    done(&me, writing.await).await
}

/// Refuses to take the organization's last owner away. Of two who try at the same time, one waits for the other.
async fn keep_an_owner(tx: &mut Tx<'_>, leaving: &Member) -> Result<(), ConsoleError> {
    tx.lock_organization(leaving.organization).await?;
    let members = tx.members(leaving.organization).await?;
    let is_left = |member: &&Member| member.role == MemberRole::Owner && member.id != leaving.id;
    if members.iter().any(|member| is_left(&member)) {
        return Ok(());
    }
    Err(ConsoleError::LastOwner)
}

async fn done(me: &SignedIn, done: Result<(), ConsoleError>) -> Result<Response, ConsoleError> {
    match done {
        Ok(()) => Ok(Redirect::to("/console/team").into_response()),
        Err(ConsoleError::LastOwner) => {
            let filled = Filled {
                wrong: Some(Wrong::new(
                    "members",
                    "An organization needs an owner: make somebody else one first.",
                )),
                ..Filled::default()
            };
            page(me, StatusCode::CONFLICT, &filled, None).await
        }
        Err(error) => Err(error),
    }
}
