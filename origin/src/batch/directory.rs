//! The companies and sites of an organization as rows see them: with what the rows before have added, changed or sent, which
//! a dry run keeps here and does not write.

use std::collections::{HashMap, HashSet};

use shared::{
    api_key::ApiKeyEnvironment,
    id::{CompanyId, OrganizationId},
};

use crate::store::{StoreError, Tx, batches::Batch, companies::Company, sites::Site};

/// Whom a text means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meant {
    /// The text means this one company.
    One(Company),
    /// Several have this name, or this id of the organization's own.
    Several,
    /// No company has this id or name.
    Nobody,
}

impl Meant {
    /// The only one of these.
    pub(super) fn only(mut companies: impl Iterator<Item = Company>) -> Self {
        match (companies.next(), companies.next()) {
            (Some(one), None) => Self::One(one),
            (Some(_), Some(_)) => Self::Several,
            (None, _) => Self::Nobody,
        }
    }
}

/// The companies and sites of an organization.
#[derive(Debug, Clone)]
pub(super) struct Directory {
    organization: OrganizationId,
    environment: ApiKeyEnvironment,
    /// What a dry run would have written; `None` where everything is.
    planned: Option<Planned>,
}

#[derive(Debug, Clone, Default)]
struct Planned {
    companies: HashMap<CompanyId, Company>,
    /// Which of them are new.
    added: HashSet<CompanyId>,
    /// Which of them is called so: by its name in small letters, and by the organization's own id.
    called: HashMap<String, Vec<CompanyId>>,
    /// All sites of a company, where one was added or changed.
    sites: HashMap<CompanyId, Vec<Site>>,
    /// How many links are mailed to an address, which is written in small letters.
    mails: HashMap<String, usize>,
}

pub(super) fn is_named(company: &Company, text: &str) -> bool {
    company.name.eq_ignore_ascii_case(text)
}

pub(super) fn has_external_id(company: &Company, text: &str) -> bool {
    company.external_id.as_deref() == Some(text)
}

impl Directory {
    /// As the rows of this batch see it.
    pub(super) fn new(batch: &Batch) -> Self {
        Self {
            organization: batch.organization,
            environment: batch.environment,
            planned: batch.is_dry_run.then(Planned::default),
        }
    }

    /// All companies that have this id, this id of the organization's own, or this name.
    pub(super) async fn called(
        &self,
        tx: &mut Tx<'_>,
        text: &str,
    ) -> Result<Vec<Company>, StoreError> {
        let of = (self.organization, self.environment);
        let mut found = tx.companies_called(of, text).await?;
        let Some(planned) = &self.planned else {
            return Ok(found);
        };
        found.retain(|company| !planned.companies.contains_key(&company.id));
        let names = [text.to_ascii_lowercase(), text.to_owned()];
        let mut ids: Vec<_> = names
            .iter()
            .filter_map(|it| planned.called.get(it))
            .flatten()
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let changed = ids.into_iter().filter_map(|id| planned.companies.get(id));
        let changed = changed.filter(|it| is_named(it, text) || has_external_id(it, text));
        found.extend(changed.cloned());
        Ok(found)
    }

    /// Whom the text means: an id before the organization's own id before a name.
    pub(super) async fn meant(&self, tx: &mut Tx<'_>, text: &str) -> Result<Meant, StoreError> {
        let found = self.called(tx, text).await?;
        let id = text.parse().ok();
        if let Some(company) = found.iter().find(|it| Some(it.id) == id) {
            return Ok(Meant::One(company.clone()));
        }
        let own = found.iter().filter(|it| has_external_id(it, text)).cloned();
        match Meant::only(own) {
            Meant::Nobody => {}
            known => return Ok(known),
        }
        Ok(Meant::only(
            found.into_iter().filter(|it| is_named(it, text)),
        ))
    }

    /// The sites of a company of the organization.
    pub(super) async fn sites(
        &self,
        tx: &mut Tx<'_>,
        company: CompanyId,
    ) -> Result<Vec<Site>, StoreError> {
        if let Some(planned) = &self.planned
            && let Some(sites) = planned.sites.get(&company)
        {
            return Ok(sites.clone());
        }
        tx.sites_of(company).await
    }

    /// Whether the company has a row, at which others can point.
    pub(super) fn is_stored(&self, company: CompanyId) -> bool {
        let added = self.planned.as_ref().map(|planned| &planned.added);
        added.is_none_or(|added| !added.contains(&company))
    }

    /// Adds a company, which a dry run only remembers.
    pub(super) async fn add_company(
        &mut self,
        tx: &mut Tx<'_>,
        company: &Company,
    ) -> Result<(), StoreError> {
        match &mut self.planned {
            Some(planned) => {
                planned.added.insert(company.id);
                planned.keep(company);
            }
            None => tx.add_company(company).await?,
        }
        Ok(())
    }

    /// Changes a company that stood as `before`.
    pub(super) async fn change_company(
        &mut self,
        tx: &mut Tx<'_>,
        before: &Company,
        company: &Company,
    ) -> Result<(), StoreError> {
        match &mut self.planned {
            Some(planned) => planned.keep(company),
            None => tx.change_company(before, company).await?,
        }
        Ok(())
    }

    /// Adds a site, which a dry run only remembers.
    pub(super) async fn add_site(
        &mut self,
        tx: &mut Tx<'_>,
        site: &Site,
    ) -> Result<(), StoreError> {
        if self.planned.is_none() {
            return tx.add_site(site).await;
        }
        let mut sites = self.sites(tx, site.company).await?;
        sites.push(site.clone());
        self.keep_sites(site.company, sites);
        Ok(())
    }

    /// Changes a site that stood as `before`.
    pub(super) async fn change_site(
        &mut self,
        tx: &mut Tx<'_>,
        before: &Site,
        site: &Site,
    ) -> Result<(), StoreError> {
        if self.planned.is_none() {
            return tx.change_site(before, site).await;
        }
        let mut sites = self.sites(tx, site.company).await?;
        for one in sites.iter_mut().filter(|one| one.id == site.id) {
            one.clone_from(site);
        }
        self.keep_sites(site.company, sites);
        Ok(())
    }

    /// How many mails to the address a dry run has planned.
    pub(super) fn planned_mails(&self, address: &str) -> usize {
        let planned = self.planned.as_ref();
        let count = planned.and_then(|planned| planned.mails.get(&address.to_ascii_lowercase()));
        count.copied().unwrap_or_default()
    }

    /// Counts a mail with a link to the address, which a dry run does not send.
    pub(super) fn plan_mail(&mut self, address: &str) {
        if let Some(planned) = &mut self.planned {
            *planned
                .mails
                .entry(address.to_ascii_lowercase())
                .or_default() += 1;
        }
    }

    fn keep_sites(&mut self, company: CompanyId, sites: Vec<Site>) {
        if let Some(planned) = &mut self.planned {
            planned.sites.insert(company, sites);
        }
    }
}

impl Planned {
    fn keep(&mut self, company: &Company) {
        self.companies.insert(company.id, company.clone());
        let names = [
            Some(company.name.to_ascii_lowercase()),
            company.external_id.clone(),
        ];
        for name in names.into_iter().flatten() {
            self.called.entry(name).or_default().push(company.id);
        }
    }
}
