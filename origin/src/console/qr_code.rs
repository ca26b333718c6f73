//! QR codes, as pictures that stand in a page.

use qrcode::{QrCode, render::svg};

pub(crate) fn qr_code(url: &str) -> Option<String> {
    let code = QrCode::new(url).ok()?;
    // Dark on light in every colour scheme: scanners expect it so.
    let picture = code
        .render::<svg::Color<'_>>()
        .min_dimensions(200, 200)
        .build();
    // Without the declaration of an XML file.
    picture
        .find("<svg")
        .and_then(|at| picture.get(at..))
        .map(str::to_owned)
}
