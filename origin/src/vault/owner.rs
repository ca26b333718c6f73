//! Whom sealed rows belong to.

use shared::id::{CompanyId, OperatorId, OrganizationId};

/// Whom a sealed row belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// A company: what its clients entrusted.
    Company(CompanyId),
    /// An organization: what is its own, and none of its companies'.
    Organization(OrganizationId),
    /// Somebody who runs the platform.
    Operator(OperatorId),
}

impl From<CompanyId> for Owner {
    fn from(company: CompanyId) -> Self {
        Self::Company(company)
    }
}

impl From<OrganizationId> for Owner {
    fn from(organization: OrganizationId) -> Self {
        Self::Organization(organization)
    }
}

impl From<OperatorId> for Owner {
    fn from(operator: OperatorId) -> Self {
        Self::Operator(operator)
    }
}
