use serde_json::json;

use super::*;

fn number(text: &str) -> Result<Number, Malformed> {
    Number::try_from(json!(text))
}

#[test]
fn a_number_passes_its_check() {
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
fn the_first_digits_name_the_network() {
    let brand = |text| number(text).unwrap().brand();
    assert_eq!(brand("4242424242424242"), Brand::Visa);
    assert_eq!(brand("5555555555554444"), Brand::Mastercard);
    assert_eq!(brand("2223003122003222"), Brand::Mastercard);
    assert_eq!(brand("378282246310005"), Brand::Amex);
    assert_eq!(brand("6011111111111117"), Brand::Other);
}

#[test]
fn secrets_are_not_shown() {
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
fn a_card_is_good_to_the_end_of_its_month() {
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
fn an_expiry_is_month_and_year() {
    for bad in [
        "", "/", "12", "1230", "0/30", "13/30", "12/3", "12/030", "12/1999", "-1/30", "+1/30", "12/30/01", "a/b",
    ] {
        assert!(Expiry::try_from(bad.to_owned()).is_err(), "{bad}");
    }
}
