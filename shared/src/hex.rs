//! Reads keys that a configuration writes in hexadecimal.

/// Fills `out` from exactly twice as many hex digits of either case; `None` for anything else.
#[must_use]
pub fn decode(text: &str, out: &mut [u8]) -> Option<()> {
    let digits = text.as_bytes();
    if digits.len() != out.len() * 2 {
        return None;
    }
    for (byte, pair) in out.iter_mut().zip(digits.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(())
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn whole_and_plain() {
        let mut out = [0; 2];
        assert_eq!(decode("00fF", &mut out), Some(()));
        assert_eq!(out, [0, 255]);
        for bad in ["", "00f", "00ff0", "00fg", "0x00", "+0ff"] {
            assert_eq!(decode(bad, &mut out), None, "{bad}");
        }
    }
}
