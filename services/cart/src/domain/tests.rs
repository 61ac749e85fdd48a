use super::*;

fn sku(number: usize) -> Sku {
    format!("sku-{number}").try_into().unwrap()
}

fn line((number, quantity): (usize, u32)) -> CartLine {
    CartLine {
        sku: sku(number),
        quantity: i64::from(quantity).try_into().unwrap(),
        unit_price: None,
    }
}

/// The SKU and quantity of each line.
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
    let fill = |all: &mut CartLines| lines.into_iter().map(line).try_for_each(|line| all.add(line));
    empty.changed(DateTime::UNIX_EPOCH, fill).unwrap()
}

#[test]
fn units_of_the_same_sku_add_up() {
    let cart = cart([(1, 40), (2, 1), (1, 59)]);
    assert_eq!((lines(&cart).len(), cart.quantity), (2, 100));
    let one_more = line((1, 1));
    let rejected = cart.changed(DateTime::UNIX_EPOCH, |lines| lines.add(one_more));
    assert_eq!(rejected, Err(Rejection::TooManyUnits(99)));
}

#[test]
fn full_cart_takes_no_new_line() {
    let cart = cart((0..50).map(|number| (number, 1)));
    let set = |number| {
        cart.changed(DateTime::UNIX_EPOCH, |lines| {
            lines.set(sku(number), 2.try_into().unwrap())
        })
    };
    assert_eq!(set(50), Err(Rejection::TooManyLines));
    assert_eq!(set(49).unwrap().quantity, 51);
}

#[test]
fn version_counts_changes_of_the_lines() {
    let cart = cart([(1, 1)]);
    let set = |quantity: i64| {
        let quantity = quantity.try_into().unwrap();
        let cart = cart.changed(DateTime::UNIX_EPOCH, |lines| lines.set(sku(1), quantity));
        cart.unwrap().version
    };
    assert_eq!([set(1), set(2), set(0)], [1, 2, 2]);
}

#[test]
fn cart_expires_after_thirty_days() {
    let cart = cart([]);
    let after = |time: TimeDelta| cart.is_alive(DateTime::UNIX_EPOCH + time);
    assert!(after(LIFETIME - TimeDelta::microseconds(1)));
    assert!(!after(LIFETIME));
}

fn stored(lines: impl IntoIterator<Item = (usize, u32)>) -> StoredCart {
    cart(lines).into()
}

fn any() -> ExpectedVersions {
    ExpectedVersions::default()
}

#[test]
fn merged_quantities_add_up_to_99_at_most() {
    let (into, from) = (stored([(1, 60), (2, 1)]), stored([(1, 60), (3, 2)]));
    let (full, empty) = into.merged(&from, &any(), DateTime::UNIX_EPOCH).unwrap().unwrap();
    let expected = [("sku-1", 99), ("sku-2", 1), ("sku-3", 2)].map(|(sku, quantity)| (sku.to_owned(), quantity));
    assert_eq!(lines(&full.cart), expected);
    assert_eq!((full.cart.quantity, full.cart.version), (102, 2));
    assert_eq!((empty.cart.quantity, empty.cart.version), (0, 2));
    assert_eq!(full.merged(&empty, &any(), DateTime::UNIX_EPOCH), Ok(None));
}

#[test]
fn carts_with_more_than_50_lines_together_are_not_merged() {
    let (into, from) = (stored((0..50).map(|number| (number, 1))), stored([(7, 1), (50, 1)]));
    let rejected = into.merged(&from, &any(), DateTime::UNIX_EPOCH);
    assert_eq!(rejected, Err(Rejection::TooManyLinesMerged));
}

#[test]
fn keys_are_kept_for_an_hour_and_256_of_them() {
    let add = |entry: &StoredCart, key: u32, minutes: i64| {
        let key = serde_json::from_value(key.to_string().into()).unwrap();
        let now = DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes);
        entry.changed(&CartChange::Add(line((1, 1)), Some(key)), &any(), now)
    };
    let mut entry = stored([]);
    for key in 0..256 {
        entry = match key % 90 {
            0 => entry
                .changed(&CartChange::Clear, &any(), DateTime::UNIX_EPOCH)
                .unwrap()
                .unwrap(),
            _ => entry,
        };
        entry = add(&entry, key, 1).unwrap().unwrap();
    }
    assert_eq!(add(&entry, 0, 60), Ok(None));
    assert_eq!(add(&entry, 256, 60), Err(Rejection::TooFast));
    let later = add(&entry, 256, 61).unwrap().unwrap();
    assert!(add(&later, 0, 61).unwrap().is_some(), "the key was dropped");
}

#[test]
fn cart_stored_without_keys_can_be_read() {
    let json = serde_json::to_value(cart([(1, 1)])).unwrap();
    assert_eq!(serde_json::from_value::<StoredCart>(json).unwrap(), stored([(1, 1)]));
}

#[test]
fn order_removes_its_units_once() {
    let ordered = |lines: &[(usize, u32)]| -> Vec<OrderedLine> {
        let lines = lines.iter().copied().map(line);
        lines
            .map(|CartLine { sku, quantity, .. }| OrderedLine { sku, quantity })
            .collect()
    };
    let remove = |entry: &StoredCart, order: usize, lines: &[(usize, u32)]| {
        let change = CartChange::RemoveOrdered(Uuid::from_u128(order as u128), ordered(lines));
        entry.changed(&change, &any(), DateTime::UNIX_EPOCH).unwrap()
    };
    // The order has more units of the second SKU than the cart, and a fourth SKU that the cart lacks.
    let full = stored([(1, 3), (2, 1), (3, 1)]);
    let rest = remove(&full, 0, &[(1, 1), (2, 2), (4, 1)]).unwrap();
    let expected = [("sku-1", 2), ("sku-3", 1)].map(|(sku, quantity)| (sku.to_owned(), quantity));
    assert_eq!(lines(&rest.cart), expected);
    assert_eq!((rest.cart.quantity, rest.cart.version), (3, full.cart.version + 1));
    assert_eq!(remove(&rest, 0, &[(1, 1)]), None);
    // The cart remembers 64 orders.
    let later = (1..=63).fold(rest, |entry, order| remove(&entry, order, &[]).unwrap());
    assert_eq!(remove(&later, 0, &[(1, 1)]), None);
    assert!(remove(&remove(&later, 64, &[]).unwrap(), 0, &[(1, 1)]).is_some());
}
