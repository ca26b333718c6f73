//! The options of commands that have several.

use clap::Args;
use shared::id::{CompanyId, OrganizationId};

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
