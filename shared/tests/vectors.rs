//! The fixed vectors, made by another implementation, natively and in wasm.

use serde_json::Value;
use shared::{
    signing::{Direction, Message, Proof, SigningKey, Stamp, sign, verify},
    status::LinkKind,
    time::UnixMillis,
    token::{Claims, KeyRing, open, seal_with},
};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str)
}

fn parsed<T: std::str::FromStr<Err: std::fmt::Debug>>(value: &Value, name: &str) -> Option<T> {
    text(value, name).map(|text| text.parse().expect("a good value"))
}

#[test]
fn tokens() {
    let file: Value = serde_json::from_str(include_str!("../vectors/token.json")).expect("JSON");
    let ring: KeyRing = parsed(&file, "keys").expect("keys");
    let cases = file["tokens"].as_array().expect("a list");
    assert_eq!(cases.len(), 5);
    for case in cases {
        let claims = Claims {
            link: parsed(case, "link").expect("link"),
            expires: case["expires"].as_i64().map(UnixMillis),
            provider: parsed(case, "provider"),
            country: parsed(case, "country"),
        };
        let kind: LinkKind = parsed(case, "kind").expect("kind");
        let company = parsed(case, "company").expect("company");
        let token = text(case, "token").expect("token");
        assert_eq!(open(&ring, kind, &company, token).as_ref(), Ok(&claims));
        let key_id = u8::try_from(case["keyId"].as_u64().expect("key id")).expect("a byte");
        let mut nonce = [0; 12];
        shared::hex::decode(text(case, "nonce").expect("nonce"), &mut nonce).expect("24 digits");
        let sealed = seal_with(&ring, key_id, kind, &company, nonce, &claims);
        assert_eq!(sealed.as_deref(), Ok(token));
    }
}

#[test]
fn signatures() {
    let file: Value = serde_json::from_str(include_str!("../vectors/signing.json")).expect("JSON");
    let key: SigningKey = parsed(&file, "key").expect("key");
    let cases = file["messages"].as_array().expect("a list");
    assert_eq!(cases.len(), 3);
    for case in cases {
        let message = Message {
            direction: match text(case, "direction") {
                Some("edge-to-origin") => Direction::EdgeToOrigin,
                _ => Direction::OriginToEdge,
            },
            node: u8::try_from(case["node"].as_u64().expect("node")).expect("a byte"),
            method: text(case, "method").expect("method"),
            path_and_query: text(case, "pathAndQuery").expect("path"),
            body: text(case, "body").expect("body").as_bytes(),
            client: text(case, "client"),
            flow: text(case, "flow"),
            ticket: text(case, "ticket"),
            websocket_key: text(case, "websocketKey"),
        };
        let time = case["time"].as_i64().expect("time");
        let proof = Proof {
            signature: text(case, "signature").expect("signature"),
            time: &time.to_string(),
            id: text(case, "id").expect("id"),
        };
        let stamp: Stamp = verify(&key, &message, &proof, UnixMillis(time)).expect("verifies");
        assert_eq!(sign(&key, &message, &stamp).signature, proof.signature);
    }
}
