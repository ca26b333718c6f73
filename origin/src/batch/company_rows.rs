//! Rows that are companies, or sites of them.

use shared::{batch::RowEffect, time::UnixMillis};

use super::{
    directory::{Directory, Meant, has_external_id, is_named},
    row::{cell, fail, field, fields, misshapen, succeed, wrong},
};
use crate::{
    clock::Random,
    company_fields::{MAX_NAME, NewCompany, NewSite},
    fields::{FieldError, WrongFields},
    store::{
        StoreError, Tx, batch_rows::BatchRow, batches::Batch, companies::Company, sites::Site,
    },
};

/// What companies are added with.
pub(super) struct CompanyRows<'a> {
    pub(super) batch: &'a Batch,
    pub(super) random: &'a dyn Random,
    pub(super) now: UnixMillis,
}

/// A thing as it stood, if it was there, and as the row wants it.
struct Wanted<T> {
    before: Option<T>,
    after: T,
}

impl CompanyRows<'_> {
    /// Adds or changes what a row names, or says what is wrong with it.
    pub(super) async fn work(
        &self,
        tx: &mut Tx<'_>,
        directory: &mut Directory,
        row: &mut BatchRow,
    ) -> Result<(), StoreError> {
        let mut problems = misshapen(row);
        let company = self.company(tx, directory, row, &mut problems).await?;
        let site = self
            .site(tx, directory, row, company.as_ref(), &mut problems)
            .await?;
        let (Some(company), true) = (company, problems.is_empty()) else {
            fail(self.batch, row, problems);
            return Ok(());
        };
        let mut effects = Vec::new();
        let after = &company.after;
        match &company.before {
            None => {
                directory.add_company(tx, after).await?;
                effects.push(RowEffect::CompanyAdded);
            }
            Some(before) if before != after => {
                directory.change_company(tx, before, after).await?;
                effects.push(RowEffect::CompanyChanged);
            }
            Some(_) => {}
        }
        if let Some(Wanted { before, after }) = &site {
            match before {
                None => {
                    directory.add_site(tx, after).await?;
                    effects.push(RowEffect::SiteAdded);
                }
                Some(before) if before != after => {
                    directory.change_site(tx, before, after).await?;
                    effects.push(RowEffect::SiteChanged);
                }
                Some(_) => {}
            }
        }
        row.company = directory.is_stored(after.id).then_some(after.id);
        succeed(self.batch, row, effects);
        Ok(())
    }

    /// The company: the one with the organization's own id, else the one of this name.
    async fn company(
        &self,
        tx: &mut Tx<'_>,
        directory: &Directory,
        row: &BatchRow,
        problems: &mut Vec<FieldError>,
    ) -> Result<Option<Wanted<Company>>, StoreError> {
        let mut asked = fields([
            field("name", cell(row, "name")),
            field("externalId", cell(row, "externalId")),
        ]);
        let name = asked.text("name", MAX_NAME);
        let external_id = asked.text("externalId", MAX_NAME);
        let wrong_fields = asked.ended();
        if !wrong_fields.is_empty() {
            problems.extend(wrong_fields);
            return Ok(None);
        }
        let mut meant = Meant::Nobody;
        if let Some(id) = &external_id {
            // Nobody else gives it to a company meanwhile.
            tx.lock_organization(self.batch.organization).await?;
            let all = directory.called(tx, id).await?;
            meant = Meant::only(all.into_iter().filter(|it| has_external_id(it, id)));
        }
        if let (Meant::Nobody, Some(name)) = (&meant, &name) {
            let all = directory.called(tx, name).await?;
            // One with another id of the organization's own is another one.
            let fits = |it: &Company| {
                is_named(it, name) && (external_id.is_none() || it.external_id.is_none())
            };
            meant = Meant::only(all.into_iter().filter(fits));
        }
        let before = match meant {
            Meant::One(company) => Some(company),
            Meant::Nobody => None,
            Meant::Several => {
                let (column, told) = match &external_id {
                    Some(_) => ("externalId", "is the id of several companies"),
                    None => (
                        "name",
                        "is the name of several companies: give your id of one",
                    ),
                };
                problems.push(wrong(column, told));
                return Ok(None);
            }
        };
        // How a name is written changes only for who is known by an id.
        let kept = before.as_ref().filter(|it| {
            name.as_deref()
                .is_none_or(|name| external_id.is_none() || it.name == name)
        });
        let name = kept.map(|it| it.name.clone()).or(name);
        let known_id = before.as_ref().and_then(|it| it.external_id.clone());
        let new = NewCompany::read(fields([
            field("name", name.as_deref()),
            field("externalId", external_id.or(known_id).as_deref()),
        ]));
        match new {
            Err(WrongFields(wrong)) => {
                problems.extend(wrong);
                Ok(None)
            }
            Ok(new) => {
                let after = match &before {
                    None => new.row(
                        (self.random, self.now),
                        (self.batch.organization, self.batch.environment),
                    ),
                    Some(before) => Company {
                        name: new.name,
                        external_id: new.external_id,
                        ..before.clone()
                    },
                };
                Ok(Some(Wanted { before, after }))
            }
        }
    }

    /// The site of this name of the company.
    async fn site(
        &self,
        tx: &mut Tx<'_>,
        directory: &Directory,
        row: &BatchRow,
        company: Option<&Wanted<Company>>,
        problems: &mut Vec<FieldError>,
    ) -> Result<Option<Wanted<Site>>, StoreError> {
        let (name, address) = (cell(row, "siteName"), cell(row, "siteAddress"));
        if name.is_none() {
            if address.is_some() {
                problems.push(wrong(
                    "siteName",
                    "is needed where there is an address of a site",
                ));
            }
            return Ok(None);
        }
        let new = NewSite::read(fields([field("name", name), field("address", address)]));
        let new = match new {
            Ok(new) => new,
            Err(WrongFields(all)) => {
                problems.extend(all.into_iter().map(|one| {
                    let column = if one.field == "address" {
                        "siteAddress"
                    } else {
                        "siteName"
                    };
                    wrong(column, &one.detail)
                }));
                return Ok(None);
            }
        };
        let Some(company) = company else {
            return Ok(None);
        };
        let known = match &company.before {
            Some(company) => directory.sites(tx, company.id).await?,
            None => Vec::new(),
        };
        let mut called = known
            .into_iter()
            .filter(|it| it.name.eq_ignore_ascii_case(&new.name));
        match (called.next(), called.next()) {
            (Some(_), Some(_)) => {
                problems.push(wrong(
                    "siteName",
                    "is the name of several sites of the company",
                ));
                Ok(None)
            }
            (Some(before), None) => {
                let address = new.address.or_else(|| before.address.clone());
                let after = Site {
                    address,
                    ..before.clone()
                };
                Ok(Some(Wanted {
                    before: Some(before),
                    after,
                }))
            }
            (None, _) => Ok(Some(Wanted {
                before: None,
                after: new.row(self.random, self.now, company.after.id),
            })),
        }
    }
}
