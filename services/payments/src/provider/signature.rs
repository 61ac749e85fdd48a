//! How a webhook says who has sent it: [Stripe's scheme](https://docs.stripe.com/webhooks#verify-manually), by which the
//! built-in provider signs, too. A header `t=<seconds>,v1=<hex>`, where `v1` is the HMAC-SHA256 of `<seconds>.<body>`.

use axum::http::HeaderMap;
use chrono::{DateTime, TimeDelta, Utc};
use ring::hmac;
use secrecy::{ExposeSecret, SecretString};

use super::Rejected;

/// A webhook that was signed longer ago, or further ahead, may be somebody's recording.
const WINDOW: TimeDelta = TimeDelta::minutes(5);

fn key(secret: &SecretString) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes())
}

/// The header for a body that is sent now.
pub fn sign(secret: &SecretString, body: &[u8], now: DateTime<Utc>) -> String {
    let seconds = now.timestamp();
    let tag = tag(secret, &signed(&seconds.to_string(), body));
    format!("t={seconds},v1={tag}")
}

/// The HMAC-SHA256 of a text, in hex: nobody makes it, or finds the text by it, without the secret.
pub fn tag(secret: &SecretString, text: &[u8]) -> String {
    let tag = hmac::sign(&key(secret), text);
    tag.as_ref()
        .iter()
        .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

/// Whether whoever knows the secret has signed this body, and not long ago, in the header of this name.
pub fn verify_header(
    headers: &HeaderMap,
    name: &str,
    secret: &SecretString,
    body: &[u8],
    now: DateTime<Utc>,
) -> Result<(), Rejected> {
    let header = headers.get(name).and_then(|value| value.to_str().ok());
    let header = header.ok_or_else(|| Rejected::new("there is no signature"))?;
    verify(secret, header, body, now).map_err(Rejected::new)
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
    let at = at.ok_or("the signature's time is none")?;
    let (key, signed) = (key(secret), signed(seconds, body));
    // Several while the secret is being changed. The comparison takes the same time however much of it is right.
    let is_good = |hex: &str| unhex(hex).is_some_and(|tag| hmac::verify(&key, &signed, &tag).is_ok());
    if !values("v1").any(is_good) {
        return Err("the signature is not right");
    }
    let is_fresh = now.signed_duration_since(at).abs() <= WINDOW;
    is_fresh.then_some(()).ok_or("the signature is too old")
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
    fn who_knows_the_secret_is_believed() {
        let header = sign(&"whsec_1".into(), BODY, at(1_700_000_000));
        assert!(header.starts_with("t=1700000000,v1="), "{header}");
        assert_eq!(verify(&"whsec_1".into(), &header, BODY, at(1_700_000_000)), Ok(()));
        // While the secret is being changed there are two.
        let both = format!("{header},v1={},v0=abc", "0".repeat(64));
        assert_eq!(verify(&"whsec_1".into(), &both, BODY, at(1_700_000_000)), Ok(()));
        let (time, tag) = header.split_once(',').unwrap();
        let both = format!("{time},v1={},{tag}", "0".repeat(64));
        assert_eq!(verify(&"whsec_1".into(), &both, BODY, at(1_700_000_000)), Ok(()));
    }

    #[test]
    fn nobody_else_is() {
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
    fn a_recording_is_refused() {
        let header = sign(&"whsec_1".into(), BODY, at(1_700_000_000));
        for (seconds, is_fresh) in [(-301, false), (-300, true), (300, true), (301, false)] {
            let verdict = verify(&"whsec_1".into(), &header, BODY, at(1_700_000_000 + seconds));
            assert_eq!(verdict.is_ok(), is_fresh, "{seconds}");
        }
    }

    /// Computed with Python's hmac.
    #[test]
    fn the_scheme_is_that_of_others() {
        let header = "t=1700000000,v1=c89214b5b5da833daed6f0b8c5bb6bd58cea9022bd80ccc78230f3942d632925";
        assert_eq!(sign(&"whsec_test".into(), BODY, at(1_700_000_000)), header);
    }
}
