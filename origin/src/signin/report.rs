//! What `watcher.js` says. Untrusted: a page cannot call `report`, yet all its texts are the page's.

use std::fmt;

use serde::Deserialize;
use zeroize::Zeroizing;

/// Parses one report; none when it is not one.
#[must_use]
pub fn parse(payload: &str) -> Option<Report> {
    // A tagged enum is read through a buffer that nobody wipes: what was typed goes straight.
    if payload.starts_with(r#"{"t":"typed""#) {
        let Typed { doc, k, value } = serde_json::from_str(payload).ok()?;
        return Some(Report {
            doc,
            what: What::Typed { k, value },
        });
    }
    serde_json::from_str(payload).ok()
}

#[derive(Deserialize)]
struct Typed {
    doc: String,
    k: u32,
    value: Zeroizing<String>,
}

/// A report of one document.
#[derive(Deserialize)]
pub struct Report {
    /// The document's name: a frame's next document has another.
    pub doc: String,
    /// What it says.
    #[serde(flatten)]
    pub what: What,
}

/// What a report says.
#[derive(Deserialize)]
#[serde(tag = "t", rename_all = "camelCase")]
pub enum What {
    /// The frame looks like this now.
    State(Box<State>),
    /// The person typed; the value is the whole field's.
    #[serde(skip)]
    Typed {
        /// Which field.
        k: u32,
        /// At most 512 characters; empty when it was cleared.
        value: Zeroizing<String>,
    },
    /// The person sent a form, or something like one.
    Submit {
        /// The form's group; 0 when it is not known.
        group: i64,
        /// False for a click on something that may as well be a "show password" button.
        sure: bool,
        /// What was clicked.
        button: Option<Control>,
    },
    /// The person clicked a link or button that sends nothing.
    Click {
        /// What.
        control: Control,
    },
    /// Typing went into a closed shadow root, which only the browser can open.
    Closed,
    /// A listener failed: what the person typed or sent at this event may be missing.
    Failed {
        /// The event's name.
        name: String,
    },
}

/// How a frame looks.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct State {
    /// The document is loaded.
    pub ready: bool,
    /// Text fields in document order.
    pub fields: Vec<Field>,
    /// What belongs together.
    pub groups: Vec<Group>,
    /// Texts that may be about the sign-in.
    pub messages: Vec<Message>,
    /// Signs of being in or out.
    pub marks: Marks,
    /// A captcha that a person must solve is visible.
    pub captcha: bool,
    /// Texts of buttons and radio buttons (these begin with `( )`).
    pub options: Vec<String>,
    /// Something says that it is working.
    pub busy: bool,
    /// The visible text as a whole.
    pub text: Text,
    /// Fields may be missing here, because something could not be read.
    #[serde(default)]
    pub blind: bool,
    /// How many elements could not be read.
    #[serde(default)]
    pub skipped: u32,
}

/// A text field.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Field {
    /// Its name within the document.
    pub k: u32,
    /// Its form.
    pub group: i64,
    /// The `type`.
    #[serde(rename = "type")]
    pub kind: String,
    /// It is, or ever was, a password field.
    pub pw: bool,
    /// The `autocomplete`, lower case.
    pub ac: String,
    /// The `id`.
    pub id: String,
    /// The `name`.
    pub name: String,
    /// Label or placeholder.
    pub label: String,
    /// The `inputmode`.
    pub mode: String,
    /// The `maxlength`; 0 for none.
    pub max: u32,
    /// Visible.
    pub vis: bool,
    /// Cannot be typed into.
    pub ro: bool,
    /// Holds something.
    pub filled: bool,
    /// The person typed into it.
    pub typed: bool,
    /// `aria-invalid`.
    pub bad: bool,
    /// `password/0`; empty when not visible.
    pub pos: String,
}

/// A form, or what stands for one.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Group {
    /// Its name within the document; below zero: no form.
    pub group: i64,
    /// Its id, name, class, action and role.
    pub words: String,
    /// Texts of its buttons.
    pub buttons: Vec<String>,
}

/// A text that may be about the sign-in.
#[derive(Debug, Clone, Deserialize)]
pub struct Message {
    /// At most 300 characters.
    pub text: String,
    /// Where it stands.
    pub from: Source,
}

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Source {
    /// `role=alert`, or what describes an invalid field.
    Alert,
    /// Something whose class says that it is an error or a notice.
    Error,
    /// The same in a banner, header or footer: it speaks to everybody, unless its words say otherwise.
    Banner,
    /// A dialog of the browser (`alert()`); no script reports it.
    #[serde(skip)]
    Dialog,
    /// A polite live region or a dialog.
    Status,
    /// Close to the form.
    Near,
    /// All of a short page.
    Page,
    /// A heading.
    Heading,
    /// The document's title.
    Title,
}

/// Signs of being in or out.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Marks {
    /// Visible controls to sign out.
    pub sign_out: u32,
    /// Hidden ones (in a menu).
    pub sign_out_hidden: u32,
    /// Visible controls to sign in.
    pub sign_in: u32,
    /// Hidden ones.
    pub sign_in_hidden: u32,
    /// Somebody is greeted by name.
    pub greeting: bool,
    /// Kinds of account words.
    pub account: Vec<String>,
}

/// The visible text as a whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub struct Text {
    /// Characters.
    pub length: u32,
    /// To tell one text from another.
    pub hash: u32,
}

/// A button or link.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Control {
    /// The `id`.
    pub id: String,
    /// The `name`.
    pub name: String,
    /// Its text.
    pub label: String,
    /// `submit/0`; empty when it is not a visible button that sends.
    pub pos: String,
}

impl fmt::Debug for Report {
    /// Without what was typed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.what {
            What::State(_) => "Report(state)",
            What::Typed { .. } => "Report(typed …)",
            What::Submit { .. } => "Report(submit)",
            What::Click { .. } => "Report(click)",
            What::Closed => "Report(closed)",
            What::Failed { .. } => "Report(failed)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_values_are_not_printed_and_nonsense_is_refused() {
        let report = parse(r#"{"t":"typed","k":3,"value":"s3cret","doc":"a"}"#).expect("a report");
        assert!(!format!("{report:?}").contains("s3cret"));
        assert!(matches!(report.what, What::Typed { k: 3, .. }));
        for bad in [
            "",
            "{}",
            "[1]",
            r#"{"t":"typed","k":-1,"value":"","doc":""}"#,
        ] {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }
}
