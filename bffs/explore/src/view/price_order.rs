//! A category's products by price: pricing knows no categories and catalog no prices, so it is made here.

use super::Card;

/// Products of one page.
const PAGE: usize = 24;

/// Orders cards by price, those without one last; of two that cost the same the one with the lesser name comes first.
pub fn order(cards: &mut [Card], dearest_first: bool) {
    cards.sort_by_cached_key(|card| {
        let minor = card.price.map(|price| price.price.minor);
        let rank = minor.map(|minor| if dearest_first { -minor } else { minor });
        (rank.is_none(), rank, card.name.clone(), card.slug.clone())
    });
}

/// The page that begins at an offset, and where the next one begins.
pub fn page(cards: Vec<Card>, offset: usize) -> (Vec<Card>, Option<String>) {
    let end = offset.saturating_add(PAGE);
    let next = (end < cards.len()).then(|| end.to_string());
    (cards.into_iter().skip(offset).take(PAGE).collect(), next)
}

#[cfg(test)]
mod tests {
    use money::{Currency, Money};
    use proptest::prelude::*;

    use super::*;
    use crate::view::Price;

    fn card(number: usize, minor: Option<i64>) -> Card {
        Card {
            slug: format!("card-{number}"),
            name: format!("Card {}", number % 7),
            maker: "M".to_owned(),
            picture: None,
            price: minor.map(|minor| Price {
                from: false,
                price: Money::new(minor, Currency::Eur),
            }),
        }
    }

    proptest! {
        #[test]
        fn pages_are_in_order_without_gap_or_repeat(minors in proptest::collection::vec(proptest::option::of(0..9_i64), 0..80), dearest_first: bool) {
            let cards = || -> Vec<Card> {
                let mut cards: Vec<Card> = minors.iter().enumerate().map(|(number, minor)| card(number, *minor)).collect();
                order(&mut cards, dearest_first);
                cards
            };
            let (mut walked, mut offset) = (Vec::new(), Some(0));
            while let Some(place) = offset {
                let (page, next) = page(cards(), place);
                prop_assert!(page.len() <= PAGE);
                walked.extend(page);
                offset = next.map(|next| next.parse().unwrap());
            }
            prop_assert_eq!(&walked, &cards());
            let known: Vec<i64> = walked.iter().map_while(|card| card.price).map(|price| price.price.minor).collect();
            prop_assert_eq!(known.len(), minors.iter().flatten().count(), "those without a price are last");
            let in_order = known.is_sorted_by(|a, b| if dearest_first { a >= b } else { a <= b });
            prop_assert!(in_order, "not in order");
        }
    }

    #[test]
    fn behind_the_end_is_nothing() {
        assert_eq!(page(vec![card(1, None)], usize::MAX), (Vec::new(), None));
    }
}
