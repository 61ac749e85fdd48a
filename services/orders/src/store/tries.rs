//! Orders that came to nothing at a bank, for a day. In the database, since a restart or another replica must not forget
//! them: whoever tries cards has time.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use storage::{Db, Error, Tx, execute, fetch_one};
use uuid::Uuid;

use crate::domain::{Tried, Unpaid};
use crate::saga::Saga;

/// Whose tries.
#[derive(Clone, Copy, Debug)]
pub struct Who {
    /// For this quote
    pub quote: Uuid,
    /// Of this cart
    pub cart: Option<Uuid>,
    /// By this client
    pub client: Option<IpAddr>,
}

/// How often cards were declined since then, and when first.
pub async fn declined(db: &Db, who: Who, since: DateTime<Utc>) -> Result<Tried, Error> {
    let sql = "select
        (select count(*) from tries where quote = $1 and outcome = 'declined' and tried_at > $4),
        (select count(*) from tries where cart = $2 and outcome = 'declined' and tried_at > $4),
        (select count(*) from tries where client = $3 and outcome = 'declined' and tried_at > $4)";
    let client = who.client.map(|client| client.to_string());
    let (quote, cart, client): (i64, i64, i64) = fetch_one!(db, sql, who.quote, who.cart, client, since)?;
    Ok(Tried { quote, cart, client })
}

/// How many orders of the same client and by the same card wait for a bank, or have waited in vain since then.
pub async fn unpaid(db: &Db, saga: &Saga, since: DateTime<Utc>) -> Result<Unpaid, Error> {
    let sql = "select
        (select count(*) from tries where client = $1 and outcome = 'unanswered' and tried_at > $3)
        + (select count(*) from orders where client = $1 and open and status = 'authenticating'),
        (select count(*) from tries where card = $2 and outcome = 'unanswered' and tried_at > $3)
        + (select count(*) from orders where card = $2 and open and status = 'authenticating')";
    let client = saga.client.map(|client| client.to_string());
    let (client, card): (i64, i64) = fetch_one!(db, sql, client, saga.card.as_deref(), since)?;
    Ok(Unpaid { client, card })
}

/// Notes down how an order came to nothing, if a bank has to do with it.
pub(super) async fn insert(tx: &mut Tx, saga: &Saga, now: DateTime<Utc>) -> Result<(), Error> {
    let Some(outcome) = saga.try_at_bank() else {
        return Ok(());
    };
    let sql = "insert into tries (order_id, outcome, quote, cart, client, card, tried_at)
        select id, $1, quote, cart, client, $2, $3 from orders where id = $4
        on conflict (order_id) do nothing";
    execute!(tx, sql, outcome, saga.card.as_deref(), now, saga.order.id).map(drop)
}

/// Forgets those of before.
pub async fn sweep(db: &Db, before: DateTime<Utc>) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    execute!(&mut tx, "delete from tries where tried_at < $1", before)?;
    tx.commit().await
}
