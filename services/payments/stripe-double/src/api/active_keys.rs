//! Idempotency keys of requests in progress.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::StatusCode;

use crate::error::ApiError;

/// The keys of all requests in progress.
#[derive(Clone, Debug, Default)]
pub struct ActiveKeys(Arc<Mutex<HashSet<String>>>);

/// Holds a key until its request is answered.
#[derive(Debug)]
pub struct KeyGuard {
    keys: ActiveKeys,
    key: String,
}

impl ActiveKeys {
    /// Locks a key, if the request has one. Fails if another request in progress has the same key.
    pub fn lock(&self, key: Option<&str>) -> Result<Option<KeyGuard>, ApiError> {
        let Some(key) = key else { return Ok(None) };
        if key.chars().count() > 255 {
            let message = "Idempotency-Key must be at most 255 characters.";
            return Err(ApiError::idempotency(message.to_owned()));
        }
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !keys.insert(key.to_owned()) {
            return Err(in_use(key));
        }
        Ok(Some(KeyGuard {
            keys: self.clone(),
            key: key.to_owned(),
        }))
    }
}

impl Drop for KeyGuard {
    fn drop(&mut self) {
        let mut keys = self.keys.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.remove(&self.key);
    }
}

fn in_use(key: &str) -> ApiError {
    let message = format!(
        "There is currently another in-progress request using this Idempotent Key (that probably means you submitted \
         twice, and the other request is still going through): {key}. Please try again later."
    );
    ApiError::invalid(message)
        .code("idempotency_key_in_use")
        .status(StatusCode::CONFLICT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_is_locked_until_its_guard_is_dropped() {
        let keys = ActiveKeys::default();
        let guard = keys.lock(Some("a")).unwrap();
        let error = keys.lock(Some("a")).unwrap_err();
        assert_eq!(
            (error.status, error.code),
            (StatusCode::CONFLICT, Some("idempotency_key_in_use"))
        );
        assert!(keys.lock(Some("b")).is_ok_and(|guard| guard.is_some()));
        drop(guard);
        assert!(keys.lock(Some("a")).is_ok());
        assert!(keys.lock(None).is_ok_and(|guard| guard.is_none()));
        assert!(keys.lock(Some(&"k".repeat(256))).is_err());
    }
}
