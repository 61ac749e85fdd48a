use super::*;

/// To Germany, by parcel, nothing.
fn claims() -> Claims {
    serde_json::from_str(r#"{ "country": "DE", "shipping": { "method": "standard" }, "lines": [], "exp": 4102443000 }"#)
        .unwrap()
}

/// By card, on a page, by invoice.
fn options() -> Vec<PaymentOption> {
    let listed = testkit::Contract::of("services/payments").answer("get", "/payment-options", 200);
    serde_json::from_value(listed["items"].clone()).unwrap()
}

fn form() -> Form {
    Form {
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

fn pointers(form: &Form) -> Vec<&'static str> {
    let violations = form.check(&options()).err().unwrap_or_default();
    violations.iter().map(|violation| violation.pointer).collect()
}

#[test]
fn what_people_type_is_read_kindly() {
    let wish = form().check(&options()).ok().unwrap();
    assert_eq!(wish.email, "ada@example.org");
    let Destination::Door(address) = &wish.destination else {
        panic!("a parcel goes to a door");
    };
    assert_eq!(address.line2, None);
    assert_eq!(wish.card.as_ref().unwrap().number.expose_secret(), "4242424242424242");
    assert_eq!(wish.card.as_ref().unwrap().expiry, "01/49");
    assert!(wish.is_quoted_for(&claims(), "DE") && !wish.is_quoted_for(&claims(), "FR"));
}

#[test]
fn what_is_picked_up_needs_a_shop_and_no_address() {
    let picked_up = |shop: &str| Form {
        line1: String::new(),
        city: "\0".into(),
        postal_code: String::new(),
        country: "nowhere".into(),
        shipping: " pickup ".into(),
        shop: shop.into(),
        ..form()
    };
    let wish = picked_up(" berlin ").check(&options()).ok().unwrap();
    let Destination::Counter { shop, name } = wish.destination else {
        panic!("it is picked up");
    };
    assert_eq!((&*shop, &*name), ("berlin", "Ada Lovelace"));
    for shop in ["", "..", "a/b", "Berlin", "b\0", &"b".repeat(65)] {
        assert_eq!(pointers(&picked_up(shop)), ["/shop"], "{shop:?}");
    }
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
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
    let empty = Form {
        payment: "test".into(),
        ..Form::default()
    };
    assert_eq!(pointers(&empty), expected);
}

#[test]
fn only_who_pays_by_card_is_asked_for_one() {
    let paid_by = |payment: &str| Form {
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
        let wish = paid_by(payment).check(&options()).ok().unwrap();
        assert!(wish.card.is_none() && wish.provider == payment.trim());
        // What is typed and not asked for goes nowhere.
        let typed = Form {
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
fn control_characters_are_refused() {
    let form = Form {
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
fn cards_have_their_digits() {
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
fn a_giant_is_no_quote() {
    let form = Form {
        quote: "a".repeat(40_000),
        ..form()
    };
    assert_eq!(pointers(&form), ["/quote"]);
}

#[test]
fn an_expiry_is_taken_as_it_is_typed() {
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
fn another_country_is_not_what_was_quoted() {
    for (country, shipping) in [("FR", "standard"), ("DE", "express")] {
        let form = Form {
            country: country.into(),
            shipping: shipping.into(),
            ..form()
        };
        assert!(!form.check(&options()).ok().unwrap().is_quoted_for(&claims(), country));
    }
}

/// Nobody reads a name that cannot be seen, and no spreadsheet reckons with a street.
#[test]
fn names_can_be_read_and_are_no_formulas() {
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
        let form = Form {
            name: bad.into(),
            line1: bad.into(),
            line2: bad.into(),
            city: bad.into(),
            ..form()
        };
        assert_eq!(pointers(&form), ["/name", "/line1", "/line2", "/city"], "{bad:?}");
    }
    for bad in ["a@b..c", "a@b.c\u{200b}", "\u{202e}a@example.org", "a@-b.example"] {
        let form = Form {
            email: bad.into(),
            ..form()
        };
        assert_eq!(pointers(&form), ["/email"], "{bad:?}");
    }
    let good = Form {
        name: "María-José 'O’Neill' (c/o) Łukasz 山田".into(),
        ..form()
    };
    assert!(pointers(&good).is_empty());
}

#[test]
fn card_is_not_quoted_in_an_error() {
    for field in ["card_number", "card_cvc"] {
        let typed = format!(r#"{{ "{field}": 4242424242424242 }}"#);
        let error = serde_json::from_str::<Form>(&typed).err().unwrap().to_string();
        assert!(error.contains("must be a string") && !error.contains("4242"), "{error}");
    }
}
