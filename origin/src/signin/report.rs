//! What `watcher.js` says. Untrusted: a page cannot call `report`, yet all its texts are the page's.

use std::fmt;

use serde::Deserialize;
use shared::status::OfferKind;
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
    /// The content of the report.
    #[serde(flatten)]
    pub what: What,
}

/// The kinds of reports that a frame sends.
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
    /// The person used the document, by pointer or keys, for the first time.
    Touched,
    /// Typing went into a closed shadow root, which only the browser can open.
    Closed,
    /// A listener failed: what the person typed or sent at this event may be missing.
    Failed {
        /// The event's name.
        name: String,
    },
}

/// The state of a frame's document, as its script sees it.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct State {
    /// Whether the document is loaded.
    pub ready: bool,
    /// Text fields in document order.
    pub fields: Vec<Field>,
    /// The forms, or the parts of the page that serve as forms.
    pub groups: Vec<Group>,
    /// Texts that may be about the sign-in.
    pub messages: Vec<Message>,
    /// Signs of being in or out.
    pub marks: Marks,
    /// A captcha that a person must solve is visible.
    pub captcha: bool,
    /// Texts of buttons and radio buttons (these begin with `( )`).
    pub options: Vec<String>,
    /// What the page offers to do beside the code or approval that it may ask for.
    #[serde(default)]
    pub offers: Vec<Offer>,
    /// The label of the box that lets this browser be remembered; empty when there is none.
    #[serde(default)]
    pub remember: String,
    /// Numbers that stand alone on a page without fields, the largest first.
    #[serde(default)]
    pub numbers: Vec<String>,
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

/// A text field of the document.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Field {
    /// Its name within the document.
    pub k: u32,
    /// The number of the form that the field is in.
    pub group: i64,
    /// The attribute `type`, in lower case.
    #[serde(rename = "type")]
    pub kind: String,
    /// It is, or ever was, a password field.
    pub pw: bool,
    /// The attribute `autocomplete`, in lower case.
    pub ac: String,
    /// The attribute `id`, at most 80 characters, by which a recipe may find the element again.
    pub id: String,
    /// The attribute `name`, at most 80 characters, by which a recipe may find the element again.
    pub name: String,
    /// The text of the label, or the placeholder.
    pub label: String,
    /// The attribute `inputmode`: `numeric` says that a code or a number is expected.
    pub mode: String,
    /// The `maxlength`; 0 for none.
    pub max: u32,
    /// Whether the field is visible.
    pub vis: bool,
    /// Whether the field is read-only or disabled.
    pub ro: bool,
    /// What is typed into it looks for an entry of a list (ARIA's `combobox`).
    #[serde(default)]
    pub list: bool,
    /// Whether the field holds something.
    pub filled: bool,
    /// The person typed into it.
    pub typed: bool,
    /// Whether the page marks the field as wrong (`aria-invalid`).
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
    /// The heading of the form, or the nearest one round it.
    #[serde(default)]
    pub title: String,
    /// The text of the button that the form is most likely sent with. Empty when there is none, or it has no text.
    #[serde(default)]
    pub submit: String,
    /// The texts of the form's buttons.
    pub buttons: Vec<String>,
    /// Beside the button that it is sent with it has a link to another page to sign in.
    #[serde(default, rename = "signsInElsewhere")]
    pub signs_in_elsewhere: bool,
}

/// A control that gets another code, or leads to another way.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Offer {
    /// What it does.
    pub kind: OfferKind,
    /// The text of the control.
    pub label: String,
}

/// A text that may be about the sign-in.
#[derive(Debug, Clone, Deserialize)]
pub struct Message {
    /// The message; at most 300 characters.
    pub text: String,
    /// The place in which the message stands.
    pub from: Source,
}

/// The places in which a page shows messages.
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
    /// Hidden controls to sign in.
    pub sign_in_hidden: u32,
    /// Somebody is greeted by name.
    pub greeting: bool,
    /// The page says as whom one is signed in.
    #[serde(default)]
    pub signed_in_as: bool,
    /// Short texts that may be the name of who is signed in, at most 12.
    #[serde(default)]
    pub names: Vec<String>,
    /// Visible buttons in the midst of the page that send something, but for those to sign out.
    #[serde(default)]
    pub sends: u32,
    /// Visible buttons, links that serve as such, and boxes to tick in the midst of the page.
    #[serde(default)]
    pub buttons: u32,
    /// The kinds of words that stand for an account, such as bills or usage.
    pub account: Vec<String>,
    /// The paths on the same website that visible links lead to, but for those at the foot of the page; at most 100.
    #[serde(default)]
    pub links: Vec<String>,
}

/// The visible text as a whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub struct Text {
    /// The length of the visible text, in characters.
    pub length: u32,
    /// To tell one text from another.
    pub hash: u32,
}

/// A button or a link that can be pressed.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Control {
    /// The attribute `id`, at most 80 characters, by which a recipe may find the element again.
    pub id: String,
    /// The attribute `name`, at most 80 characters, by which a recipe may find the element again.
    pub name: String,
    /// The text of the control.
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
            What::Touched => "Report(touched)",
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
