//! Query parameters of lists.

use serde::Deserialize;

/// The query parameter `limit`: the maximum number of items in a page, 1 to `MAX`, by default `USUAL`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "u32")]
pub struct Limit<const USUAL: u32, const MAX: u32>(u32);

impl<const USUAL: u32, const MAX: u32> Limit<USUAL, MAX> {
    /// The number as a database parameter.
    #[must_use]
    pub fn rows(self) -> i64 {
        self.0.into()
    }

    /// How many rows to fetch: one more than a page has, which tells whether there is another page.
    #[must_use]
    pub fn rows_and_one(self) -> i64 {
        self.rows() + 1
    }

    /// Makes a page of the rows that were fetched, with the cursor of the next page: that of the page's last item.
    pub fn page<T, C>(self, mut rows: Vec<T>, cursor: impl FnOnce(&T) -> C) -> (Vec<T>, Option<C>) {
        let size = self.0 as usize;
        let is_last = rows.len() <= size;
        rows.truncate(size);
        let next = rows.last().filter(|_| !is_last).map(cursor);
        (rows, next)
    }

    /// Returns whether a page with this many items is full.
    #[must_use]
    pub fn is_reached(self, items: usize) -> bool {
        items >= self.0 as usize
    }
}

impl<const USUAL: u32, const MAX: u32> Default for Limit<USUAL, MAX> {
    fn default() -> Self {
        Self(USUAL)
    }
}

impl<const USUAL: u32, const MAX: u32> TryFrom<u32> for Limit<USUAL, MAX> {
    type Error = String;

    fn try_from(number: u32) -> Result<Self, String> {
        if (1..=MAX).contains(&number) {
            Ok(Self(number))
        } else {
            Err(format!("must be 1 to {MAX}"))
        }
    }
}

/// A query parameter that may be repeated (`?sku=a&sku=b`), at most 100 times. Values that are not a valid `T` cannot exist
/// and are left out, like other unknown values.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Vec<String>", bound = "T: TryFrom<String>")]
pub struct Repeated<T>(pub Vec<T>);

impl<T: TryFrom<String>> TryFrom<Vec<String>> for Repeated<T> {
    type Error = &'static str;

    fn try_from(texts: Vec<String>) -> Result<Self, &'static str> {
        if texts.len() > 100 {
            Err("must be at most 100 values")
        } else {
            Ok(Self(
                texts.into_iter().filter_map(|text| text.try_into().ok()).collect(),
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Even(u32);

    impl TryFrom<String> for Even {
        type Error = ();

        fn try_from(text: String) -> Result<Self, ()> {
            let number = text.parse().map_err(drop)?;
            (number % 2 == 0).then_some(Self(number)).ok_or(())
        }
    }

    fn texts(count: u32) -> Vec<String> {
        (0..count).map(|number| number.to_string()).collect()
    }

    #[test]
    fn limit_out_of_bounds_is_refused() {
        for number in [0, 101, u32::MAX] {
            assert_eq!(Limit::<24, 100>::try_from(number).unwrap_err(), "must be 1 to 100");
        }
        assert_eq!(Limit::<24, 100>::try_from(100).unwrap().rows(), 100);
        assert_eq!(Limit::<24, 100>::default().rows(), 24);
    }

    #[test]
    fn next_page_begins_after_the_last_item_of_this_one() {
        let limit = Limit::<2, 9>::default();
        assert_eq!(limit.rows_and_one(), 3);
        assert_eq!(
            limit.page(vec!['a', 'b', 'c'], |item| *item),
            (vec!['a', 'b'], Some('b'))
        );
        assert_eq!(limit.page(vec!['a', 'b'], |item| *item), (vec!['a', 'b'], None));
        assert!(limit.is_reached(2) && !limit.is_reached(1));
    }

    #[test]
    fn too_many_values_are_refused_even_if_invalid() {
        let found = Repeated::<Even>::try_from(texts(5)).unwrap();
        assert_eq!(found.0, [Even(0), Even(2), Even(4)]);
        assert!(Repeated::<Even>::try_from(texts(101)).is_err());
        assert!(Repeated::<Even>::try_from(vec!["odd".to_owned(); 101]).is_err());
    }
}
