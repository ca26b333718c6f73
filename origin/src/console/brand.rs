//! Settings > White-label: what clients see on the pages of links.

use askama::Template;
use axum::{
    extract::{FromRequest, Multipart, Request},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use shared::{
    brand::{Brand, BrandProblem, Colour, MAX_LOGO},
    member::AuditAction,
};

use super::{
    edit::VERSION_FIELD,
    error::ConsoleError,
    form::{Form, Wrong, told_at},
    page::{Place, Shell, render},
    session::SignedIn,
};
use crate::{brand_push::set_brand, version};

/// The path of the white-label page.
const PAGE: &str = "/console/brand";
/// The longest form, with the picture in it, in bytes.
pub(super) const FORM_MAX: usize = 256 * 1024;
/// The accent of an organization that has chosen none: that of the pages themselves.
const USUAL_ACCENT: &str = "#0b6b57";

/// The form: its fields, and the picture as a data URL if one was chosen.
pub(super) struct BrandForm {
    fields: Form,
    logo: Option<String>,
}

impl<S: Send + Sync> FromRequest<S> for BrandForm {
    type Rejection = ConsoleError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ConsoleError> {
        let broken = |_| ConsoleError::TooLong;
        let parts = Multipart::from_request(request, state).await;
        let mut parts = parts.map_err(|_| ConsoleError::OldForm)?;
        let (mut fields, mut logo) = (Vec::new(), None);
        while let Some(part) = parts.next_field().await.map_err(broken)? {
            let name = part.name().unwrap_or_default().to_owned();
            let kind = part.content_type().map(str::to_owned);
            let content = part.bytes().await.map_err(broken)?;
            if name != "logo" {
                let text = String::from_utf8_lossy(&content).into_owned();
                fields.push((name, text));
            } else if !content.is_empty() {
                let kind = kind.unwrap_or_default();
                logo = Some(format!("data:{kind};base64,{}", STANDARD.encode(&content)));
            }
        }
        Ok(Self {
            fields: Form::of(fields),
            logo,
        })
    }
}

/// The fields as they were filled in, and what is wrong with one of them.
#[derive(Default)]
struct Filled {
    name: String,
    accent: String,
    support_email: String,
    /// The version that its person has seen, unless it is that of now.
    seen: Option<String>,
    /// Whether a picture was chosen that browsers forget.
    has_logo: bool,
    wrong: Option<Wrong>,
    /// Whether somebody else changed the brand since the form was shown.
    is_old: bool,
}

impl Filled {
    fn of_form(form: &BrandForm) -> Self {
        Self {
            name: form.fields.text("name").to_owned(),
            accent: form.fields.text("accent").to_lowercase(),
            support_email: form.fields.text("supportEmail").to_owned(),
            seen: Some(form.fields.text(VERSION_FIELD).to_owned()),
            has_logo: form.logo.is_some(),
            wrong: None,
            is_old: false,
        }
    }

    /// The fields as they stand.
    fn of_brand(brand: &Brand) -> Self {
        Self {
            name: brand.name.clone(),
            accent: brand.accent.to_string(),
            support_email: brand.support_email.clone().unwrap_or_default(),
            ..Self::default()
        }
    }
}

#[derive(Template)]
#[template(path = "console/brand.html")]
struct BrandPage<'a> {
    shell: Shell<'a>,
    /// What clients see now, if the organization has a brand.
    brand: Option<&'a Brand>,
    filled: &'a Filled,
    is_saved: bool,
}

impl BrandPage<'_> {
    fn told(&self, field: &str) -> Option<&'static str> {
        told_at(self.filled.wrong, field)
    }

    /// The version that the form is of. Only who is told what stands there now has seen it.
    fn version(&self) -> String {
        let seen = self.filled.seen.clone();
        seen.unwrap_or_else(|| version::of_values(&self.brand))
    }

    /// What stands otherwise than it was typed, in words.
    fn now(&self) -> Vec<String> {
        let stands = self.brand.map(Filled::of_brand).unwrap_or_default();
        let typed = self.filled;
        let all = [
            ("Name", stands.name, &typed.name),
            ("Colour", stands.accent, &typed.accent),
            (
                "Support contact",
                stands.support_email,
                &typed.support_email,
            ),
        ];
        let others = all.into_iter().filter(|(_, now, typed)| now != *typed);
        others
            .map(|(label, now, _)| match now.is_empty() {
                true => format!("{label}: empty now"),
                false => format!("{label}: “{now}” now"),
            })
            .collect()
    }
}

fn page(
    me: &SignedIn,
    status: StatusCode,
    brand: Option<&Brand>,
    (filled, is_saved): (&Filled, bool),
) -> Result<Response, ConsoleError> {
    let html = render(&BrandPage {
        shell: Shell::new(me, Place::Settings),
        brand,
        filled,
        is_saved,
    })?;
    Ok((status, html).into_response())
}

async fn known(me: &SignedIn) -> Result<Option<Brand>, ConsoleError> {
    let organization = me.organization.id;
    let reading = me
        .console
        .door
        .store
        .read("console.brand", |tx| Box::pin(tx.brand(organization)));
    Ok(reading.await?)
}

/// Shows what clients see.
pub(super) async fn show(me: SignedIn) -> Result<Response, ConsoleError> {
    shown(&me, false).await
}

/// Shows it, and that it was saved just now.
pub(super) async fn show_saved(me: SignedIn) -> Result<Response, ConsoleError> {
    shown(&me, true).await
}

async fn shown(me: &SignedIn, is_saved: bool) -> Result<Response, ConsoleError> {
    me.must_administer()?;
    let brand = known(me).await?;
    let filled = match &brand {
        Some(brand) => Filled::of_brand(brand),
        None => Filled {
            name: me.organization.name.clone(),
            accent: USUAL_ACCENT.to_owned(),
            ..Filled::default()
        },
    };
    page(me, StatusCode::OK, brand.as_ref(), (&filled, is_saved))
}

/// What became of a form.
enum Saved {
    Yes,
    /// Something is wrong with it; this stands.
    Wrong(Wrong, Option<Brand>),
    /// Somebody else changed the brand meanwhile; this stands.
    Old(Option<Brand>),
}

/// Saves it, unless somebody else changed it meanwhile, and has it brought to the edge.
pub(super) async fn save(me: SignedIn, form: BrandForm) -> Result<Response, ConsoleError> {
    me.check(&form.fields)?;
    me.must_administer()?;
    let mut filled = Filled::of_form(&form);
    let (organization, door) = (me.organization.id, &me.console.door);
    let (who, typed, form) = (&me, &filled, &form);
    let saving = door.store.tx("console.set_brand", |tx| {
        Box::pin(async move {
            tx.lock_organization(organization).await?;
            let before = tx.brand(organization).await?;
            let brand = match read(typed, form, before.as_ref()) {
                Ok(brand) => brand,
                Err(wrong) => return Ok(Saved::Wrong(wrong, before)),
            };
            if version::of_values(&before.as_ref()) != form.fields.text(VERSION_FIELD) {
                return Ok(Saved::Old(before));
            }
            set_brand(tx, organization, &brand, (&*door.random, who.now)).await?;
            let event = who.audit(AuditAction::BrandChanged, None, Some(brand.name));
            tx.add_audit_event(&event).await?;
            Ok::<_, ConsoleError>(Saved::Yes)
        })
    });
    match saving.await? {
        Saved::Yes => Ok(Redirect::to(&format!("{PAGE}/saved")).into_response()),
        Saved::Wrong(wrong, stands) => {
            filled.wrong = Some(wrong);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            page(&me, status, stands.as_ref(), (&filled, false))
        }
        Saved::Old(stands) => {
            (filled.is_old, filled.seen) = (true, None);
            page(&me, StatusCode::CONFLICT, stands.as_ref(), (&filled, false))
        }
    }
}

/// The brand that is meant, or what is wrong. What the page does not show stays as it was.
fn read(filled: &Filled, form: &BrandForm, before: Option<&Brand>) -> Result<Brand, Wrong> {
    let accent: Colour = filled
        .accent
        .parse()
        .map_err(|_| Wrong::new("accent", "Enter a colour, such as #0b6b57."))?;
    let logo = if form.fields.text("noLogo") == "yes" {
        None
    } else {
        let chosen = form.logo.clone();
        chosen.or_else(|| before.and_then(|it| it.logo.clone()))
    };
    let brand = Brand {
        name: filled.name.clone(),
        logo,
        on_accent: readable_on(&accent)?,
        accent,
        font: before.and_then(|it| it.font.clone()),
        support_email: Some(filled.support_email.clone()).filter(|text| !text.is_empty()),
        frame_ancestors: before
            .map(|it| it.frame_ancestors.clone())
            .unwrap_or_default(),
    };
    let problems = match form.logo {
        Some(_) => brand.problems_when_new(),
        None => brand.problems(),
    };
    match problems.first() {
        None => Ok(brand),
        Some(BrandProblem::Name) => {
            Err(Wrong::new("name", "Enter a name of 80 characters at most."))
        }
        Some(BrandProblem::Logo) => {
            let is_long = brand.logo.is_some_and(|logo| logo.len() > MAX_LOGO);
            Err(Wrong::new(
                "logo",
                if is_long {
                    "This picture is too big: 48 KB at most."
                } else {
                    "Choose a picture: PNG, JPEG, WebP or SVG."
                },
            ))
        }
        Some(BrandProblem::SupportEmail) => Err(Wrong::new(
            "supportEmail",
            "Enter a mail address, such as help@organization.example.",
        )),
        Some(_) => Err(Wrong::new("accent", "Choose another colour.")),
    }
}

/// White or near black, whichever can be read better on this colour.
fn readable_on(accent: &Colour) -> Result<Colour, Wrong> {
    let colour = |text: &str| {
        let parsed = text.parse::<Colour>();
        parsed.map_err(|_| Wrong::new("accent", "Choose another colour."))
    };
    let (light, dark) = (colour("#ffffff")?, colour("#0b0b0b")?);
    Ok(if accent.contrast(&light) >= accent.contrast(&dark) {
        light
    } else {
        dark
    })
}
