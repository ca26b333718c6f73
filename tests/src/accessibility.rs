//! What axe-core finds wrong with a page: for people who do not see it, or use it by keyboard, or with large type.

use std::fs;

use chromiumoxide::cdp::browser_protocol::emulation::{MediaFeature, SetEmulatedMediaParams};
use serde_json::Value;

use crate::{client::Tab, edge::root, wait::until};

/// How a page is looked at: a name, the window's size in CSS pixels, and the colour scheme.
pub const LOOKS: [(&str, (u32, u32), &str); 4] = [
    ("phone-light", (390, 844), "light"),
    ("phone-dark", (390, 844), "dark"),
    ("desktop-light", (1280, 900), "light"),
    ("desktop-dark", (1280, 900), "dark"),
];

/// Runs the rules of WCAG 2.2 AA, and those that are good practice.
const RUN: &str = "window.barriers = null; axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', \
     'wcag21aa', 'wcag22aa', 'best-practice'] }).then((found) => found.violations.flatMap((rule) => \
     rule.nodes.map((node) => `${rule.id}: ${node.target.join(' ')}: ${node.failureSummary}`))).then((found) => { window.barriers = found; }); true";

impl Tab {
    /// Shows the page in a window of another size and in another colour scheme.
    ///
    /// # Panics
    /// When the browser refuses.
    pub async fn look(&self, (width, height): (u32, u32), scheme: &str) {
        self.resize(width, height).await;
        let scheme = MediaFeature::new("prefers-color-scheme", scheme);
        let media = SetEmulatedMediaParams::builder().features([scheme]).build();
        self.send(media, "another colour scheme").await;
    }

    /// What is wrong with the page that is open, a sentence each. No page may be wider than the window.
    ///
    /// # Panics
    /// When axe-core is not installed (`cargo xtask setup`) or does not run.
    pub async fn barriers(&self) -> Vec<String> {
        if self.value("typeof axe").await == Some("undefined".into()) {
            let file = root().join("node_modules/axe-core/axe.min.js");
            let axe = fs::read_to_string(file).expect("axe-core: run cargo xtask setup");
            // Given by the browser's own hand, so the page's policy does not hold it back.
            let begun = self.value(&format!("{axe}; true")).await;
            begun.expect("axe-core runs");
        }
        self.value(RUN).await.expect("axe-core begins");
        let found = until("axe-core's answer", async || {
            let found = self.value("window.barriers").await?;
            found.as_array().cloned()
        });
        let found = found.await;
        let told = found.iter().filter_map(Value::as_str);
        let mut barriers: Vec<_> = told.map(str::to_owned).collect();
        let is_wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth";
        if self.value(is_wide).await == Some(Value::Bool(true)) {
            barriers.push("the page is wider than the window".to_owned());
        }
        barriers
    }
}
