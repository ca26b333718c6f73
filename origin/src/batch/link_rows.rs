//! Rows that are company links.

use serde_json::Value;
use shared::{
    batch::RowEffect,
    id::{CompanyId, SiteId},
    time::UnixMillis,
    token::KeyRing,
};
use url::Url;

use super::{
    directory::{Directory, Meant},
    row::{cell, fail, field, fields, misshapen, succeed, wrong},
};
use crate::{
    clock::Random,
    company_fields::{MAX_NAME, NewCompany, NewSite},
    config::SandboxConfig,
    fields::{FieldError, Fields, WrongFields},
    link_fields::{NewLink, not_listed, of_other_environment, strangers, unmakeable},
    mail::{LINK_MAILS_TO_ONE_A_DAY, link_mails_left, queue_link_mail},
    store::{
        StoreError, Tx, batch_rows::BatchRow, batches::Batch, companies::Company, sites::Site,
    },
};

/// The columns that say the same as the fields of a single link that are one text.
const TEXTS: [&str; 8] = [
    "url",
    "datasourceId",
    "connectionOwnerEmail",
    "dataCollectionStartDate",
    "expiresInSeconds",
    "maxUses",
    "redirectUrl",
    "externalId",
];
/// What is written in `send` for yes and for no.
const ANSWERS: [(bool, [&str; 4]); 2] = [
    (true, ["yes", "y", "true", "1"]),
    (false, ["no", "n", "false", "0"]),
];

/// What links are made with.
pub(super) struct LinkRows<'a> {
    pub(super) batch: &'a Batch,
    pub(super) keys: &'a KeyRing,
    pub(super) base: &'a Url,
    pub(super) random: &'a dyn Random,
    pub(super) now: UnixMillis,
    /// The origins to which links may lead.
    pub(super) origins: &'a [String],
    pub(super) sandbox: &'a SandboxConfig,
}

/// The company of a row, and whether it is to be added.
type OfCompany = (Company, bool);

/// The sites of a row: what to write as `initialSites`, those that are to be added, and all that there are then.
#[derive(Default)]
struct OfSites {
    asked: Vec<Value>,
    new: Vec<Site>,
    all: Vec<Site>,
}

impl LinkRows<'_> {
    /// Makes the link of a row, or says what is wrong with it.
    pub(super) async fn work(
        &self,
        tx: &mut Tx<'_>,
        directory: &mut Directory,
        row: &mut BatchRow,
    ) -> Result<(), StoreError> {
        let mut problems = misshapen(row);
        let company = self.company(tx, directory, row, &mut problems).await?;
        let sites = match &company {
            Some(company) => {
                self.sites(tx, directory, row, company, &mut problems)
                    .await?
            }
            None => OfSites::default(),
        };
        let is_sent = send(row, &mut problems);
        let (new, more) = NewLink::read(link_fields(row, sites.asked));
        problems.extend(more);
        problems.extend(strangers(&new.initial_sites, &sites.all));
        if is_sent
            && new.connection_owner_email.is_none()
            && cell(row, "connectionOwnerEmail").is_none()
        {
            problems.push(wrong("connectionOwnerEmail", "is needed where send is yes"));
        }
        problems.extend(not_listed(self.origins, new.redirect_url.as_deref()));
        let Some((company, is_new)) = company else {
            fail(self.batch, row, problems);
            return Ok(());
        };
        let owner = new.connection_owner_email.clone().filter(|_| is_sent);
        if let Some(owner) = &owner {
            let of = self.batch.organization;
            let left = link_mails_left(tx, of, owner, self.now).await?;
            if left <= directory.planned_mails(owner) {
                let told = format!(
                    "would be more than {LINK_MAILS_TO_ONE_A_DAY} links to one address within a day: leave it empty, or send this row tomorrow"
                );
                problems.push(wrong("send", &told));
            }
        }
        let link = new.link((self.keys, self.random), self.now, company.id);
        problems.extend(unmakeable((self.keys, self.base), &company, &link));
        problems.extend(of_other_environment(self.sandbox, &company, &link));
        if !problems.is_empty() {
            fail(self.batch, row, problems);
            return Ok(());
        }

        let mut effects = Vec::new();
        if is_new {
            directory.add_company(tx, &company).await?;
            effects.push(RowEffect::CompanyAdded);
        }
        for site in &sites.new {
            directory.add_site(tx, site).await?;
            effects.push(RowEffect::SiteAdded);
        }
        if !self.batch.is_dry_run {
            tx.add_link(self.batch.organization, &link).await?;
            row.link = Some(link.id);
        }
        if let Some(owner) = &owner {
            if self.batch.is_dry_run {
                directory.plan_mail(owner);
            } else {
                let of = (self.batch.organization, &link);
                queue_link_mail(tx, self.random, of, owner, self.now).await?;
            }
            effects.push(RowEffect::LinkMailed);
        }
        row.company = directory.is_stored(company.id).then_some(company.id);
        succeed(self.batch, row, effects);
        Ok(())
    }

    /// The company that the row names; a new one where it may be added.
    async fn company(
        &self,
        tx: &mut Tx<'_>,
        directory: &Directory,
        row: &BatchRow,
        problems: &mut Vec<FieldError>,
    ) -> Result<Option<OfCompany>, StoreError> {
        let mut named = fields([field("company", cell(row, "company"))]);
        let name = named.required_text("company", MAX_NAME);
        problems.extend(named.ended());
        let Some(name) = name else {
            return Ok(None);
        };
        let told = match directory.meant(tx, &name).await? {
            Meant::One(company) => return Ok(Some((company, false))),
            Meant::Several => "means several companies: give the id of one",
            Meant::Nobody if !self.batch.creates_missing => "names no company that is here",
            Meant::Nobody if name.parse::<CompanyId>().is_ok() => {
                "is the id of no company that is here"
            }
            Meant::Nobody => {
                let new = NewCompany::read(fields([field("name", Some(&name))]));
                match new {
                    Ok(new) => {
                        let of = (self.batch.organization, self.batch.environment);
                        let company = new.row((self.random, self.now), of);
                        return Ok(Some((company, true)));
                    }
                    Err(WrongFields(wrong)) => problems.extend(wrong),
                }
                return Ok(None);
            }
        };
        problems.push(wrong("company", told));
        Ok(None)
    }

    /// The sites that the row names; new ones where they may be added.
    async fn sites(
        &self,
        tx: &mut Tx<'_>,
        directory: &Directory,
        row: &BatchRow,
        (company, is_new): &OfCompany,
        problems: &mut Vec<FieldError>,
    ) -> Result<OfSites, StoreError> {
        let mut sites = OfSites::default();
        let Some(names) = cell(row, "initialSites") else {
            return Ok(sites);
        };
        if !is_new {
            sites.all = directory.sites(tx, company.id).await?;
        }
        for name in parts(names, &[';', '|', '\n']) {
            if name.parse::<SiteId>().is_ok() {
                sites.asked.push(name.into());
                continue;
            }
            let mut called = sites
                .all
                .iter()
                .filter(|it| it.name.eq_ignore_ascii_case(name));
            match (called.next(), called.next()) {
                (Some(site), None) => sites.asked.push(site.id.to_string().into()),
                (Some(_), Some(_)) => {
                    let told = format!("{name} is the name of several sites: give the id of one");
                    problems.push(wrong("initialSites", &told));
                }
                (None, _) if !self.batch.creates_missing => {
                    problems.push(wrong(
                        "initialSites",
                        &format!("{name} is no site of this company"),
                    ));
                }
                (None, _) => match NewSite::read(fields([field("name", Some(name))])) {
                    Ok(new) => {
                        let site = new.row(self.random, self.now, company.id);
                        sites.asked.push(site.id.to_string().into());
                        sites.new.push(site.clone());
                        sites.all.push(site);
                    }
                    Err(WrongFields(all)) => {
                        let told = all
                            .into_iter()
                            .map(|one| wrong("initialSites", &one.detail));
                        problems.extend(told);
                    }
                },
            }
        }
        Ok(sites)
    }
}

/// The row as the fields of a single link, whose code reads them.
fn link_fields(row: &BatchRow, sites: Vec<Value>) -> Fields {
    let texts = TEXTS.iter().map(|name| field(name, cell(row, name)));
    let capitals = cell(row, "country").map(str::to_ascii_uppercase);
    let types = cell(row, "utilityTypes").map(|text| {
        let types = parts(text, &[';', '|', ',', '\n']);
        let spelled = types.map(|one| one.to_ascii_uppercase().replace([' ', '-'], "_").into());
        Value::Array(spelled.collect())
    });
    let more = [
        field("country", capitals.as_deref()),
        field("locale", cell(row, "locale")),
        ("initialSites", Value::Array(sites)),
        ("utilityTypes", types.unwrap_or(Value::Null)),
    ];
    fields(texts.chain(more))
}

/// What stands between separators.
fn parts<'a>(text: &'a str, separators: &'a [char]) -> impl Iterator<Item = &'a str> {
    let parts = text.split(separators).map(str::trim);
    parts.filter(|part| !part.is_empty())
}

/// Whether the link is to be mailed.
fn send(row: &BatchRow, problems: &mut Vec<FieldError>) -> bool {
    let Some(text) = cell(row, "send") else {
        return false;
    };
    let found = ANSWERS
        .iter()
        .find(|(_, words)| words.iter().any(|word| word.eq_ignore_ascii_case(text)));
    match found {
        Some((false, _)) => false,
        Some((true, _)) => true,
        None => {
            problems.push(wrong("send", "must be yes or no"));
            false
        }
    }
}
