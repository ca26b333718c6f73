//! A database as the first version of the schema left it, for tests of what later versions do with it.

use shared::id::{BillId, CompanyId, ConnectionId, OrganizationId};
use sqlx::AssertSqlSafe;

use super::{Store, migrations, testing::fresh};

/// A company of a database of the first version, with bills whose files are in the database.
pub(crate) struct FirstVersion {
    pub(crate) organization: OrganizationId,
    pub(crate) company: CompanyId,
    /// The bills, in the order of the files.
    pub(crate) bills: Vec<BillId>,
}

impl FirstVersion {
    /// Makes the schema of the first version in an empty database, with one bill for each file.
    pub(crate) async fn create(store: &Store, files: &[Vec<u8>]) -> Self {
        migrations::up_to(1)
            .run(&store.pool)
            .await
            .expect("the first version");

        let organization = OrganizationId::from_random(fresh());
        let company = CompanyId::from_random(fresh());
        let connection = ConnectionId::from_random(fresh());
        let rows = [
            format!("INSERT INTO organizations VALUES ('{organization}', 'Acme Energy', 1)"),
            format!(
                "INSERT INTO companies VALUES ('{company}', 'public', '{organization}', 'Blue Bakery', NULL, 1, NULL)"
            ),
            format!(
                "INSERT INTO links (id, company_id, kind, key_id, nonce, use_count, initial_sites, utility_types, created_at, \
                   event_count) \
                 VALUES ('link', '{company}', 'company', 1, 'n', 1, '[]', '[]', 1, 0)"
            ),
            format!(
                "INSERT INTO connections (id, company_id, link_id, status, status_first_seen_at, status_last_update_at, \
                   provider_url, provider_name, country, utility_types, created_at, updated_at) \
                 VALUES ('{connection}', '{company}', 'link', 'CONNECTED', 1, 1, 'https://utility.example', 'utility', \
                   'US', '[]', 1, 1)"
            ),
            format!(
                "INSERT INTO accounts VALUES ('account', '{company}', '{connection}', 'A-1', '[]', 1, 0, NULL, '[]', 1)"
            ),
        ];
        for row in rows {
            sqlx::query(AssertSqlSafe(row))
                .execute(&store.pool)
                .await
                .expect("a row of the first version");
        }
        let mut bills = Vec::new();
        for (number, file) in files.iter().enumerate() {
            let bill = BillId::from_random(fresh());
            sqlx::query(
                "INSERT INTO bills (id, company_id, connection_id, account_id, natural_key, content_hash, bill, \
                   file_name, created_at) VALUES ($1, $2, $3, 'account', $4, $5, '{\"totalCharges\":12.5}', $6, 1)",
            )
            .bind(bill.to_string())
            .bind(company.to_string())
            .bind(connection.to_string())
            .bind(format!("key {number}"))
            .bind(number.to_be_bytes().to_vec())
            .bind(format!("bill-{number}.pdf"))
            .execute(&store.pool)
            .await
            .expect("a bill");
            sqlx::query("INSERT INTO bill_files (bill_id, content) VALUES ($1, $2)")
                .bind(bill.to_string())
                .bind(file.clone())
                .execute(&store.pool)
                .await
                .expect("its file");
            bills.push(bill);
        }
        Self {
            organization,
            company,
            bills,
        }
    }
}
