//! Lists of companies and sites, and the end of each.

use serde_json::{Value, json};
use shared::id::{CompanyId, SiteId};

use super::{
    add::existing_organization,
    connection::Bills,
    context::{CommandContext, Outcome},
    options::{Of, sentence, table},
    output::{Output, failed},
};
use crate::{
    api_types::rfc3339,
    companies::{CompanyRefused, remove, remove_site},
    store::{Page, StoreError, companies::Company, sites::Site},
};

pub(super) async fn list(context: &CommandContext, out: &Output, of: Of) -> Outcome {
    let organization = existing_organization(context, of.organization).await?;
    let mut companies = Vec::new();
    for number in 1.. {
        let page = Page {
            limit: Page::MAX_LIMIT,
            number,
        };
        let reading = context.store.read("cli.companies", |tx| {
            Box::pin(tx.companies(organization.id, page))
        });
        let found: Result<_, StoreError> = reading.await;
        let found = found.map_err(failed)?;
        if found.rows.is_empty() {
            break;
        }
        companies.extend(found.rows);
    }
    let shown: Vec<Value> = companies.iter().map(company).collect();
    out.say(&json!({ "companies": shown }), || {
        let rows = companies.iter().map(|company| {
            vec![
                company.id.to_string(),
                company.environment.to_string(),
                company.external_id.clone().unwrap_or_else(|| "-".into()),
                company.name.clone(),
            ]
        });
        let none = "There are no companies. Add one with: origin company add";
        table(rows.collect(), none)
    })
}

fn company(company: &Company) -> Value {
    json!({
        "id": company.id,
        "publicCompanyId": company.public_id,
        "name": company.name,
        "externalId": company.external_id,
        "environment": company.environment,
        "created": rfc3339(company.created_at),
    })
}

pub(super) async fn sites(
    context: &CommandContext,
    out: &Output,
    of: Of,
    id: CompanyId,
) -> Outcome {
    let reading = context.store.read("cli.sites", |tx| {
        Box::pin(async move {
            if tx.company(of.organization, id).await?.is_none() {
                return Ok::<_, StoreError>(None);
            }
            Ok(Some(tx.sites_of(id).await?))
        })
    });
    let sites = reading.await.map_err(failed)?;
    let sites = sites.ok_or_else(|| format!("The organization has no company {id}."))?;
    let shown: Vec<Value> = sites.iter().map(site).collect();
    out.say(&json!({ "sites": shown }), || {
        let rows = sites.iter().map(|site| {
            let address = site.address.clone().unwrap_or_else(|| "-".into());
            vec![site.id.to_string(), site.name.clone(), address]
        });
        let none = "The company has no sites. Add one with: origin site add";
        table(rows.collect(), none)
    })
}

fn site(site: &Site) -> Value {
    json!({
        "id": site.id,
        "companyId": site.company,
        "name": site.name,
        "address": site.address,
        "created": rfc3339(site.created_at),
    })
}

pub(super) async fn delete(
    context: &CommandContext,
    out: &Output,
    of: Of,
    (id, bills): (CompanyId, Bills),
) -> Outcome {
    let (author, bills) = (&context.author(of.organization), bills.into());
    let deleting = context.store.tx("cli.delete_company", |tx| {
        Box::pin(remove(tx, author, id, bills))
    });
    let company = deleting.await.map_err(refused)?;
    out.say(&json!({ "id": id, "deleted": true }), || {
        format!("Company {} is deleted for good.", company.name)
    })
}

pub(super) async fn delete_site(
    context: &CommandContext,
    out: &Output,
    of: Of,
    id: SiteId,
) -> Outcome {
    let author = &context.author(of.organization);
    let deleting = context.store.tx("cli.delete_site", |tx| {
        Box::pin(remove_site(tx, author, id))
    });
    let site = deleting.await.map_err(refused)?;
    out.say(&json!({ "id": id, "deleted": true }), || {
        format!("Site {} is deleted for good.", site.name)
    })
}

fn refused(refused: CompanyRefused) -> String {
    match refused {
        CompanyRefused::HasBills => {
            "The company has bills that were kept: delete them as well with --bills delete.".into()
        }
        CompanyRefused::Store(error) => failed(error),
        other => sentence(&other),
    }
}
