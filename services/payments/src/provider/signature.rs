//! Signatures of webhooks by [Stripe's scheme](https://docs.stripe.com/webhooks#verify-manually), which the test provider uses
//! too. The header is `t=<seconds>,v1=<hex>`, where `v1` is the HMAC-SHA256 of `<seconds>.<body>`.

use axum::http::HeaderMap;
use chrono::{DateTime, TimeDelta, Utc};
use ring::hmac;
use secrecy::{ExposeSecret, SecretString};

use super::WebhookRejected;

/// The largest difference between the signature's time and ours. It limits replay attacks.
const TOLERANCE: TimeDelta = TimeDelta::minutes(5);

fn key(secret: &SecretString) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes())
}

/// Signs a body, and returns the header.
pub fn sign(secret: &SecretString, body: &[u8], now: DateTime<Utc>) -> String {
    let seconds = now.timestamp();
    let tag = tag(secret, &signed(&seconds.to_string(), body));
    format!("t={seconds},v1={tag}")
}

/// The HMAC-SHA256 of a text, in hexadecimal digits.
pub fn tag(secret: &SecretString, text: &[u8]) -> String {
    let tag = hmac::sign(&key(secret), text);
    tag.as_ref()
        .iter()
        .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

/// Verifies that the header with this name has a recent signature of the body, made with the secret.
pub fn verify_header(
    headers: &HeaderMap,
    name: &str,
    secret: &SecretString,
    body: &[u8],
    now: DateTime<Utc>,
) -> Result<(), WebhookRejected> {
    let header = headers.get(name).and_then(|value| value.to_str().ok());
    let header = header.ok_or_else(|| WebhookRejected::new("it has no signature"))?;
    verify(secret, header, body, now).map_err(WebhookRejected::new)
}

fn verify(secret: &SecretString, header: &str, body: &[u8], now: DateTime<Utc>) -> Result<(), &'static str> {
    let values = |name| {
        let pairs = header.split(',').filter_map(|pair| pair.trim().split_once('='));
        pairs.filter(move |(found, _)| *found == name).map(|(_, value)| value)
    };
    let seconds = values("t").next().ok_or("the signature has no time")?;
    let at = seconds
        .parse()
        .ok()
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    let at = at.ok_or("the signature's time is not valid")?;
    let (key, signed) = (key(secret), signed(seconds, body));
    // There are several while the secret is being rotated. The comparison takes constant time.
    let is_valid = |hex: &str| unhex(hex).is_some_and(|tag| hmac::verify(&key, &signed, &tag).is_ok());
    if !values("v1").any(is_valid) {
        return Err("the signature does not match");
    }
    let is_recent = now.signed_duration_since(at).abs() <= TOLERANCE;
    is_recent.then_some(()).ok_or("the signature is too old")
}

fn signed(seconds: &str, body: &[u8]) -> Vec<u8> {
    [seconds.as_bytes(), b".", body].concat()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let byte = |pair: &[u8]| match pair {
        [high, low] => u8::try_from(digit(*high)? * 16 + digit(*low)?).ok(),
        _ => None,
    };
    text.as_bytes().chunks(2).map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"id":"evt_1"}"#;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn valid_signature_is_accepted() {
        let header = sign(&"whsec_1".into(), BODY, at(1_700_000_000));
        assert!(header.starts_with("t=1700000000,v1="), "{header}");
        assert_eq!(verify(&"whsec_1".into(), &header, BODY, at(1_700_000_000)), Ok(()));
        // While the secret is being rotated there are two.
        let both = format!("{header},v1={},v0=abc", "0".repeat(64));
        assert_eq!(verify(&"whsec_1".into(), &both, BODY, at(1_700_000_000)), Ok(()));
        let (time, tag) = header.split_once(',').unwrap();
        let both = format!("{time},v1={},{tag}", "0".repeat(64));
        assert_eq!(verify(&"whsec_1".into(), &both, BODY, at(1_700_000_000)), Ok(()));
    }

    #[test]
    fn invalid_signature_is_rejected() {
        let now = at(1_700_000_000);
        let header = sign(&"whsec_1".into(), BODY, now);
        assert!(verify(&"whsec_2".into(), &header, BODY, now).is_err());
        assert!(verify(&"whsec_1".into(), &header, br#"{"id":"evt_2"}"#, now).is_err());
        assert!(
            verify(
                &"whsec_1".into(),
                &header.replace("t=17", "t=18"),
                BODY,
                at(1_800_000_000)
            )
            .is_err()
        );
        for header in [
            "",
            "t=",
            "v1=",
            "t=1700000000",
            "t=1700000000,v1=",
            "t=1700000000,v1=0",
            "t=x,v1=é",
            ",=,,",
        ] {
            assert!(verify(&"whsec_1".into(), header, BODY, now).is_err(), "{header}");
        }
    }

    #[test]
    fn signature_older_than_five_minutes_is_rejected() {
        let header = sign(&"whsec_1".into(), BODY, at(1_700_000_000));
        for (seconds, is_accepted) in [(-301, false), (-300, true), (300, true), (301, false)] {
            let verdict = verify(&"whsec_1".into(), &header, BODY, at(1_700_000_000 + seconds));
            assert_eq!(verdict.is_ok(), is_accepted, "{seconds}");
        }
    }

    /// Computed with Python's hmac.
    #[test]
    fn signature_matches_another_implementation() {
        let header = "t=1700000000,v1=c89214b5b5da833daed6f0b8c5bb6bd58cea9022bd80ccc78230f3942d632925";
        assert_eq!(sign(&"whsec_test".into(), BODY, at(1_700_000_000)), header);
    }
}
