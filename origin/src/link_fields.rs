//! The fields of a new link, wherever it is asked for: read and checked by one set of rules.

use shared::{
    country::Country,
    id::{CompanyId, SiteId},
    provider::ProviderUrl,
    status::{LinkKind, UtilityType},
    time::UnixMillis,
    token::KeyRing,
};
use url::Url;
use utoipa::ToSchema;

use crate::{
    api_types::schema,
    clock::Random,
    config::SandboxConfig,
    fields::{FieldError, Fields},
    new_link::{
        LinkUrlProblem, MAX_EXPIRY_SECONDS, MAX_USES, MIN_EXPIRY_SECONDS, Prefill, company_link,
        link_url,
    },
    store::{companies::Company, links::Link, sites::Site},
    text_values::{CalendarDate, Email, LanguageTag, RedirectUrl},
};

/// How many sites can be ticked beforehand at most.
pub const MAX_SITES: usize = 500;
/// The longest name of the organization's own.
pub const MAX_EXTERNAL_ID: usize = 200;

/// What to fill in for the client; all of it may be left out.
#[derive(Debug, Default, ToSchema)]
#[schema(rename_all = "camelCase", example = json!({
    "url": "https://utility.example/login", "country": "GB", "utilityTypes": ["ELECTRICITY"],
    "connectionOwnerEmail": "owner@client.example", "expiresInSeconds": 604_800,
}))]
pub struct NewLink {
    /// The utility's website. The client can change it.
    #[schema(value_type = Option<String>, example = "https://utility.example/login")]
    pub url: Option<ProviderUrl>,
    /// A known provider instead of `url`. There is no list of providers yet, so no id is known.
    #[schema(value_type = Option<String>)]
    pub datasource_id: Option<String>,
    /// The country that is chosen at first, as a code of ISO 3166-1 alpha-2.
    #[schema(value_type = Option<String>, example = "GB")]
    pub country: Option<Country>,
    // Each with its place in the list.
    /// The ids of the sites that are ticked at first.
    #[schema(value_type = Option<Vec<uuid::Uuid>>)]
    pub initial_sites: Vec<(usize, SiteId)>,
    /// The utility types that are ticked at first.
    #[schema(value_type = Option<Vec<schema::UtilityType>>)]
    pub utility_types: Vec<UtilityType>,
    /// Whom to ask when the client must act again: this address gets a mail with a connection update link, or with a page
    /// for a code that the website asks for.
    #[schema(format = Email, max_length = 254)]
    pub connection_owner_email: Option<String>,
    /// Bills before this day are not wanted.
    #[schema(format = Date, example = "2025-01-01")]
    pub data_collection_start_date: Option<String>,
    /// The link's life; for ever when left out.
    #[schema(minimum = 60, maximum = 315_360_000)]
    pub expires_in_seconds: Option<i64>,
    /// How many runs of clients may make connections by it; one when left out. What a client adds in the same run is no
    /// further use.
    #[schema(minimum = 1, maximum = 100, default = 1)]
    pub max_uses: Option<i64>,
    /// Where the client goes afterwards: an https address at one of the origins that you listed at
    /// `/v2.2/redirect-origins`. The last page leads to it, with `status`
    /// (`CONNECTED` or `EXIT`), `flowRef` and `connectionId` in its query.
    #[schema(format = "uri", max_length = 500)]
    pub redirect_url: Option<String>,
    /// The id that your own systems use for it.
    #[schema(min_length = 1, max_length = 200)]
    pub external_id: Option<String>,
    /// The page's language, such as `de`. Kept and given back; pages are in English yet.
    pub locale: Option<String>,
}

/// How a connection update link is made; all of it may be left out. Its website, country and sites are the connection's.
#[derive(Debug, Default, ToSchema)]
#[schema(rename_all = "camelCase", example = json!({ "connectionOwnerEmail": "owner@client.example" }))]
pub struct NewUpdateLink {
    /// Whom the link is for; the connection's owner when left out. Kept and given back; `POST /v2.2/link/{id}/send`
    /// sends it there.
    #[schema(format = Email, max_length = 254)]
    pub connection_owner_email: Option<String>,
    /// The link's life; when left out, it ends once the connection works again.
    #[schema(minimum = 60, maximum = 315_360_000)]
    pub expires_in_seconds: Option<i64>,
    /// Where the client goes afterwards: an https address at one of the origins that you listed at
    /// `/v2.2/redirect-origins`. The last page leads to it, with `status`
    /// (`CONNECTED` or `EXIT`), `flowRef` and `connectionId` in its query.
    #[schema(format = "uri", max_length = 500)]
    pub redirect_url: Option<String>,
    /// The id that your own systems use for it.
    #[schema(min_length = 1, max_length = 200)]
    pub external_id: Option<String>,
    /// The page's language, such as `de`. Kept and given back; pages are in English yet.
    pub locale: Option<String>,
}

impl NewUpdateLink {
    /// Reads the body, and what is wrong with it as far as the body alone tells.
    pub fn read(mut fields: Fields) -> (Self, Vec<FieldError>) {
        for theirs in [
            "url",
            "datasourceId",
            "country",
            "initialSites",
            "utilityTypes",
            "dataCollectionStartDate",
        ] {
            fields.refuse(theirs, "is the connection's own: leave it out");
        }
        fields.refuse(
            "maxUses",
            "is for company links: this one ends once the connection works again",
        );
        (Self::fields_of_every_link(&mut fields), fields.ended())
    }

    /// The fields that a link of either kind may have.
    fn fields_of_every_link(fields: &mut Fields) -> Self {
        Self {
            connection_owner_email: fields
                .parsed::<Email>("connectionOwnerEmail")
                .map(|email| email.0),
            expires_in_seconds: fields.number(
                "expiresInSeconds",
                MIN_EXPIRY_SECONDS,
                MAX_EXPIRY_SECONDS,
            ),
            redirect_url: fields.parsed::<RedirectUrl>("redirectUrl").map(|url| url.0),
            external_id: fields.text("externalId", MAX_EXTERNAL_ID),
            locale: fields
                .parsed::<LanguageTag>("locale")
                .map(|locale| locale.0),
        }
    }
}

impl NewLink {
    /// Reads the body, and what is wrong with it as far as the body alone tells.
    pub fn read(mut fields: Fields) -> (Self, Vec<FieldError>) {
        let known_provider = fields.has("datasourceId");
        if known_provider && fields.has("url") {
            fields.wrong("datasourceId", "must not be given together with url");
        } else if known_provider {
            fields.wrong("datasourceId", "names no known provider; give its url");
        }
        let shared = NewUpdateLink::fields_of_every_link(&mut fields);
        let new = Self {
            url: fields.parsed("url"),
            datasource_id: fields.text("datasourceId", MAX_EXTERNAL_ID),
            country: fields.parsed("country"),
            initial_sites: fields.list("initialSites", MAX_SITES),
            utility_types: fields.choices("utilityTypes", UtilityType::ALL, UtilityType::as_str),
            connection_owner_email: shared.connection_owner_email,
            data_collection_start_date: fields
                .parsed::<CalendarDate>("dataCollectionStartDate")
                .map(|date| date.0),
            expires_in_seconds: shared.expires_in_seconds,
            max_uses: fields.number("maxUses", 1, MAX_USES),
            redirect_url: shared.redirect_url,
            external_id: shared.external_id,
            locale: shared.locale,
        };
        (new, fields.ended())
    }

    /// The row of such a link of the company.
    #[must_use]
    pub fn link(
        self,
        sources: (&KeyRing, &dyn Random),
        now: UnixMillis,
        company: CompanyId,
    ) -> Link {
        let prefill = Prefill {
            url: self.url,
            country: self.country,
            initial_sites: self.initial_sites.into_iter().map(|(_, id)| id).collect(),
            utility_types: self.utility_types,
            owner_email: self.connection_owner_email,
            data_collection_start_date: self.data_collection_start_date,
            expires_in_seconds: self.expires_in_seconds,
            redirect_url: self.redirect_url,
            external_id: self.external_id,
            locale: self.locale,
        };
        Link {
            max_uses: self.max_uses.unwrap_or(1),
            ..company_link(sources, now, company, prefill)
        }
    }
}

/// Those of the listed sites that are none of the company's.
pub fn strangers<'a>(
    asked: &'a [(usize, SiteId)],
    sites: &'a [Site],
) -> impl Iterator<Item = FieldError> + 'a {
    asked
        .iter()
        .filter(|(_, id)| sites.iter().all(|site| site.id != *id))
        .map(|(place, _)| FieldError {
            field: format!("initialSites[{place}]"),
            detail: "is not a site of this company".into(),
        })
}

/// What is wrong with the address to which a link is to lead: it must be at one of the listed origins.
#[must_use]
pub fn not_listed(origins: &[String], url: Option<&str>) -> Option<FieldError> {
    let origin = Url::parse(url?).map(|url| url.origin().ascii_serialization());
    let is_listed = origin.is_ok_and(|origin| origins.contains(&origin));
    (!is_listed).then(|| FieldError {
        field: "redirectUrl".into(),
        detail: "must be at one of the origins that you listed at /v2.2/redirect-origins".into(),
    })
}

/// What is wrong with a link of which the company may not connect the website: those for trying things out are for sandbox
/// companies, and for them alone.
#[must_use]
pub fn of_other_environment(
    sandbox: &SandboxConfig,
    company: &Company,
    link: &Link,
) -> Option<FieldError> {
    let url = link.provider_url.as_ref()?;
    // The website of an update link is the connection's, and nobody's to choose.
    if link.kind != LinkKind::Company {
        return None;
    }
    let problem = sandbox.check(company.environment, url).err()?;
    Some(FieldError {
        field: "url".to_owned(),
        detail: problem.to_string(),
    })
}

/// What is wrong with the fields of a link whose URL cannot be made: it must be makeable, now and again later.
#[must_use]
pub fn unmakeable(
    (keys, base): (&KeyRing, &Url),
    company: &Company,
    link: &Link,
) -> Option<FieldError> {
    let problem = link_url(keys, base, company.public_id, link).err()?;
    let field = match problem {
        LinkUrlProblem::WebsiteTooLong { .. } => "url",
        LinkUrlProblem::Token(_) => "expiresInSeconds",
    };
    Some(FieldError {
        field: field.to_owned(),
        detail: problem.to_string(),
    })
}
