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
fn a_shopper_comes_back_to_an_http_address() {
    let read = |text: &str| ReturnUrl::try_from(text.to_owned());
    assert!(read("https://shop.example/checkout?order=1").is_ok());
    let long = format!("https://shop.example/{}", "x".repeat(2000));
    for bad in [
        "",
        "javascript:alert(1)",
        "https://shop.example/a b",
        "https://shop.example/\n",
        &long,
    ] {
        assert!(read(bad).is_err(), "{bad}");
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
    for status in Status::ALL {
        assert_eq!(Status::try_from(status.as_str().to_owned()).unwrap(), status);
        assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
    }
    for decline in Decline::ALL {
        assert_eq!(Decline::try_from(decline.as_str().to_owned()).unwrap(), decline);
    }
    let reference = Reference {
        payment: Uuid::max(),
        number: 12,
    };
    assert_eq!(reference.to_string().parse::<Reference>().unwrap(), reference);
    for bad in ["", "-", "1-1", &Uuid::max().to_string()] {
        assert!(bad.parse::<Reference>().is_err(), "{bad}");
    }
}
