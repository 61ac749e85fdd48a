//! Signatures: JWS ([RFC 7515](https://www.rfc-editor.org/rfc/rfc7515)) with
//! Ed25519 keys ([RFC 8037](https://www.rfc-editor.org/rfc/rfc8037)).

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::json;
use service::BoxError;
use utoipa::ToSchema;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system provides no random bytes.
    #[error("a signing key cannot be generated")]
    Generate,
    #[error("the stored signing key cannot be decoded")]
    Read(#[source] BoxError),
}

/// Generates a key: PKCS #8 in base64.
pub fn generate() -> Result<SecretString, Error> {
    let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| Error::Generate)?;
    Ok(BASE64_STANDARD.encode(document).into())
}

/// A public key in JWK format ([RFC 7517](https://www.rfc-editor.org/rfc/rfc7517)).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Jwk {
    /// Key type, always `OKP`.
    pub kty: &'static str,
    /// Curve, always `Ed25519`.
    pub crv: &'static str,
    /// Key ID: the thumbprint of the key ([RFC 7638](https://www.rfc-editor.org/rfc/rfc7638)).
    pub kid: String,
    /// The public key in base64url.
    pub x: String,
    /// Intended use, always `sig`.
    #[serde(rename = "use")]
    pub intended_use: &'static str,
    /// Algorithm, always `EdDSA`.
    pub alg: &'static str,
}

#[derive(Debug)]
pub struct Signer {
    key: Ed25519KeyPair,
    pub jwk: Jwk,
}

impl Signer {
    fn new(key: Ed25519KeyPair) -> Self {
        let x = BASE64_URL_SAFE_NO_PAD.encode(key.public_key());
        // RFC 7638 requires the members in lexicographic order.
        let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        let kid = BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, canonical.as_bytes()));
        Self {
            key,
            jwk: Jwk {
                kty: "OKP",
                crv: "Ed25519",
                kid,
                x,
                intended_use: "sig",
                alg: "EdDSA",
            },
        }
    }

    /// Signs a payload as JSON. Returns a compact JWS.
    pub fn sign(&self, payload: &impl Serialize) -> Result<String, BoxError> {
        let header = json!({ "alg": self.jwk.alg, "kid": self.jwk.kid });
        let encode = |part: Vec<u8>| BASE64_URL_SAFE_NO_PAD.encode(part);
        let signed = format!(
            "{}.{}",
            encode(serde_json::to_vec(&header)?),
            encode(serde_json::to_vec(payload)?)
        );
        let signature = self.key.sign(signed.as_bytes());
        Ok(format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)))
    }
}

impl TryFrom<&SecretString> for Signer {
    type Error = Error;

    fn try_from(pkcs8: &SecretString) -> Result<Self, Error> {
        let document = BASE64_STANDARD
            .decode(pkcs8.expose_secret())
            .map_err(|error| Error::Read(error.into()))?;
        Ed25519KeyPair::from_pkcs8(&document)
            .map(Self::new)
            .map_err(|error| Error::Read(error.to_string().into()))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The key of RFC 8037, appendix A.1.
    pub(crate) fn rfc_8037_signer() -> Signer {
        let seed = BASE64_URL_SAFE_NO_PAD
            .decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
            .unwrap();
        Signer::new(Ed25519KeyPair::from_seed_unchecked(&seed).unwrap())
    }

    #[test]
    fn key_id_is_the_thumbprint() {
        // RFC 8037, appendix A.2 and A.3.
        assert_eq!(rfc_8037_signer().jwk.x, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        assert_eq!(rfc_8037_signer().jwk.kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn signatures_are_deterministic() {
        let stored = generate().unwrap();
        let [first, second] = [(); 2].map(|()| Signer::try_from(&stored).unwrap());
        assert_eq!(
            first.sign(&json!({ "a": 1 })).unwrap(),
            second.sign(&json!({ "a": 1 })).unwrap()
        );
    }

    #[test]
    fn malformed_keys_are_rejected() {
        for wrong in ["", "?"] {
            assert!(Signer::try_from(&wrong.into()).is_err());
        }
    }

    #[test]
    fn debug_output_hides_private_keys() {
        let stored = generate().unwrap();
        let shown = format!("{stored:?} {:?}", Signer::try_from(&stored).unwrap());
        let text = stored.expose_secret();
        // The private key alone: PKCS #8 begins with a fixed header and ends with the public key.
        let private = BASE64_STANDARD.decode(text).unwrap()[16..48].to_vec();
        assert!(
            !shown.contains(text) && !shown.contains(&format!("{private:?}")),
            "{shown}"
        );
    }
}
