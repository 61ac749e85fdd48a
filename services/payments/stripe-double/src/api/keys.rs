//! Idempotency keys whose calls are under way.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::StatusCode;

use crate::error::Refusal;

/// All of them.
#[derive(Clone, Debug, Default)]
pub struct Keys(Arc<Mutex<HashSet<String>>>);

/// A key's place, until its call is answered.
#[derive(Debug)]
pub struct Place {
    keys: Keys,
    key: String,
}

impl Keys {
    /// The place of a key, if there is one; nobody else has it meanwhile.
    pub fn take(&self, key: Option<&str>) -> Result<Option<Place>, Refusal> {
        let Some(key) = key else { return Ok(None) };
        if key.chars().count() > 255 {
            let message = "Idempotency-Key must be at most 255 characters.";
            return Err(Refusal::idempotency(message.to_owned()));
        }
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !keys.insert(key.to_owned()) {
            return Err(in_use(key));
        }
        Ok(Some(Place {
            keys: self.clone(),
            key: key.to_owned(),
        }))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut keys = self.keys.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.remove(&self.key);
    }
}

fn in_use(key: &str) -> Refusal {
    let message = format!(
        "There is currently another in-progress request using this Idempotent Key (that probably means you submitted \
         twice, and the other request is still going through): {key}. Please try again later."
    );
    Refusal::invalid(message)
        .code("idempotency_key_in_use")
        .status(StatusCode::CONFLICT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_one_place() {
        let keys = Keys::default();
        let place = keys.take(Some("a")).unwrap();
        let refusal = keys.take(Some("a")).unwrap_err();
        assert_eq!(
            (refusal.status, refusal.code),
            (StatusCode::CONFLICT, Some("idempotency_key_in_use"))
        );
        assert!(keys.take(Some("b")).is_ok_and(|place| place.is_some()));
        drop(place);
        assert!(keys.take(Some("a")).is_ok());
        assert!(keys.take(None).is_ok_and(|place| place.is_none()));
        assert!(keys.take(Some(&"k".repeat(256))).is_err());
    }
}
