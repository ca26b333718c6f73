use super::*;

const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

fn key() -> SigningKey {
    SigningKey::new(&[7; 32])
}

fn stamp(byte: u8) -> Stamp {
    Stamp {
        time: NOW,
        id: [byte; 16],
    }
}

fn message() -> Message<'static> {
    Message {
        direction: Direction::EdgeToOrigin,
        node: 3,
        method: "POST",
        path_and_query: "/edge/flow/start?a=b",
        body: b"{}",
        client: Some("192.0.2.7"),
        flow: Some("flow"),
        ticket: Some("ticket"),
        websocket_key: Some("dGhlIHNhbXBsZSBub25jZQ=="),
    }
}

fn check(
    message: &Message<'_>,
    signed: &SignedHeaders,
    now: UnixMillis,
) -> Result<Stamp, SigningError> {
    let proof = Proof {
        signature: &signed.signature,
        time: &signed.time,
        id: &signed.id,
    };
    verify(&key(), message, &proof, now)
}

#[test]
fn every_altered_part_is_refused() {
    let signed = sign(&key(), &message(), &stamp(1));
    assert_eq!(check(&message(), &signed, NOW), Ok(stamp(1)));
    let altered: [Message<'_>; 17] = [
        Message {
            direction: Direction::OriginToEdge,
            ..message()
        },
        Message {
            node: 4,
            ..message()
        },
        Message {
            method: "GET",
            ..message()
        },
        Message {
            path_and_query: "/edge/flow/start?a=c",
            ..message()
        },
        Message {
            path_and_query: "/edge/flow/start",
            ..message()
        },
        Message {
            body: b"{ }",
            ..message()
        },
        Message {
            body: b"",
            ..message()
        },
        Message {
            client: Some("192.0.2.8"),
            ..message()
        },
        Message {
            client: None,
            ..message()
        },
        Message {
            client: Some(""),
            ..message()
        },
        Message {
            flow: Some("other"),
            ..message()
        },
        Message {
            flow: None,
            ..message()
        },
        Message {
            ticket: Some("other"),
            ..message()
        },
        Message {
            ticket: None,
            ..message()
        },
        Message {
            websocket_key: Some("other"),
            ..message()
        },
        Message {
            websocket_key: None,
            ..message()
        },
        // What moves from one part to the next is another message.
        Message {
            method: "POST/",
            path_and_query: "edge/flow/start?a=b",
            ..message()
        },
    ];
    for message in altered {
        assert_eq!(
            check(&message, &signed, NOW),
            Err(SigningError::Forged),
            "{message:?}"
        );
    }
    let absent = Message {
        client: None,
        flow: None,
        ticket: None,
        websocket_key: None,
        ..message()
    };
    let signed = sign(&key(), &absent, &stamp(1));
    assert_eq!(
        check(
            &Message {
                client: Some(""),
                ..absent
            },
            &signed,
            NOW
        ),
        Err(SigningError::Forged)
    );
}

#[test]
fn altered_headers_are_refused() {
    let signed = sign(&key(), &message(), &stamp(1));
    let other = sign(
        &key(),
        &message(),
        &Stamp {
            time: NOW.plus(1),
            id: [2; 16],
        },
    );
    for swapped in [
        SignedHeaders {
            time: other.time.clone(),
            ..signed.clone()
        },
        SignedHeaders {
            id: other.id.clone(),
            ..signed.clone()
        },
        SignedHeaders {
            signature: other.signature.clone(),
            ..signed.clone()
        },
    ] {
        assert_eq!(check(&message(), &swapped, NOW), Err(SigningError::Forged));
    }
    for bad in [
        "",
        "-1",
        "+1800000000000",
        "01800000000000",
        "1800000000000 ",
        "9999999999999999",
    ] {
        let swapped = SignedHeaders {
            time: bad.into(),
            ..signed.clone()
        };
        assert_eq!(
            check(&message(), &swapped, NOW),
            Err(SigningError::Malformed),
            "{bad}"
        );
    }
    for bad in ["", "AAAA", &format!("{}=", signed.id), &"!".repeat(22)] {
        let swapped = SignedHeaders {
            id: bad.to_owned(),
            ..signed.clone()
        };
        assert_eq!(
            check(&message(), &swapped, NOW),
            Err(SigningError::Malformed),
            "{bad}"
        );
    }
    for length in 0..signed.signature.len() {
        let cut = SignedHeaders {
            signature: signed.signature[..length].into(),
            ..signed.clone()
        };
        assert_eq!(check(&message(), &cut, NOW), Err(SigningError::Malformed));
    }
    let proof = Proof {
        signature: &signed.signature,
        time: &signed.time,
        id: &signed.id,
    };
    let other_key = SigningKey::new(&[8; 32]);
    assert_eq!(
        verify(&other_key, &message(), &proof, NOW),
        Err(SigningError::Forged)
    );
}

#[test]
fn a_minute_either_way() {
    let signed = sign(&key(), &message(), &stamp(1));
    for (away, expected) in [
        (MAX_SKEW, Ok(stamp(1))),
        (-MAX_SKEW, Ok(stamp(1))),
        (MAX_SKEW + 1, Err(SigningError::Time)),
        (-MAX_SKEW - 1, Err(SigningError::Time)),
    ] {
        assert_eq!(
            check(&message(), &signed, NOW.plus(away)),
            expected,
            "{away}"
        );
    }
}

#[test]
fn replays_are_refused_for_as_long_as_they_verify() {
    let mut guard = ReplayGuard::new(2);
    assert_eq!(guard.admit(stamp(1), NOW), Ok(()));
    assert_eq!(
        guard.admit(stamp(1), NOW.plus(MAX_SKEW)),
        Err(SigningError::Replayed)
    );
    assert_eq!(guard.admit(stamp(2), NOW), Ok(()));
    assert_eq!(guard.admit(stamp(3), NOW), Err(SigningError::Full));
    // A stamp from the future is remembered until its own time is over.
    let later = NOW.plus(MAX_SKEW + 1);
    let early = Stamp {
        time: later.plus(MAX_SKEW),
        id: [4; 16],
    };
    assert_eq!(guard.admit(early, later), Ok(()));
    assert_eq!(
        guard.admit(early, early.time.plus(MAX_SKEW)),
        Err(SigningError::Replayed)
    );
    assert_eq!(guard.seen.len(), 1);
}

#[test]
fn keys_are_64_hex_digits() {
    let hex: SigningKey = "07".repeat(32).parse().expect("a good key");
    assert_eq!(
        sign(&hex, &message(), &stamp(1)),
        sign(&key(), &message(), &stamp(1))
    );
    for bad in ["", "07", &"0g".repeat(32), &"07".repeat(33)] {
        assert!(bad.parse::<SigningKey>().is_err(), "{bad}");
    }
}
