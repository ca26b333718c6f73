//! The options of commands that have several.

use std::str::FromStr;

use clap::Args;
use shared::{
    id::{CompanyId, OrganizationId},
    member::MemberRole,
};

/// The options of `origin company add`.
#[derive(Args)]
pub(super) struct CompanyAdd {
    /// Id of the organization whose client the company is
    #[arg(long, value_name = "ID")]
    pub(super) organization: OrganizationId,
    /// Name of the company, as its own people read it on the page of a link
    #[arg(long)]
    pub(super) name: String,
    /// Id of the company in the organization's own systems
    #[arg(long, value_name = "TEXT")]
    pub(super) external_id: Option<String>,
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
    #[arg(long, value_name = "ID")]
    pub(super) organization: OrganizationId,
    /// Mail address that the member signs in with
    #[arg(long)]
    pub(super) email: Email,
    /// Name of the person
    #[arg(long)]
    pub(super) name: String,
    /// What the member may do: owner, member or read-only
    #[arg(long, value_parser = role, default_value = "member")]
    pub(super) role: MemberRole,
}

fn role(text: &str) -> Result<MemberRole, String> {
    let name = text.to_ascii_uppercase().replace('-', "_");
    name.parse()
        .map_err(|_| "it is owner, member or read-only".to_owned())
}

/// A mail address, in small letters.
#[derive(Debug, Clone)]
pub(super) struct Email(pub(super) String);

impl FromStr for Email {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let address = lettre::Address::from_str(text.trim());
        address
            .map(|address| Self(address.to_string().to_lowercase()))
            .map_err(|_| "it is no mail address".to_owned())
    }
}
