use money::Currency;

use super::*;

#[test]
fn amount_is_more_than_zero_and_at_most_twelve_digits() {
    for (minor, fits) in [
        (i64::MIN, false),
        (-1, false),
        (0, false),
        (1, true),
        (4800, true),
        (MAX_MINOR, true),
        (MAX_MINOR + 1, false),
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
fn return_url_is_an_http_url() {
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
fn payment_method_id_has_a_fixed_form() {
    let id = PaymentMethodId::new(Uuid::nil());
    assert_eq!(PaymentMethodId::try_from(id.as_str().to_owned()).unwrap(), id);
    for bad in [
        "",
        "pm_",
        "pm_1",
        "pm_é",
        &id.as_str().to_uppercase(),
        &format!("{}0", id.as_str()),
    ] {
        assert!(PaymentMethodId::try_from(bad.to_owned()).is_err(), "{bad}");
    }
}

#[test]
fn stored_values_can_be_read_back() {
    for status in PaymentStatus::ALL {
        assert_eq!(PaymentStatus::try_from(status.as_str().to_owned()).unwrap(), status);
        assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
    }
    for decline in Decline::ALL {
        assert_eq!(Decline::try_from(decline.as_str().to_owned()).unwrap(), decline);
    }
    let reference = MovementReference {
        payment_id: Uuid::max(),
        number: 12,
    };
    assert_eq!(reference.to_string().parse::<MovementReference>().unwrap(), reference);
    for bad in ["", "-", "1-1", &Uuid::max().to_string()] {
        assert!(bad.parse::<MovementReference>().is_err(), "{bad}");
    }
}
