//! Sign-ins that succeed.

pub mod accounts;
pub mod pages;
pub mod passages;

use crate::Class;

/// All of them.
pub const CLASSES: &[Class] = &[
    Class {
        name: "pages",
        makes: pages::MAKES,
    },
    Class {
        name: "accounts",
        makes: accounts::MAKES,
    },
    Class {
        name: "passages",
        makes: passages::MAKES,
    },
];
