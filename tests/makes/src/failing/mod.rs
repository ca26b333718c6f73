//! Sign-ins that fail, or that want something more first.

pub mod approvals;
pub mod challenges;
pub mod codes;
pub mod consent;
pub mod first_steps;
pub mod languages;
pub mod locked;
pub mod look_alikes;
pub mod obstacles;
pub mod pages;
pub mod questions;
pub mod scripts;
pub mod shapes;

use crate::Class;

/// All of them.
pub const CLASSES: &[Class] = &[
    Class {
        name: "pages",
        makes: pages::MAKES,
    },
    Class {
        name: "scripts",
        makes: scripts::MAKES,
    },
    Class {
        name: "first_steps",
        makes: first_steps::MAKES,
    },
    Class {
        name: "codes",
        makes: codes::MAKES,
    },
    Class {
        name: "approvals",
        makes: approvals::MAKES,
    },
    Class {
        name: "questions",
        makes: questions::MAKES,
    },
    Class {
        name: "locked",
        makes: locked::MAKES,
    },
    Class {
        name: "consent",
        makes: consent::MAKES,
    },
    Class {
        name: "obstacles",
        makes: obstacles::MAKES,
    },
    Class {
        name: "shapes",
        makes: shapes::MAKES,
    },
    Class {
        name: "languages",
        makes: languages::MAKES,
    },
    Class {
        name: "look_alikes",
        makes: look_alikes::MAKES,
    },
    Class {
        name: "challenges",
        makes: challenges::MAKES,
    },
];
