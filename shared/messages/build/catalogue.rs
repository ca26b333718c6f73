//! A locale's file, read: its messages with their variables, and its names of countries.

use std::collections::BTreeMap;

use fluent_syntax::{
    ast::{self, Entry, Expression, InlineExpression, PatternElement, VariantKey},
    parser,
};

/// The messages of one locale.
pub struct Catalogue {
    /// BCP 47, as in the name of the file.
    pub tag: String,
    /// By name; an attribute `b` of a message `a` is the message `a-b`.
    pub messages: BTreeMap<String, Message>,
    /// Code and name, in the order of the file.
    pub countries: Vec<(String, String)>,
}

/// A message: a text with variables.
pub struct Message {
    /// In the order in which the comment lists them.
    pub variables: Vec<(String, Kind)>,
    /// The parts of its text, in order.
    pub parts: Vec<Part>,
}

/// The types that a variable can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The variable is a text: `&str`.
    Text,
    /// The variable is a number: `u64`.
    Number,
}

/// A piece of a message.
pub enum Part {
    /// A text that is written as it stands.
    Text(String),
    /// The value of the variable with this name.
    Variable(String),
    /// One of several texts, by a variable's value.
    Select {
        /// The name of the variable that decides.
        variable: String,
        /// Its values, or plural categories when it is a number, and the text for each.
        variants: Vec<(String, Vec<Part>)>,
        /// The text for all other values.
        default: Vec<Part>,
    },
}

impl Catalogue {
    /// Reads the Fluent file of one locale. The error says what is wrong with it.
    pub fn parse(tag: &str, text: &str) -> Result<Self, String> {
        let resource = parser::parse(text).map_err(|(_, errors)| format!("{errors:?}"))?;
        let mut catalogue = Self {
            tag: tag.to_owned(),
            messages: BTreeMap::new(),
            countries: Vec::new(),
        };
        for entry in resource.body {
            match entry {
                Entry::Message(message) => catalogue.add(&message)?,
                Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => {}
                Entry::Term(term) => {
                    return Err(format!("-{}: terms are not supported", term.id.name));
                }
                Entry::Junk { content } => return Err(format!("not Fluent: {content}")),
            }
        }
        Ok(catalogue)
    }

    fn add(&mut self, message: &ast::Message<&str>) -> Result<(), String> {
        let name = message.id.name;
        let comment = message
            .comment
            .as_ref()
            .map_or(&[][..], |comment| &comment.content);
        let declared = declared(comment);
        let attributes = message.attributes.iter();
        let attributes = attributes.map(|a| (format!("{name}-{}", a.id.name), &a.value));
        let own = message.value.iter().map(|value| (name.to_owned(), value));
        for (name, pattern) in own.chain(attributes) {
            let wrong = |error: String| format!("{name}: {error}");
            let parts = parts(pattern).map_err(wrong)?;
            if let (Some(code), [Part::Text(text)]) = (
                name.strip_prefix("country-").filter(|c| c.len() == 2),
                &parts[..],
            ) {
                self.countries.push((code.to_owned(), text.clone()));
                continue;
            }
            let mut used = Vec::new();
            collect_variables(&parts, &mut used);
            let variables: Vec<_> = declared
                .iter()
                .filter(|(name, _)| used.contains(name))
                .cloned()
                .collect();
            if let Some(unknown) = used
                .iter()
                .find(|name| !variables.iter().any(|(known, _)| known == *name))
            {
                return Err(wrong(format!(
                    "the comment does not say what ${unknown} is"
                )));
            }
            let message = Message { variables, parts };
            if self.messages.insert(name.clone(), message).is_some() {
                return Err(format!("{name} is there twice"));
            }
        }
        Ok(())
    }

    /// What keeps this locale from being complete.
    pub fn differences(&self, reference: &Self) -> Vec<String> {
        let mut wrong = Vec::new();
        for (name, message) in &reference.messages {
            match self.messages.get(name) {
                None => wrong.push(format!("{name} is missing")),
                Some(own) => {
                    let unknown = own
                        .variables
                        .iter()
                        .filter(|v| !message.variables.contains(v));
                    wrong.extend(
                        unknown
                            .map(|(variable, kind)| format!("{name}: no ${variable} ({kind:?})")),
                    );
                }
            }
        }
        let unknown = self
            .messages
            .keys()
            .filter(|name| !reference.messages.contains_key(*name));
        wrong.extend(unknown.map(|name| format!("{name} is unknown")));
        wrong
    }
}

/// The variables that a comment declares: `$minutes (Number) - what it is`.
fn declared(comment: &[&str]) -> Vec<(String, Kind)> {
    let declaration = |line: &&str| {
        let (name, rest) = line.strip_prefix('$')?.split_once(' ')?;
        let kind = match rest.strip_prefix('(')?.split_once(')')?.0 {
            "String" => Kind::Text,
            "Number" => Kind::Number,
            _ => return None,
        };
        Some((name.to_owned(), kind))
    };
    comment.iter().filter_map(declaration).collect()
}

fn parts(pattern: &ast::Pattern<&str>) -> Result<Vec<Part>, String> {
    pattern.elements.iter().map(part).collect()
}

fn part(element: &PatternElement<&str>) -> Result<Part, String> {
    match element {
        PatternElement::TextElement { value } => Ok(Part::Text((*value).to_owned())),
        PatternElement::Placeable {
            expression: Expression::Inline(inline),
        } => match inline {
            InlineExpression::StringLiteral { value } => Ok(Part::Text((*value).to_owned())),
            InlineExpression::VariableReference { id } => Ok(Part::Variable(id.name.to_owned())),
            other => Err(format!("not supported: {other:?}")),
        },
        PatternElement::Placeable {
            expression: Expression::Select { selector, variants },
        } => {
            let InlineExpression::VariableReference { id } = selector else {
                return Err(format!("only variables select: {selector:?}"));
            };
            select(id.name, variants)
        }
    }
}

fn select(variable: &str, all: &[ast::Variant<&str>]) -> Result<Part, String> {
    let mut variants = Vec::new();
    let mut default = Vec::new();
    for variant in all {
        let text = parts(&variant.value)?;
        if variant.default {
            default = text;
            continue;
        }
        let (VariantKey::Identifier { name: key } | VariantKey::NumberLiteral { value: key }) =
            variant.key;
        variants.push((key.to_owned(), text));
    }
    Ok(Part::Select {
        variable: variable.to_owned(),
        variants,
        default,
    })
}

fn collect_variables(parts: &[Part], into: &mut Vec<String>) {
    for part in parts {
        match part {
            Part::Text(_) => {}
            Part::Variable(name) => into.push(name.clone()),
            Part::Select {
                variable,
                variants,
                default,
            } => {
                into.push(variable.clone());
                for (_, text) in variants {
                    collect_variables(text, into);
                }
                collect_variables(default, into);
            }
        }
    }
}
