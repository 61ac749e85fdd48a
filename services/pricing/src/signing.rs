//! Signatures that others can check: JWS ([RFC 7515](https://www.rfc-editor.org/rfc/rfc7515)) with
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

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system gives no random bytes.
    #[error("a key cannot be made")]
    Generate,
    /// What the database holds is not a key.
    #[error("the kept key cannot be read")]
    Read(#[source] BoxError),
}

/// A new key, as the database keeps it: PKCS #8 in base64.
pub fn generate() -> Result<SecretString, Error> {
    let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| Error::Generate)?;
    Ok(BASE64_STANDARD.encode(document).into())
}

/// A public key as others read it: JWK ([RFC 7517](https://www.rfc-editor.org/rfc/rfc7517)).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Jwk {
    /// Always `OKP`
    pub kty: &'static str,
    /// Always `Ed25519`
    pub crv: &'static str,
    /// The key's name: its thumbprint ([RFC 7638](https://www.rfc-editor.org/rfc/rfc7638))
    pub kid: String,
    /// The key itself, in base64url
    pub x: String,
    /// Always `sig`
    #[serde(rename = "use")]
    pub purpose: &'static str,
    /// Always `EdDSA`
    pub alg: &'static str,
}

/// Signs with one key.
#[derive(Debug)]
pub struct Signer {
    key: Ed25519KeyPair,
    /// The public half
    pub jwk: Jwk,
}

impl Signer {
    fn new(key: Ed25519KeyPair) -> Self {
        let x = BASE64_URL_SAFE_NO_PAD.encode(key.public_key());
        // The members in the order that RFC 7638 asks for.
        let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        let kid = BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, canonical.as_bytes()));
        Self {
            key,
            jwk: Jwk {
                kty: "OKP",
                crv: "Ed25519",
                kid,
                x,
                purpose: "sig",
                alg: "EdDSA",
            },
        }
    }

    /// A compact JWS over `payload` as JSON.
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
    pub(crate) fn known() -> Signer {
        let seed = BASE64_URL_SAFE_NO_PAD
            .decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
            .unwrap();
        Signer::new(Ed25519KeyPair::from_seed_unchecked(&seed).unwrap())
    }

    #[test]
    fn the_key_is_named_by_its_thumbprint() {
        // RFC 8037, appendix A.2 and A.3.
        assert_eq!(known().jwk.x, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        assert_eq!(known().jwk.kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn a_kept_key_signs_as_before() {
        let kept = generate().unwrap();
        let [first, second] = [(); 2].map(|()| Signer::try_from(&kept).unwrap());
        assert_eq!(
            first.sign(&json!({ "a": 1 })).unwrap(),
            second.sign(&json!({ "a": 1 })).unwrap()
        );
    }

    #[test]
    fn a_broken_key_is_refused() {
        for wrong in ["", "?"] {
            assert!(Signer::try_from(&wrong.into()).is_err());
        }
    }

    #[test]
    fn key_is_not_shown() {
        let kept = generate().unwrap();
        let shown = format!("{kept:?} {:?}", Signer::try_from(&kept).unwrap());
        let text = kept.expose_secret();
        // The private half, without what every such document begins with and the public half that it ends with.
        let private = BASE64_STANDARD.decode(text).unwrap()[16..48].to_vec();
        assert!(
            !shown.contains(text) && !shown.contains(&format!("{private:?}")),
            "{shown}"
        );
    }
}
