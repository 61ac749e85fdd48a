//! Parsing and verifying a token.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
    /// Extensions that a recipient must understand; none is supported, so such tokens are rejected
    crit: Option<Value>,
}

/// An Ed25519 public key.
#[derive(Clone, Debug)]
pub(crate) struct Key(Vec<u8>);

impl Key {
    /// Decodes the `x` parameter of a JWK.
    pub(crate) fn from_base64url(x: &str) -> Option<Self> {
        decode(x).map(Self)
    }
}

/// A token whose signature has not been verified yet.
pub(crate) struct Unverified<'a> {
    /// The id of the key that the token claims to be signed with
    pub(crate) kid: String,
    signed: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'a> Unverified<'a> {
    /// Splits a token. Returns `None` unless it is a JWS signed with `EdDSA`.
    pub(crate) fn parse(token: &'a str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        let header: Header = serde_json::from_slice(&decode(header)?).ok()?;
        let is_ours = header.alg == "EdDSA" && header.crit.is_none();
        is_ours.then_some(Self {
            kid: header.kid,
            signed,
            payload: decode(payload)?,
            signature: decode(signature)?,
        })
    }

    /// Returns the payload if the signature is valid.
    pub(crate) fn verify(self, key: &Key) -> Option<Vec<u8>> {
        let key = UnparsedPublicKey::new(&ED25519, &key.0);
        key.verify(self.signed.as_bytes(), &self.signature).ok()?;
        Some(self.payload)
    }
}

fn decode(text: &str) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8037, appendix A.4. Its header has no `kid`, so the test splits the token itself.
    #[test]
    fn example_of_the_rfc_verifies() {
        let key = Key::from_base64url("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
        let signed = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
        let signature =
            decode("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg").unwrap();
        let unverified = |signature: &[u8]| Unverified {
            kid: String::new(),
            signed,
            payload: b"Example of Ed25519 signing".to_vec(),
            signature: signature.to_vec(),
        };
        assert!(unverified(&signature).verify(&key).is_some());
        let mut forged = signature;
        forged[0] ^= 1;
        assert!(unverified(&forged).verify(&key).is_none());
    }

    #[test]
    fn tokens_with_other_algorithms_or_extensions_are_rejected() {
        let parse = |header: &str| {
            let token = format!("{}.e30.AA", BASE64_URL_SAFE_NO_PAD.encode(header));
            Unverified::parse(&token).is_some()
        };
        assert!(parse(r#"{"alg":"EdDSA","kid":"a"}"#));
        for header in [
            r#"{"alg":"none","kid":"a"}"#,
            r#"{"alg":"HS256","kid":"a"}"#,
            r#"{"alg":"EdDSA"}"#,
            r#"{"alg":"EdDSA","kid":"a","crit":["b64"],"b64":false}"#,
            "{}",
            "",
        ] {
            assert!(!parse(header), "{header}");
        }
    }
}
