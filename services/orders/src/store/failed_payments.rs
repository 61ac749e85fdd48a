//! Payments that failed, kept for a day (table `tries`). They are in the database so that a restart or another replica does
//! not forget them: someone who tests stolen cards can wait.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use storage::{Db, Error, Tx, execute, fetch_one};
use uuid::Uuid;

use crate::domain::{DeclinedCards, UnpaidOrders};
use crate::placement::Placement;

/// What an attempt to pay is counted by.
#[derive(Clone, Copy, Debug)]
pub struct CountedBy {
    pub quote: Uuid,
    pub cart: Option<Uuid>,
    pub client: Option<IpAddr>,
}

/// Counts the declined cards of a quote, a cart and a client since then.
pub async fn count_declined(db: &Db, by: CountedBy, since: DateTime<Utc>) -> Result<DeclinedCards, Error> {
    let sql = "select
        (select count(*) from tries where quote = $1 and outcome = 'declined' and tried_at > $4),
        (select count(*) from tries where cart = $2 and outcome = 'declined' and tried_at > $4),
        (select count(*) from tries where client = $3 and outcome = 'declined' and tried_at > $4)";
    let client = by.client.map(|client| client.to_string());
    let (quote, cart, client): (i64, i64, i64) = fetch_one!(db, sql, by.quote, by.cart, client, since)?;
    Ok(DeclinedCards { quote, cart, client })
}

/// Counts the orders of the same client, and of the same card, that await payment or have expired unpaid since then.
pub async fn count_unpaid(db: &Db, placement: &Placement, since: DateTime<Utc>) -> Result<UnpaidOrders, Error> {
    let sql = "select
        (select count(*) from tries where client = $1 and outcome = 'unanswered' and tried_at > $3)
        + (select count(*) from orders where client = $1 and in_progress and status = 'authenticating'),
        (select count(*) from tries where card = $2 and outcome = 'unanswered' and tried_at > $3)
        + (select count(*) from orders where card = $2 and in_progress and status = 'authenticating')";
    let client = placement.client.map(|client| client.to_string());
    let card = placement.card_fingerprint.as_deref();
    let (client, card): (i64, i64) = fetch_one!(db, sql, client, card, since)?;
    Ok(UnpaidOrders { client, card })
}

/// Records the failed payment of an order, if its payment is what failed.
pub(super) async fn insert(tx: &mut Tx, placement: &Placement, now: DateTime<Utc>) -> Result<(), Error> {
    let Some(outcome) = placement.payment_failure() else {
        return Ok(());
    };
    let sql = "insert into tries (order_id, outcome, quote, cart, client, card, tried_at)
        select id, $1, quote, cart, client, $2, $3 from orders where id = $4
        on conflict (order_id) do nothing";
    let card = placement.card_fingerprint.as_deref();
    execute!(tx, sql, outcome, card, now, placement.order.id).map(drop)
}

/// Deletes the ones from before then.
pub async fn sweep(db: &Db, before: DateTime<Utc>) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    execute!(&mut tx, "delete from tries where tried_at < $1", before)?;
    tx.commit().await
}
