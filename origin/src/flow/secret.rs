//! The flow's secret: the only key to a flow. It stands in the page's URL, so it is never kept, only its hash.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::clock::Random;

/// One byte names the node, 16 are random.
const LEN: usize = 17;

/// The secret of a flow: who knows it can use the flow.
pub struct FlowSecret(Zeroizing<[u8; LEN]>);

/// What is kept of a secret: SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretHash([u8; 32]);

impl FlowSecret {
    /// Makes a new one for this node.
    pub fn new(node: u8, random: &dyn Random) -> Self {
        let mut bytes = Zeroizing::new([0; LEN]);
        if let Some((first, rest)) = bytes.split_first_mut() {
            *first = node;
            random.fill(rest);
        }
        Self(bytes)
    }

    /// Reads base64url without padding; nothing else is a secret.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; LEN]);
        // The decoder demands room for whole groups before it knows the length.
        let mut room = Zeroizing::new([0; LEN + 1]);
        if text.len() != LEN.div_ceil(3) * 4 - 1 {
            return None;
        }
        let read = URL_SAFE_NO_PAD.decode_slice(text, &mut *room).ok()?;
        if read != LEN {
            return None;
        }
        bytes.copy_from_slice(room.get(..LEN)?);
        Some(Self(bytes))
    }

    /// The secret as it stands in the flow's URL (base64url).
    pub fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(*self.0)
    }

    /// The hash of the secret, which is all that the registry keeps.
    pub fn hash(&self) -> SecretHash {
        SecretHash(Sha256::digest(*self.0).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemRandom;

    #[test]
    fn reads_what_it_wrote_and_nothing_else() {
        let secret = FlowSecret::new(7, &SystemRandom);
        let text = secret.text();
        assert_eq!(text.len(), 23);
        let read = FlowSecret::parse(&text).expect("own text");
        assert!(read.hash() == secret.hash());
        let long = format!("{text}A");
        for bad in [
            "",
            "A",
            &text[1..],
            &long,
            &text.replace(|_: char| true, "="),
        ] {
            assert!(FlowSecret::parse(bad).is_none(), "{bad}");
        }
        assert!(FlowSecret::new(7, &SystemRandom).hash() != secret.hash());
    }

    #[test]
    fn names_its_node_first() {
        let bytes = URL_SAFE_NO_PAD
            .decode(FlowSecret::new(9, &SystemRandom).text())
            .expect("base64url");
        assert_eq!(bytes.first(), Some(&9));
    }
}
