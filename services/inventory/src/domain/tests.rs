use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn sku(text: &str) -> Sku {
    Sku::try_from(text.to_owned()).unwrap()
}

fn line(text: &str, quantity: i64) -> LineItem {
    LineItem {
        sku: sku(text),
        quantity: quantity.try_into().unwrap(),
    }
}

fn request(skus: &[&str]) -> CreateReservation {
    CreateReservation {
        order: Uuid::nil(),
        lines: skus.iter().map(|sku| line(sku, 1)).collect(),
        location: None,
        expires_in_seconds: HoldSeconds::default(),
    }
}

fn shelf(sku: &str, location: &str) -> Shelf {
    Shelf {
        sku: sku.to_owned().try_into().unwrap(),
        location: location.to_owned().try_into().unwrap(),
    }
}

fn shelves(units: &[(&str, &str, u32)]) -> BTreeMap<Shelf, u32> {
    let units = units.iter();
    units
        .map(|(sku, location, available)| (shelf(sku, location), *available))
        .collect()
}

/// The plan as text: `a@main 2, b@berlin 1`.
fn planned(lines: &[LineItem], available: &[(&str, &str, u32)]) -> String {
    let AllocationPlan { allocations, .. } = plan_allocations(lines, &shelves(available), &BTreeMap::new()).unwrap();
    let texts = allocations
        .iter()
        .map(|part| format!("{}@{} {}", part.sku, part.location.as_str(), part.quantity));
    texts.collect::<Vec<_>>().join(", ")
}

#[test]
fn location_is_lower_case_groups_joined_by_hyphens() {
    for good in ["a", "onda-vase-sand", "7-up", &"x".repeat(64)] {
        assert!(Location::try_from(good.to_owned()).is_ok(), "{good}");
    }
    for bad in ["", "-", "a-", "-a", "a--b", "A", "a b", "ä", "a\0", &"x".repeat(65)] {
        assert!(Location::try_from(bad.to_owned()).is_err(), "{bad:?}");
    }
}

#[test]
fn quantity_is_1_to_99() {
    for bad in [i64::MIN, -1, 0, 100, 1_000_000_000, i64::MAX] {
        assert_eq!(Quantity::try_from(bad).unwrap_err(), "must be 1 to 99");
    }
    assert_eq!(Quantity::try_from(99).unwrap().get(), 99);
}

#[test]
fn reservation_request_names_each_sku_once() {
    assert_eq!(request(&["a", "b"]).violations(), []);
    assert_eq!(request(&["a", "b", "a"]).violations()[0].pointer, "/lines/2/sku");
    assert_eq!(request(&[]).violations()[0].pointer, "/lines");
    assert_eq!(request(&["a"; 51]).violations().len(), 51);
}

/// Idempotency keys from before there were locations keep their answers.
#[test]
fn fingerprint_of_a_request_without_location_is_unchanged() {
    let written = serde_json::to_value(request(&["a"])).unwrap();
    let former = serde_json::json!({
        "order": Uuid::nil(), "lines": [{ "sku": "a", "quantity": 1 }], "expires_in_seconds": 900,
    });
    assert_eq!(written, former);
}

#[test]
fn reservation_expires_on_the_second() {
    let now = DateTime::UNIX_EPOCH;
    let held = Reservation::new(&request(&["a"]), AllocationPlan::default(), Uuid::nil(), now);
    let later = |seconds| held.clone().at(now + TimeDelta::seconds(seconds)).status;
    assert_eq!(later(899), ReservationStatus::Held);
    assert_eq!(later(900), ReservationStatus::Expired);

    let mut committed = held.clone();
    committed.status = ReservationStatus::Committed;
    assert_eq!(
        committed.at(now + TimeDelta::days(9)).status,
        ReservationStatus::Committed
    );
}

#[test]
fn statuses_and_kinds_are_read_as_they_are_written() {
    for status in [
        ReservationStatus::Held,
        ReservationStatus::Committed,
        ReservationStatus::Released,
        ReservationStatus::Expired,
    ] {
        assert_eq!(ReservationStatus::try_from(status.as_str().to_owned()).unwrap(), status);
        assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
    }
    for kind in ["counted", "reserved", "released", "expired", "shipped", "restocked"] {
        let read = MovementKind::try_from(kind.to_owned()).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), kind);
    }
}

#[test]
fn shortage_says_how_many_units_remain() {
    assert_eq!(Shortage { line: 0, remaining: 2 }.to_string(), "Only 2 left.");
    assert_eq!(Shortage { line: 0, remaining: 0 }.to_string(), "None left.");
}

/// Answers that were stored under an idempotency key before `left` became `remaining`.
#[test]
fn shortage_stored_as_left_can_be_read() {
    let stored = serde_json::json!({ "Err": [{ "line": 1, "left": 2 }] });
    let answer: Result<Reservation, Vec<Shortage>> = serde_json::from_value(stored).unwrap();
    assert_eq!(answer.unwrap_err(), [Shortage { line: 1, remaining: 2 }]);
}

#[test]
fn one_location_serves_an_order_if_it_has_all_units() {
    let lines = [line("a", 2), line("b", 1)];
    let available = [
        ("a", "berlin", 2),
        ("a", "main", 9),
        ("b", "berlin", 1),
        ("b", "paris", 9),
    ];
    assert_eq!(planned(&lines, &available), "a@berlin 2, b@berlin 1");
}

#[test]
fn main_location_is_preferred_then_the_first_by_name() {
    let available = [("a", "berlin", 9), ("a", "main", 2), ("a", "paris", 9)];
    assert_eq!(planned(&[line("a", 2)], &available), "a@main 2");
    assert_eq!(planned(&[line("a", 3)], &available), "a@berlin 3");
}

#[test]
fn units_that_no_location_has_alone_come_from_few_locations() {
    let available = [
        ("a", "berlin", 1),
        ("a", "main", 3),
        ("a", "paris", 4),
        ("b", "berlin", 1),
    ];
    assert_eq!(planned(&[line("a", 6)], &available), "a@paris 4, a@main 2");
    assert_eq!(planned(&[line("a", 8)], &available), "a@paris 4, a@main 3, a@berlin 1");
    assert_eq!(
        planned(&[line("a", 5), line("b", 1)], &available),
        "a@paris 4, a@berlin 1, b@berlin 1"
    );
}

#[test]
fn shortages_say_how_many_units_remain_of_each_line() {
    let available = shelves(&[("a", "berlin", 1), ("a", "main", 3), ("b", "main", 1)]);
    let shortages = plan_allocations(
        &[line("a", 5), line("b", 1), line("c", 1)],
        &available,
        &BTreeMap::new(),
    )
    .unwrap_err();
    assert_eq!(
        shortages,
        [Shortage { line: 0, remaining: 4 }, Shortage { line: 2, remaining: 0 }]
    );
}

#[test]
fn untracked_skus_need_no_units_and_missing_ones_are_backordered() {
    let policy = |tracked, backorder| StockPolicy { tracked, backorder };
    let policies = BTreeMap::from([
        (sku("a"), policy(false, Backorder::Deny)),
        (sku("b"), policy(true, Backorder::Allow)),
        (sku("c"), policy(true, Backorder::Allow)),
    ]);
    let available = shelves(&[("a", "main", 1), ("b", "main", 2), ("b", "berlin", 1), ("d", "main", 1)]);
    let lines = [line("a", 9), line("b", 5), line("c", 1), line("d", 1)];
    let AllocationPlan {
        allocations,
        backordered,
    } = plan_allocations(&lines, &available, &policies).unwrap();
    let taken: Vec<_> = allocations
        .iter()
        .map(|part| (part.sku.as_str(), part.location.as_str(), part.quantity))
        .collect();
    assert_eq!(taken, [("b", "main", 2), ("d", "main", 1), ("b", "berlin", 1)]);
    let later: Vec<_> = backordered
        .iter()
        .map(|line| (line.sku.as_str(), line.quantity.get()))
        .collect();
    assert_eq!(later, [("b", 2), ("c", 1)]);
    let short = plan_allocations(&[line("b", 5), line("d", 2)], &available, &policies).unwrap_err();
    assert_eq!(short, [Shortage { line: 1, remaining: 1 }]);
}

proptest! {
    /// A plan allocates all units asked for, and none that are not available.
    #[test]
    fn plan_is_all_or_nothing(
        needed in proptest::collection::btree_map("[abc]", 1..20_i64, 1..=3),
        available in proptest::collection::btree_map(("[abc]", "main|berlin|paris"), 0..15_u32, 0..=9),
    ) {
        let lines: Vec<LineItem> = needed.iter().map(|(sku, quantity)| line(sku, *quantity)).collect();
        let available: BTreeMap<Shelf, u32> = available.iter().map(|((sku, at), units)| (shelf(sku, at), *units)).collect();
        let has = |sku: &str| available.iter().filter(|(shelf, _)| shelf.sku.as_str() == sku).map(|(_, units)| *units).sum::<u32>();
        match plan_allocations(&lines, &available, &BTreeMap::new()) {
            Ok(AllocationPlan { allocations, backordered }) => {
                prop_assert!(backordered.is_empty());
                for part in &allocations {
                    prop_assert!(part.quantity > 0 && part.quantity <= available[&part.shelf()]);
                }
                for line in &lines {
                    let parts = allocations.iter().filter(|part| part.sku == line.sku);
                    prop_assert_eq!(parts.map(|part| part.quantity).sum::<u32>(), line.quantity.get());
                }
                let one = ["main", "berlin", "paris"].into_iter().any(|at| {
                    let has_all = |line: &LineItem| available.get(&shelf(line.sku.as_str(), at)).is_some_and(|available| *available >= line.quantity.get());
                    lines.iter().all(has_all)
                });
                let mut locations: Vec<_> = allocations.iter().map(|part| &part.location).collect();
                locations.sort();
                locations.dedup();
                prop_assert_eq!(locations.len() == 1, one);
            }
            Err(shortages) => {
                let short: Vec<usize> = shortages.iter().map(|shortage| shortage.line).collect();
                let expected: Vec<usize> = (0..lines.len()).filter(|&index| has(lines[index].sku.as_str()) < lines[index].quantity.get()).collect();
                prop_assert!(!short.is_empty());
                prop_assert_eq!(short, expected);
            }
        }
    }
}
