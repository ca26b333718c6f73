//! The live view's vectors, made by WebCrypto and read by the viewer's own tests too.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use shared::{
    hex,
    live::{FrameHeader, PROTOCOL, ServerMessage, TypedMessage, ViewerMessage},
    sealing::SealingKey,
};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../vectors/live.json")).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn same_both_ways<T: DeserializeOwned + Serialize>(messages: &Value) {
    let messages = messages.as_array().unwrap();
    assert!(!messages.is_empty());
    for message in messages {
        let read: T = serde_json::from_value(message.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), *message);
    }
}

#[test]
fn messages() {
    let vectors = vectors();
    assert_eq!(vectors["protocol"], PROTOCOL);
    same_both_ways::<ServerMessage>(&vectors["server"]);
    same_both_ways::<ViewerMessage>(&vectors["viewer"]);
    same_both_ways::<TypedMessage>(&vectors["typed"]);
}

#[test]
fn frame_header() {
    let vectors = vectors();
    let header = &vectors["frame"]["header"];
    let number = |name: &str| header[name].as_u64().unwrap();
    let bytes = FrameHeader {
        scale: number("scale") as u16,
        seq: number("seq") as u32,
        page: number("page") as u32,
        width: number("width") as u16,
        height: number("height") as u16,
    }
    .to_bytes();
    let mut expected = [0; FrameHeader::LEN];
    hex::decode(text(&vectors["frame"]["hex"]), &mut expected).unwrap();
    assert_eq!(bytes, expected);
}

#[test]
fn sealing() {
    let vectors = vectors();
    let sealing = &vectors["sealing"];
    let key = |name: &str| {
        let mut bytes = [0; 32];
        hex::decode(text(&sealing[name]), &mut bytes).unwrap();
        SealingKey::from_random(&bytes).unwrap()
    };
    let (origin, viewer) = (key("originSecret"), key("viewerSecret"));
    assert_eq!(origin.public(), text(&sealing["originPublic"]));
    assert_eq!(viewer.public(), text(&sealing["viewerPublic"]));
    let flow = text(&sealing["flowRef"]).parse().unwrap();
    let mut opener = origin.opener(&viewer.public(), flow).unwrap();
    let mut sealer = viewer.sealer(&origin.public(), flow).unwrap();
    for message in sealing["messages"].as_array().unwrap() {
        let n = message["n"].as_u64().unwrap() as u32;
        let plaintext = text(&message["plaintext"]);
        let data = text(&message["data"]);
        assert_eq!(sealer.seal(plaintext.as_bytes()), Ok((n, data.to_owned())));
        assert_eq!(**opener.open(n, data).unwrap(), *plaintext.as_bytes());
    }
}
