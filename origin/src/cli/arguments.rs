//! The options of commands that have several.

use std::str::FromStr;

use clap::Args;
use shared::{
    api_key::ApiKeyScope,
    id::{CompanyId, OrganizationId},
    member::MemberRole,
};

use super::options::one_of;
use crate::{
    address_range::AddressRange,
    text_values::{self, Timestamp},
};

/// The options of `origin company add`.
#[derive(Args)]
pub(super) struct CompanyAdd {
    /// Id of the organization whose client the company is
    #[arg(long, value_name = "ID", env = "MAGIC_LINKS_ORGANIZATION")]
    pub(super) organization: OrganizationId,
    /// Name of the company, as its own people read it on the page of a link
    #[arg(long)]
    pub(super) name: String,
    /// Id of the company in the organization's own systems
    #[arg(long, value_name = "TEXT")]
    pub(super) external_id: Option<String>,
    /// Make it a company for trying things out, which sandbox keys reach and no other
    #[arg(long)]
    pub(super) sandbox: bool,
}

/// The options of `origin site add`.
#[derive(Args)]
pub(super) struct SiteAdd {
    /// Id of the company that the site belongs to
    #[arg(long, value_name = "ID")]
    pub(super) company: CompanyId,
    /// Refuse a company of any other organization
    #[arg(long, value_name = "ID")]
    pub(super) organization: Option<OrganizationId>,
    /// Name of the site
    #[arg(long)]
    pub(super) name: String,
    /// Postal address of the site
    #[arg(long)]
    pub(super) address: Option<String>,
}

/// The options of `origin member add`.
#[derive(Args)]
pub(super) struct MemberAdd {
    /// Id of the organization that the member belongs to
    #[arg(long, value_name = "ID", env = "MAGIC_LINKS_ORGANIZATION")]
    pub(super) organization: OrganizationId,
    /// Mail address that the member signs in with
    #[arg(long)]
    pub(super) email: Email,
    /// Name of the person
    #[arg(long)]
    pub(super) name: String,
    /// What the member may do: owner, member or read-only
    #[arg(long, value_parser = one_of(MemberRole::ALL, MemberRole::as_str), default_value = "member")]
    pub(super) role: MemberRole,
}

/// The member that a command is about.
#[derive(Args)]
pub(super) struct MemberChoice {
    /// Mail address of the member
    #[arg(long)]
    pub(super) email: Email,
    /// Id of the organization, for somebody who belongs to several
    #[arg(long, value_name = "ID")]
    pub(super) organization: Option<OrganizationId>,
}

/// The options of `origin operator add`.
#[derive(Args)]
pub(super) struct OperatorAdd {
    /// Mail address that the operator signs in with
    #[arg(long)]
    pub(super) email: Email,
    /// Name of the person
    #[arg(long)]
    pub(super) name: String,
}

/// The operator that a command is about.
#[derive(Args)]
pub(super) struct OperatorChoice {
    /// Mail address of the operator
    #[arg(long)]
    pub(super) email: Email,
}

/// A mail address, in small letters.
#[derive(Debug, Clone)]
pub(super) struct Email(pub(super) String);

impl FromStr for Email {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let address = text.trim().parse::<text_values::Email>();
        address
            .map(|address| Self(address.0.to_lowercase()))
            .map_err(|error| error.to_string())
    }
}

/// The options of `origin key add`.
#[derive(Args)]
pub(super) struct KeyAdd {
    /// Id of the organization that the key belongs to
    #[arg(long, value_name = "ID", env = "MAGIC_LINKS_ORGANIZATION")]
    pub(super) organization: OrganizationId,
    /// Name of the key, which says what it is for
    #[arg(long)]
    pub(super) name: String,
    /// Make it a key for trying things out, which reaches sandbox companies and no other
    #[arg(long)]
    pub(super) sandbox: bool,
    /// What the key may be used for, separated by commas
    #[arg(long, value_name = "SCOPES", value_delimiter = ',', value_parser = scope, default_values = ["read", "links", "connections", "admin"])]
    pub(super) scopes: Vec<ApiKeyScope>,
    /// From when on the key is no longer valid, such as 2030-01-31T12:00:00Z [default: never]
    #[arg(long, value_name = "TIME")]
    pub(super) expires_at: Option<Timestamp>,
    /// Addresses and ranges from which the key may be used, separated by commas, such as 203.0.113.0/24 [default: all]
    #[arg(long, value_name = "RANGES", value_delimiter = ',')]
    pub(super) allowed_addresses: Vec<AddressRange>,
}

fn scope(text: &str) -> Result<ApiKeyScope, String> {
    let all: Vec<_> = ApiKeyScope::ALL.iter().map(|one| one.as_str()).collect();
    text.parse()
        .map_err(|_| format!("must be one of {}", all.join(", ")))
}
