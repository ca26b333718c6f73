//! Accounts and bills, each stored once.

use bill_reader::bill::BillContent;
use shared::{
    id::{AccountId, BillId, CompanyId, ConnectionId, OrganizationId},
    status::UtilityType,
    time::UnixMillis,
};
use sqlx::any::AnyRow;
use time::Date;

use super::{
    Page, PageOf, StoreError, Tx,
    bill_changes::replaced,
    connections::{self, Connection},
    row,
};

/// The number of the account that holds bills without a readable number.
pub const NO_ACCOUNT: &str = "UNKNOWN";

/// A utility account that a connection found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The id of the account.
    pub id: AccountId,
    /// The account number as the bills print it.
    pub account_number: String,
    /// The utilities that the bills of the account are for.
    pub utility_types: Vec<UtilityType>,
    /// Whether its bills are collected.
    pub is_tracked: bool,
    /// Whether another connection of the company has it too.
    pub is_duplicated: bool,
    /// The end of the newest period that was billed; `None` while no bill named one.
    pub last_service_date: Option<Date>,
    /// The numbers of the meters that its bills name.
    pub meters: Vec<String>,
}

/// An account as one of its bills tells it, which is to be stored if it is new.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The id it gets if it is new.
    pub id: AccountId,
    /// The company that owns it.
    pub company: CompanyId,
    /// The connection that found it.
    pub connection: ConnectionId,
    /// The account number as the bill prints it.
    pub account_number: String,
    /// The utilities that its bills are for.
    pub utility_types: Vec<UtilityType>,
    /// The numbers of the meters that the bill names.
    pub meters: Vec<String>,
    /// The time at which it is stored.
    pub now: UnixMillis,
}

/// A bill that is to be stored.
#[derive(Debug, Clone)]
pub struct NewBill {
    /// The id it gets if it is new.
    pub id: BillId,
    /// The account that it bills.
    pub account: NewAccount,
    /// Identifies the bill by what it says: account, and invoice number or period and total.
    pub natural_key: String,
    /// The SHA-256 of the file's content.
    pub content_hash: [u8; 32],
    /// The content of the bill as it was read.
    pub content: BillContent,
    /// The file's name, for people.
    pub file_name: String,
    /// The name of the blob that holds the file, which is written already.
    pub blob: String,
}

/// A stored bill, without its file.
#[derive(Debug, Clone, PartialEq)]
pub struct Bill {
    /// The id of the bill.
    pub id: BillId,
    /// The connection that found it.
    pub connection: ConnectionId,
    /// The account that it bills.
    pub account: AccountId,
    /// What was read from the bill.
    pub content: BillContent,
    /// The file name, as people are shown it.
    pub file_name: String,
    /// When the bill was stored.
    pub created_at: UnixMillis,
}

/// What storing a bill came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stored {
    /// It is new.
    New {
        /// Other connections of the company whose account is known from now on to be connected twice.
        duplicated: Vec<ConnectionId>,
    },
    /// It was here already, by its bytes or by what it says.
    Known,
}

impl Tx<'_> {
    /// Stores a bill and, if need be, its account. The same bill again changes nothing.
    ///
    /// # Errors
    /// When the connection is not the company's or the database fails.
    pub async fn add_bill(&mut self, bill: &NewBill) -> Result<Stored, StoreError> {
        let of = &bill.account;
        let known = self.knows_bill(
            of.company,
            of.connection,
            &bill.natural_key,
            bill.content_hash,
        );
        if known.await? {
            return Ok(Stored::Known);
        }
        let (account, _) = self.add_account(of, true).await?;
        let added = sqlx::query(
            "INSERT INTO bills (id, company_id, connection_id, account_id, natural_key, content_hash, bill_date, \
               bill, file_name, created_at, blob, organization_id) \
             SELECT $1, c.id, $3, $4, $5, $6, $7, $8, $9, $10, $11, c.organization_id FROM companies c WHERE c.id = $2 \
             ON CONFLICT DO NOTHING",
        )
        .bind(bill.id.to_string())
        .bind(of.company.to_string())
        .bind(of.connection.to_string())
        .bind(account.clone())
        .bind(bill.natural_key.clone())
        .bind(bill.content_hash.to_vec())
        .bind(bill.content.bill_date.map(|day| day.to_string()))
        .bind(row::to_json(&bill.content, "bill")?)
        .bind(bill.file_name.clone())
        .bind(of.now.0)
        .bind(bill.blob.clone())
        .execute(self.sql())
        .await?;
        if added.rows_affected() == 0 {
            // Another run stored it since this transaction looked.
            return Err(StoreError::Contended);
        }
        sqlx::query(
            "UPDATE accounts SET last_service_date = $3 WHERE id = $1 AND company_id = $2 \
             AND (last_service_date IS NULL OR last_service_date < $3)",
        )
        .bind(account)
        .bind(of.company.to_string())
        .bind(bill.content.last_service_date().map(|day| day.to_string()))
        .execute(self.sql())
        .await?;
        let duplicated = self.mark_duplicates(of).await?;
        Ok(Stored::New { duplicated })
    }

    /// Marks the accounts of the company that have this number at the same website, if more than one connection
    /// has it. Answers whose other connections' accounts were marked.
    async fn mark_duplicates(&mut self, of: &NewAccount) -> Result<Vec<ConnectionId>, StoreError> {
        if of.account_number == NO_ACCOUNT {
            return Ok(Vec::new());
        }
        let marked = sqlx::query(
            "UPDATE accounts SET is_duplicated = 1 \
             WHERE company_id = $1 AND account_number = $2 AND is_duplicated = 0 AND is_tracked = 1 \
               AND EXISTS (SELECT 1 FROM connections n \
                 JOIN connections m ON m.company_id = n.company_id AND m.provider_name = n.provider_name AND m.id <> n.id \
                   AND m.deleted_at IS NULL \
                 JOIN accounts a ON a.connection_id = m.id AND a.account_number = accounts.account_number \
                   AND a.is_tracked = 1 \
                 WHERE n.id = accounts.connection_id AND n.company_id = accounts.company_id AND n.deleted_at IS NULL) \
             RETURNING connection_id",
        )
        .bind(of.company.to_string())
        .bind(of.account_number.clone())
        .fetch_all(self.sql())
        .await?;
        let mut others = Vec::new();
        for found in &marked {
            let connection = row::parsed(found, "connection_id")?;
            if connection != of.connection {
                others.push(connection);
            }
        }
        Ok(others)
    }

    /// Whether the company's connection has this bill, by what it says or by its very bytes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn knows_bill(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
        natural_key: &str,
        content_hash: [u8; 32],
    ) -> Result<bool, StoreError> {
        Ok(sqlx::query(
            "SELECT id FROM bills WHERE connection_id = $1 AND company_id = $2 AND (natural_key = $3 OR content_hash = $4)",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .bind(natural_key.to_owned())
        .bind(content_hash.to_vec())
        .fetch_optional(self.sql())
        .await?
        .is_some())
    }

    /// Whether this very file was stored for the company's connection, even if another one of the same bill has replaced it
    /// since: no need to read it again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_bill_file(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
        content_hash: [u8; 32],
    ) -> Result<bool, StoreError> {
        Ok(sqlx::query(
            "SELECT id FROM bills WHERE connection_id = $1 AND company_id = $2 AND content_hash = $3 \
             UNION ALL \
             SELECT id FROM bills WHERE connection_id = $1 AND company_id = $2 AND replaced_hashes <> '' \
               AND replaced_hashes LIKE $4 LIMIT 1",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .bind(content_hash.to_vec())
        .bind(format!("%{}%", replaced(&content_hash)))
        .fetch_optional(self.sql())
        .await?
        .is_some())
    }

    /// A page of the bills of the organization's connection, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn bills(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        page: Page,
    ) -> Result<PageOf<Bill>, StoreError> {
        let count = sqlx::query(
            "SELECT COUNT(*) AS total FROM bills b JOIN companies c ON c.id = b.company_id \
             WHERE b.connection_id = $1 AND c.organization_id = $2",
        )
        .bind(connection.to_string())
        .bind(organization.to_string())
        .fetch_one(self.sql())
        .await?;
        let rows = sqlx::query(
            "SELECT b.* FROM bills b JOIN companies c ON c.id = b.company_id \
             WHERE b.connection_id = $1 AND c.organization_id = $2 \
             ORDER BY COALESCE(b.bill_date, '') DESC, b.id LIMIT $3 OFFSET $4",
        )
        .bind(connection.to_string())
        .bind(organization.to_string())
        .bind(page.limit)
        .bind(page.offset())
        .fetch_all(self.sql())
        .await?;
        Ok(PageOf {
            rows: rows.iter().map(read).collect::<Result<_, _>>()?,
            total: row::number(&count, "total")?,
        })
    }

    /// The organization's bill.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn bill(
        &mut self,
        organization: OrganizationId,
        id: BillId,
    ) -> Result<Option<Bill>, StoreError> {
        sqlx::query(
            "SELECT b.* FROM bills b JOIN companies c ON c.id = b.company_id \
             WHERE b.id = $1 AND c.organization_id = $2",
        )
        .bind(id.to_string())
        .bind(organization.to_string())
        .fetch_optional(self.sql())
        .await?
        .map(|found| read(&found))
        .transpose()
    }

    /// The accounts that the company's connection found, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn accounts(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
    ) -> Result<Vec<Account>, StoreError> {
        sqlx::query(
            "SELECT * FROM accounts WHERE connection_id = $1 AND company_id = $2 ORDER BY created_at, id",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(read_account)
        .collect()
    }
}

/// The company's account at a website, and its connection.
#[derive(Debug, Clone)]
pub struct ConnectedAccount {
    /// The connection that has the account.
    pub connection: Connection,
    /// The account's number as printed.
    pub account_number: String,
}

impl Tx<'_> {
    /// The accounts that the company's connections at this website collect, of the newest connection first, at most `limit`.
    /// Connections that are switched off or deleted do not count.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn accounts_at(
        &mut self,
        company: CompanyId,
        provider_name: &str,
        limit: i64,
    ) -> Result<Vec<ConnectedAccount>, StoreError> {
        sqlx::query(
            "SELECT n.*, a.account_number FROM connections n \
             JOIN accounts a ON a.connection_id = n.id AND a.company_id = n.company_id \
             WHERE n.company_id = $1 AND n.provider_name = $2 AND n.inactive_at IS NULL AND n.deleted_at IS NULL \
               AND a.is_tracked = 1 \
               AND a.account_number <> $3 \
             ORDER BY n.created_at DESC, n.id, a.account_number LIMIT $4",
        )
        .bind(company.to_string())
        .bind(provider_name.to_owned())
        .bind(NO_ACCOUNT)
        .bind(limit)
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(|found| {
            Ok(ConnectedAccount {
                connection: connections::read(found)?,
                account_number: row::text(found, "account_number")?,
            })
        })
        .collect()
    }

    /// Notes an account that was seen, but is not for what the client connected: its bills are not kept. False when bills of
    /// it are kept already.
    ///
    /// # Errors
    /// When the connection is not the company's or the database fails.
    pub async fn note_untracked_account(
        &mut self,
        account: &NewAccount,
    ) -> Result<bool, StoreError> {
        let (_, is_tracked) = self.add_account(account, false).await?;
        Ok(!is_tracked)
    }

    /// Stores an account if it is new. Its id, and whether it is tracked: an account that is tracked once remains so.
    async fn add_account(
        &mut self,
        account: &NewAccount,
        is_tracked: bool,
    ) -> Result<(String, bool), StoreError> {
        let stored = sqlx::query(
            "INSERT INTO accounts (id, company_id, connection_id, account_number, utility_types, is_tracked, \
               is_duplicated, last_service_date, meters, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, 0, NULL, $7, $8) \
             ON CONFLICT (connection_id, account_number) DO UPDATE \
               SET is_tracked = CASE WHEN excluded.is_tracked = 1 THEN 1 ELSE accounts.is_tracked END \
             RETURNING id, is_tracked",
        )
        .bind(account.id.to_string())
        .bind(account.company.to_string())
        .bind(account.connection.to_string())
        .bind(account.account_number.clone())
        .bind(row::to_json(&account.utility_types, "utility_types")?)
        .bind(i64::from(is_tracked))
        .bind(row::to_json(&account.meters, "meters")?)
        .bind(account.now.0)
        .fetch_one(self.sql())
        .await?;
        Ok((row::text(&stored, "id")?, row::flag(&stored, "is_tracked")?))
    }
}

pub(super) fn read(found: &AnyRow) -> Result<Bill, StoreError> {
    Ok(Bill {
        id: row::parsed(found, "id")?,
        connection: row::parsed(found, "connection_id")?,
        account: row::parsed(found, "account_id")?,
        content: row::json(found, "bill")?,
        file_name: row::text(found, "file_name")?,
        created_at: row::at(found, "created_at")?,
    })
}

pub(super) fn read_account(found: &AnyRow) -> Result<Account, StoreError> {
    Ok(Account {
        id: row::parsed(found, "id")?,
        account_number: row::text(found, "account_number")?,
        utility_types: row::json(found, "utility_types")?,
        is_tracked: row::flag(found, "is_tracked")?,
        is_duplicated: row::flag(found, "is_duplicated")?,
        last_service_date: row::maybe_day(found, "last_service_date")?,
        meters: row::json(found, "meters")?,
    })
}
