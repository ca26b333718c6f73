//! Writes the catalogues as Rust source text.

use std::fmt::{self, Write};

use unic_langid::{CharacterDirection, LanguageIdentifier};

use crate::catalogue::{Catalogue, Kind, Message, Part};

/// The enum `Locale` with a function for each message. The first catalogue is the reference.
pub fn rust(catalogues: &[Catalogue]) -> Result<String, Box<dyn std::error::Error>> {
    let mut out = String::new();
    let tags: Vec<&str> = catalogues.iter().map(|c| c.tag.as_str()).collect();
    write!(
        out,
        "/// A language that the texts are written in.\n#[derive(Debug, Clone, Copy, PartialEq, Eq)]\npub enum Locale {{"
    )?;
    for tag in &tags {
        write!(out, "/// `{tag}`\n{},", variant(tag))?;
    }
    write!(
        out,
        "}}\nimpl Locale {{\n/// Every locale; the first is the one for clients who accept no other.\npub const ALL: &'static [Self] = &["
    )?;
    for tag in &tags {
        write!(out, "Self::{},", variant(tag))?;
    }
    writeln!(out, "];")?;
    let mut rtl = Vec::new();
    for tag in &tags {
        let id: LanguageIdentifier = tag.parse()?;
        rtl.push((
            *tag,
            format!("{}", id.character_direction() == CharacterDirection::RTL),
        ));
    }
    constant(
        &mut out,
        "The BCP 47 tag, for the `lang` attribute.",
        "tag",
        "&'static str",
        tags.iter().map(|tag| (*tag, format!("{tag:?}"))),
    )?;
    constant(
        &mut out,
        "Whether it is written from right to left.",
        "is_right_to_left",
        "bool",
        rtl.into_iter(),
    )?;
    constant(
        &mut out,
        "Code (ISO 3166-1 alpha-2) and name of every country, sorted as the language sorts.",
        "countries",
        "&'static [(&'static str, &'static str)]",
        catalogues
            .iter()
            .map(|c| (c.tag.as_str(), format!("&{:?}", c.countries))),
    )?;
    let Some((reference, _)) = catalogues.split_first() else {
        return Ok(out);
    };
    for (name, message) in &reference.messages {
        let texts: Vec<_> = catalogues
            .iter()
            .filter_map(|c| Some((c.tag.as_str(), c.messages.get(name)?)))
            .collect();
        function(&mut out, name, message, &texts)?;
    }
    out.push_str("}\n");
    Ok(out)
}

/// `pt-BR` -> `PtBr`
fn variant(tag: &str) -> String {
    let subtags = tag.split('-').map(|subtag| {
        let (first, rest) = subtag.split_at(1);
        first.to_uppercase() + &rest.to_lowercase()
    });
    subtags.collect()
}

fn constant<'a>(
    out: &mut String,
    doc: &str,
    name: &str,
    kind: &str,
    values: impl Iterator<Item = (&'a str, String)>,
) -> fmt::Result {
    write!(
        out,
        "/// {doc}\n#[must_use]\npub const fn {name}(self) -> {kind} {{ match self {{"
    )?;
    for (tag, value) in values {
        write!(out, "Self::{} => {value},", variant(tag))?;
    }
    writeln!(out, "}}}}")
}

fn function(
    out: &mut String,
    name: &str,
    message: &Message,
    texts: &[(&str, &Message)],
) -> fmt::Result {
    let function = name.replace('-', "_");
    writeln!(out, "/// {}", doc(&message.parts))?;
    if message.variables.is_empty() {
        write!(
            out,
            "#[must_use]\npub const fn {function}(self) -> &'static str {{ match self {{"
        )?;
        for (tag, text) in texts {
            write!(out, "Self::{} => {:?},", variant(tag), plain(&text.parts))?;
        }
        return writeln!(out, "}}}}");
    }
    write!(out, "pub fn {function}<'a>(self")?;
    for (variable, kind) in &message.variables {
        let kind = match kind {
            Kind::Text => "&'a str",
            Kind::Number => "u64",
        };
        write!(out, ", {}: {kind}", variable.replace('-', "_"))?;
    }
    write!(
        out,
        ") -> impl std::fmt::Display + 'a {{ std::fmt::from_fn(move |f| {{ match self {{"
    )?;
    for (tag, text) in texts {
        write!(out, "Self::{} => {{", variant(tag))?;
        statements(out, &text.parts, message)?;
        write!(out, "}}")?;
    }
    writeln!(out, "}} Ok(()) }}) }}")
}

fn statements(out: &mut String, parts: &[Part], message: &Message) -> fmt::Result {
    for part in parts {
        match part {
            Part::Text(text) => write!(out, "f.write_str({text:?})?;")?,
            Part::Variable(name) => write!(
                out,
                "std::fmt::Display::fmt(&{}, f)?;",
                name.replace('-', "_")
            )?,
            Part::Select {
                variable,
                variants,
                default,
            } => {
                let is_number = message
                    .variables
                    .contains(&(variable.clone(), Kind::Number));
                let name = variable.replace('-', "_");
                if is_number {
                    write!(out, "match (self.plural({name}), {name}) {{")?;
                } else {
                    write!(out, "match {name} {{")?;
                }
                for (key, text) in variants {
                    match (is_number, key.parse::<u64>()) {
                        (true, Ok(number)) => write!(out, "(_, {number}) => {{")?,
                        (true, Err(_)) => {
                            write!(out, "(PluralCategory::{}, _) => {{", key.to_uppercase())?
                        }
                        (false, _) => write!(out, "{key:?} => {{")?,
                    }
                    statements(out, text, message)?;
                    write!(out, "}}")?;
                }
                write!(out, "_ => {{")?;
                statements(out, default, message)?;
                write!(out, "}} }}")?;
            }
        }
    }
    Ok(())
}

/// A text without variables.
fn plain(parts: &[Part]) -> String {
    let texts = parts.iter().map(|part| match part {
        Part::Text(text) => text.as_str(),
        Part::Variable(_) | Part::Select { .. } => "",
    });
    texts.collect()
}

/// The text as documentation: `Sign in to {host}`.
fn doc(parts: &[Part]) -> String {
    let texts = parts.iter().map(|part| match part {
        Part::Text(text) => text.clone(),
        Part::Variable(name) => format!("{{{name}}}"),
        Part::Select { default, .. } => doc(default),
    });
    format!("`{}`", texts.collect::<String>().trim_matches('`'))
}
