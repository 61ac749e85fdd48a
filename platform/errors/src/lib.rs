//! Texts and causes of errors.
//!
//! An error's own text says what failed, its `source` says why. The text alone is of little use: "error sending request" may
//! be a refused connection, a name that does not resolve, or an expired certificate.

#![warn(missing_docs)]

#[cfg(feature = "calls")]
mod cause;

#[cfg(feature = "calls")]
pub use cause::{Cause, Unanswered};

use std::error::Error;
use std::fmt::{self, Display};
use std::io;

/// Displays an error with all of its sources: `orders cannot be reached: tcp connect error: Connection refused (os error
/// 111)`. A source whose text is part of the text before it is left out.
#[must_use]
pub fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Display + use<'a> {
    Chain(error)
}

struct Chain<'a>(&'a (dyn Error + 'static));

impl Display for Chain<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = self.0.to_string();
        for cause in sources(self.0).skip(1).map(ToString::to_string) {
            if !text.contains(&cause) {
                text.push_str(": ");
                text.push_str(&cause);
            }
        }
        formatter.write_str(&text)
    }
}

/// Marks an error as a field of a log line: `tracing::warn!(error = causes(&error), "…")`. The line then has the whole chain,
/// and a field `cause` where the chain reveals why there was no response.
#[must_use]
pub fn causes<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    error
}

/// The error, its source, the source's source and so on.
fn sources<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

/// All errors of type `E` in the chain, including those inside of an [`io::Error`], which are not its `source`.
pub fn of_type<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a E> {
    links(error).filter_map(|link| link.downcast_ref())
}

/// Returns whether the chain has an error of type `E`.
#[must_use]
pub fn has<E: Error + 'static>(error: &(dyn Error + 'static)) -> bool {
    of_type::<E>(error).next().is_some()
}

fn links<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    sources(error).flat_map(|error| std::iter::successors(Some(error), |error| held(*error)))
}

fn held<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    let held = error.downcast_ref::<io::Error>()?.get_ref()?;
    Some(held)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Layer(&'static str, Option<Box<dyn Error + Send + Sync>>);

    impl Display for Layer {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str(self.0)
        }
    }

    impl Error for Layer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            let source = self.1.as_deref()?;
            Some(source)
        }
    }

    fn layers(texts: &[&'static str]) -> Layer {
        let (first, rest) = texts.split_first().unwrap();
        let source = (!rest.is_empty()).then(|| Box::new(layers(rest)) as Box<dyn Error + Send + Sync>);
        Layer(first, source)
    }

    #[test]
    fn chain_has_every_cause_in_order() {
        let error = layers(&["orders cannot be reached", "error sending request", "refused"]);
        assert_eq!(
            chain(&error).to_string(),
            "orders cannot be reached: error sending request: refused"
        );
    }

    #[test]
    fn chain_leaves_out_repeated_texts() {
        let error = layers(&["no file: not found", "not found", "not found", "disk"]);
        assert_eq!(chain(&error).to_string(), "no file: not found: disk");
    }

    #[test]
    fn error_inside_of_an_io_error_is_found() {
        let inner = io::Error::other(layers(&["innermost"]));
        let error = Layer("outermost", Some(Box::new(io::Error::other(inner))));
        let found: Vec<_> = of_type::<Layer>(&error).map(|layer| layer.0).collect();
        assert_eq!(found, ["outermost", "innermost"]);
        assert!(!has::<fmt::Error>(&error));
    }
}
