//! Signatures by [Stripe's scheme](https://docs.stripe.com/webhooks#verify-manually).

use ring::hmac;
use secrecy::{ExposeSecret, SecretString};

/// The header `Stripe-Signature` of a body. `now` is in seconds.
pub fn sign(secret: &SecretString, body: &str, now: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
    let tag = hmac::sign(&key, format!("{now}.{body}").as_bytes());
    let hex = tag.as_ref().iter().map(|byte| format!("{byte:02x}"));
    format!("t={now},v1={}", hex.collect::<String>())
}

#[cfg(test)]
mod tests {
    /// Computed with Python's hmac.
    #[test]
    fn signature_matches_another_implementation() {
        let header = "t=1700000000,v1=c89214b5b5da833daed6f0b8c5bb6bd58cea9022bd80ccc78230f3942d632925";
        assert_eq!(
            super::sign(&"whsec_test".into(), r#"{"id":"evt_1"}"#, 1_700_000_000),
            header
        );
    }
}
