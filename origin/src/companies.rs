//! How an organization takes back a company or a site that it made, by API, at the console or at the command line.

use shared::{
    id::{CompanyId, SiteId},
    member::AuditAction,
};

use crate::{
    audit::Author,
    collection::lock,
    store::{
        StoreError, Tx, TxError, companies::Company, connection_removal::BillsAfter, sites::Site,
    },
};

/// Why a company or a site stays.
#[derive(Debug, thiserror::Error)]
pub enum CompanyRefused {
    /// The organization has no such company or site.
    #[error("there is no such company or site")]
    Unknown,
    /// The company has connections, whose credentials and codes go only when each of them is deleted.
    #[error("the company has connections: delete these first")]
    HasConnections,
    /// The company has bills that were kept when their connections were deleted.
    #[error("the company has bills that were kept: have them deleted as well")]
    HasBills,
    /// The database failed, and nothing was changed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TxError for CompanyRefused {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}

/// Deletes the company for good, with its sites and links, and with the bills that were kept if they are not to stay. Whoever
/// opens one of its links reads that it is no longer valid.
///
/// # Errors
/// [`CompanyRefused`] says why nothing was changed: no such company, what it still has, or the database.
pub async fn remove(
    tx: &mut Tx<'_>,
    author: &Author<'_>,
    id: CompanyId,
    bills: BillsAfter,
) -> Result<Company, CompanyRefused> {
    let company = tx.lock_company(author.organization, id).await?;
    let company = company.ok_or(CompanyRefused::Unknown)?;
    let contents = tx.company_contents(id).await?;
    if contents.connections > 0 {
        return Err(CompanyRefused::HasConnections);
    }
    if contents.bills > 0 && bills == BillsAfter::Keep {
        return Err(CompanyRefused::HasBills);
    }
    tx.remove_company(id, author.now).await?;
    let (did, name) = (AuditAction::CompanyDeleted, company.name.clone());
    author
        .did(tx, did, Some(id.to_string()), Some(name))
        .await?;
    Ok(company)
}

/// Deletes the site for good. Its accounts are at no site then, links no longer tick it, and a connection that was for it alone
/// is for all sites of the company.
///
/// # Errors
/// [`CompanyRefused`] says why nothing was changed: no such site, or the database.
pub async fn remove_site(
    tx: &mut Tx<'_>,
    author: &Author<'_>,
    id: SiteId,
) -> Result<Site, CompanyRefused> {
    let (organization, now) = (author.organization, author.now);
    let site = tx.site(organization, id).await?;
    let site = site.ok_or(CompanyRefused::Unknown)?;
    let mut connections = Vec::new();
    for connection in tx.connections_of_site(&site).await? {
        let locked = lock(tx, organization, connection, author.random, now).await?;
        connections.extend(locked);
    }
    if !tx.remove_site(&site).await? {
        return Err(CompanyRefused::Unknown);
    }
    for connection in connections {
        connection.tell(tx).await?;
    }
    let (did, name) = (AuditAction::SiteDeleted, site.name.clone());
    author
        .did(tx, did, Some(id.to_string()), Some(name))
        .await?;
    Ok(site)
}
