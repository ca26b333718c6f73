//! The page that is asked for, and what the peers need to answer the same.

use serde_json::{Value, json};
use shared::{
    id::{LinkId, PublicCompanyId},
    status::LinkKind,
    token::{Claims, KeyRing, seal},
};
use xtask::Outcome;

use super::workers::Variant;

/// The value of the setting `TOKEN_KEYS` in the bench.
pub const TOKEN_KEYS: &str = "1:000102030405060708090a0b0c0d0e0f";
/// The brand that KV has for every company.
pub const BRAND: &str = r##"{"name":"Harbor Energy Advisors","logo":null,"accent":"#1d3b6f","onAccent":"#ffffff","font":"Source Sans 3, sans-serif","supportEmail":"help@harbor.example","frameAncestors":[]}"##;
const URL: &str = "https://www.coned.com/en/login";
const STYLE: &str =
    ":root{--accent:#1d3b6f;--on-accent:#ffffff;--font:\"Source Sans 3\",sans-serif}";
const NAME: &str = "Harbor Energy Advisors";
const SUPPORT: &str = "help@harbor.example";

/// A company link.
pub struct Link {
    /// The path of the link's URL.
    pub path: String,
}

impl Link {
    /// A link with everything prefilled, that never expires.
    pub fn sample() -> Outcome<Self> {
        let company = PublicCompanyId::from_random([1; 16]);
        let claims = Claims {
            link: LinkId::from_random([2; 16]),
            expires: None,
            provider: URL.parse().ok(),
            country: "US".parse().ok(),
        };
        let ring: KeyRing = TOKEN_KEYS.parse().map_err(|error| format!("{error}"))?;
        let token = seal(&ring, LinkKind::Company, &company, [3; 12], &claims);
        let token = token.map_err(|error| format!("{error}"))?;
        Ok(Self {
            path: format!("/p/connect/{company}/{token}"),
        })
    }
}

/// The parts of the edge's answer for a link's page.
pub struct PageParts {
    /// The HTML of the page.
    pub html: String,
    nonce: String,
    /// Headers that the Worker set, without the policy.
    pub headers: Value,
    policy: String,
    parts: Vec<Value>,
    options: String,
}

impl PageParts {
    /// Of a whole HTTP answer: head, empty line, body.
    pub fn of(answer: &(String, String)) -> Outcome<Self> {
        let (head, html) = answer;
        let odd = |what: &str| {
            format!("The edge's page has no {what}; is the bench still right? {head}\n{html}")
        };
        let mut headers = serde_json::Map::new();
        for line in head.lines().skip(1) {
            let Some((name, value)) = line.split_once(": ") else {
                continue;
            };
            let name = name.to_ascii_lowercase();
            // These are the server's own.
            if !["transfer-encoding", "content-length", "connection"].contains(&name.as_str()) {
                headers.insert(name, value.into());
            }
        }
        let policy = headers
            .remove("content-security-policy")
            .ok_or(odd("policy"))?;
        let policy = policy.as_str().unwrap_or_default().to_owned();
        let nonce = policy
            .split_once("'nonce-")
            .and_then(|(_, rest)| rest.split_once('\''));
        let nonce = nonce.ok_or(odd("nonce"))?.0.to_owned();
        let from = html.find("<option value=AF>").ok_or(odd("countries"))?;
        let until = html.find("</select>").ok_or(odd("countries"))?;
        let options = html.get(from..until).unwrap_or_default();
        let values = [
            ("OPTIONS", options),
            ("STYLE", STYLE),
            ("URL", URL),
            ("NAME", NAME),
            ("SUPPORT", SUPPORT),
            ("NONCE", &nonce),
        ];
        let mut parts = vec![Value::from(html.as_str())];
        for (name, text) in values {
            if !html.contains(text) {
                return Err(odd(name));
            }
            parts = parts
                .iter()
                .flat_map(|part| cut(part, name, text))
                .collect();
        }
        Ok(Self {
            html: html.clone(),
            headers: Value::Object(headers),
            policy: policy.replace(&nonce, "NONCE"),
            parts,
            options: options.replace(" selected", ""),
            nonce,
        })
    }

    /// Its style sheet's path, below the folder of assets. There is nothing else to load.
    pub fn style_sheet(&self) -> Outcome<&str> {
        let found = self.html.split_once("rel=\"stylesheet\" href=\"/");
        let path = found.and_then(|(_, rest)| rest.split('"').next());
        let path = path.ok_or("The edge's page has no style sheet.")?;
        if self.html.contains("<script") {
            return Err("The edge's first page runs a script: count it too.".into());
        }
        Ok(path)
    }

    /// For the peer.
    pub fn json(&self) -> String {
        let (policy, page, options) = (&self.policy, &self.parts, &self.options);
        json!({ "headers": self.headers, "policy": policy, "page": page, "options": options })
            .to_string()
    }

    /// For the constant: every header as it was.
    pub fn all_headers(&self) -> String {
        let mut headers = self.headers.clone();
        headers["content-security-policy"] = self.policy.replace("NONCE", &self.nonce).into();
        headers.to_string()
    }

    /// Fails when a variant answers anything else, nonce aside.
    pub fn must_equal(&self, answer: &(String, String), variant: Variant) -> Outcome {
        let (head, html) = answer;
        let nonce = html
            .split_once("nonce=\"")
            .and_then(|(_, rest)| rest.split_once('"'));
        let nonce = nonce.map_or("", |(nonce, _)| nonce);
        let same = nonce.len() == self.nonce.len() && html.replace(nonce, &self.nonce) == self.html;
        let names = self
            .headers
            .as_object()
            .into_iter()
            .flat_map(serde_json::Map::keys);
        let head = head.to_ascii_lowercase();
        let missing: Vec<&String> = names
            .filter(|name| !head.contains(&format!("\n{name}: ")))
            .collect();
        if same && missing.is_empty() && head.contains(&nonce.to_ascii_lowercase()) {
            return Ok(());
        }
        Err(format!(
            "The {} Worker answers another page (headers missing: {missing:?}):\n{head}\n{html}",
            variant.name()
        ))
    }
}

/// A text around every place where `value` stands in it; anything else stays.
fn cut(part: &Value, name: &str, value: &str) -> Vec<Value> {
    let Some(text) = part.as_str() else {
        return vec![part.clone()];
    };
    let mut parts = Vec::new();
    for (index, piece) in text.split(value).enumerate() {
        if index > 0 {
            parts.push(json!({ "value": name }));
        }
        parts.push(piece.into());
    }
    parts
}
