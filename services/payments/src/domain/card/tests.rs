use serde_json::json;

use super::*;

fn number(text: &str) -> Result<CardNumber, Malformed> {
    CardNumber::try_from(json!(text))
}

#[test]
fn card_number_has_a_valid_check_digit() {
    for good in ["4242424242424242", "4242 4242-4242 4242", "378282246310005"] {
        assert!(number(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "4242424242424241",
        "2442424242424242",
        "42424242",
        "4242424242424242\0",
        "４２４２４２４２４２４２４２４２",
        &"0".repeat(20),
    ] {
        assert!(number(bad).is_err(), "{bad}");
    }
}

#[test]
fn card_network_is_derived_from_the_first_digits() {
    let brand = |text| number(text).unwrap().brand();
    assert_eq!(brand("4242424242424242"), CardBrand::Visa);
    assert_eq!(brand("5555555555554444"), CardBrand::Mastercard);
    assert_eq!(brand("2223003122003222"), CardBrand::Mastercard);
    assert_eq!(brand("378282246310005"), CardBrand::Amex);
    assert_eq!(brand("6011111111111117"), CardBrand::Other);
}

#[test]
fn debug_shows_neither_number_nor_security_code() {
    let card: Card = serde_json::from_value(json!({
        "number": "4242424242424242", "expiry": "12/30", "cvc": "9137",
    }))
    .unwrap();
    let shown = format!("{card:?}");
    assert!(!shown.contains("4242424242") && !shown.contains("9137"), "{shown}");

    let wrong = json!({ "number": 4_242_424_242_424_242_u64, "expiry": "12/30", "cvc": "9137" });
    let error = serde_json::from_value::<Card>(wrong).unwrap_err().to_string();
    assert!(!error.contains("4242"), "{error}");
}

#[test]
fn card_is_valid_to_the_end_of_its_expiry_month() {
    let past = |expiry: &str, now: &str| {
        let expiry = Expiry::try_from(expiry.to_owned()).unwrap();
        expiry.is_past(now.parse().unwrap())
    };
    assert!(!past("12/30", "2030-12-31T23:59:59Z"));
    assert!(past("12/30", "2031-01-01T00:00:00Z"));
    assert!(!past("1/2031", "2030-12-31T00:00:00Z"));
    assert!(past("01 / 29", "2030-12-31T00:00:00Z"));
}

#[test]
fn expiry_is_month_and_year() {
    for bad in [
        "", "/", "12", "1230", "0/30", "13/30", "12/3", "12/030", "12/1999", "-1/30", "+1/30", "12/30/01", "a/b",
    ] {
        assert!(Expiry::try_from(bad.to_owned()).is_err(), "{bad}");
    }
}
