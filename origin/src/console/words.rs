//! Statuses and times in words.

use crate::{collection::CollectRefused, store::progress::RunProgress};
use shared::{
    api_key::ApiKeyScope,
    member::{AuditAction, MemberRole},
    status::ConnectionStatus,
    time::UnixMillis,
};
use time::{
    Date, OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description,
};

/// How a status is shown: never by its colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StatusWords {
    /// What it is called.
    pub(crate) label: &'static str,
    /// The class of its mark: `good`, `waits`, `bad` or `off`.
    pub(crate) tone: &'static str,
    /// Who must act, in a sentence; empty when nobody must.
    pub(crate) who: &'static str,
}

/// A link that nobody has used yet.
pub(super) const INVITED: StatusWords = StatusWords {
    label: "Invited",
    tone: "waits",
    who: "",
};

/// The words for a connection's status; what is switched off is told as that, whatever its status.
pub(crate) fn status_words(status: ConnectionStatus, is_inactive: bool) -> StatusWords {
    const CLIENT: &str = "The client must act";
    const RETRIED: &str = "We try again by ourselves";
    const OPERATOR: &str = "We look into it";
    let words = |label, tone, who| StatusWords { label, tone, who };
    if is_inactive {
        return words("Paused", "off", "You paused it");
    }
    match status {
        ConnectionStatus::Pending => words("First collection", "waits", ""),
        ConnectionStatus::Connected => words("Connected", "good", ""),
        ConnectionStatus::PasswordIncorrect => words("Password refused", "bad", CLIENT),
        ConnectionStatus::NewPasswordNeeded => words("New password needed", "bad", CLIENT),
        ConnectionStatus::MfaTokenExpired => words("Code needed", "bad", CLIENT),
        ConnectionStatus::AdditionalCredentialsNeeded => words("More to enter", "bad", CLIENT),
        ConnectionStatus::NoAccountsFound => words("No accounts found", "bad", CLIENT),
        ConnectionStatus::WebsiteDown => words("Website down", "waits", RETRIED),
        ConnectionStatus::UrlInaccessible => words("Website not reached", "waits", RETRIED),
        ConnectionStatus::UnderInvestigation => words("Under investigation", "waits", OPERATOR),
        ConnectionStatus::OtherError => words("Did not work", "waits", OPERATOR),
        ConnectionStatus::CompanyInactive => words("Paused", "off", "You paused it"),
    }
}

/// How far a collection is that runs.
pub(super) fn progress_words(run: RunProgress) -> String {
    match (run.is_signed_in, run.bills_expected) {
        (false, _) if run.awaits_code => "Waiting for the owner to enter a code".to_owned(),
        (false, _) => "Signing in".to_owned(),
        (true, 0) => "Looking for bills".to_owned(),
        (true, expected) => format!("Bill {} of {expected}", run.bills_found.min(expected)),
    }
}

/// What a role is called.
pub(super) fn role_words(role: MemberRole) -> &'static str {
    match role {
        MemberRole::Owner => "Owner",
        MemberRole::Member => "Member",
        MemberRole::ReadOnly => "Read-only",
    }
}

/// What a scope allows.
pub(super) fn scope_words(scope: ApiKeyScope) -> &'static str {
    match scope {
        ApiKeyScope::Read => "Read companies, links, connections and bills",
        ApiKeyScope::Links => "Make and revoke links, and keep companies and sites",
        ApiKeyScope::Connections => "Change, collect, pause and delete connections",
        ApiKeyScope::Admin => "Make keys and keep webhook endpoints",
    }
}

/// What was done, as the audit log says it.
pub(super) fn audit_words(action: AuditAction) -> &'static str {
    match action {
        AuditAction::SignedIn => "Signed in",
        AuditAction::SignedOutEverywhere => "Signed out everywhere",
        AuditAction::PasswordChanged => "Chose a password",
        AuditAction::SecondFactorAdded => "Added an authenticator",
        AuditAction::SecondFactorRemoved => "Removed an authenticator",
        AuditAction::RecoveryCodeUsed => "Signed in with a recovery code",
        AuditAction::RecoveryCodesMade => "Made other recovery codes",
        AuditAction::SecondFactorRuleChanged => "Changed who needs an authenticator",
        AuditAction::SingleSignOnSet => "Set single sign-on up",
        AuditAction::SingleSignOnRemoved => "Took single sign-on away",
        AuditAction::SingleSignOnRuleChanged => "Changed who must use single sign-on",
        AuditAction::ProviderAccountBound => "Used single sign-on for the first time",
        AuditAction::ProviderAccountReset => "Reset a member's single sign-on",
        AuditAction::MemberInvited => "Invited a member",
        AuditAction::MemberRoleChanged => "Changed a role",
        AuditAction::MemberRenamed => "Changed a member's name",
        AuditAction::MemberRemoved => "Removed a member",
        AuditAction::SavedViewAdded => "Saved a view",
        AuditAction::SavedViewChanged => "Changed a saved view",
        AuditAction::SavedViewRemoved => "Removed a saved view",
        AuditAction::CompanyAdded => "Added a company",
        AuditAction::CompanyChanged => "Changed a company",
        AuditAction::CompanyDeleted => "Deleted a company",
        AuditAction::SiteAdded => "Added a site",
        AuditAction::SiteChanged => "Changed a site",
        AuditAction::SiteDeleted => "Deleted a site",
        AuditAction::LinkMade => "Made a magic link",
        AuditAction::LinkExtended => "Gave a link a later end",
        AuditAction::LinkBatchMade => "Made links from a file",
        AuditAction::CompaniesImported => "Imported companies",
        AuditAction::LinkSent => "Sent a link by mail",
        AuditAction::LinkRevoked => "Took a link back",
        AuditAction::UpdateLinkMade => "Made an update link",
        AuditAction::CollectionAsked => "Collected a connection",
        AuditAction::AccountChanged => "Put an account at another site",
        AuditAction::BrandChanged => "Changed the brand",
        AuditAction::ConnectionChanged => "Changed a connection",
        AuditAction::ConnectionPaused => "Paused a connection",
        AuditAction::ConnectionResumed => "Resumed a connection",
        AuditAction::ConnectionDeleted => "Deleted a connection",
        AuditAction::NotificationsChanged => "Changed what owners are told",
        AuditAction::KeyMade => "Made an API key",
        AuditAction::KeyChanged => "Changed an API key",
        AuditAction::KeyRevoked => "Revoked an API key",
        AuditAction::WebhookAdded => "Added a webhook endpoint",
        AuditAction::WebhookChanged => "Changed a webhook endpoint",
        AuditAction::WebhookRemoved => "Removed a webhook endpoint",
        AuditAction::WebhookSecretMade => "Made another webhook secret",
        AuditAction::WebhookTested => "Sent a webhook test",
        AuditAction::WebhookReplayed => "Sent a webhook again",
        AuditAction::RedirectOriginsChanged => "Changed the redirect origins",
        AuditAction::BillDownloaded => "Downloaded a bill",
        AuditAction::BillsExported => "Exported bills",
    }
}

/// Why a connection is not collected, and what to do about it.
pub(crate) fn collect_words(refused: CollectRefused) -> (&'static str, &'static str) {
    match refused {
        CollectRefused::SwitchedOff => ("The connection is paused", "Resume it first."),
        CollectRefused::ClientMustAct => (
            "The client must act first",
            "The website let nobody in. Make an update link and send it to the client.",
        ),
        CollectRefused::PasswordRests => (
            "The password rests for a while",
            "The website left a sign-in without an answer. We try again by ourselves, so that no account is locked.",
        ),
    }
}

/// A day as people read it, such as `9 Oct 2025`.
pub(super) fn day_words(day: Date) -> String {
    let people = format_description!("[day padding:none] [month repr:short] [year]");
    day.format(people).unwrap_or_default()
}

/// The same of a day that is kept as text, such as `2025-10-09`; any other text stays as it is.
pub(super) fn day_text_words(text: &str) -> String {
    let kept = format_description!("[year]-[month]-[day]");
    Date::parse(text, kept).map_or_else(|_| text.to_owned(), day_words)
}

/// A point in time for a `time` element: its machine form, and its day and hour in UTC for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Moment {
    /// As RFC 3339 writes it; the page's script shows it in the reader's own time.
    pub(crate) machine: String,
    /// As people read it, in UTC.
    pub(crate) people: String,
}

impl Moment {
    /// That point in time.
    pub(crate) fn at(at: UnixMillis) -> Self {
        let nanos = i128::from(at.0) * 1_000_000;
        let Ok(at) = OffsetDateTime::from_unix_timestamp_nanos(nanos) else {
            return Self {
                machine: String::new(),
                people: "?".into(),
            };
        };
        let people = format_description!(
            "[day padding:none] [month repr:short] [year], [hour]:[minute] UTC"
        );
        let at = at.replace_millisecond(0).unwrap_or(at);
        Self {
            machine: at.format(&Rfc3339).unwrap_or_default(),
            people: at.format(people).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_told_to_people() {
        assert_eq!(day_text_words("2025-10-09"), "9 Oct 2025");
        assert_eq!(day_text_words("soon"), "soon");
    }

    #[test]
    fn a_moment_is_told_to_machines_and_people() {
        let moment = Moment::at(UnixMillis(1_760_000_000_123));
        assert_eq!(moment.machine, "2025-10-09T08:53:20Z");
        assert_eq!(moment.people, "9 Oct 2025, 08:53 UTC");
        assert_eq!(Moment::at(UnixMillis(i64::MAX)).people, "?");
    }

    #[test]
    fn who_must_act_is_said_exactly_where_somebody_must() {
        for status in ConnectionStatus::ALL {
            let words = status_words(*status, false);
            assert_eq!(status.needs_client(), words.tone == "bad", "{status}");
            assert_eq!(
                words.who.is_empty(),
                matches!(
                    status,
                    ConnectionStatus::Pending | ConnectionStatus::Connected
                ),
                "{status}"
            );
            assert_eq!(status_words(*status, true).label, "Paused");
        }
    }
}
