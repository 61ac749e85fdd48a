//! `race`: in each round many buyers order the last unit at the same moment: by card, by invoice, and on a provider's payment
//! page. Some are on that page already and pay at that moment. Exactly one order succeeds, and all other buyers get "sold
//! out". Afterwards orders, payments, stock and the provider must agree: a buyer who paid too late is not charged.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use machine::{Error, Result, fail, step};
use shop::{Shop, Workspace, up};
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::chaos::{Books, End, Habit, Shopper, Visit, Way, put};

/// The product that all buyers want.
const SKU: &str = "onda-vase-sand";
const SOLD_OUT: &str = "urn:problem:out-of-stock";
/// The message for buyers who paid too late.
const TOO_LATE: &str = "While you were paying, the last of it was sold to somebody else. Nothing was charged.";
/// One of this many buyers is on a payment page before the others order.
const ON_PAGE: u64 = 6;

/// Settings of `race`.
#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// Number of rounds
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    rounds: u64,
    /// Buyers in each round
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u64).range(2..=200))]
    buyers: u64,
    /// With deploy/scale.toml: PostgreSQL, RabbitMQ, Redis and two replicas of each part
    #[arg(long)]
    scale: bool,
    /// Build with optimisation
    #[arg(long)]
    release: bool,
}

/// A few rounds, as a stage of `test`.
pub async fn test(scale: bool) -> Result<()> {
    run(Options {
        rounds: 10,
        buyers: 50,
        scale,
        release: false,
    })
    .await
}

/// Opens a shop and runs the rounds. Fails if a round has no winner or more than one.
pub async fn run(options: Options) -> Result<()> {
    let workspace = Workspace::find()?;
    let shop = up::Options {
        scale: options.scale,
        stripe_double: true,
        release: options.release,
        // Nothing is reserved for buyers who are on a payment page, so all of them compete for the last unit.
        settings: vec![("orders", "STOA_UNPAID_PER_CLIENT", "0")],
        ..up::Options::trial(&workspace, "race")
    };
    up::with_shop(&workspace, &shop, async |shop| race(shop, &options).await).await
}

async fn race(shop: &Shop, options: &Options) -> Result<()> {
    let Options { rounds, buyers, .. } = *options;
    step(&format!("{rounds} rounds: {buyers} buyers, one unit"));
    let mut visits = Vec::new();
    for round in 1..=rounds {
        let seen = buy_at_once(shop, round, buyers).await?;
        check(&seen).map_err(|Error(what)| Error(format!("round {round}: {what}")))?;
        if round % 10 == 0 {
            eprintln!("    {round} rounds, one winner each");
        }
        visits.extend(seen);
    }
    step("reading the books");
    let units = i64::try_from(rounds).map_err(Error::of)?;
    let books = Books::read(shop, BTreeMap::from([(SKU.to_owned(), units)])).await?;
    if let Some(violation) = books.check(&visits).first() {
        return fail(violation.what.clone());
    }
    let others = rounds * (buyers - 1);
    let late = visits.iter().filter(|visit| is_too_late(&visit.end)).count();
    println!("    {rounds} orders, {others} times sold out, {late} of them after paying on a page: the books agree");
    for way in [Way::Card, Way::Page, Way::Invoice] {
        let won = |visit: &&Visit| visit.way == way && matches!(visit.end, End::Bought(_));
        println!("    {:>6} × {way:?}", visits.iter().filter(won).count());
    }
    Ok(())
}

async fn buy_at_once(shop: &Shop, round: u64, buyers: u64) -> Result<Vec<Visit>> {
    let on_page = (buyers / ON_PAGE).max(1);
    let barrier = |many: u64| Arc::new(Barrier::new(usize::try_from(many).unwrap_or(usize::MAX)));
    // This task takes part, too.
    let (open, start) = (barrier(on_page + 1), barrier(buyers + 1));
    let mut racing = JoinSet::new();
    let mut race = |number: u64, habit: Habit| -> Result<()> {
        let buyer = Shopper {
            number,
            shell: shop.topology.url("shell")?,
            skus: vec![SKU.to_owned()],
            random: fastrand::Rng::new(),
            habit,
        };
        racing.spawn(buyer.visit_once());
        Ok(())
    };
    // First enough for every buyer to reach the page, then one.
    put(shop, SKU, i64::try_from(on_page).unwrap_or(i64::MAX)).await?;
    for number in 0..on_page {
        let (open, start) = (Arc::clone(&open), Arc::clone(&start));
        race(number, Habit::RacesOnPage { open, start })?;
    }
    open.wait().await;
    leave_one(shop).await?;
    for number in on_page..buyers {
        // New buyers in each round, because invoices are limited for each client.
        let way = match (number + round) % 3 {
            0 => Way::Card,
            1 => Way::Page,
            _ => Way::Invoice,
        };
        race(number, Habit::Races(way, Arc::clone(&start)))?;
    }
    start.wait().await;
    Ok(racing.join_all().await.into_iter().flatten().collect())
}

/// Reduces the stock to one unit as soon as nothing is reserved.
async fn leave_one(shop: &Shop) -> Result<()> {
    for _ in 0..50 {
        if put(shop, SKU, 1).await.is_ok() {
            return Ok(());
        }
        sleep(Duration::from_millis(100)).await;
    }
    put(shop, SKU, 1).await
}

fn is_too_late(end: &End) -> bool {
    matches!(end, End::Refused(reason) if reason == TOO_LATE)
}

/// One buyer has it, and all others were given the reason.
fn check(visits: &[Visit]) -> Result<()> {
    let winners = visits
        .iter()
        .filter(|visit| matches!(visit.end, End::Bought(_)))
        .count();
    let is_sold_out =
        |visit: &&Visit| is_too_late(&visit.end) || matches!(&visit.end, End::Refused(reason) if reason == SOLD_OUT);
    let losers = visits.iter().filter(is_sold_out).count();
    match (winners, losers) {
        (1, losers) if losers + 1 == visits.len() => Ok(()),
        _ => {
            let ends: Vec<_> = visits.iter().map(|visit| &visit.end).collect();
            fail(format!(
                "{winners} have it, {losers} were told that it is sold out: {ends:?}"
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visits(ends: &[End]) -> Vec<Visit> {
        let visit = |end: &End| Visit {
            key: "key".to_owned(),
            way: Way::Card,
            end: end.clone(),
            orders: Vec::new(),
            sent: 1,
        };
        ends.iter().map(visit).collect()
    }

    #[test]
    fn one_has_it_and_the_others_are_told() {
        let [bought, sold_out] = [End::Bought("one".to_owned()), End::Refused(SOLD_OUT.to_owned())];
        let late = End::Refused(TOO_LATE.to_owned());
        for good in [
            [sold_out.clone(), bought.clone(), sold_out.clone()],
            [late.clone(), bought.clone(), sold_out.clone()],
        ] {
            assert!(check(&visits(&good)).is_ok());
        }
        for bad in [
            vec![sold_out.clone(), sold_out.clone()],
            vec![bought.clone(), bought.clone(), sold_out.clone()],
            vec![bought.clone(), End::Unknown],
            vec![late, sold_out.clone()],
            vec![bought.clone(), End::Promised("two".to_owned())],
            vec![bought, End::Refused("urn:problem:card-declined".to_owned())],
        ] {
            assert!(check(&visits(&bad)).is_err(), "{bad:?}");
        }
    }
}
