use money::Currency;

use super::*;

#[test]
fn an_amount_is_more_than_zero_and_at_most_twelve_digits() {
    for (minor, fits) in [
        (i64::MIN, false),
        (-1, false),
        (0, false),
        (1, true),
        (4800, true),
        (MOST, true),
        (MOST + 1, false),
        (i64::MAX, false),
    ] {
        assert_eq!(
            Amount::try_from(Money::new(minor, Currency::Eur)).is_ok(),
            fits,
            "{minor}"
        );
    }
}

#[test]
fn only_what_is_captured_is_ours() {
    let amount = Amount::try_from(Money::new(4800, Currency::Eur)).unwrap();
    let captured = |status| Payment::new(Uuid::nil(), Uuid::nil(), amount, status).captured.minor;
    assert_eq!(captured(Status::Captured), 4800);
    for status in [Status::Pending, Status::Authorised, Status::Voided, Status::Declined] {
        assert_eq!(captured(status), 0);
    }
}

#[test]
fn a_payment_method_has_a_name_of_one_form() {
    let id = MethodId::new(Uuid::nil());
    assert_eq!(MethodId::try_from(id.as_str().to_owned()).unwrap(), id);
    for bad in [
        "",
        "pm_",
        "pm_1",
        "pm_é",
        &id.as_str().to_uppercase(),
        &format!("{}0", id.as_str()),
    ] {
        assert!(MethodId::try_from(bad.to_owned()).is_err(), "{bad}");
    }
}

#[test]
fn what_is_written_down_can_be_read() {
    for status in [
        Status::Pending,
        Status::Authorised,
        Status::Captured,
        Status::Voided,
        Status::Declined,
    ] {
        assert_eq!(Status::try_from(status.as_str().to_owned()).unwrap(), status);
        assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
    }
    for decline in [Decline::Card, Decline::InsufficientFunds] {
        assert_eq!(Decline::try_from(decline.as_str().to_owned()).unwrap(), decline);
    }
}
