//! What the organization looks like to its clients.

use axum::{
    Json,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use shared::{
    brand::{Brand, BrandProblem, Colour, MAX_FRAME_ANCESTORS, MAX_LOGO, MAX_NAME},
    member::AuditAction,
};
use utoipa::ToSchema;

use super::{
    ApiProblem,
    call::Call,
    etag,
    fields::{Body, Fields},
    problem::ProblemBody,
};
use crate::{brand_push::set_brand, text_values::Email};

/// The longest list of font names, in characters.
const MAX_FONT: usize = 200;

/// What the organization's clients see on every page.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Brand)]
pub(super) struct BrandJson {
    /// The organization's name as its clients know it.
    #[schema(min_length = 1, max_length = 80, example = "Harbor Energy Advisors")]
    name: String,
    /// The logo: `data:image/…;base64,…` of a PNG, JPEG, WebP or SVG image; null shows the name.
    #[schema(max_length = 65_536)]
    logo: Option<String>,
    /// The colour of buttons and links.
    #[schema(pattern = "^#[0-9a-fA-F]{6}$", example = "#0b5fff")]
    accent: String,
    /// The colour of text on a background of `accent`, with a contrast of at least 4.5 to 1 against it.
    #[schema(pattern = "^#[0-9a-fA-F]{6}$", example = "#ffffff")]
    on_accent: String,
    /// Names of fonts that clients may have, the best one first; null is the system's own.
    #[schema(max_length = 200, example = "Source Sans 3, Georgia, sans-serif")]
    font: Option<String>,
    /// Where a client can ask for help.
    #[schema(format = "email")]
    support_email: Option<String>,
    /// The origins that may show the pages in a frame.
    #[schema(required = false, max_items = 20, example = json!(["https://portal.example"]))]
    frame_ancestors: Vec<String>,
}

/// Reads the brand. Until one is set there is none: pages then show no name at all.
#[utoipa::path(get, path = "/v2.2/brand", tag = "Brand", operation_id = "getBrand",
    responses((status = 200, body = BrandJson, headers(("ETag" = String, description = "The version of the brand"))),
        (status = 404, body = ProblemBody, content_type = "application/problem+json", description = "No brand was set")))]
pub(super) async fn get(call: Call) -> Result<Response, ApiProblem> {
    let organization = call.organization;
    let reading = call.tx.read("api.get_brand", |tx| {
        Box::pin(async move { Ok(tx.brand(organization).await?) })
    });
    reading
        .await?
        .map(|brand| shown(&brand))
        .ok_or(ApiProblem::NotFound)
}

/// Puts a brand in the place of the one before. With `If-Match` only if nobody else has changed it since. Pages show it within
/// seconds, and within a minute elsewhere. A sandbox key cannot: clients of production see the brand too.
#[utoipa::path(put, path = "/v2.2/brand", tag = "Brand", operation_id = "setBrand",
    params(("If-Match" = Option<String>, Header, description = "The ETag of the version that is to be changed")),
    request_body = BrandJson,
    responses((status = 200, body = BrandJson, headers(("ETag" = String, description = "The version of the brand"))),
        (status = 412, body = ProblemBody, content_type = "application/problem+json", description = "It is another version by now"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn set(
    call: Call,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, ApiProblem> {
    call.must_be_of_production()?;
    let brand = read(body)?;
    let (organization, headers, wanted) = (call.organization, &headers, &brand);
    let (random, now, audit) = (&*call.door.random, call.now, &call.audit);
    call.tx
        .write("api.set_brand", |tx| {
            Box::pin(async move {
                tx.lock_organization(organization).await?;
                let before = tx.brand(organization).await?;
                let is_meant = match before {
                    Some(before) => etag::matches(headers, &etag::of_values(&before)),
                    None => etag::matches(headers, ""),
                };
                if !is_meant {
                    return Err(ApiProblem::PreconditionFailed);
                }
                set_brand(tx, organization, wanted, (random, now)).await?;
                let name = Some(wanted.name.clone());
                Ok(audit.did(tx, AuditAction::BrandChanged, None, name).await?)
            })
        })
        .await?;
    tracing::info!(%organization, "the brand was changed");
    Ok(shown(&brand))
}

/// Reads a brand that pages may show, and names every field that is wrong.
fn read(mut body: Fields) -> Result<Brand, ApiProblem> {
    let name = body.required_text("name", MAX_NAME);
    let logo = body.text("logo", MAX_LOGO);
    let accent = colour(&mut body, "accent");
    let on_accent = colour(&mut body, "onAccent");
    let font = body.text("font", MAX_FONT);
    let support_email: Option<Email> = body.parsed("supportEmail");
    let frame_ancestors: Vec<(usize, String)> = body.list("frameAncestors", MAX_FRAME_ANCESTORS);
    let (Some(name), Some(accent), Some(on_accent)) = (name, accent, on_accent) else {
        return Err(ApiProblem::Fields(body.ended()));
    };
    let brand = Brand {
        name,
        logo,
        accent,
        on_accent,
        font,
        support_email: support_email.map(|email| email.0),
        frame_ancestors: frame_ancestors.into_iter().map(|(_, one)| one).collect(),
    };
    for problem in brand.problems_when_new() {
        body.wrong(field(problem), problem.to_string());
    }
    body.done()?;
    Ok(brand)
}

fn colour(body: &mut Fields, name: &'static str) -> Option<Colour> {
    if !body.has(name) {
        body.wrong(name, "is required");
    }
    body.parsed(name)
}

/// The field that a problem is about.
fn field(problem: BrandProblem) -> &'static str {
    match problem {
        BrandProblem::Name => "name",
        BrandProblem::Logo => "logo",
        BrandProblem::Contrast => "onAccent",
        BrandProblem::Font => "font",
        BrandProblem::SupportEmail => "supportEmail",
        BrandProblem::FrameAncestors => "frameAncestors",
    }
}

fn shown(brand: &Brand) -> Response {
    let tag = etag::of_values(brand);
    let json = BrandJson {
        name: brand.name.clone(),
        logo: brand.logo.clone(),
        accent: brand.accent.to_string(),
        on_accent: brand.on_accent.to_string(),
        font: brand.font.clone(),
        support_email: brand.support_email.clone(),
        frame_ancestors: brand.frame_ancestors.clone(),
    };
    (etag::header(&tag), Json(json)).into_response()
}
