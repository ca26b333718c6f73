//! The logo of a brand as a picture that goes along with a mail: mail programs load nothing from elsewhere.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use lettre::message::header::ContentType;
use shared::brand::Brand;

/// The content id by which the HTML names the picture.
pub const LOGO_ID: &str = "logo";
/// The kinds of pictures that all mail programs show; of others the name is shown instead.
const SHOWN: [(&str, &str); 2] = [
    ("data:image/png;base64,", "image/png"),
    ("data:image/jpeg;base64,", "image/jpeg"),
];

/// A picture that mail programs can show.
pub struct Logo {
    /// The bytes of the picture's file.
    pub bytes: Vec<u8>,
    /// The kind of the picture.
    pub kind: ContentType,
}

impl Logo {
    /// The logo of a brand, if it has one that mail programs show.
    pub fn of(brand: &Brand) -> Option<Self> {
        let url = brand.logo.as_deref()?;
        let mut shown = SHOWN.iter();
        let (data, kind) =
            shown.find_map(|(prefix, kind)| Some((url.strip_prefix(prefix)?, *kind)))?;
        Some(Self {
            bytes: STANDARD.decode(data).ok()?,
            kind: ContentType::parse(kind).ok()?,
        })
    }
}
