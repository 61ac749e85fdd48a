use super::*;

fn sku(number: usize) -> Sku {
    format!("sku-{number}").try_into().unwrap()
}

fn line((number, quantity): (usize, u32)) -> Line {
    Line {
        sku: sku(number),
        quantity: i64::from(quantity).try_into().unwrap(),
        unit_price: None,
    }
}

/// What is in it, by its number.
fn lines(cart: &Cart) -> Vec<(String, u64)> {
    let json = serde_json::to_value(&cart.lines).unwrap();
    let read = |line: &serde_json::Value| {
        let sku = line["sku"].as_str().unwrap().to_owned();
        (sku, line["quantity"].as_u64().unwrap())
    };
    json.as_array().unwrap().iter().map(read).collect()
}

fn cart(lines: impl IntoIterator<Item = (usize, u32)>) -> Cart {
    let empty = Cart::new(Uuid::nil(), DateTime::UNIX_EPOCH);
    let fill = |all: &mut Lines| lines.into_iter().map(line).try_for_each(|line| all.add(line));
    empty.changed(DateTime::UNIX_EPOCH, fill).unwrap()
}

#[test]
fn the_same_thing_is_added_up() {
    let cart = cart([(1, 40), (2, 1), (1, 59)]);
    assert_eq!((lines(&cart).len(), cart.quantity), (2, 100));
    let one_more = line((1, 1));
    let refused = cart.changed(DateTime::UNIX_EPOCH, |lines| lines.add(one_more));
    assert_eq!(refused, Err(Violation::TooMany(99)));
}

#[test]
fn a_full_cart_takes_nothing_new() {
    let cart = cart((0..50).map(|number| (number, 1)));
    let set = |number| {
        cart.changed(DateTime::UNIX_EPOCH, |lines| {
            lines.set(sku(number), 2.try_into().unwrap())
        })
    };
    assert_eq!(set(50), Err(Violation::Full));
    assert_eq!(set(49).unwrap().quantity, 51);
}

#[test]
fn the_version_counts_changes_of_the_lines() {
    let cart = cart([(1, 1)]);
    let set = |wanted: i64| {
        let wanted = wanted.try_into().unwrap();
        let cart = cart.changed(DateTime::UNIX_EPOCH, |lines| lines.set(sku(1), wanted));
        cart.unwrap().version
    };
    assert_eq!([set(1), set(2), set(0)], [1, 2, 2]);
}

#[test]
fn a_cart_lives_for_thirty_days() {
    let cart = cart([]);
    let after = |time: TimeDelta| cart.is_alive(DateTime::UNIX_EPOCH + time);
    assert!(after(LIFE - TimeDelta::microseconds(1)));
    assert!(!after(LIFE));
}

fn entry(lines: impl IntoIterator<Item = (usize, u32)>) -> Entry {
    cart(lines).into()
}

fn any() -> Expected {
    Expected::default()
}

#[test]
fn merging_adds_up_to_the_most_there_may_be() {
    let (into, from) = (entry([(1, 60), (2, 1)]), entry([(1, 60), (3, 2)]));
    let (full, empty) = into.merged(&from, &any(), DateTime::UNIX_EPOCH).unwrap().unwrap();
    let expected = [("sku-1", 99), ("sku-2", 1), ("sku-3", 2)].map(|(sku, quantity)| (sku.to_owned(), quantity));
    assert_eq!(lines(&full.cart), expected);
    assert_eq!((full.cart.quantity, full.cart.version), (102, 2));
    assert_eq!((empty.cart.quantity, empty.cart.version), (0, 2));
    assert_eq!(full.merged(&empty, &any(), DateTime::UNIX_EPOCH), Ok(None));
}

#[test]
fn what_does_not_fit_together_is_not_merged() {
    let (into, from) = (entry((0..50).map(|number| (number, 1))), entry([(7, 1), (50, 1)]));
    let refused = into.merged(&from, &any(), DateTime::UNIX_EPOCH);
    assert_eq!(refused, Err(Violation::FullTogether));
}

#[test]
fn a_key_is_known_for_an_hour_and_so_many_of_them() {
    let add = |entry: &Entry, key: u32, minutes: i64| {
        let key = serde_json::from_value(key.to_string().into()).unwrap();
        let now = DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes);
        entry.changed(&Change::Add(line((1, 1)), Some(key)), &any(), now)
    };
    let mut entry = entry([]);
    for key in 0..256 {
        entry = match key % 90 {
            0 => entry
                .changed(&Change::Clear, &any(), DateTime::UNIX_EPOCH)
                .unwrap()
                .unwrap(),
            _ => entry,
        };
        entry = add(&entry, key, 1).unwrap().unwrap();
    }
    assert_eq!(add(&entry, 0, 60), Ok(None));
    assert_eq!(add(&entry, 256, 60), Err(Violation::TooFast));
    let later = add(&entry, 256, 61).unwrap().unwrap();
    assert!(add(&later, 0, 61).unwrap().is_some(), "it was forgotten");
}

#[test]
fn what_was_kept_before_keys_were_can_be_read() {
    let json = serde_json::to_value(cart([(1, 1)])).unwrap();
    assert_eq!(serde_json::from_value::<Entry>(json).unwrap(), entry([(1, 1)]));
}

#[test]
fn an_order_takes_out_what_it_has_bought() {
    let bought = |lines: &[(usize, u32)]| -> Vec<Bought> {
        let bought = lines.iter().copied().map(line);
        bought
            .map(|Line { sku, quantity, .. }| Bought { sku, quantity })
            .collect()
    };
    let buy = |entry: &Entry, order: usize, lines: &[(usize, u32)]| {
        let change = Change::Buy(Uuid::from_u128(order as u128), bought(lines));
        entry.changed(&change, &any(), DateTime::UNIX_EPOCH).unwrap()
    };
    // Of the second thing some was taken out meanwhile, and of the fourth all.
    let full = entry([(1, 3), (2, 1), (3, 1)]);
    let rest = buy(&full, 0, &[(1, 1), (2, 2), (4, 1)]).unwrap();
    let left = [("sku-1", 2), ("sku-3", 1)].map(|(sku, quantity)| (sku.to_owned(), quantity));
    assert_eq!(lines(&rest.cart), left);
    assert_eq!((rest.cart.quantity, rest.cart.version), (3, full.cart.version + 1));
    assert_eq!(buy(&rest, 0, &[(1, 1)]), None);
    // Sixty-four orders are remembered.
    let later = (1..=63).fold(rest, |entry, order| buy(&entry, order, &[]).unwrap());
    assert_eq!(buy(&later, 0, &[(1, 1)]), None);
    assert!(buy(&buy(&later, 64, &[]).unwrap(), 0, &[(1, 1)]).is_some());
}
