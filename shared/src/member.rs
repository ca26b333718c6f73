//! The people of an organization, and what is written down of what they do: closed sets, spelled as the API and the database
//! spell them.

use std::{fmt, str::FromStr};

use crate::status::UnknownValue;

closed_set! {
    /// What a member may do at the console.
    MemberRole {
        /// Everything, also who else is a member, keys and webhooks.
        Owner = "OWNER",
        /// Makes links and looks after connections.
        Member = "MEMBER",
        /// Reads everything and changes nothing.
        ReadOnly = "READ_ONLY",
    }
}

impl MemberRole {
    /// Whether who has it may make links, companies and sites, and change connections.
    #[must_use]
    pub fn may_write(self) -> bool {
        self != Self::ReadOnly
    }

    /// Whether who has it may change members, keys, webhooks and the brand.
    #[must_use]
    pub fn may_administer(self) -> bool {
        self == Self::Owner
    }
}

closed_set! {
    /// A list of the console whose filters can be saved under a name.
    SavedList {
        /// Connections, and links that nobody has used.
        Connections = "CONNECTIONS",
        /// Links of all companies.
        Links = "LINKS",
        /// Bills of all companies.
        Bills = "BILLS",
    }
}

closed_set! {
    /// What the audit log tells of: what members do at the console, and keys by API.
    AuditAction {
        /// A member signed in to the console.
        SignedIn = "SIGNED_IN",
        /// A member ended all of their sessions.
        SignedOutEverywhere = "SIGNED_OUT_EVERYWHERE",
        /// A member chose a password.
        PasswordChanged = "PASSWORD_CHANGED",
        /// A member signs in with an authenticator from now on.
        SecondFactorAdded = "SECOND_FACTOR_ADDED",
        /// A member signs in without an authenticator again, or an owner took it from a member who lost it.
        SecondFactorRemoved = "SECOND_FACTOR_REMOVED",
        /// A member signed in with a recovery code.
        RecoveryCodeUsed = "RECOVERY_CODE_USED",
        /// A member made other recovery codes.
        RecoveryCodesMade = "RECOVERY_CODES_MADE",
        /// An owner said that all members must sign in with an authenticator, or that they need not.
        SecondFactorRuleChanged = "SECOND_FACTOR_RULE_CHANGED",
        /// An owner said where members sign in by single sign-on.
        SingleSignOnSet = "SINGLE_SIGN_ON_SET",
        /// An owner took single sign-on away.
        SingleSignOnRemoved = "SINGLE_SIGN_ON_REMOVED",
        /// An owner said that members must use single sign-on, or that they need not.
        SingleSignOnRuleChanged = "SINGLE_SIGN_ON_RULE_CHANGED",
        /// A member signed in by single sign-on for the first time: the account there is theirs from then on.
        ProviderAccountBound = "PROVIDER_ACCOUNT_BOUND",
        /// An owner let a member come with another account of single sign-on.
        ProviderAccountReset = "PROVIDER_ACCOUNT_RESET",
        /// A member was invited.
        MemberInvited = "MEMBER_INVITED",
        /// A member got another role.
        MemberRoleChanged = "MEMBER_ROLE_CHANGED",
        /// A member got another name.
        MemberRenamed = "MEMBER_RENAMED",
        /// A member was removed.
        MemberRemoved = "MEMBER_REMOVED",
        /// A view of a list was saved.
        SavedViewAdded = "SAVED_VIEW_ADDED",
        /// A saved view got another name, or was shared with the team or no longer.
        SavedViewChanged = "SAVED_VIEW_CHANGED",
        /// A saved view was removed.
        SavedViewRemoved = "SAVED_VIEW_REMOVED",
        /// A company was added.
        CompanyAdded = "COMPANY_ADDED",
        /// A company got another name or external id.
        CompanyChanged = "COMPANY_CHANGED",
        /// A company was deleted, with its sites and links.
        CompanyDeleted = "COMPANY_DELETED",
        /// A site was added to a company.
        SiteAdded = "SITE_ADDED",
        /// A site got another name or address.
        SiteChanged = "SITE_CHANGED",
        /// A site was deleted.
        SiteDeleted = "SITE_DELETED",
        /// A link was made.
        LinkMade = "LINK_MADE",
        /// A link got a later end.
        LinkExtended = "LINK_EXTENDED",
        /// Links were made from a file.
        LinkBatchMade = "LINK_BATCH_MADE",
        /// Companies and sites were imported from a file.
        CompaniesImported = "COMPANIES_IMPORTED",
        /// A link was sent by mail.
        LinkSent = "LINK_SENT",
        /// A link was taken back.
        LinkRevoked = "LINK_REVOKED",
        /// A connection update link was made.
        UpdateLinkMade = "UPDATE_LINK_MADE",
        /// A connection was collected out of turn.
        CollectionAsked = "COLLECTION_ASKED",
        /// An account was put at another site.
        AccountChanged = "ACCOUNT_CHANGED",
        /// The brand was changed.
        BrandChanged = "BRAND_CHANGED",
        /// The settings of a connection were changed.
        ConnectionChanged = "CONNECTION_CHANGED",
        /// A connection was paused.
        ConnectionPaused = "CONNECTION_PAUSED",
        /// A connection that was paused goes on.
        ConnectionResumed = "CONNECTION_RESUMED",
        /// A connection was deleted.
        ConnectionDeleted = "CONNECTION_DELETED",
        /// What owners of connections are told by mail was changed.
        NotificationsChanged = "NOTIFICATIONS_CHANGED",
        /// An API key was made.
        KeyMade = "KEY_MADE",
        /// An API key got another name, end or addresses.
        KeyChanged = "KEY_CHANGED",
        /// An API key was revoked.
        KeyRevoked = "KEY_REVOKED",
        /// A webhook endpoint was added.
        WebhookAdded = "WEBHOOK_ADDED",
        /// A webhook endpoint was changed.
        WebhookChanged = "WEBHOOK_CHANGED",
        /// A webhook endpoint was removed.
        WebhookRemoved = "WEBHOOK_REMOVED",
        /// A webhook endpoint got another secret.
        WebhookSecretMade = "WEBHOOK_SECRET_MADE",
        /// A webhook endpoint was sent a test.
        WebhookTested = "WEBHOOK_TESTED",
        /// A webhook message was sent again.
        WebhookReplayed = "WEBHOOK_REPLAYED",
        /// Other origins to which links may lead were listed.
        RedirectOriginsChanged = "REDIRECT_ORIGINS_CHANGED",
        /// The file of a bill was downloaded.
        BillDownloaded = "BILL_DOWNLOADED",
        /// Bills were exported as a file.
        BillsExported = "BILLS_EXPORTED",
    }
}
