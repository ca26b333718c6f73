//! The fields of a new company and of a new site, wherever they are asked for: read and checked by one set of rules.

use shared::{
    api_key::ApiKeyEnvironment,
    id::{CompanyId, OrganizationId, PublicCompanyId, SiteId},
    time::UnixMillis,
};
use utoipa::ToSchema;

use crate::{
    clock::{Random, bytes},
    fields::{Fields, WrongFields},
    store::{companies::Company, sites::Site},
};

/// The longest name, and the longest id of the organization's own, in characters.
pub const MAX_NAME: usize = 200;
/// The longest address, in characters.
pub const MAX_ADDRESS: usize = 500;

/// A company to add.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct NewCompany {
    /// What the company is called.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// The id that your own systems use for it. Each company of an environment has its own.
    #[schema(min_length = 1, max_length = 200)]
    pub external_id: Option<String>,
}

impl NewCompany {
    /// Reads the fields.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub fn read(mut fields: Fields) -> Result<Self, WrongFields> {
        let name = fields.required_text("name", MAX_NAME);
        let external_id = fields.text("externalId", MAX_NAME);
        fields.done()?;
        Ok(Self {
            name: name.unwrap_or_default(),
            external_id,
        })
    }

    /// The row of such a company.
    #[must_use]
    pub fn row(
        self,
        (random, now): (&dyn Random, UnixMillis),
        (organization, environment): (OrganizationId, ApiKeyEnvironment),
    ) -> Company {
        Company {
            id: CompanyId::from_random(bytes(random)),
            public_id: PublicCompanyId::from_random(bytes(random)),
            organization,
            name: self.name,
            external_id: self.external_id,
            environment,
            created_at: now,
        }
    }
}

/// A site to add.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct NewSite {
    /// What the site is called.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// The postal address.
    #[schema(min_length = 1, max_length = 500)]
    pub address: Option<String>,
}

impl NewSite {
    /// Reads the fields.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub fn read(mut fields: Fields) -> Result<Self, WrongFields> {
        let name = fields.required_text("name", MAX_NAME);
        let address = fields.text("address", MAX_ADDRESS);
        fields.done()?;
        Ok(Self {
            name: name.unwrap_or_default(),
            address,
        })
    }

    /// The row of such a site of the company.
    #[must_use]
    pub fn row(self, random: &dyn Random, now: UnixMillis, company: CompanyId) -> Site {
        Site {
            id: SiteId::from_random(bytes(random)),
            company,
            name: self.name,
            address: self.address,
            created_at: now,
        }
    }
}
