//! Makes a company link: checks it against the company, seals its token, stores it, brands it.

use shared::{
    id::{CompanyId, LinkId},
    status::LinkKind,
    token::{NONCE_LEN, SealError},
};

use super::{
    call::Call,
    companies::own,
    link_body::NewLink,
    problem::{ApiProblem, FieldError},
    state::ApiDoor,
};
use crate::{
    clock::bytes,
    link_url,
    store::{companies::Company, links::Link, sites::Site},
};

/// Makes a link of the caller's company and stores it; its brand is at the edge if the edge could be reached.
pub(super) async fn make(
    call: Call,
    company: CompanyId,
    new: NewLink,
) -> Result<(Company, Link), ApiProblem> {
    let made = link_of(&call, company, new);
    let (door, link) = (&call.door, &made);
    let (company, brand) = call
        .tx
        .write("api.make_link", |tx| {
            Box::pin(async move {
                let company = own(tx, call.organization, company).await?;
                let sites = tx.sites_of(company.id).await?;
                check(door, &company, &sites, link)?;
                if !tx.add_link(call.organization, link).await? {
                    return Err(ApiProblem::NotFound);
                }
                Ok((company, tx.brand(call.organization).await?))
            })
        })
        .await?;
    if let Some(brand) = brand {
        // The edge shows a neutral page without it and asks again, so a failure stops nothing.
        door.edge.push(company.public_id, brand).await;
    }
    Ok((company, made))
}

/// What only the company's rows tell: whose the sites are, and whether the URL can be made.
fn check(door: &ApiDoor, company: &Company, sites: &[Site], link: &Link) -> Result<(), ApiProblem> {
    let strangers = link
        .initial_sites
        .iter()
        .enumerate()
        .filter(|(_, id)| sites.iter().all(|site| site.id != **id))
        .map(|(place, _)| FieldError {
            field: format!("initialSites[{place}]"),
            detail: "is not a site of this company".into(),
        });
    let mut errors: Vec<_> = strangers.collect();
    if let Err(error) = check_url(door, company, link) {
        errors.push(error);
    }
    if errors.is_empty() {
        return Ok(());
    }
    Err(ApiProblem::Fields(errors))
}

fn link_of(call: &Call, company: CompanyId, new: NewLink) -> Link {
    let door = &call.door;
    let random = &*door.random;
    Link {
        id: LinkId::from_random(bytes(random)),
        company,
        kind: LinkKind::Company,
        connection: None,
        key_id: door.token_keys.sealing_id(),
        nonce: bytes::<NONCE_LEN>(random),
        provider_url: new.url,
        country: new.country,
        expires_at: new
            .expires_in_seconds
            .map(|seconds| call.now.plus(seconds.saturating_mul(1000))),
        revoked_at: None,
        fulfilled_at: None,
        fulfilled_flow: None,
        use_count: 0,
        initial_sites: new.initial_sites,
        utility_types: new.utility_types,
        owner_email: new.connection_owner_email,
        data_collection_start_date: new.data_collection_start_date,
        redirect_url: new.redirect_url,
        external_id: new.external_id,
        locale: new.locale,
        created_at: call.now,
    }
}

/// The URL must be makeable, now and again later.
fn check_url(door: &ApiDoor, company: &Company, link: &Link) -> Result<(), FieldError> {
    let wrong = |field: &str, detail: String| FieldError {
        field: field.to_owned(),
        detail,
    };
    match link_url::token(&door.token_keys, company.public_id, link) {
        Ok(token)
            if link_url::url(&door.links_base, company.public_id, link.kind, &token).len()
                <= link_url::MAX_LEN =>
        {
            Ok(())
        }
        Ok(_) | Err(SealError::TooLong) => {
            let max = link_url::max_provider_len(&door.links_base);
            Err(wrong(
                "url",
                format!("is too long for a link: at most {max} characters after https://"),
            ))
        }
        Err(error) => Err(wrong("expiresInSeconds", error.to_string())),
    }
}
