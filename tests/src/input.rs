//! The mouse and the keyboard of the client's browser.

use chromiumoxide::cdp::browser_protocol::input::{
    DispatchKeyEventParams, DispatchKeyEventType, DispatchMouseEventParams, DispatchMouseEventType,
    MouseButton,
};

use crate::client::{Point, Tab};

impl Tab {
    /// Presses and releases the left mouse button on an element.
    pub async fn click(&self, selector: &str) {
        let point = self.centre(selector).await;
        self.click_at(point).await;
    }

    /// Presses and releases the left mouse button at a point.
    pub async fn click_at(&self, point: Point) {
        use DispatchMouseEventType::{MouseMoved, MousePressed, MouseReleased};
        for (kind, buttons) in [(MouseMoved, 0), (MousePressed, 1), (MouseReleased, 0)] {
            let pressed = kind != MouseMoved;
            let event = DispatchMouseEventParams::builder()
                .r#type(kind)
                .x(point.x)
                .y(point.y)
                .button(if pressed {
                    MouseButton::Left
                } else {
                    MouseButton::None
                })
                .buttons(buttons)
                .click_count(i64::from(pressed))
                .build()
                .expect("a mouse event");
            self.send(event, "a mouse event").await;
        }
    }

    /// Types text, one key at a time.
    pub async fn type_text(&self, text: &str) {
        for character in text.chars() {
            self.key(
                &character.to_string(),
                &code_of(character),
                Some(character.to_string()),
            )
            .await;
        }
    }

    /// Presses and releases Enter.
    pub async fn press_enter(&self) {
        self.key("Enter", "Enter", Some("\r".into())).await;
    }

    /// Presses and releases Tab.
    pub async fn press_tab(&self) {
        self.key("Tab", "Tab", None).await;
    }

    /// Selects all of the focused field, as Ctrl+A does.
    pub async fn select_all(&self) {
        let mut down = key_event(DispatchKeyEventType::RawKeyDown, "a", "KeyA", None);
        down.modifiers = Some(2);
        let mut up = key_event(DispatchKeyEventType::KeyUp, "a", "KeyA", None);
        up.modifiers = Some(2);
        self.send(down, "a key event").await;
        self.send(up, "a key event").await;
    }

    async fn key(&self, key: &str, code: &str, text: Option<String>) {
        let down = match text {
            Some(text) => key_event(DispatchKeyEventType::KeyDown, key, code, Some(text)),
            None => key_event(DispatchKeyEventType::RawKeyDown, key, code, None),
        };
        let up = key_event(DispatchKeyEventType::KeyUp, key, code, None);
        self.send(down, "a key event").await;
        self.send(up, "a key event").await;
    }
}

fn key_event(
    kind: DispatchKeyEventType,
    key: &str,
    code: &str,
    text: Option<String>,
) -> DispatchKeyEventParams {
    let mut event = DispatchKeyEventParams::new(kind);
    event.key = Some(key.to_owned());
    event.code = Some(code.to_owned());
    event.windows_virtual_key_code = virtual_key(key);
    event.unmodified_text.clone_from(&text);
    event.text = text;
    event
}

/// The key cap that makes a character on a US keyboard; empty when none does.
fn code_of(character: char) -> String {
    match character {
        'a'..='z' | 'A'..='Z' => format!("Key{}", character.to_ascii_uppercase()),
        '0'..='9' => format!("Digit{character}"),
        '-' => "Minus".into(),
        '.' => "Period".into(),
        ' ' => "Space".into(),
        '@' => "Digit2".into(),
        _ => String::new(),
    }
}

fn virtual_key(key: &str) -> Option<i64> {
    match key {
        "Enter" => Some(13),
        "Tab" => Some(9),
        _ => {
            let mut characters = key.chars();
            let (Some(character), None) = (characters.next(), characters.next()) else {
                return None;
            };
            character
                .is_ascii_alphanumeric()
                .then(|| i64::from(u32::from(character.to_ascii_uppercase())))
        }
    }
}
