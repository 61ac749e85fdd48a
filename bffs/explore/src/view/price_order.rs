//! A category's products by price: pricing knows no categories and catalog no prices, so it is made here.

use std::fmt;
use std::str::FromStr;

use super::Card;

/// Products of one page.
const PAGE: usize = 24;

/// The place after a card: what it costs and its slug. Others may come and go before it, or change their price.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    minor: Option<i64>,
    slug: String,
}

impl Place {
    fn after(card: &Card) -> Self {
        Self {
            minor: minor(card),
            slug: card.slug.clone(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.minor {
            Some(minor) => write!(formatter, "{minor}.{}", self.slug),
            None => write!(formatter, ".{}", self.slug),
        }
    }
}

impl FromStr for Place {
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

/// Orders cards by price, those without one last; those that cost the same stay in the order they came in.
pub fn order(cards: &mut [Card], dearest_first: bool) {
    cards.sort_by_key(|card| rank(minor(card), dearest_first));
}

/// The page that begins after a place, and where the next one begins.
pub fn page(cards: Vec<Card>, after: Option<&Place>, dearest_first: bool) -> (Vec<Card>, Option<Place>) {
    let begin = after.map_or(0, |place| {
        let last = cards.iter().position(|card| Place::after(card) == *place);
        // It is gone, or costs something else: then after all that come before its place.
        let before = |card: &Card| rank(minor(card), dearest_first) <= rank(place.minor, dearest_first);
        last.map_or_else(|| cards.partition_point(before), |last| last + 1)
    });
    let is_last = begin + PAGE >= cards.len();
    let page: Vec<Card> = cards.into_iter().skip(begin).take(PAGE).collect();
    let next = page.last().filter(|_| !is_last).map(Place::after);
    (page, next)
}

fn minor(card: &Card) -> Option<i64> {
    card.price.map(|price| price.price.minor)
}

fn rank(minor: Option<i64>, dearest_first: bool) -> (bool, Option<i64>) {
    let rank = minor.map(|minor| if dearest_first { -minor } else { minor });
    (rank.is_none(), rank)
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
            vendor: None,
            picture: None,
            price: minor.map(|minor| Price {
                from: false,
                price: Money::new(minor, Currency::Eur),
                compare_at: None,
            }),
        }
    }

    fn ordered(minors: &[Option<i64>], dearest_first: bool) -> Vec<Card> {
        let cards = minors.iter().enumerate().map(|(number, minor)| card(number, *minor));
        let mut cards: Vec<Card> = cards.collect();
        order(&mut cards, dearest_first);
        cards
    }

    proptest! {
        #[test]
        fn pages_are_in_order_without_gap_or_repeat(minors in proptest::collection::vec(proptest::option::of(0..9_i64), 0..80), dearest_first: bool) {
            let (mut walked, mut after) = (Vec::new(), None);
            loop {
                let (page, next) = page(ordered(&minors, dearest_first), after.as_ref(), dearest_first);
                prop_assert!(page.len() <= PAGE);
                walked.extend(page);
                let Some(next) = next else { break };
                after = Some(next.to_string().parse().unwrap());
            }
            prop_assert_eq!(&walked, &ordered(&minors, dearest_first));
            let known: Vec<i64> = walked.iter().map_while(minor).collect();
            prop_assert_eq!(known.len(), minors.iter().flatten().count(), "those without a price are last");
            let in_order = known.is_sorted_by(|a, b| if dearest_first { a >= b } else { a <= b });
            prop_assert!(in_order, "not in order");
        }
    }

    #[test]
    fn a_place_stays_when_others_come_and_go() {
        let minors: Vec<_> = (0..60).map(|number| Some(number * 100)).collect();
        let (_, next) = page(ordered(&minors, false), None, false);
        let mut fewer = ordered(&minors, false);
        // One that was seen, and the very one after which the next page begins.
        fewer.retain(|card| card.slug != "card-3" && card.slug != "card-23");
        let (second, _) = page(fewer, next.as_ref(), false);
        assert_eq!(second[0].slug, "card-24");
    }

    #[test]
    fn behind_the_end_is_nothing() {
        let place = Place::from_str("99999.zebra").unwrap();
        assert_eq!(page(vec![card(1, Some(1))], Some(&place), false), (Vec::new(), None));
    }

    #[test]
    fn nonsense_is_no_place() {
        for bad in ["", "b", "-1", "-1.a", "5.", "5", "x.a", "99999999999999999999.a"] {
            assert!(Place::from_str(bad).is_err(), "{bad}");
        }
    }
}
