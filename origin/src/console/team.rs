//! Settings > Team: who may use the console.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use shared::{id::MemberId, member::MemberRole};

use super::{
    error::ConsoleError,
    form::{Form, Wrong, told_at},
    once::Once,
    page::{Place, Shell, render},
    session::SignedIn,
    words::{Moment, role_words},
};
use crate::{
    fields::{Fields, Notation, WrongFields},
    mail::invited_often,
    store::members::Member,
    team::{self, Invitations, MemberChange, NewMember, TeamRefused, lock_member},
};

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
    /// The members who can be mailed no further invitation today.
    invited_often: &'a [MemberId],
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
        let is_first = self.filled.role.is_empty() && role == MemberRole::Member.as_str();
        is_first || self.filled.role == role
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

    fn is_invited_often(&self, member: &Member) -> bool {
        self.invited_often.contains(&member.id)
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
    let (organization, now) = (me.organization.id, me.now);
    let reading = me.console.door.store.read("console.team", |tx| {
        Box::pin(async move {
            let is_required = tx.is_second_factor_required(organization).await?;
            let members = tx.members(organization).await?;
            let often = invited_often(tx, organization, now).await?;
            Ok::<_, ConsoleError>((members, is_required, often))
        })
    });
    let (members, is_required, often) = reading.await?;
    let html = render(&TeamPage {
        shell: Shell::new(me, Place::Settings),
        members: &members,
        invited_often: &often,
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

/// What a form says of a member.
fn fields(form: &Form) -> Fields {
    let named = ["email", "name", "role"].map(|name| (name.to_owned(), form.text(name).into()));
    Fields::of(Notation::Text, named.into_iter().collect())
}

/// What is wrong with the first field that is.
fn told(WrongFields(wrong): WrongFields) -> Wrong {
    let field = wrong.first().map_or("", |wrong| wrong.field.as_str());
    match field {
        "email" => Wrong::new(
            "email",
            "Enter a mail address, such as robin@organization.example.",
        ),
        "name" => Wrong::new("name", "Enter the person's name."),
        _ => Wrong::new("role", "Choose a role."),
    }
}

/// Adds a member, and shows the invitation once.
pub(super) async fn invite(me: SignedIn, form: Form) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_administer()?;
    let once = &Once::of(&me, &form)?;
    let refuse = async |wrong| {
        let filled = Filled {
            email: form.text("email").to_owned(),
            name: form.text("name").to_owned(),
            role: form.text("role").to_owned(),
            wrong: Some(wrong),
        };
        page(&me, StatusCode::UNPROCESSABLE_ENTITY, &filled, None).await
    };
    let new = match NewMember::read(fields(&form)) {
        Ok(new) => new,
        Err(wrong) => return refuse(told(wrong)).await,
    };
    let door = &me.console.door;
    let member = &new.member(me.organization.id, &*door.random, me.now);
    let (author, invitations) = (&me.author(), invitations(&me));
    let inviting = door.store.tx("console.invite", |tx| {
        Box::pin(async move {
            once.take(tx).await?;
            Ok::<_, ConsoleError>(team::invite(tx, author, invitations, member).await?)
        })
    });
    match inviting.await {
        Ok(url) => {
            let invited = Some((member.name.as_str(), url.as_str()));
            page(&me, StatusCode::OK, &Filled::default(), invited).await
        }
        Err(ConsoleError::Team(TeamRefused::Taken)) => {
            let told = "Somebody is a member with this mail address already.";
            refuse(Wrong::new("email", told)).await
        }
        Err(ConsoleError::Team(TeamRefused::TooMany)) => {
            let told = "There are 500 members already, which is the most: remove somebody first.";
            refuse(Wrong::new("email", told)).await
        }
        Err(error) => Err(error),
    }
}

fn invitations(me: &SignedIn) -> Invitations<'_> {
    Invitations {
        mailed_by: Some(&me.console.door.vault),
        console: &me.console.door.public_url,
    }
}

/// Makes another invitation for a member.
pub(super) async fn invite_again(
    me: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_administer()?;
    let (member, once) = (&member(&me, &id).await?, &Once::of(&me, &form)?);
    let (author, invitations) = (&me.author(), invitations(&me));
    let inviting = me.console.door.store.tx("console.invite_again", |tx| {
        Box::pin(async move {
            once.take(tx).await?;
            Ok::<_, ConsoleError>(team::invite_again(tx, author, invitations, member).await?)
        })
    });
    let url = inviting.await?;
    let invited = Some((member.name.as_str(), url.as_str()));
    page(&me, StatusCode::OK, &Filled::default(), invited).await
}

/// The member of this id, if they are of the same organization.
pub(super) async fn member(me: &SignedIn, id: &str) -> Result<Member, ConsoleError> {
    let id = parsed(id)?;
    let organization = me.organization.id;
    let reading = me
        .console
        .door
        .store
        .read("console.member", |tx| Box::pin(tx.member(organization, id)));
    reading.await?.ok_or(ConsoleError::NotFound)
}

fn parsed(id: &str) -> Result<MemberId, ConsoleError> {
    id.parse().map_err(|_| ConsoleError::NotFound)
}

/// Gives a member another role.
pub(super) async fn set_role(
    me: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_administer()?;
    let role = form.text("role").parse();
    let change = &MemberChange {
        role: Some(role.map_err(|_| ConsoleError::OldForm)?),
        ..MemberChange::default()
    };
    let (id, author) = (parsed(&id)?, &me.author());
    let changing = me.console.door.store.tx("console.set_role", |tx| {
        Box::pin(async move {
            let before = lock_member(tx, author.organization, id).await?;
            team::change(tx, author, &before, change).await?;
            Ok::<_, TeamRefused>(())
        })
    });
    done(&me, changing.await).await
}

/// Removes a member, whose sessions end at once; the last owner stays.
pub(super) async fn remove(
    me: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_administer()?;
    let (id, author) = (parsed(&id)?, &me.author());
    let removing = me.console.door.store.tx("console.remove_member", |tx| {
        Box::pin(async move {
            let member = lock_member(tx, author.organization, id).await?;
            team::remove(tx, author, &member).await
        })
    });
    done(&me, removing.await).await
}

async fn done(me: &SignedIn, done: Result<(), TeamRefused>) -> Result<Response, ConsoleError> {
    match done {
        Ok(()) => Ok(Redirect::to("/console/team").into_response()),
        Err(TeamRefused::LastOwner) => {
            let filled = Filled {
                wrong: Some(Wrong::new(
                    "members",
                    "An organization needs an owner: make somebody else one first.",
                )),
                ..Filled::default()
            };
            page(me, StatusCode::CONFLICT, &filled, None).await
        }
        Err(refused) => Err(refused.into()),
    }
}
