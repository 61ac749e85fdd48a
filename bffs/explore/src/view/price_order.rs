//! Sorts a category's products by price. Done here, since pricing knows no categories and catalog no prices.

use std::fmt;
use std::str::FromStr;

use service::Limit;

use super::ProductCard;

const PAGE_SIZE: u32 = 24;

/// The position after a card: its price and slug, so that pages stay in step when other products change.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PriceCursor {
    minor: Option<i64>,
    slug: String,
}

impl PriceCursor {
    fn after(card: &ProductCard) -> Self {
        Self {
            minor: minor(card),
            slug: card.slug.clone(),
        }
    }
}

impl fmt::Display for PriceCursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.minor {
            Some(minor) => write!(formatter, "{minor}.{}", self.slug),
            None => write!(formatter, ".{}", self.slug),
        }
    }
}

impl FromStr for PriceCursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (minor, slug) = text.split_once('.').filter(|(_, slug)| !slug.is_empty()).ok_or(())?;
        let minor = match minor {
            "" => None,
            minor => Some(minor.parse().ok().filter(|minor| *minor >= 0).ok_or(())?),
        };
        let slug = slug.to_owned();
        Ok(Self { minor, slug })
    }
}

/// Sorts cards by price, those without a price last. The sort is stable.
pub fn sort(cards: &mut [ProductCard], descending: bool) {
    cards.sort_by_key(|card| rank(minor(card), descending));
}

/// The page after a cursor, and the cursor of the next page.
pub fn page(
    cards: Vec<ProductCard>,
    after: Option<&PriceCursor>,
    descending: bool,
) -> (Vec<ProductCard>, Option<PriceCursor>) {
    let start = after.map_or(0, |cursor| {
        let last = cards.iter().position(|card| PriceCursor::after(card) == *cursor);
        // If the product is gone or its price has changed, begins after all products that sort before the cursor.
        let before = |card: &ProductCard| rank(minor(card), descending) <= rank(cursor.minor, descending);
        last.map_or_else(|| cards.partition_point(before), |last| last + 1)
    });
    let rest = cards.into_iter().skip(start).collect();
    Limit::<PAGE_SIZE, PAGE_SIZE>::default().page(rest, PriceCursor::after)
}

fn minor(card: &ProductCard) -> Option<i64> {
    card.price.map(|price| price.price.minor)
}

fn rank(minor: Option<i64>, descending: bool) -> (bool, Option<i64>) {
    let rank = minor.map(|minor| if descending { -minor } else { minor });
    (rank.is_none(), rank)
}

#[cfg(test)]
mod tests {
    use money::{Currency, Money};
    use proptest::prelude::*;

    use super::*;
    use crate::view::CardPrice;

    fn card(number: usize, minor: Option<i64>) -> ProductCard {
        ProductCard {
            slug: format!("card-{number}"),
            name: format!("Card {}", number % 7),
            vendor: None,
            picture: None,
            price: minor.map(|minor| CardPrice {
                from: false,
                price: Money::new(minor, Currency::Eur),
                compare_at: None,
            }),
        }
    }

    fn ordered(minors: &[Option<i64>], descending: bool) -> Vec<ProductCard> {
        let cards = minors.iter().enumerate().map(|(number, minor)| card(number, *minor));
        let mut cards: Vec<ProductCard> = cards.collect();
        sort(&mut cards, descending);
        cards
    }

    proptest! {
        #[test]
        fn pages_are_sorted_without_gaps_or_duplicates(minors in proptest::collection::vec(proptest::option::of(0..9_i64), 0..80), descending: bool) {
            let (mut walked, mut after) = (Vec::new(), None);
            loop {
                let (page, next) = page(ordered(&minors, descending), after.as_ref(), descending);
                prop_assert!(page.len() <= PAGE_SIZE as usize);
                walked.extend(page);
                let Some(next) = next else { break };
                after = Some(next.to_string().parse().unwrap());
            }
            prop_assert_eq!(&walked, &ordered(&minors, descending));
            let known: Vec<i64> = walked.iter().map_while(minor).collect();
            prop_assert_eq!(known.len(), minors.iter().flatten().count(), "those without a price are last");
            let in_order = known.is_sorted_by(|a, b| if descending { a >= b } else { a <= b });
            prop_assert!(in_order, "not in order");
        }
    }

    #[test]
    fn cursor_stays_valid_when_products_are_removed() {
        let minors: Vec<_> = (0..60).map(|number| Some(number * 100)).collect();
        let (_, next) = page(ordered(&minors, false), None, false);
        let mut fewer = ordered(&minors, false);
        // One of the first page, and the one that the cursor points to.
        fewer.retain(|card| card.slug != "card-3" && card.slug != "card-23");
        let (second, _) = page(fewer, next.as_ref(), false);
        assert_eq!(second[0].slug, "card-24");
    }

    #[test]
    fn page_behind_the_end_is_empty() {
        let cursor = PriceCursor::from_str("99999.zebra").unwrap();
        assert_eq!(page(vec![card(1, Some(1))], Some(&cursor), false), (Vec::new(), None));
    }

    #[test]
    fn invalid_cursors_are_rejected() {
        for bad in ["", "b", "-1", "-1.a", "5.", "5", "x.a", "99999999999999999999.a"] {
            assert!(PriceCursor::from_str(bad).is_err(), "{bad}");
        }
    }
}
