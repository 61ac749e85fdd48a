//! The keys of this shop: several at once, of which one signs.
//!
//! A new key is published for a minute before it signs, so that every replica knows it by then; an old one is published for
//! as long as a quote may hold that it has signed. So keys change without anybody noticing.

use std::sync::{Arc, RwLock};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use service::{Background, BoxError};
use storage::{Db, clock};

use crate::signing::{self, Jwk, Signer};
use crate::store::keys::{self as store, Kept};

/// A key that is younger does not sign, unless there is no other.
const PUBLISHED_FIRST: TimeDelta = TimeDelta::minutes(1);
/// A key whose successor has signed for so long has signed nothing that still holds: quotes hold for half of it.
const OUTLIVED: TimeDelta = TimeDelta::hours(1);
/// How often replicas look for each other's keys.
const LOOK: Duration = Duration::from_secs(10);

/// The keys, as this replica knows them.
#[derive(Clone, Debug)]
pub struct Keyring {
    db: Db,
    /// The newest first, never empty
    keys: Arc<RwLock<Vec<Arc<Named>>>>,
    /// After so long a new key is made
    age: TimeDelta,
}

#[derive(Debug)]
struct Named {
    signer: Signer,
    created_at: DateTime<Utc>,
}

impl TryFrom<Kept> for Named {
    type Error = signing::Error;

    fn try_from(kept: Kept) -> Result<Self, signing::Error> {
        Ok(Self {
            signer: Signer::try_from(&kept.pkcs8)?,
            created_at: kept.created_at,
        })
    }
}

impl Keyring {
    /// That of the database; with a first key, if there is none.
    pub async fn open(db: Db, age: TimeDelta) -> Result<Self, BoxError> {
        for kept in store::list_of_before(&db).await? {
            let kid = Signer::try_from(&kept.pkcs8)?.jwk.kid;
            store::insert(&db, &kid, &kept.pkcs8, kept.created_at).await?;
        }
        let (kid, pkcs8) = new_key()?;
        store::insert_first(&db, &kid, &pkcs8, clock::now()).await?;
        let keyring = Self {
            db,
            keys: Arc::default(),
            age,
        };
        keyring.load().await?;
        Ok(keyring)
    }

    /// Looks for the keys of other replicas, makes new ones in time and forgets old ones.
    pub fn keep(&self) -> Background {
        let keyring = self.clone();
        Background::every("keyring", LOOK, move || {
            let keyring = keyring.clone();
            async move { keyring.renew(clock::now()).await }
        })
    }

    async fn renew(&self, now: DateTime<Utc>) -> Result<(), BoxError> {
        self.load().await?;
        let (newest, outlived) = {
            let keys = self.keys();
            let newest = keys.first().map(|key| key.created_at);
            let outlived = keys
                .windows(2)
                .filter(|pair| pair[0].created_at + PUBLISHED_FIRST + OUTLIVED <= now);
            (
                newest,
                outlived.map(|pair| pair[1].signer.jwk.kid.clone()).collect::<Vec<_>>(),
            )
        };
        for kid in outlived {
            tracing::info!(key = %kid, "a key that signs nothing any more is forgotten");
            store::remove(&self.db, &kid).await?;
        }
        match newest {
            Some(newest) if newest + self.age > now => Ok(()),
            _ => self.rotate(now).await,
        }
    }

    /// Makes a new key, which signs from a minute on.
    pub async fn rotate(&self, now: DateTime<Utc>) -> Result<(), BoxError> {
        let (kid, pkcs8) = new_key()?;
        store::insert(&self.db, &kid, &pkcs8, now).await?;
        tracing::info!(key = %kid, "a new key is made");
        self.load().await
    }

    /// Forgets a key at once, and what it has signed with it; makes a new one, if it was the last. Says whether there was
    /// such a key.
    pub async fn remove(&self, kid: &str, now: DateTime<Utc>) -> Result<bool, BoxError> {
        let removed = store::remove(&self.db, kid).await?;
        if removed {
            tracing::warn!(key = %kid, "a key is revoked");
            let (kid, pkcs8) = new_key()?;
            store::insert_first(&self.db, &kid, &pkcs8, now).await?;
        }
        self.load().await?;
        Ok(removed)
    }

    /// The public halves, as the database has them now.
    pub async fn list(&self) -> Result<Vec<Jwk>, BoxError> {
        self.load().await?;
        Ok(self.keys().iter().map(|key| key.signer.jwk.clone()).collect())
    }

    /// Signs with the newest key that all replicas know.
    pub fn sign(&self, payload: &impl serde::Serialize) -> Result<String, BoxError> {
        let keys = self.keys();
        let is_known = |key: &&Arc<Named>| key.created_at + PUBLISHED_FIRST <= clock::now();
        let key = keys.iter().find(is_known).or(keys.last());
        key.ok_or("there is no key")?.signer.sign(payload)
    }

    fn keys(&self) -> Vec<Arc<Named>> {
        self.keys.read().map(|keys| keys.clone()).unwrap_or_default()
    }

    async fn load(&self) -> Result<(), BoxError> {
        let kept = store::list(&self.db).await?;
        let keys: Result<Vec<_>, _> = kept
            .into_iter()
            .map(|kept| Named::try_from(kept).map(Arc::new))
            .collect();
        let keys = keys?;
        if let Ok(mut known) = self.keys.write() {
            *known = keys;
        }
        Ok(())
    }
}

/// A new key's name and itself.
fn new_key() -> Result<(String, SecretString), signing::Error> {
    let pkcs8 = signing::generate()?;
    Ok((Signer::try_from(&pkcs8)?.jwk.kid, pkcs8))
}

#[cfg(test)]
mod tests {
    use storage::migrations;

    use super::*;

    #[tokio::test]
    async fn keys_are_forgotten_when_no_quote_of_theirs_holds() {
        for database in testkit::databases().await {
            let db = Db::open(database.url.clone()).await.unwrap();
            let migrations = migrations!["0001_prices", "0002_signing_keys"];
            storage::migrate(&db, migrations).await.unwrap();
            let keyring = Keyring::open(db, TimeDelta::days(90)).await.unwrap();
            let first = keyring.keys()[0].signer.jwk.kid.clone();
            let now = clock::now() + TimeDelta::seconds(1);
            keyring.rotate(now).await.unwrap();
            let knows_first = async |after: TimeDelta| {
                keyring.renew(now + after).await.unwrap();
                let keys = keyring.list().await.unwrap();
                keys.iter().any(|key| key.kid == first)
            };
            let last = PUBLISHED_FIRST + OUTLIVED;
            assert!(knows_first(last - TimeDelta::seconds(1)).await);
            assert!(!knows_first(last).await);
            assert_eq!(keyring.keys().len(), 1);
        }
    }
}
