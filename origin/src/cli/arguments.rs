//! The options of commands that have several.

use clap::Args;
use shared::id::{CompanyId, OrganizationId};

/// The options of `origin company add`.
#[derive(Args)]
pub(super) struct CompanyAdd {
    /// Whose client it is
    #[arg(long, value_name = "ID")]
    pub(super) organization: OrganizationId,
    /// Its name, as its own people read it on the link's page
    #[arg(long)]
    pub(super) name: String,
    /// What the organization calls it
    #[arg(long, value_name = "TEXT")]
    pub(super) external_id: Option<String>,
}

/// The options of `origin site add`.
#[derive(Args)]
pub(super) struct SiteAdd {
    /// Whose place it is
    #[arg(long, value_name = "ID")]
    pub(super) company: CompanyId,
    /// Refuse a company of any other organization
    #[arg(long, value_name = "ID")]
    pub(super) organization: Option<OrganizationId>,
    /// Its name
    #[arg(long)]
    pub(super) name: String,
    /// Its address
    #[arg(long)]
    pub(super) address: Option<String>,
}
