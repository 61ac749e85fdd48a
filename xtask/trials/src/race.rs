//! `race`: many buyers, each with the last unit in the cart, order at the same moment, round after round: by card, on account
//! and on a provider's page. Some are on that page already, and pay in the same moment. In each round one has it, and the
//! others are told that it is sold out; afterwards the books must agree, with those of the provider as well: whoever has paid
//! on the page and does not get it is charged nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use machine::{Error, Result, fail, step};
use shop::{Shop, Workspace, up};
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::chaos::{Books, End, Habit, Shopper, Visit, Way, put};

/// What everybody wants.
const SKU: &str = "onda-vase-sand";
const SOLD_OUT: &str = "urn:problem:out-of-stock";
/// What those are told who have paid too late.
const TOO_LATE: &str = "While you were paying, the last of it was sold to somebody else. Nothing was charged.";
/// One of so many buyers is on a page before the others order.
const ON_PAGE: u64 = 6;

/// Settings of `race`.
#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// How often it is run
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    rounds: u64,
    /// Buyers of one unit
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u64).range(2..=200))]
    buyers: u64,
    /// On PostgreSQL, RabbitMQ and Redis, with two replicas of each part
    #[arg(long)]
    scale: bool,
    /// Build with optimisation
    #[arg(long)]
    release: bool,
}

/// A few rounds, for every run of the tests.
pub async fn test(scale: bool) -> Result<()> {
    run(Options {
        rounds: 10,
        buyers: 50,
        scale,
        release: false,
    })
    .await
}

/// Opens a shop and races; an error where a round has no winner, or two.
pub async fn run(options: Options) -> Result<()> {
    let workspace = Workspace::find()?;
    let state = workspace.target.join(format!("shop-race-{}", std::process::id()));
    let shop = up::Options {
        scale: options.scale,
        stripe_double: true,
        release: options.release,
        random_ports: true,
        fresh: true,
        state: Some(state),
        // Units are held for nobody who is on a page: so all who are there want the same one, and everybody else does, too.
        wanted: vec![("orders", "STOA_UNPAID_PER_CLIENT", "0")],
        ..up::Options::default()
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
    // With us.
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
    // Enough that each comes to the page; then one is left.
    put(shop, SKU, i64::try_from(on_page).unwrap_or(i64::MAX)).await?;
    for number in 0..on_page {
        let (open, start) = (Arc::clone(&open), Arc::clone(&start));
        race(number, Habit::RacesOnPage { open, start })?;
    }
    open.wait().await;
    leave_one(shop).await?;
    for number in on_page..buyers {
        // Others in each round: nobody orders on account again and again.
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

/// Takes all but one unit off the shelf, as soon as they are held no longer.
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

/// One has it, and to all others it was said why not.
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
