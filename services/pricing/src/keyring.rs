//! Rotation of signing keys. Several keys are published at once, one of which signs.
//!
//! A new key is published for a minute before it signs, so that every replica and every client knows it by then. An old key is
//! published until all quotes that it signed have expired. So rotation never invalidates a quote.

use std::sync::{Arc, RwLock};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use service::{Background, BoxError};
use storage::Db;
use values::Clock;

use crate::signing::{self, Jwk, Signer};
use crate::store::keys::{self as store, StoredKey};

/// A younger key does not sign, unless it is the only one.
const ACTIVATION_DELAY: TimeDelta = TimeDelta::minutes(1);
/// A key is deleted when its successor has signed for this long. Twice the lifetime of a quote.
const RETENTION: TimeDelta = TimeDelta::hours(1);
/// How often a replica loads the keys that others have created.
const REFRESH_INTERVAL: Duration = Duration::from_secs(10);

/// The signing keys as this replica knows them.
#[derive(Clone, Debug)]
pub struct Keyring {
    db: Db,
    /// The newest first, never empty.
    keys: Arc<RwLock<Vec<Arc<SigningKey>>>>,
    rotation_period: TimeDelta,
}

#[derive(Debug)]
struct SigningKey {
    signer: Signer,
    created_at: DateTime<Utc>,
}

impl TryFrom<StoredKey> for SigningKey {
    type Error = signing::Error;

    fn try_from(stored: StoredKey) -> Result<Self, signing::Error> {
        Ok(Self {
            signer: Signer::try_from(&stored.pkcs8)?,
            created_at: stored.created_at,
        })
    }
}

impl Keyring {
    /// Loads the keys, and creates one if there is none.
    pub async fn open(db: Db, rotation_period: TimeDelta, now: DateTime<Utc>) -> Result<Self, BoxError> {
        for legacy in store::list_legacy(&db).await? {
            let kid = Signer::try_from(&legacy.pkcs8)?.jwk.kid;
            store::insert(&db, &kid, &legacy.pkcs8, legacy.created_at).await?;
        }
        let (kid, pkcs8) = new_key()?;
        store::insert_first(&db, &kid, &pkcs8, now).await?;
        let keyring = Self {
            db,
            keys: Arc::default(),
            rotation_period,
        };
        keyring.load().await?;
        Ok(keyring)
    }

    /// Starts to load the keys of other replicas, to rotate keys and to delete old ones.
    pub fn maintain(&self, clock: Clock) -> Background {
        let keyring = self.clone();
        Background::every("keyring", REFRESH_INTERVAL, move || {
            let (keyring, now) = (keyring.clone(), clock.now());
            async move { keyring.refresh(now).await }
        })
    }

    async fn refresh(&self, now: DateTime<Utc>) -> Result<(), BoxError> {
        self.load().await?;
        let (newest, expired) = {
            let keys = self.keys();
            let newest = keys.first().map(|key| key.created_at);
            let expired = keys
                .windows(2)
                .filter(|pair| pair[0].created_at + ACTIVATION_DELAY + RETENTION <= now);
            (
                newest,
                expired.map(|pair| pair[1].signer.jwk.kid.clone()).collect::<Vec<_>>(),
            )
        };
        for kid in expired {
            tracing::info!(key = %kid, "an expired signing key is deleted");
            store::delete(&self.db, &kid).await?;
        }
        match newest {
            Some(newest) if newest + self.rotation_period > now => Ok(()),
            _ => self.rotate(now).await,
        }
    }

    /// Creates a key, which signs after [`ACTIVATION_DELAY`].
    pub async fn rotate(&self, now: DateTime<Utc>) -> Result<(), BoxError> {
        let (kid, pkcs8) = new_key()?;
        store::insert(&self.db, &kid, &pkcs8, now).await?;
        tracing::info!(key = %kid, "a signing key is created");
        self.load().await
    }

    /// Deletes a key at once, which invalidates the quotes that it signed, and creates one if it was the last. False if the key
    /// does not exist.
    pub async fn revoke(&self, kid: &str, now: DateTime<Utc>) -> Result<bool, BoxError> {
        let deleted = store::delete(&self.db, kid).await?;
        if deleted {
            tracing::warn!(key = %kid, "a signing key is revoked");
            let (kid, pkcs8) = new_key()?;
            store::insert_first(&self.db, &kid, &pkcs8, now).await?;
        }
        self.load().await?;
        Ok(deleted)
    }

    /// The public keys, read from the database.
    pub async fn list(&self) -> Result<Vec<Jwk>, BoxError> {
        self.load().await?;
        Ok(self.keys().iter().map(|key| key.signer.jwk.clone()).collect())
    }

    /// Signs with the newest key that every replica knows.
    pub fn sign(&self, payload: &impl serde::Serialize, now: DateTime<Utc>) -> Result<String, BoxError> {
        let keys = self.keys();
        let is_active = |key: &&Arc<SigningKey>| key.created_at + ACTIVATION_DELAY <= now;
        let key = keys.iter().find(is_active).or(keys.last());
        key.ok_or("there is no signing key")?.signer.sign(payload)
    }

    fn keys(&self) -> Vec<Arc<SigningKey>> {
        self.keys.read().map(|keys| keys.clone()).unwrap_or_default()
    }

    async fn load(&self) -> Result<(), BoxError> {
        let stored = store::list(&self.db).await?;
        let keys: Result<Vec<_>, _> = stored
            .into_iter()
            .map(|key| SigningKey::try_from(key).map(Arc::new))
            .collect();
        let keys = keys?;
        if let Ok(mut known) = self.keys.write() {
            *known = keys;
        }
        Ok(())
    }
}

/// Generates a key. Returns its ID and the key.
fn new_key() -> Result<(String, SecretString), signing::Error> {
    let pkcs8 = signing::generate()?;
    Ok((Signer::try_from(&pkcs8)?.jwk.kid, pkcs8))
}

#[cfg(test)]
mod tests {
    use storage::migrations;

    use super::*;

    #[tokio::test]
    async fn keys_are_deleted_when_their_quotes_have_expired() {
        for database in testkit::databases().await {
            let db = Db::open(database.url.clone()).await.unwrap();
            let migrations = migrations!["0001_prices", "0002_signing_keys"];
            storage::migrate(&db, migrations).await.unwrap();
            let start = DateTime::UNIX_EPOCH;
            let keyring = Keyring::open(db, TimeDelta::days(90), start).await.unwrap();
            let first = keyring.keys()[0].signer.jwk.kid.clone();
            let now = start + TimeDelta::seconds(1);
            keyring.rotate(now).await.unwrap();
            let knows_first = async |after: TimeDelta| {
                keyring.refresh(now + after).await.unwrap();
                let keys = keyring.list().await.unwrap();
                keys.iter().any(|key| key.kid == first)
            };
            let last = ACTIVATION_DELAY + RETENTION;
            assert!(knows_first(last - TimeDelta::seconds(1)).await);
            assert!(!knows_first(last).await);
            assert_eq!(keyring.keys().len(), 1);
        }
    }
}
