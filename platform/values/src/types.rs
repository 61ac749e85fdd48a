//! Types of checked texts.

use serde::{Deserialize, Serialize};

use crate::{Malformed, grammar};

/// Declares a type of text that is checked when it is made and when it is deserialized.
///
/// `text_type!(/// What it is. #[schema(…)] pub struct Sku(|text| grammar::code(text, 64));)` has `as_str`, `AsRef<str>`,
/// `Display`, `TryFrom<String>` and what derives give. The function returns the text as it is kept, or why it is refused.
#[macro_export]
macro_rules! text_type {
    ($(#[$attribute:meta])* $visibility:vis struct $name:ident($check:expr);) => {
        #[derive(
            Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, ::serde::Deserialize, ::serde::Serialize, ::utoipa::ToSchema,
        )]
        #[serde(try_from = "String")]
        $(#[$attribute])*
        $visibility struct $name(String);

        $crate::text_type!(@impl [] $name, $check);
    };
    (@impl [$($generics:tt)*] $name:ty, $check:expr) => {
        impl $($generics)* $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl $($generics)* AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl $($generics)* ::std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl $($generics)* TryFrom<String> for $name {
            type Error = $crate::Malformed;

            fn try_from(text: String) -> ::std::result::Result<Self, Self::Error> {
                let check: fn(&str) -> ::std::result::Result<String, $crate::Malformed> = $check;
                check(&text).map(Self)
            }
        }
    };
}

text_type!(
    /// A name in addresses: lower case letters and digits in groups joined by hyphens, for example `onda-vase`.
    #[schema(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", max_length = 64)]
    pub struct Slug(|text| grammar::slug(text, 64));
);

text_type!(
    /// An identifier that people choose: 1 to 64 printable characters, compared exactly.
    #[schema(min_length = 1, max_length = 64)]
    pub struct Code(|text| grammar::code(text, 64));
);

text_type!(
    /// An e-mail address.
    #[schema(format = "email", max_length = 254)]
    pub struct Email(grammar::email);
);

text_type!(
    /// An [ISO 3166-1](https://www.iso.org/iso-3166-country-codes.html) alpha-2 country code, for example `DE`.
    #[schema(pattern = "^[A-Z]{2}$")]
    pub struct CountryCode(|text| {
        let is_code = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
        is_code.then(|| text.to_owned()).ok_or(Malformed::CountryCode)
    });
);

/// One line of text for people: 1 to `MAX` characters without line breaks. White space at its ends is removed.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String")]
pub struct Line<const MAX: usize>(String);

text_type!(@impl [<const MAX: usize>] Line<MAX>, |text| grammar::line(text, MAX));

/// Text for people on several lines: `MIN` to `MAX` characters. Each line break becomes `\n` and each tab a space.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String")]
pub struct Text<const MAX: usize, const MIN: usize = 1>(String);

text_type!(@impl [<const MAX: usize, const MIN: usize>] Text<MAX, MIN>, |text| {
    let text = grammar::prose(text, MAX)?;
    if MIN > 0 && grammar::line(&text.replace('\n', " "), MAX).is_err() {
        Err(Malformed::Empty)
    } else {
        Ok(text)
    }
});

impl<const MAX: usize> Text<MAX, 0> {
    /// The first `MAX` characters of a text.
    #[must_use]
    pub fn truncate(text: &str) -> Self {
        Self(text.chars().take(MAX).collect())
    }
}

impl<const MAX: usize> Default for Text<MAX, 0> {
    fn default() -> Self {
        Self(String::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes<T: TryFrom<String>>(text: &str) -> bool {
        T::try_from(text.to_owned()).is_ok()
    }

    #[test]
    fn deserialized_text_is_checked() {
        let slug: Result<Slug, _> = serde_json::from_str("\"onda-vase\"");
        assert_eq!(slug.unwrap().as_str(), "onda-vase");
        let refused = serde_json::from_str::<Slug>("\"Onda Vase\"").unwrap_err();
        assert!(refused.to_string().contains("lower case letters"), "{refused}");
    }

    #[test]
    fn country_code_is_two_capital_letters() {
        assert!(takes::<CountryCode>("DE"));
        for bad in ["", "D", "de", "DEU", "D1", "Ä"] {
            assert!(!takes::<CountryCode>(bad), "{bad:?}");
        }
    }

    #[test]
    fn line_is_trimmed_and_has_no_line_break() {
        let line = Line::<8>::try_from(" Straße 1 ".to_owned()).unwrap();
        assert_eq!((line.as_str(), line.to_string()), ("Straße 1", "Straße 1".to_owned()));
        for bad in ["", "  ", "a\nb", "a\0", "123456789"] {
            assert!(!takes::<Line<8>>(bad), "{bad:?}");
        }
    }

    #[test]
    fn text_may_have_several_lines_and_a_least_length() {
        assert!(takes::<Text<9>>("a\nb") && takes::<Text<9, 0>>(""));
        assert!(!takes::<Text<9>>(" \n") && !takes::<Text<2>>("abc"));
        assert_eq!(Text::<2, 0>::truncate("abc").as_str(), "ab");
    }
}
