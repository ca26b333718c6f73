//! Sign-ins that succeed.

pub mod accounts;
pub mod challenges;
pub mod let_in;
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
        name: "let_in",
        makes: let_in::MAKES,
    },
    Class {
        name: "passages",
        makes: passages::MAKES,
    },
    Class {
        name: "challenges",
        makes: challenges::MAKES,
    },
];
