//! What queries for lists have in common.

use serde::Deserialize;

/// How many items of a list are wanted: 1 to `MAX`, and `USUAL` where nothing is said.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "u32")]
pub struct Limit<const USUAL: u32, const MAX: u32>(u32);

impl<const USUAL: u32, const MAX: u32> Limit<USUAL, MAX> {
    /// The number, as databases take it.
    #[must_use]
    pub fn rows(self) -> i64 {
        self.0.into()
    }

    /// Whether a page of so many items is full.
    #[must_use]
    pub fn is_reached(self, items: usize) -> bool {
        items >= self.0 as usize
    }

    /// Takes away what was asked for beyond the page, and says whether it is the last one.
    pub fn cut<T>(self, items: &mut Vec<T>) -> bool {
        let is_last = items.len() <= self.0 as usize;
        items.truncate(self.0 as usize);
        is_last
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

/// The values of a parameter that repeats (`?sku=a&sku=b`), at most 100. What is no `T` is the name of nothing: it is
/// left out, as every unknown one is.
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
    fn a_limit_beyond_the_bounds_is_refused() {
        for number in [0, 101, u32::MAX] {
            assert_eq!(Limit::<24, 100>::try_from(number).unwrap_err(), "must be 1 to 100");
        }
        assert_eq!(Limit::<24, 100>::try_from(100).unwrap().rows(), 100);
        assert_eq!(Limit::<24, 100>::default().rows(), 24);
    }

    #[test]
    fn a_page_is_cut_where_it_ends() {
        let limit = Limit::<2, 9>::default();
        let (mut full, mut last) = (vec![1, 2, 3], vec![1, 2]);
        assert!(!limit.cut(&mut full) && limit.cut(&mut last));
        assert_eq!(full, [1, 2]);
        assert!(limit.is_reached(2) && !limit.is_reached(1));
    }

    #[test]
    fn too_many_values_are_refused_whatever_they_are() {
        let found = Repeated::<Even>::try_from(texts(5)).unwrap();
        assert_eq!(found.0, [Even(0), Even(2), Even(4)]);
        assert!(Repeated::<Even>::try_from(texts(101)).is_err());
        assert!(Repeated::<Even>::try_from(vec!["odd".to_owned(); 101]).is_err());
    }
}
