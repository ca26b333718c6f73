//! The scripts of the live view, by the paths at which the page finds them.

macro_rules! scripts {
    ($($name:literal),+ $(,)?) => {
        &[$((
            concat!("/", $name),
            include_str!(concat!("../../../../../edge/assets/", $name)),
        )),+]
    };
}

/// Paths and sources.
pub const SCRIPTS: &[(&str, &str)] = scripts![
    "code-hours.js",
    "copy.js",
    "entry-form.js",
    "focused.js",
    "live-connection.js",
    "live-entry.js",
    "live-focus.js",
    "live-keyboard.js",
    "live-page.js",
    "live-picture.js",
    "live-pointer.js",
    "live-seal.js",
    "live-texts.js",
    "live-wire.js",
    "live.js",
];
