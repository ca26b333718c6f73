//! Keys: what DOM `key` and `code` mean to the engine.

/// What a key event needs besides its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    /// Windows virtual key code; 0 when the key has none.
    pub code: u16,
    /// What it types; `None` for keys that type nothing.
    pub text: Option<String>,
    /// 1 left, 2 right, 3 keypad, as DOM `location`; 0 elsewhere.
    pub location: u8,
}

/// Reads a key by its DOM names. A `key` of one character types that character.
pub(super) fn find(key: &str, code: &str) -> Key {
    let text = match key {
        // Without it a form is not submitted.
        "Enter" => Some("\r".to_owned()),
        _ if key.chars().count() == 1 => Some(key.to_owned()),
        _ => None,
    };
    let location = match code {
        _ if code.starts_with("Numpad") => 3,
        "ShiftLeft" | "ControlLeft" | "AltLeft" | "MetaLeft" => 1,
        "ShiftRight" | "ControlRight" | "AltRight" | "MetaRight" => 2,
        _ => 0,
    };
    // A letter is the same key on every keyboard, wherever it lies: Ctrl+A is Ctrl+A on AZERTY too.
    let letter = || typed(key).filter(|_| key.chars().all(|c| c.is_ascii_alphabetic()));
    let code = named(key)
        .or_else(letter)
        .or_else(|| physical(code))
        .or_else(|| typed(key))
        .unwrap_or(0);
    Key {
        code,
        text,
        location,
    }
}

/// The physical key's name for a key of this DOM name, for keys that we press ourselves.
pub(super) fn code_of(key: &str) -> String {
    let mut chars = key.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) if c.is_ascii_alphabetic() => format!("Key{}", c.to_ascii_uppercase()),
        (Some(c), None) if c.is_ascii_digit() => format!("Digit{c}"),
        (Some(' '), None) => "Space".to_owned(),
        (Some(_), None) => String::new(),
        _ => key.to_owned(),
    }
}

fn named(key: &str) -> Option<u16> {
    Some(match key {
        "Backspace" => 8,
        "Tab" => 9,
        "Enter" => 13,
        "Shift" => 16,
        "Control" => 17,
        "Alt" | "AltGraph" => 18,
        "Pause" => 19,
        "CapsLock" => 20,
        "Escape" => 27,
        " " => 32,
        "PageUp" => 33,
        "PageDown" => 34,
        "End" => 35,
        "Home" => 36,
        "ArrowLeft" => 37,
        "ArrowUp" => 38,
        "ArrowRight" => 39,
        "ArrowDown" => 40,
        "Insert" => 45,
        "Delete" => 46,
        "Meta" => 91,
        "ContextMenu" => 93,
        _ => {
            let number: u16 = key.strip_prefix('F')?.parse().ok()?;
            (1..=12).contains(&number).then_some(111 + number)?
        }
    })
}

fn physical(code: &str) -> Option<u16> {
    let last = code.bytes().last().map(u16::from);
    match code {
        _ if code.len() == 4 && code.starts_with("Key") => last,
        _ if code.len() == 6 && code.starts_with("Digit") => last,
        _ if code.len() == 7 && code.starts_with("Numpad") => last.map(|digit| digit + 48),
        "NumpadMultiply" => Some(106),
        "NumpadAdd" => Some(107),
        "NumpadSubtract" => Some(109),
        "NumpadDecimal" => Some(110),
        "NumpadDivide" => Some(111),
        "Semicolon" => Some(186),
        "Equal" => Some(187),
        "Comma" => Some(188),
        "Minus" => Some(189),
        "Period" => Some(190),
        "Slash" => Some(191),
        "Backquote" => Some(192),
        "BracketLeft" => Some(219),
        "Backslash" => Some(220),
        "BracketRight" => Some(221),
        "Quote" => Some(222),
        "IntlBackslash" => Some(226),
        _ => None,
    }
}

fn typed(key: &str) -> Option<u16> {
    let mut chars = key.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) if c.is_ascii_alphanumeric() => {
            u16::try_from(u32::from(c.to_ascii_uppercase())).ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_key_has_its_code_text_and_location() {
        for (key, code, number, text) in [
            ("a", "KeyA", 65, Some("a")),
            ("A", "KeyA", 65, Some("A")),
            ("a", "KeyQ", 65, Some("a")),
            ("z", "KeyY", 90, Some("z")),
            ("я", "KeyZ", 90, Some("я")),
            ("é", "Digit2", 50, Some("é")),
            ("@", "KeyQ", 81, Some("@")),
            ("1", "Numpad1", 97, Some("1")),
            (" ", "Space", 32, Some(" ")),
            ("Enter", "Enter", 13, Some("\r")),
            ("Tab", "Tab", 9, None),
            ("F5", "F5", 116, None),
            ("F99", "F99", 0, None),
            ("Dead", "Quote", 222, None),
            ("x", "", 88, Some("x")),
        ] {
            let found = find(key, code);
            assert_eq!(
                (found.code, found.text.as_deref()),
                (number, text),
                "{key} {code}"
            );
        }
        assert_eq!(find("Shift", "ShiftRight").location, 2);
    }
}
