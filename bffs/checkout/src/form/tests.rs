use std::borrow::Cow;

use super::*;

/// Claims for standard shipping to Germany, without lines.
fn claims() -> QuoteClaims {
    serde_json::from_str(r#"{ "country": "DE", "shipping": { "method": "standard" }, "lines": [], "exp": 4102443000 }"#)
        .unwrap()
}

/// The documented options: card, hosted page and invoice.
fn options() -> Vec<PaymentOption> {
    let listed = testkit::Contract::of("services/payments").answer("get", "/payment-options", 200);
    serde_json::from_value(listed["items"].clone()).unwrap()
}

fn form() -> CheckoutForm {
    CheckoutForm {
        email: " ada@example.org ".into(),
        name: "Ada Lovelace".into(),
        line1: "Lindenstraße 1".into(),
        line2: "  ".into(),
        city: "Berlin".into(),
        postal_code: "10969".into(),
        country: "DE".into(),
        shipping: "standard".into(),
        shop: String::new(),
        payment: "test".into(),
        card_number: "4242 4242-4242 4242".into(),
        card_expiry: "1 / 49".into(),
        card_cvc: "123".into(),
        quote: "a.b.c".into(),
    }
}

fn pointers(form: &CheckoutForm) -> Vec<Cow<'static, str>> {
    let violations = form.check(&options()).err().unwrap_or_default();
    violations.into_iter().map(|violation| violation.pointer).collect()
}

#[test]
fn spaces_and_separators_are_trimmed() {
    let valid = form().check(&options()).ok().unwrap();
    assert_eq!(valid.email.as_str(), "ada@example.org");
    let Destination::Delivery(address) = &valid.destination else {
        panic!("the form asks for a delivery");
    };
    assert_eq!(address.line2, None);
    assert_eq!(valid.card.as_ref().unwrap().number.expose_secret(), "4242424242424242");
    assert_eq!(valid.card.as_ref().unwrap().expiry, "01/49");
    assert!(valid.matches_quote(&claims(), "DE") && !valid.matches_quote(&claims(), "FR"));
}

#[test]
fn pickup_needs_a_shop_and_no_address() {
    let picked_up = |shop: &str| CheckoutForm {
        line1: String::new(),
        city: "\0".into(),
        postal_code: String::new(),
        country: "nowhere".into(),
        shipping: " pickup ".into(),
        shop: shop.into(),
        ..form()
    };
    let valid = picked_up(" berlin ").check(&options()).ok().unwrap();
    let Destination::Pickup { shop, name } = valid.destination else {
        panic!("the form asks for a pick-up");
    };
    assert_eq!((shop.as_str(), &*name), ("berlin", "Ada Lovelace"));
    for shop in ["", "..", "a/b", "Berlin", "b\0", &"b".repeat(65)] {
        assert_eq!(pointers(&picked_up(shop)), ["/shop"], "{shop:?}");
    }
}

#[test]
fn all_violations_are_reported_together() {
    let expected = [
        "/email",
        "/name",
        "/line1",
        "/city",
        "/postal_code",
        "/country",
        "/shipping",
        "/card_number",
        "/card_expiry",
        "/card_cvc",
        "/quote",
    ];
    let empty = CheckoutForm {
        payment: "test".into(),
        ..CheckoutForm::default()
    };
    assert_eq!(pointers(&empty), expected);
}

#[test]
fn card_is_required_only_for_card_payments() {
    let paid_by = |payment: &str| CheckoutForm {
        payment: payment.into(),
        card_number: SecretString::default(),
        card_expiry: String::new(),
        card_cvc: SecretString::default(),
        ..form()
    };
    assert_eq!(
        pointers(&paid_by("test")),
        ["/card_number", "/card_expiry", "/card_cvc"]
    );
    for payment in ["stripe", " invoice "] {
        let valid = paid_by(payment).check(&options()).ok().unwrap();
        assert!(valid.card.is_none() && valid.provider == payment.trim());
        // A card that is not needed is ignored.
        let typed = CheckoutForm {
            payment: payment.into(),
            ..form()
        };
        assert!(typed.check(&options()).ok().unwrap().card.is_none());
    }
    for payment in ["", "cheque", "TEST", "\0"] {
        assert_eq!(pointers(&paid_by(payment)), ["/payment"], "{payment}");
    }
}

#[test]
fn control_characters_are_rejected() {
    let form = CheckoutForm {
        email: "a\0@example.org".into(),
        name: "a\0".into(),
        line1: "a\nb".into(),
        line2: "\u{7}x".into(),
        city: "\u{1b}[2J".into(),
        postal_code: "1\0".into(),
        country: "D\0".into(),
        card_number: "4242424242424242\0".into(),
        card_expiry: "12/\0\0".into(),
        card_cvc: "12\0".into(),
        ..form()
    };
    assert_eq!(pointers(&form).len(), 10);
}

#[test]
fn malformed_cards_are_rejected() {
    for expiry in [
        "",
        "12",
        "123",
        "12345",
        "1330",
        "13/30",
        "00/30",
        "12/3",
        "12/030",
        "12/३०",
        "203413",
        "2034-13",
        "12/30/31",
        "१२३४",
        "12a34",
        "/",
        "2034 2034",
    ] {
        assert!(card_expiry(expiry).is_err(), "{expiry}");
    }
    for number in [
        "",
        "1234",
        "4242424242424242424242",
        "४२४२४२४२४२४२",
        "4242x4242x4242x4242",
    ] {
        assert!(card_number(number).is_err(), "{number}");
    }
    for cvc in ["", "12", "12345", "12a", "१२३"] {
        assert!(card_cvc(cvc).is_err(), "{cvc}");
    }
}

#[test]
fn oversized_quote_is_rejected() {
    let form = CheckoutForm {
        quote: "a".repeat(40_000),
        ..form()
    };
    assert_eq!(pointers(&form), ["/quote"]);
}

#[test]
fn card_expiry_and_number_are_read_in_all_usual_spellings() {
    for (typed, read) in [
        ("12/34", "12/34"),
        ("1234", "12/34"),
        ("12 34", "12/34"),
        ("12-34", "12/34"),
        ("12–34", "12/34"),
        ("12.34", "12/34"),
        ("12,34", "12/34"),
        ("12\\34", "12/34"),
        ("12_34", "12/34"),
        ("\u{200e}12/34", "12/34"),
        ("12 / 34", "12/34"),
        ("1/34", "01/34"),
        ("122034", "12/2034"),
        ("12/2034", "12/2034"),
        ("2034-12", "12/2034"),
        ("2034-1", "01/2034"),
        ("203412", "12/2034"),
    ] {
        assert_eq!(card_expiry(typed).as_deref(), Ok(read), "{typed}");
    }
    for typed in [
        "4242 4242 4242 4242",
        "4242–4242–4242–4242",
        "4242.4242.4242.4242",
        "4242\u{a0}4242\u{200b}42424242",
    ] {
        let read = card_number(typed).unwrap();
        assert_eq!(read.expose_secret(), "4242424242424242", "{typed}");
    }
}

#[test]
fn other_country_or_shipping_method_does_not_match_the_quote() {
    for (country, shipping) in [("FR", "standard"), ("DE", "express")] {
        let form = CheckoutForm {
            country: country.into(),
            shipping: shipping.into(),
            ..form()
        };
        assert!(!form.check(&options()).ok().unwrap().matches_quote(&claims(), country));
    }
}

/// Orders are exported to spreadsheets.
#[test]
fn invisible_names_and_spreadsheet_formulas_are_rejected() {
    for bad in [
        "\u{200b}",
        "\u{202e}Ada",
        "\u{2066}",
        "A\u{2028}B",
        "=1+1",
        "+49 30",
        "-2",
        "@SUM(A1)",
        "\u{feff}",
    ] {
        let form = CheckoutForm {
            name: bad.into(),
            line1: bad.into(),
            line2: bad.into(),
            city: bad.into(),
            ..form()
        };
        assert_eq!(pointers(&form), ["/name", "/line1", "/line2", "/city"], "{bad:?}");
    }
    for bad in ["a@b..c", "a@b.c\u{200b}", "\u{202e}a@example.org", "a@-b.example"] {
        let form = CheckoutForm {
            email: bad.into(),
            ..form()
        };
        assert_eq!(pointers(&form), ["/email"], "{bad:?}");
    }
    let good = CheckoutForm {
        name: "María-José 'O’Neill' (c/o) Łukasz 山田".into(),
        ..form()
    };
    assert!(pointers(&good).is_empty());
}

#[test]
fn card_is_not_quoted_in_an_error() {
    for field in ["card_number", "card_cvc"] {
        let typed = format!(r#"{{ "{field}": 4242424242424242 }}"#);
        let error = serde_json::from_str::<CheckoutForm>(&typed).err().unwrap().to_string();
        assert!(error.contains("must be a string") && !error.contains("4242"), "{error}");
    }
}
