//! Units that inventory holds for an order.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

/// A reservation at inventory.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Reservation {
    pub id: Uuid,
    /// The units are held until then.
    pub expires_at: DateTime<Utc>,
}
