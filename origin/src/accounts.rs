//! What an organization does with accounts, by API and at the console: it says at which site each one is.

use shared::{id::SiteId, member::AuditAction};

use crate::{
    audit::Author,
    store::{StoreError, Tx, accounts::PlacedAccount},
};

/// Puts the account, which was read in the same transaction, at another site of its company, or at none, and writes a line
/// of the audit log. Where it is at a site, none of its bills is in doubt for that any more. `None` when the site is not the
/// company's.
///
/// # Errors
/// [`StoreError::Contended`] when somebody else has put it elsewhere since, or when the database fails.
pub async fn put_at_site(
    tx: &mut Tx<'_>,
    author: &Author<'_>,
    account: PlacedAccount,
    site: Option<SiteId>,
) -> Result<Option<PlacedAccount>, StoreError> {
    if site.is_some() {
        tx.settle_site_of_bills(account.company, account.account.id)
            .await?;
    }
    if account.site == site {
        return Ok(Some(account));
    }
    if !tx.set_account_site(&account, site).await? {
        return Ok(None);
    }
    let (id, number) = (&account.account.id, &account.account.account_number);
    let action = AuditAction::AccountChanged;
    author
        .did(tx, action, Some(id.to_string()), Some(number.clone()))
        .await?;
    Ok(Some(PlacedAccount { site, ..account }))
}
