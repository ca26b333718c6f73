//! What belongs to connections beside their own rows, for a whole page of them in a fixed number of queries.

use std::collections::HashMap;

use shared::{
    id::{CompanyId, ConnectionId, LinkId, SiteId},
    status::LinkKind,
};
use sqlx::{AssertSqlSafe, any::AnyRow};

use super::{
    StoreError, Tx,
    bills::{self, Account},
    collections::{self, Collection},
    connections::{self, Connection},
    links::{self, LinkEvent},
    row,
};

/// What belongs to one connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConnectionDetails {
    /// The sites that the client picked, by id.
    pub sites: Vec<SiteId>,
    /// The accounts that were found, oldest first.
    pub accounts: Vec<Account>,
    /// The last run, if there was one.
    pub last_collection: Option<Collection>,
}

impl Tx<'_> {
    /// What belongs to these connections of the company: three queries, however many connections there are. A
    /// connection with nothing of its own is not in the answer.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn connection_details(
        &mut self,
        company: CompanyId,
        connections: &[ConnectionId],
    ) -> Result<HashMap<ConnectionId, ConnectionDetails>, StoreError> {
        let mut details: HashMap<ConnectionId, ConnectionDetails> = HashMap::new();
        let ids: Vec<String> = connections.iter().map(ToString::to_string).collect();
        let sites = "SELECT connection_id, site_id FROM connection_sites \
                     WHERE company_id = $1 AND connection_id IN ({}) ORDER BY site_id";
        for found in self.rows_of(sites, company, &ids).await? {
            let of = details.entry(row::parsed(&found, "connection_id")?);
            of.or_default().sites.push(row::parsed(&found, "site_id")?);
        }
        let accounts = "SELECT * FROM accounts \
                        WHERE company_id = $1 AND connection_id IN ({}) ORDER BY created_at, id";
        for found in self.rows_of(accounts, company, &ids).await? {
            let of = details.entry(row::parsed(&found, "connection_id")?);
            of.or_default().accounts.push(bills::read_account(&found)?);
        }
        let last = "SELECT * FROM collections c WHERE company_id = $1 AND connection_id IN ({}) \
                    AND NOT EXISTS (SELECT 1 FROM collections d WHERE d.connection_id = c.connection_id \
                      AND (d.started_at > c.started_at OR (d.started_at = c.started_at AND d.id < c.id)))";
        for found in self.rows_of(last, company, &ids).await? {
            let of = details.entry(row::parsed(&found, "connection_id")?);
            of.or_default().last_collection = Some(collections::read(&found)?);
        }
        Ok(details)
    }

    /// What happened to the link that made the connection of the company and to those that repaired it: the newest `most`
    /// entries of their logs, newest first. Of a link that made several, what happened in its flows may be about another
    /// one, and is left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn link_events_of_connection(
        &mut self,
        connection: &Connection,
        most: i64,
    ) -> Result<Vec<(LinkKind, LinkEvent)>, StoreError> {
        sqlx::query(
            "SELECT e.*, l.kind AS link_kind FROM link_events e JOIN links l ON l.id = e.link_id \
             WHERE l.company_id = $1 AND (l.connection_id = $3 OR (l.id = $2 AND (e.flow_ref IS NULL \
               OR (SELECT COUNT(*) FROM connections n WHERE n.link_id = l.id) < 2))) ORDER BY e.at DESC, e.seq DESC LIMIT $4",
        )
        .bind(connection.company.to_string())
        .bind(connection.link.to_string())
        .bind(connection.id.to_string())
        .bind(most)
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(|found| Ok((row::parsed(found, "link_kind")?, links::read_event(found)?)))
        .collect()
    }

    /// The connections that these links of the company made and that were not deleted, oldest first: one query, however many links there are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn connections_of_links(
        &mut self,
        company: CompanyId,
        links: &[LinkId],
    ) -> Result<Vec<Connection>, StoreError> {
        let ids: Vec<String> = links.iter().map(ToString::to_string).collect();
        let made = "SELECT * FROM connections \
                    WHERE company_id = $1 AND link_id IN ({}) AND deleted_at IS NULL ORDER BY created_at, id";
        let found = self.rows_of(made, company, &ids).await?;
        found.iter().map(connections::read).collect()
    }

    /// Rows of the company, `$1`, with one of these ids, which stand where the statement has `{}`.
    async fn rows_of(
        &mut self,
        statement: &'static str,
        company: CompanyId,
        ids: &[String],
    ) -> Result<Vec<AnyRow>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let places: Vec<String> = (2..ids.len() + 2)
            .map(|number| format!("${number}"))
            .collect();
        let statement = statement.replacen("{}", &places.join(", "), 1);
        // Only the number of placeholders is not fixed: another text for another number of ids, so none is kept.
        let mut query = sqlx::query(AssertSqlSafe(statement))
            .persistent(false)
            .bind(company.to_string());
        for id in ids {
            query = query.bind(id.clone());
        }
        Ok(query.fetch_all(self.sql()).await?)
    }
}
