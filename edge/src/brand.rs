//! The brand of a company's pages: from the isolate's cache, then KV, then the origin within 300 ms.
//! Without a brand the page is neutral.

use std::{cell::RefCell, rc::Rc};

use shared::{id::PublicCompanyId, wire::BrandQuery};
use worker::Env;

use crate::{
    brand_cache::{BrandCache, Lookup},
    brand_style::BrandStyle,
    log,
    origin::{self, OriginRequest},
    outlined::outlined,
    pages::Shell,
    request_context::RequestContext,
    runtime,
    settings::Settings,
};

/// How long a page waits for the origin, in milliseconds.
const TIMEOUT_MS: u32 = 300;
/// How long KV keeps a brand, in seconds. When the push of a changed brand was lost, pages show the
/// old brand, and may be framed by the websites it names, for this time at most.
const KV_TTL_SECONDS: u64 = 24 * 3600;

/// Whether the origin may be asked for the brand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OriginLookup {
    /// No: the company's id comes from an address that anyone can make up.
    Skip,
    /// Yes: the id comes from an authentic link, or from a flow.
    Allowed,
}

thread_local! {
    static CACHE: RefCell<BrandCache> = RefCell::default();
}

/// The shell of pages in this company's brand; without one when it cannot be had in time.
pub async fn branded_shell(
    ctx: &RequestContext<'_>,
    company: PublicCompanyId,
    lookup: OriginLookup,
) -> worker::Result<Shell> {
    Shell::with_brand(ctx.request.locale(), brand_for(ctx, company, lookup).await)
}

/// The brand of a company's pages; `None` when there is none or it cannot be had in time.
async fn brand_for(
    ctx: &RequestContext<'_>,
    company: PublicCompanyId,
    lookup: OriginLookup,
) -> Option<Rc<BrandStyle>> {
    let found = CACHE.with_borrow_mut(|cache| cache.find(&company, runtime::now()));
    match found {
        Lookup::Fresh(brand) => brand,
        Lookup::Stale(brand) => {
            let (env, settings) = (ctx.env.clone(), Rc::clone(&ctx.settings));
            ctx.context.wait_until(async move {
                look_up(&env, &settings, company, OriginLookup::Allowed).await;
            });
            brand
        }
        Lookup::Miss => outlined(look_up(ctx.env, &ctx.settings, company, lookup)).await,
    }
}

/// Stores a brand that the origin pushed.
pub async fn push(env: &Env, company: PublicCompanyId, json: &str) -> worker::Result<()> {
    store(env, &company, json).await?;
    let brand = BrandStyle::decode(json).map(Rc::new);
    CACHE.with_borrow_mut(|cache| cache.keep(company, brand, runtime::now()));
    Ok(())
}

async fn look_up(
    env: &Env,
    settings: &Settings,
    company: PublicCompanyId,
    lookup: OriginLookup,
) -> Option<Rc<BrandStyle>> {
    if let Some(brand) = in_kv(env, &company).await {
        CACHE.with_borrow_mut(|cache| cache.keep(company, Some(Rc::clone(&brand)), runtime::now()));
        return Some(brand);
    }
    if lookup == OriginLookup::Skip {
        return None;
    }
    let answer = outlined(at_origin(settings, company)).await;
    let now = runtime::now();
    let Some(json) = answer else {
        CACHE.with_borrow_mut(|cache| cache.keep_unknown(company, now));
        return None;
    };
    let brand = json.as_deref().and_then(BrandStyle::decode).map(Rc::new);
    CACHE.with_borrow_mut(|cache| cache.keep(company, brand.clone(), now));
    if let (Some(json), Some(_)) = (&json, &brand) {
        // Other isolates find it there; this visitor loses nothing when it fails.
        if store(env, &company, json).await.is_err() {
            log::line("brand.not_stored", &[("company", &company.to_string())]);
        }
    }
    brand
}

async fn in_kv(env: &Env, company: &PublicCompanyId) -> Option<Rc<BrandStyle>> {
    let text = env.kv("BRANDS").ok()?.get(&key(company)).text().await;
    match text {
        Ok(text) => text.as_deref().and_then(BrandStyle::decode).map(Rc::new),
        Err(_) => {
            log::line("brand.kv_failed", &[("company", &company.to_string())]);
            None
        }
    }
}

/// The brand's JSON. The inner `None` means that the company has no brand, the outer one that the origin
/// could not be asked.
async fn at_origin(settings: &Settings, company: PublicCompanyId) -> Option<Option<String>> {
    let query = BrandQuery {
        public_company_id: company,
    };
    let [byte] = runtime::random().ok()?;
    let call = OriginRequest {
        node: settings.origins.nodes_from(byte).next()?,
        path: "/edge/brand",
        body: serde_json::to_string(&query).ok()?,
        flow: None,
        client: None,
        timeout_ms: TIMEOUT_MS,
    };
    match origin::call(settings, &call).await {
        Ok(answer) if answer.status == 200 => Some(Some(answer.body)),
        Ok(answer) if answer.status == 404 => Some(None),
        Ok(_) | Err(_) => {
            log::line("brand.origin_failed", &[("company", &company.to_string())]);
            None
        }
    }
}

async fn store(env: &Env, company: &PublicCompanyId, json: &str) -> worker::Result<()> {
    let put = env.kv("BRANDS")?.put(&key(company), json)?;
    let put = put.expiration_ttl(KV_TTL_SECONDS);
    Ok(put.execute().await?)
}

fn key(company: &PublicCompanyId) -> String {
    format!("brand:{company}")
}
