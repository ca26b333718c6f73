//! The people of an organization, who sign in to the console: invited, changed and removed, by API, at the console or at
//! the command line.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use shared::{
    id::{MemberId, OrganizationId},
    member::{AuditAction, MemberRole},
    time::UnixMillis,
};
use url::Url;
use utoipa::ToSchema;

use crate::{
    api_types::schema,
    audit::Author,
    clock::{Random, bytes},
    fields::{Fields, WrongFields},
    mail::{InvitationError, SentOften, queue_invitation},
    store::{StoreError, Tx, TxError, member_sessions::TokenHash, members::Member},
    text_values::Email,
    vault::{Vault, VaultError},
};

/// Members that an organization may have.
pub const MOST: usize = 500;
/// The longest name of a person, in characters.
const NAME_MAX: usize = 100;
/// How long an invitation lets its member in, in milliseconds: 7 days.
const INVITATION_MS: i64 = 7 * 86_400_000;

/// Somebody who is to be invited.
#[derive(Debug, Clone, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct NewMember {
    /// The mail address that they sign in with. The invitation is mailed there.
    #[schema(format = Email, max_length = 254, example = "robin@organization.example")]
    pub email: String,
    /// The name of the person.
    #[schema(min_length = 1, max_length = 100, example = "Robin")]
    pub name: String,
    /// What they may do: `OWNER` everything, also who else is a member; `MEMBER` makes links and looks after connections;
    /// `READ_ONLY` changes nothing.
    #[schema(value_type = schema::MemberRole, example = "READ_ONLY")]
    pub role: MemberRole,
}

impl NewMember {
    /// Reads `email`, `name` and `role`.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub fn read(mut fields: Fields) -> Result<Self, WrongFields> {
        let email = match fields.has("email") {
            true => fields.parsed::<Email>("email"),
            false => {
                fields.wrong("email", "is required");
                None
            }
        };
        let name = fields.required_text("name", NAME_MAX);
        if !fields.has("role") {
            fields.wrong("role", "is required");
        }
        let role = fields.choice("role", MemberRole::ALL, MemberRole::as_str);
        let read = email.zip(name).zip(role);
        let wrong = fields.ended();
        match read {
            Some(((email, name), role)) if wrong.is_empty() => Ok(Self {
                email: email.0.to_lowercase(),
                name,
                role,
            }),
            _ => Err(WrongFields(wrong)),
        }
    }

    /// Such a member of the organization, who has no password yet.
    #[must_use]
    pub fn member(
        self,
        organization: OrganizationId,
        random: &dyn Random,
        now: UnixMillis,
    ) -> Member {
        Member {
            id: MemberId::from_random(bytes(random)),
            organization,
            email: self.email,
            name: self.name,
            role: self.role,
            has_password: false,
            has_second_factor: false,
            created_at: now,
            last_signed_in_at: None,
        }
    }
}

/// What is to be changed of a member; what is left out stays.
#[derive(Debug, Default, ToSchema)]
#[schema(rename_all = "camelCase", example = json!({ "role": "READ_ONLY" }))]
pub struct MemberChange {
    /// The name of the person.
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
    pub name: Option<String>,
    /// What they may do.
    #[schema(value_type = schema::MemberRole, required = false)]
    pub role: Option<MemberRole>,
}

impl MemberChange {
    /// Reads `name` and `role`.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub fn read(mut fields: Fields) -> Result<Self, WrongFields> {
        let name = fields.text_unless_null("name", NAME_MAX);
        let role = fields
            .is_given("role")
            .then(|| fields.choice("role", MemberRole::ALL, MemberRole::as_str));
        fields.done()?;
        Ok(Self {
            name,
            role: role.flatten(),
        })
    }
}

/// Why the team stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum TeamRefused {
    /// The organization has no such member.
    #[error("there is no such member")]
    Unknown,
    /// Another member has the mail address.
    #[error("somebody is a member with this mail address already")]
    Taken,
    /// The organization has as many members as it may.
    #[error("there are {MOST} members already")]
    TooMany,
    /// The organization would have no owner.
    #[error("an organization needs an owner: make somebody else one first")]
    LastOwner,
    /// The member was invited by mail as often as may be within a day.
    #[error("the member was invited often enough today")]
    InvitedOften {
        /// After how many seconds they may be invited once more.
        seconds: i64,
    },
    /// The database failed, and nothing was changed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The address of an invitation cannot be sealed for its mail.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl TxError for TeamRefused {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}

impl TeamRefused {
    /// Why an invitation is not mailed at `now`.
    fn of_mail(error: InvitationError, now: UnixMillis) -> Self {
        match error {
            InvitationError::Store(error) => Self::Store(error),
            InvitationError::Vault(error) => Self::Vault(error),
            InvitationError::SentOften(SentOften { again_at }) => Self::InvitedOften {
                seconds: (again_at.since(now) + 999) / 1000,
            },
        }
    }
}

/// How invitations reach people.
#[derive(Clone, Copy)]
pub struct Invitations<'a> {
    /// Seals the address of an invitation until its mail is delivered. None where nothing is mailed: who invites hands it over.
    pub mailed_by: Option<&'a Vault>,
    /// The address at which members reach the console.
    pub console: &'a Url,
}

/// The organization's member; nobody else changes the team before this transaction has ended.
///
/// # Errors
/// [`TeamRefused::Unknown`], and when the database fails.
pub async fn lock_member(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: MemberId,
) -> Result<Member, TeamRefused> {
    tx.lock_organization(organization).await?;
    let found = tx.member(organization, id).await?;
    found.ok_or(TeamRefused::Unknown)
}

/// Adds a member, and makes and mails an invitation: its address, which is good once.
///
/// # Errors
/// [`TeamRefused`] says why nothing was changed: no such member, a rule of the team, or the database.
pub async fn invite(
    tx: &mut Tx<'_>,
    author: &Author<'_>,
    invitations: Invitations<'_>,
    member: &Member,
) -> Result<String, TeamRefused> {
    tx.lock_organization(author.organization).await?;
    if tx.members(author.organization).await?.len() >= MOST {
        return Err(TeamRefused::TooMany);
    }
    if !tx.add_member(member).await? {
        return Err(TeamRefused::Taken);
    }
    invite_again(tx, author, invitations, member).await
}

/// Makes and mails another invitation for a member: its address, which is good once. The ones before let in no longer.
///
/// # Errors
/// [`TeamRefused`] says why nothing was changed: no such member, a rule of the team, or the database.
pub async fn invite_again(
    tx: &mut Tx<'_>,
    author: &Author<'_>,
    invitations: Invitations<'_>,
    member: &Member,
) -> Result<String, TeamRefused> {
    let (random, now) = (author.random, author.now);
    let url = invitation(tx, invitations.console, (random, now), member.id).await?;
    if let Some(vault) = invitations.mailed_by {
        let queued = queue_invitation(tx, (vault, random), member, &url, now).await;
        queued.map_err(|error| TeamRefused::of_mail(error, now))?;
    }
    tell(tx, author, AuditAction::MemberInvited, member).await?;
    Ok(url)
}

/// Changes a member who was read by [`lock_member`]; the last owner stays one.
///
/// # Errors
/// [`TeamRefused`] says why nothing was changed: no such member, a rule of the team, or the database.
pub async fn change(
    tx: &mut Tx<'_>,
    author: &Author<'_>,
    before: &Member,
    change: &MemberChange,
) -> Result<Member, TeamRefused> {
    let name = change.name.as_ref().unwrap_or(&before.name);
    let role = change.role.unwrap_or(before.role);
    if role != MemberRole::Owner {
        keep_an_owner(tx, before).await?;
    }
    let after = Member {
        name: name.clone(),
        role,
        ..before.clone()
    };
    tx.change_member(&after).await?;
    if after.role != before.role {
        let told = format!("{}: {role}", before.email);
        let (did, id) = (AuditAction::MemberRoleChanged, before.id.to_string());
        author.did(tx, did, Some(id), Some(told)).await?;
    }
    if after.name != before.name {
        tell(tx, author, AuditAction::MemberRenamed, &after).await?;
    }
    Ok(after)
}

/// Removes a member who was read by [`lock_member`]. Their sessions end at once; the last owner stays.
///
/// # Errors
/// [`TeamRefused`] says why nothing was changed: no such member, a rule of the team, or the database.
pub async fn remove(
    tx: &mut Tx<'_>,
    author: &Author<'_>,
    member: &Member,
) -> Result<(), TeamRefused> {
    keep_an_owner(tx, member).await?;
    tx.remove_member(member, author.now).await?;
    tell(tx, author, AuditAction::MemberRemoved, member).await?;
    Ok(())
}

/// Takes the authenticator from a member: they sign in with the password alone, and may add another. False when they have
/// none.
///
/// # Errors
/// When the database fails.
pub async fn take_authenticator(
    tx: &mut Tx<'_>,
    author: &Author<'_>,
    member: &Member,
) -> Result<bool, StoreError> {
    if tx.second_factor(member, true).await?.is_none() {
        return Ok(false);
    }
    tx.remove_second_factor(member).await?;
    tell(tx, author, AuditAction::SecondFactorRemoved, member).await?;
    Ok(true)
}

/// Makes an invitation: an address that lets a member in once, within a week. Whoever opens it chooses the member's password.
///
/// # Errors
/// When the member does not exist or the database fails.
pub async fn invitation(
    tx: &mut Tx<'_>,
    console: &Url,
    (random, now): (&dyn Random, UnixMillis),
    member: MemberId,
) -> Result<String, StoreError> {
    let token = URL_SAFE_NO_PAD.encode(bytes::<32>(random));
    let ends = now.plus(INVITATION_MS);
    // The last one alone lets in: an older one may have come into the wrong hands.
    tx.remove_sign_in_tokens(member).await?;
    tx.add_sign_in_token(hash_of(&token), member, ends).await?;
    let base = console.as_str().trim_end_matches('/');
    Ok(format!("{base}/console/sign-in/{token}"))
}

/// What the token of an invitation or a session is kept by.
#[must_use]
pub fn hash_of(token: &str) -> TokenHash {
    Sha256::digest(token.as_bytes()).into()
}

async fn tell(
    tx: &mut Tx<'_>,
    author: &Author<'_>,
    did: AuditAction,
    member: &Member,
) -> Result<(), StoreError> {
    let (id, email) = (member.id.to_string(), member.email.clone());
    author.did(tx, did, Some(id), Some(email)).await
}

/// Refuses to take the organization's last owner away. The organization is locked: of two who try at the same time, one waits
/// for the other.
async fn keep_an_owner(tx: &mut Tx<'_>, leaving: &Member) -> Result<(), TeamRefused> {
    if leaving.role != MemberRole::Owner {
        return Ok(());
    }
    let members = tx.members(leaving.organization).await?;
    let is_left = |member: &Member| member.role == MemberRole::Owner && member.id != leaving.id;
    if members.iter().any(is_left) {
        return Ok(());
    }
    Err(TeamRefused::LastOwner)
}
