//! What axe-core finds wrong with a page: for people who do not see it, or use it by keyboard, or with large type.

use std::fs;

use chromiumoxide::cdp::browser_protocol::emulation::{MediaFeature, SetEmulatedMediaParams};
use serde_json::Value;

use crate::{client::Tab, edge::root, wait::until};

/// The sizes in which a page is looked at, in CSS pixels: a phone and a desktop.
const SIZES: [(u32, u32); 2] = [(390, 844), (1280, 900)];
const SCHEMES: [&str; 2] = ["light", "dark"];

/// Runs the rules of WCAG 2.2 AA, and those that are good practice.
const RUN: &str = "window.barriers = null; axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', \
     'wcag21aa', 'wcag22aa', 'best-practice'] }).then((found) => found.violations.flatMap((rule) => \
     rule.nodes.map((node) => `${rule.id}: ${node.target.join(' ')}: ${node.failureSummary}`))).then((found) => { window.barriers = found; }); true";

impl Tab {
    /// Looks at the page that is open as a phone and a desktop show it, in light and dark, and answers what is wrong with it,
    /// a sentence each. No page may be wider than the window.
    ///
    /// # Panics
    /// When axe-core is not installed (`cargo xtask setup`) or does not run.
    pub async fn barriers(&self) -> Vec<String> {
        let file = root().join("node_modules/axe-core/axe.min.js");
        let axe = fs::read_to_string(file).expect("axe-core: run cargo xtask setup");
        // Given by the browser's own hand, so the page's policy does not hold it back.
        self.value(&format!("{axe}; true"))
            .await
            .expect("axe-core runs");
        let mut barriers = Vec::new();
        for (width, height) in SIZES {
            self.resize(width, height).await;
            for scheme in SCHEMES {
                let dark = MediaFeature::new("prefers-color-scheme", scheme);
                let media = SetEmulatedMediaParams::builder().features([dark]).build();
                self.send(media, "another colour scheme").await;
                self.value(RUN).await.expect("axe-core begins");
                let found = until("axe-core's answer", async || {
                    let found = self.value("window.barriers").await?;
                    found.as_array().cloned()
                });
                let found = found.await;
                let told = found.iter().filter_map(Value::as_str);
                barriers.extend(told.map(|told| format!("{width} {scheme}: {told}")));
            }
            let is_wide =
                "document.documentElement.scrollWidth > document.documentElement.clientWidth";
            if self.value(is_wide).await == Some(Value::Bool(true)) {
                barriers.push(format!("{width}: the page is wider than the window"));
            }
        }
        barriers
    }
}
