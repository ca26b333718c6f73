//! The settings that the operator gave to the Worker, read once per isolate.

use std::{cell::OnceCell, rc::Rc};

use shared::{signing::SigningKey, token::KeyRing};
use worker::Env;

use crate::error::EdgeError;

/// The edge's settings.
pub struct Settings {
    /// The keys that open tokens (`TOKEN_KEYS`).
    pub keys: KeyRing,
    /// The key that signs requests between edge and origin (`EDGE_SIGNING_KEY`).
    pub signing: SigningKey,
    /// The base address of each node (`ORIGINS`).
    pub origins: Origins,
}

thread_local! {
    static SETTINGS: OnceCell<Rc<Settings>> = const { OnceCell::new() };
}

impl Settings {
    /// The settings of this isolate. A change of them starts new isolates.
    pub fn of_isolate(env: &Env) -> Result<Rc<Self>, EdgeError> {
        SETTINGS.with(|cell| {
            if let Some(settings) = cell.get() {
                return Ok(Rc::clone(settings));
            }
            let settings = Rc::new(Self::read(env)?);
            Ok(Rc::clone(cell.get_or_init(|| settings)))
        })
    }

    fn read(env: &Env) -> Result<Self, EdgeError> {
        let text = |name: &'static str| match env.var(name) {
            Ok(value) => Ok(value.to_string()),
            Err(_) => Err(EdgeError::Setting(format!("{name} is not set"))),
        };
        let wrong = |name: &str, error: &dyn std::fmt::Display| {
            EdgeError::Setting(format!("{name}: {error}"))
        };
        Ok(Self {
            keys: text("TOKEN_KEYS")?
                .parse()
                .map_err(|error| wrong("TOKEN_KEYS", &error))?,
            signing: text("EDGE_SIGNING_KEY")?
                .parse()
                .map_err(|error| wrong("EDGE_SIGNING_KEY", &error))?,
            origins: Origins::parse(&text("ORIGINS")?).map_err(|error| wrong("ORIGINS", &error))?,
        })
    }
}

/// Node byte -> where its edge door is, like `https://node-0.example`. Nothing else can be reached.
#[derive(Debug, PartialEq, Eq)]
pub struct Origins(Vec<(u8, String)>);

impl Origins {
    /// Reads a JSON object such as `{"0":"https://node-0.example"}`; it must name at least one node.
    pub fn parse(json: &str) -> Result<Self, String> {
        let table: std::collections::BTreeMap<String, String> =
            serde_json::from_str(json).map_err(|error| error.to_string())?;
        let mut origins = Vec::with_capacity(table.len());
        for (node, address) in table {
            let node = node
                .parse()
                .map_err(|_| format!("`{node}` is no node (0 to 255)"))?;
            let url = url::Url::parse(&address).map_err(|error| format!("node {node}: {error}"))?;
            let base = url.origin().ascii_serialization();
            if !matches!(url.scheme(), "http" | "https") || url.as_str() != format!("{base}/") {
                return Err(format!("node {node}: expected http(s)://host[:port] alone"));
            }
            origins.push((node, base));
        }
        if origins.is_empty() {
            return Err("there is no node".into());
        }
        Ok(Self(origins))
    }

    /// The base address of a node, if there is such a node.
    pub fn base(&self, node: u8) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| *known == node);
        found.map(|(_, base)| base.as_str())
    }

    /// Every node, beginning somewhere that `byte` decides: new flows spread over all of them.
    pub fn nodes_from(&self, byte: u8) -> impl Iterator<Item = u8> {
        let start = usize::from(byte) % self.0.len().max(1);
        let turn = self.0.iter().cycle().skip(start).take(self.0.len());
        turn.map(|(node, _)| *node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_a_closed_table() {
        let origins = Origins::parse(r#"{"0":"http://127.0.0.1:7401","7":"https://b.example/"}"#);
        let Ok(origins) = origins else {
            unreachable!("{origins:?}");
        };
        assert_eq!(origins.base(0), Some("http://127.0.0.1:7401"));
        assert_eq!(origins.base(7), Some("https://b.example"));
        assert_eq!(origins.base(1), None);
        assert_eq!(origins.nodes_from(0).collect::<Vec<_>>(), [0, 7]);
        assert_eq!(origins.nodes_from(201).collect::<Vec<_>>(), [7, 0]);
        for bad in [
            "",
            "{}",
            "[]",
            r#"{"256":"https://a.example"}"#,
            r#"{"0":"https://a.example/path"}"#,
            r#"{"0":"https://me@a.example"}"#,
            r#"{"0":"ftp://a.example"}"#,
            r#"{"0":"a.example"}"#,
        ] {
            assert!(Origins::parse(bad).is_err(), "{bad}");
        }
    }
}
