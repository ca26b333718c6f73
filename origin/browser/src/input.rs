//! Mouse and keyboard of a person: ordered, fire-and-forget. An answer may be withheld for as long as a dialog
//! is open, so nothing here ever waits for one.

use std::sync::Arc;

use chromiumoxide_cdp::cdp::browser_protocol::input::{
    DispatchKeyEventParams, DispatchKeyEventType, DispatchMouseEventParams, DispatchMouseEventType,
    InsertTextParams, MouseButton,
};

use super::{core::Core, keys};

const ALT: u8 = 1;
const CTRL: u8 = 2;
const META: u8 = 4;
const SHIFT: u8 = 8;

/// One insertion of text, in characters.
const MAX_TEXT: usize = 4096;

/// Mouse, keyboard and text input of a person into the current page. Cheap to clone.
#[derive(Clone)]
pub struct Input {
    pub(super) core: Arc<Core>,
}

/// What a pointer has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PointerKind {
    /// The pointer moved to another place.
    Move,
    /// A button was pressed.
    Down,
    /// A button was let go.
    Up,
}

/// One action of a mouse or a pen, with the values that a DOM pointer event has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pointer {
    /// Whether it moved, or a button was pressed or let go.
    pub kind: PointerKind,
    /// The distance from the left edge of the page in CSS pixels.
    pub x: f64,
    /// The distance from the top edge of the page in CSS pixels.
    pub y: f64,
    /// The DOM's `button`: the button that changed, or -1 for none.
    pub button: i8,
    /// The DOM's `buttons`: the buttons that are held now.
    pub buttons: u8,
    /// How many clicks in a row this press makes.
    pub clicks: u8,
    /// Modifier keys that are held, added up: 1 Alt, 2 Control, 4 Meta, 8 Shift.
    pub mods: u8,
}

/// One key that is pressed or let go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyPress<'a> {
    /// True when the key is pressed, false when it is let go.
    pub down: bool,
    /// The DOM's `key`.
    pub key: &'a str,
    /// The DOM's `code`, which may be empty.
    pub code: &'a str,
    /// Modifier keys that are held, added up: 1 Alt, 2 Control, 4 Meta, 8 Shift.
    pub mods: u8,
    /// Whether the press repeats because the key is held.
    pub repeat: bool,
}

impl Input {
    /// Moves the pointer, presses a button or lets it go.
    pub fn pointer(&self, pointer: Pointer) {
        let kind = match pointer.kind {
            PointerKind::Move => DispatchMouseEventType::MouseMoved,
            PointerKind::Down => DispatchMouseEventType::MousePressed,
            PointerKind::Up => DispatchMouseEventType::MouseReleased,
        };
        let button = match (pointer.kind, pointer.button) {
            // While something is dragged, the engine wants the held button on moves.
            (PointerKind::Move, _) if pointer.buttons & 1 != 0 => MouseButton::Left,
            (PointerKind::Move, _) if pointer.buttons & 2 != 0 => MouseButton::Right,
            (PointerKind::Move, _) if pointer.buttons & 4 != 0 => MouseButton::Middle,
            (PointerKind::Move, _) => MouseButton::None,
            (_, 0) => MouseButton::Left,
            (_, 1) => MouseButton::Middle,
            (_, 2) => MouseButton::Right,
            // Buttons that go back and forth in the history: not on somebody else's page.
            _ => return,
        };
        let Some(mut event) = mouse(kind, pointer.x, pointer.y, pointer.mods) else {
            return;
        };
        event.button = Some(button);
        event.buttons = Some(i64::from(pointer.buttons & 7));
        event.click_count = Some(i64::from(pointer.clicks.min(3)));
        self.send(&event);
    }

    /// Turns the mouse wheel over a point. The distances `dx` and `dy` are CSS pixels, to the right and down.
    pub fn wheel(&self, x: f64, y: f64, dx: f64, dy: f64, mods: u8) {
        const MOST: f64 = 4000.0;
        let Some(mut event) = mouse(DispatchMouseEventType::MouseWheel, x, y, mods) else {
            return;
        };
        if !dx.is_finite() || !dy.is_finite() {
            return;
        }
        event.delta_x = Some(dx.clamp(-MOST, MOST));
        event.delta_y = Some(dy.clamp(-MOST, MOST));
        self.send(&event);
    }

    /// Presses a key or lets it go.
    pub fn key(&self, press: KeyPress<'_>) {
        if press.key.len() > 32 || press.code.len() > 32 {
            return;
        }
        self.send(&key_event(press));
    }

    /// Inserts text where the focus is. Text longer than 4096 characters is cut.
    pub fn text(&self, text: &str) {
        let end = text
            .char_indices()
            .nth(MAX_TEXT)
            .map_or(text.len(), |(at, _)| at);
        self.send(&InsertTextParams::new(text.get(..end).unwrap_or_default()));
    }

    fn send<C: chromiumoxide_types::Command>(&self, event: &C) {
        // The page's own session: the engine finds the frame, also one in another process.
        if let Ok(session) = self.core.current_session() {
            self.core.cdp.send(Some(&session), event);
        }
    }
}

fn mouse(
    kind: DispatchMouseEventType,
    x: f64,
    y: f64,
    mods: u8,
) -> Option<DispatchMouseEventParams> {
    if !x.is_finite() || !y.is_finite() {
        return None;
    }
    let mut event = DispatchMouseEventParams::new(kind, x.clamp(0.0, 4096.0), y.clamp(0.0, 4096.0));
    event.modifiers = Some(i64::from(mods & 15));
    Some(event)
}

pub(super) fn key_event(press: KeyPress<'_>) -> DispatchKeyEventParams {
    // The engine runs on Linux: a Mac's command key is its control key.
    let command = press.mods & META != 0;
    let mods = if command {
        (press.mods & !META) | CTRL
    } else {
        press.mods
    };
    let key = if press.key == "Meta" {
        "Control"
    } else {
        press.key
    };
    let found = keys::find(key, press.code);
    // AltGr types; Ctrl or Alt alone make a shortcut of the key.
    let alt_gr = mods & (CTRL | ALT) == CTRL | ALT;
    let types = alt_gr || mods & (CTRL | ALT) == 0;
    let text = found.text.filter(|_| types && press.down);

    let mut event = DispatchKeyEventParams::new(match (press.down, &text) {
        (false, _) => DispatchKeyEventType::KeyUp,
        (true, None) => DispatchKeyEventType::RawKeyDown,
        (true, Some(_)) => DispatchKeyEventType::KeyDown,
    });
    // Absent, not null: a null refuses the whole command.
    event.modifiers = Some(i64::from(if alt_gr { mods & SHIFT } else { mods & 15 }));
    event.key = Some(key.to_owned());
    event.code = (!press.code.is_empty()).then(|| press.code.to_owned());
    event.windows_virtual_key_code = (found.code != 0).then(|| i64::from(found.code));
    event.native_virtual_key_code = event.windows_virtual_key_code;
    event.auto_repeat = Some(press.repeat);
    event.is_keypad = Some(found.location == 3);
    event.location = (1..=2)
        .contains(&found.location)
        .then(|| i64::from(found.location));
    event.unmodified_text.clone_from(&text);
    event.text = text;
    if press.down && mods & CTRL != 0 && mods & ALT == 0 {
        event.commands =
            command_for(key, mods & SHIFT != 0).map(|command| vec![command.to_owned()]);
    }
    event
}

/// Editing that a desktop's key bindings would do; headless has none. Copy and cut stay away: they
/// would reach only the engine's own clipboard.
fn command_for(key: &str, shift: bool) -> Option<&'static str> {
    match (key, shift) {
        ("a" | "A", false) => Some("selectAll"),
        ("z" | "Z", false) => Some("undo"),
        ("z" | "Z", true) | ("y" | "Y", false) => Some("redo"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(key: &'static str, code: &'static str, mods: u8) -> serde_json::Value {
        serde_json::to_value(key_event(KeyPress {
            down: true,
            key,
            code,
            mods,
            repeat: false,
        }))
        .unwrap()
    }

    #[test]
    fn a_key_types_its_text_and_a_mac_shortcut_becomes_a_linux_one() {
        let a = press("a", "KeyA", 0);
        assert_eq!((&a["type"], &a["text"]), (&"keyDown".into(), &"a".into()));
        let select = press("a", "KeyA", META);
        assert_eq!(select["type"], "rawKeyDown");
        assert_eq!(select["modifiers"], 2);
        assert_eq!(select["commands"][0], "selectAll");
        assert!(select.get("text").is_none());
        let euro = press("€", "KeyE", CTRL | ALT);
        assert_eq!(
            (&euro["text"], &euro["modifiers"]),
            (&"€".into(), &0.into())
        );
        assert_eq!(press("Enter", "Enter", 0)["text"], "\r");
        let tab = press("Tab", "Tab", SHIFT);
        assert_eq!(
            (&tab["type"], &tab["modifiers"]),
            (&"rawKeyDown".into(), &8.into())
        );
        assert!(!tab.to_string().contains("null"));
    }
}
