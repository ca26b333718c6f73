//! The pages of the platform's operators.

use super::reader::Reader;
use crate::address_range::AddressRange;

/// From where the pages of the platform's operators can be reached.
#[derive(Debug, Clone, Default)]
pub struct OperatorConfig {
    /// The addresses that they are there for; empty means all.
    pub addresses: Vec<AddressRange>,
}

/// Reads `[operator]`. With an entry that is wrong nothing starts, so it never opens the pages to all.
pub(super) fn operator(reader: &mut Reader) -> OperatorConfig {
    OperatorConfig {
        addresses: reader.address_ranges("operator.addresses"),
    }
}
