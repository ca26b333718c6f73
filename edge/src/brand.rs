//! The brand that a company's pages wear: from the isolate's memory, then KV, then the origin
//! within 300 ms; else none, and the page is neutral.

use std::{cell::RefCell, rc::Rc};

use shared::{
    brand::{Brand, unquoted},
    id::PublicCompanyId,
    wire::BrandQuery,
};
use worker::Env;

use crate::{
    At, apart, log,
    memory::{Found, Memory},
    origin::{self, Call},
    runtime,
    settings::Settings,
};

/// How long a page waits for the origin, in milliseconds.
const PATIENCE: u32 = 300;
/// How long KV keeps a brand, in seconds: so long at most does a page wear one (and let websites
/// frame it) that the organization has changed and the push of which was lost.
const LIFE: u64 = 24 * 3600;

/// A brand, ready to be rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wear {
    /// The organization's name.
    pub name: String,
    /// A data URL.
    pub logo: Option<String>,
    /// Where to ask for help.
    pub support_email: Option<String>,
    /// CSS: the brand's custom properties.
    pub style: String,
    /// Origins, space-separated; empty when nobody may frame the pages.
    pub frame_ancestors: String,
}

impl Wear {
    /// Decodes a brand; `None` when it is not one, or must not become part of a page.
    pub fn decode(json: &str) -> Option<Self> {
        let brand: Brand = serde_json::from_str(json).ok()?;
        brand.problems().is_empty().then(|| Self::new(brand))
    }

    fn new(brand: Brand) -> Self {
        let mut style = format!(
            ":root{{--accent:{};--on-accent:{}",
            brand.accent, brand.on_accent
        );
        if let Some(list) = &brand.font {
            style.push_str(";--font:");
            style.push_str(&font_family(list));
        }
        style.push('}');
        Self {
            name: brand.name.trim().to_owned(),
            logo: brand.logo,
            support_email: brand.support_email,
            style,
            frame_ancestors: brand.frame_ancestors.join(" "),
        }
    }

    /// For tests of pages.
    #[cfg(test)]
    pub fn sample() -> Self {
        Self {
            name: "Harbor & Co.".into(),
            logo: Some("data:image/png;base64,iVBORw0KGgo=".into()),
            support_email: Some("help@harbor.example".into()),
            style: ":root{--accent:#0b5fff;--on-accent:#ffffff}".into(),
            frame_ancestors: String::new(),
        }
    }
}

/// The list with every name quoted but CSS's own words: what is quoted cannot be anything else.
fn font_family(list: &str) -> String {
    let generic = [
        "serif",
        "sans-serif",
        "monospace",
        "cursive",
        "fantasy",
        "system-ui",
    ];
    let names = list.split(',').map(|name| match unquoted(name) {
        name if generic.contains(&name) => name.to_owned(),
        name => format!("\"{name}\""),
    });
    names.collect::<Vec<_>>().join(",")
}

/// Who wants to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Somebody with an address that anyone can make up: the origin is not asked.
    Anyone,
    /// A link that is authentic, or a flow.
    Authentic,
}

thread_local! {
    static MEMORY: RefCell<Memory> = RefCell::default();
}

/// The brand that a company's pages wear, if any.
pub async fn worn(at: &At<'_>, company: PublicCompanyId, ask: Ask) -> Option<Rc<Wear>> {
    let found = MEMORY.with_borrow_mut(|memory| memory.find(&company, runtime::now()));
    match found {
        Found::Fresh(wear) => wear,
        Found::Stale(wear) => {
            let (env, settings) = (at.env.clone(), Rc::clone(&at.settings));
            at.context.wait_until(async move {
                look_up(&env, &settings, company, Ask::Authentic).await;
            });
            wear
        }
        Found::Nothing => apart(look_up(at.env, &at.settings, company, ask)).await,
    }
}

/// Takes a brand that the origin pushed.
pub async fn push(env: &Env, company: PublicCompanyId, json: &str) -> worker::Result<()> {
    store(env, &company, json).await?;
    let wear = Wear::decode(json).map(Rc::new);
    MEMORY.with_borrow_mut(|memory| memory.keep(company, wear, runtime::now()));
    Ok(())
}

async fn look_up(
    env: &Env,
    settings: &Settings,
    company: PublicCompanyId,
    ask: Ask,
) -> Option<Rc<Wear>> {
    if let Some(wear) = in_kv(env, &company).await {
        MEMORY
            .with_borrow_mut(|memory| memory.keep(company, Some(Rc::clone(&wear)), runtime::now()));
        return Some(wear);
    }
    if ask == Ask::Anyone {
        return None;
    }
    let answer = apart(at_origin(settings, company)).await;
    let now = runtime::now();
    let Some(json) = answer else {
        MEMORY.with_borrow_mut(|memory| memory.keep_unknown(company, now));
        return None;
    };
    let wear = json.as_deref().and_then(Wear::decode).map(Rc::new);
    MEMORY.with_borrow_mut(|memory| memory.keep(company, wear.clone(), now));
    if let (Some(json), Some(_)) = (&json, &wear) {
        // Other isolates find it there; this visitor loses nothing when it fails.
        if store(env, &company, json).await.is_err() {
            log::line("brand.not_stored", &[("company", &company.to_string())]);
        }
    }
    wear
}

async fn in_kv(env: &Env, company: &PublicCompanyId) -> Option<Rc<Wear>> {
    let text = env.kv("BRANDS").ok()?.get(&key(company)).text().await;
    match text {
        Ok(text) => text.as_deref().and_then(Wear::decode).map(Rc::new),
        Err(_) => {
            log::line("brand.kv_failed", &[("company", &company.to_string())]);
            None
        }
    }
}

/// The brand's JSON; inside, `None` when the company has none. Outside, when nobody could be asked.
async fn at_origin(settings: &Settings, company: PublicCompanyId) -> Option<Option<String>> {
    let query = BrandQuery {
        public_company_id: company,
    };
    let [byte] = runtime::random().ok()?;
    let call = Call {
        node: settings.origins.nodes_from(byte).next()?,
        path: "/edge/brand",
        body: serde_json::to_string(&query).ok()?,
        flow: None,
        client: None,
        patience: PATIENCE,
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
    let put = put.expiration_ttl(LIFE);
    Ok(put.execute().await?)
}

fn key(company: &PublicCompanyId) -> String {
    format!("brand:{company}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str = r##"{"name":" Harbor ","logo":null,"accent":"#0B5FFF","onAccent":"#ffffff",
        "font":"'Source Sans 3', Georgia, sans-serif","supportEmail":"help@harbor.example",
        "frameAncestors":["https://a.example","https://b.example"]}"##;

    #[test]
    fn decoded_once_into_what_pages_need() {
        let wear = Wear::decode(JSON);
        let expected = Wear {
            name: "Harbor".into(),
            logo: None,
            support_email: Some("help@harbor.example".into()),
            style: ":root{--accent:#0b5fff;--on-accent:#ffffff;--font:\"Source Sans 3\",\"Georgia\",sans-serif}".into(),
            frame_ancestors: "https://a.example https://b.example".into(),
        };
        assert_eq!(wear, Some(expected));
    }

    #[test]
    fn what_must_not_become_part_of_a_page() {
        for (from, to) in [
            ("Georgia", "x}body{display:none"),
            ("https://a.example\"", "https://a.example; script-src *\""),
            ("#0B5FFF", "red"),
            ("#0B5FFF", "#fefefe"),
            ("\"logo\":null", "\"logo\":\"https://a.example/x.png\""),
        ] {
            assert_eq!(Wear::decode(&JSON.replace(from, to)), None, "{to}");
        }
        assert_eq!(Wear::decode("null"), None);
    }
}
