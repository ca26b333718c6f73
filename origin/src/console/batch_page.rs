//! The page about one file of rows: how far it is, and what became of each row.

use std::collections::HashMap;

use askama::Template;
use shared::{
    batch::{BatchKind, BatchStatus, RowEffect, RowOutcome},
    id::CompanyId,
};

use super::{
    batches::{base, counted, grouped, state_words},
    page::{Place, Shell},
    words::Moment,
};
use crate::store::{Page, PageOf, batch_rows::BatchRow, batches::Batch};

#[derive(Template)]
#[template(path = "console/batch.html")]
pub(super) struct BatchPage<'a> {
    pub shell: Shell<'a>,
    pub batch: &'a Batch,
    pub found: &'a PageOf<BatchRow>,
    /// The names of the companies of these rows.
    pub companies: HashMap<CompanyId, String>,
    pub page: Page,
}

impl BatchPage<'_> {
    fn base(&self) -> &'static str {
        base(self.batch.kind)
    }

    fn is_links(&self) -> bool {
        self.batch.kind == BatchKind::Links
    }

    fn is_done(&self) -> bool {
        self.batch.status() == BatchStatus::Done
    }

    fn may_write(&self) -> bool {
        self.shell.me.member.role.may_write()
    }

    fn state(&self) -> (String, &'static str) {
        state_words(self.batch)
    }

    fn name(&self) -> &str {
        let pasted = "Pasted rows";
        self.batch.file_name.as_deref().unwrap_or(pasted)
    }

    /// What the button does that follows a check.
    fn next_step(&self) -> Option<String> {
        let batch = self.batch;
        let can = batch.is_dry_run && self.is_done() && batch.good > 0;
        let is_next = can && batch.followed_by.is_none() && self.may_write();
        is_next.then(|| {
            let doing = if self.is_links() { "Make" } else { "Import" };
            format!("{doing} {}", counted(batch.kind, batch.good))
        })
    }

    fn count(&self, rows: i64) -> String {
        grouped(rows)
    }

    fn sent(&self) -> Moment {
        Moment::at(self.batch.created_at)
    }

    fn outcome(&self, row: &BatchRow) -> (&'static str, &'static str) {
        match row.outcome {
            RowOutcome::Waiting => ("Waiting", "waits"),
            RowOutcome::Good => ("Good", "good"),
            RowOutcome::Made => (if self.is_links() { "Made" } else { "Done" }, "good"),
            RowOutcome::Failed => ("Problem", "bad"),
        }
    }

    fn effects(&self, row: &BatchRow) -> String {
        let told = |effect: RowEffect| {
            let count = row.effects.iter().filter(|one| **one == effect).count();
            let words = match (effect, self.batch.is_dry_run) {
                (RowEffect::CompanyAdded, true) => "adds the company",
                (RowEffect::CompanyAdded, false) => "company added",
                (RowEffect::CompanyChanged, true) => "changes the company",
                (RowEffect::CompanyChanged, false) => "company changed",
                (RowEffect::SiteAdded, true) if count > 1 => return format!("adds {count} sites"),
                (RowEffect::SiteAdded, false) if count > 1 => {
                    return format!("{count} sites added");
                }
                (RowEffect::SiteAdded, true) => "adds a site",
                (RowEffect::SiteAdded, false) => "site added",
                (RowEffect::LinkMailed, true) => "mails the link",
                (RowEffect::LinkMailed, false) => "link mailed",
                (RowEffect::SiteChanged, true) => "changes a site",
                (RowEffect::SiteChanged, false) => "site changed",
            };
            words.to_owned()
        };
        let mut kinds = row.effects.clone();
        kinds.dedup();
        let words: Vec<_> = kinds.into_iter().map(told).collect();
        let is_good = matches!(row.outcome, RowOutcome::Good | RowOutcome::Made);
        if words.is_empty() && is_good && !self.is_links() {
            return "nothing to change".into();
        }
        words.join(", ")
    }

    /// The company's name, once it is there; until then what the file calls it.
    fn company<'a>(&'a self, row: &'a BatchRow) -> &'a str {
        let name = row.company.and_then(|id| self.companies.get(&id));
        name.map_or_else(|| self.called(row), String::as_str)
    }

    /// What the file calls the company.
    fn called<'a>(&self, row: &'a BatchRow) -> &'a str {
        let name = if self.is_links() { "company" } else { "name" };
        let own = row.cells.get(name).or_else(|| row.cells.get("externalId"));
        own.map_or("", String::as_str)
    }

    /// What the file calls the company, where that is not its name.
    fn called_else<'a>(&'a self, row: &'a BatchRow) -> Option<&'a str> {
        let called = self.called(row);
        (called != self.company(row) && !called.is_empty()).then_some(called)
    }

    /// The owner of a link, or the site of a company.
    fn other<'a>(&self, row: &'a BatchRow) -> &'a str {
        let name = if self.is_links() {
            "connectionOwnerEmail"
        } else {
            "siteName"
        };
        row.cells.get(name).map_or("", String::as_str)
    }

    fn next_page(&self) -> Option<i64> {
        (self.page.number * self.page.limit < self.found.total).then_some(self.page.number + 1)
    }
}
