use super::*;

fn sku(text: &str) -> Result<Sku, Malformed> {
    Sku::try_from(text.to_owned())
}

fn request(skus: &[&str]) -> Request {
    let line = |text: &&str| Line {
        sku: sku(text).unwrap(),
        quantity: Within(1),
    };
    Request {
        order: Uuid::nil(),
        lines: skus.iter().map(line).collect(),
        expires_in_seconds: a_quarter_of_an_hour(),
    }
}

#[test]
fn a_sku_is_lower_case_groups_joined_by_hyphens() {
    for good in ["a", "onda-vase-sand", "7-up", &"x".repeat(64)] {
        assert!(sku(good).is_ok(), "{good}");
    }
    for bad in ["", "-", "a-", "-a", "a--b", "A", "a b", "ä", "a\0", &"x".repeat(65)] {
        assert!(sku(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn quantities_are_1_to_99() {
    for bad in [i64::MIN, -1, 0, 100, 1_000_000_000, i64::MAX] {
        assert_eq!(Quantity::try_from(bad).unwrap_err(), "must be 1 to 99");
    }
    assert_eq!(Quantity::try_from(99).unwrap().get(), 99);
}

#[test]
fn a_request_names_each_sku_once() {
    assert_eq!(request(&["a", "b"]).violations(), []);
    assert_eq!(request(&["a", "b", "a"]).violations()[0].pointer, "/lines/2/sku");
    assert_eq!(request(&[]).violations()[0].pointer, "/lines");
    assert_eq!(request(&["a"; 51]).violations().len(), 51);
}

#[test]
fn a_reservation_expires_on_the_second() {
    let now = DateTime::UNIX_EPOCH;
    let held = request(&["a"]).held(Uuid::nil(), now);
    let later = |seconds| held.clone().at(now + TimeDelta::seconds(seconds)).status;
    assert_eq!(later(899), Status::Held);
    assert_eq!(later(900), Status::Expired);

    let mut committed = held.clone();
    committed.status = Status::Committed;
    assert_eq!(committed.at(now + TimeDelta::days(9)).status, Status::Committed);
}

#[test]
fn every_status_is_read_as_it_is_written() {
    for status in [Status::Held, Status::Committed, Status::Released, Status::Expired] {
        assert_eq!(Status::try_from(status.as_str().to_owned()).unwrap(), status);
        assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
    }
}

#[test]
fn a_shortage_says_what_is_left() {
    assert_eq!(Shortage { line: 0, left: 2 }.to_string(), "only 2 left");
    assert_eq!(Shortage { line: 0, left: 0 }.to_string(), "none left");
}
