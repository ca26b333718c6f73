//! Uses the live view as a client does: reads the canvas, and sends mouse and keyboard input.

use base64::{Engine, engine::general_purpose::STANDARD};
use chromiumoxide::cdp::browser_protocol::emulation::SetScrollbarsHiddenParams;
use serde_json::Value;

use crate::{
    client::{Point, Tab},
    wait::until,
};

const CANVAS: &str = "#live canvas";

/// The picture of the remote website in a client's tab.
pub struct LiveView<'a> {
    tab: &'a Tab,
    /// The same website in an ordinary tab of the same size: where things are, and how they look.
    mirror: Tab,
}

impl<'a> LiveView<'a> {
    /// The view of a tab at SIGN_IN.
    #[must_use]
    pub fn of(tab: &'a Tab, mirror: Tab) -> Self {
        Self { tab, mirror }
    }

    /// The website in the mirror.
    #[must_use]
    pub fn mirror(&self) -> &Tab {
        &self.mirror
    }

    /// Width and height of the remote page in CSS pixels.
    async fn size(&self) -> (u32, u32) {
        let expression = format!("(c => [c.width, c.height])(document.querySelector('{CANVAS}'))");
        until("a picture of the website", async || {
            let size = self.tab.value(&expression).await?;
            serde_json::from_value(size).ok()
        })
        .await
    }

    /// Waits until there is a picture, of whatever page, and makes the mirror as large.
    pub async fn until_shown(&self) {
        /// The size of a canvas that nothing was drawn on.
        const EMPTY: (u32, u32) = (300, 150);
        let shown = until("a picture of the website", async || {
            Some(self.size().await).filter(|size| *size != EMPTY)
        });
        self.resize_mirror(shown.await).await;
    }

    /// Makes the mirror as large as the picture, and lays its page out as the remote browser does.
    async fn resize_mirror(&self, (width, height): (u32, u32)) {
        /// Pages narrower than this are a phone's, and have no scroll bars.
        const NARROWEST_DESKTOP: u32 = 600;
        let hidden = SetScrollbarsHiddenParams::new(width < NARROWEST_DESKTOP);
        // Chromium heeds it with the next layout, which the size brings.
        self.mirror.send(hidden, "no scroll bars").await;
        self.mirror.resize(width, height).await;
    }

    /// Waits until the picture shows what the mirror shows, which becomes as large as the picture.
    pub async fn until_as_mirror(&self) {
        let mut mirrored = None;
        until(
            "the live view to show the same page as the mirror",
            async || {
                let size = self.size().await;
                if mirrored != Some(size) {
                    self.resize_mirror(size).await;
                    mirrored = Some(size);
                }
                let mirror = STANDARD.encode(self.mirror.png().await?);
                let difference = self.tab.value(&difference_from(&mirror)).await?.as_f64()?;
                (difference < 4.0).then_some(())
            },
        )
        .await;
    }

    /// Clicks where the mirror has an element.
    pub async fn click(&self, selector: &str) {
        let remote = self.mirror.centre(selector).await;
        let [left, top, width, height] = self.tab.rectangle(CANVAS).await;
        let (columns, rows) = self.size().await;
        let point = Point {
            x: left + remote.x * width / f64::from(columns),
            y: top + remote.y * height / f64::from(rows),
        };
        self.tab.click_at(point).await;
    }

    /// Where an element of the website is in the client's window now, from top to bottom: nothing is scrolled for that.
    pub async fn shown_at(&self, selector: &str) -> Option<(f64, f64)> {
        let [_, top, _, height] = self.mirror.rectangle(selector).await;
        let canvas = format!(
            "(r => [r.top, r.height])(document.querySelector('{CANVAS}').getBoundingClientRect())"
        );
        let canvas = self.tab.value(&canvas).await?;
        let (picture, whole): (f64, f64) = serde_json::from_value(canvas).ok()?;
        let scale = whole / f64::from(self.size().await.1);
        Some((picture + top * scale, picture + (top + height) * scale))
    }

    /// Fills a field: click, all of it selected, typed over.
    pub async fn fill(&self, selector: &str, text: &str) {
        self.click(selector).await;
        self.tab.select_all().await;
        self.tab.type_text(text).await;
    }
}

/// Mean difference, of 255, between the canvas and a picture, both made small so that neither
/// compression nor a blinking caret counts.
fn difference_from(png: &str) -> String {
    let png = Value::from(png);
    format!(
        "(async () => {{
           const canvas = document.querySelector('{CANVAS}');
           if (!canvas) return null;
           const bytes = Uint8Array.from(atob({png}), c => c.charCodeAt(0));
           const other = await createImageBitmap(new Blob([bytes], {{type: 'image/png'}}));
           const small = async source => {{
             const to = new OffscreenCanvas(160, 100).getContext('2d');
             to.imageSmoothingQuality = 'high';
             to.drawImage(source, 0, 0, 160, 100);
             return to.getImageData(0, 0, 160, 100).data;
           }};
           const [a, b] = [await small(await createImageBitmap(canvas)), await small(other)];
           let sum = 0;
           for (let i = 0; i < a.length; i++) sum += Math.abs(a[i] - b[i]);
           return sum / (a.length * 3 / 4);
         }})()"
    )
}
