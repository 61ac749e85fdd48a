//! Who really moves the money.

mod test;

use std::fmt::Debug;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::domain::card::Card;
use crate::domain::{Amount, Progress, Reference, Standing, Violation};
pub use crate::domain::{Authorisation, Charge, Token};

/// The providers there are.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum Name {
    /// Built in; moves no money
    Test,
}

impl Name {
    /// The provider of this name.
    #[must_use]
    pub fn open(self) -> Arc<dyn Provider> {
        match self {
            Self::Test => Arc::new(test::Test),
        }
    }
}

/// No answer, or none that can be used: the outcome is unknown.
#[derive(Debug, thiserror::Error)]
#[error("the provider does not answer: {0}")]
pub struct Unavailable(pub String);

/// A definite no, in the provider's words.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refused(pub String);

/// An answer to come.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, Unavailable>>;

/// A provider. What moves money is asked for under a reference of ours. After an answer that was lost we look first
/// ([`Provider::find`], [`Provider::find_refund`]), and ask again, under the same reference, only for what has not
/// happened: that is what "never charge twice" rests on.
pub trait Provider: Debug + Send + Sync {
    /// Keeps a card.
    fn keep<'a>(&'a self, card: &'a Card) -> Answer<'a, Result<Token, Violation>>;

    /// Makes a payment known, and moves nothing: so it has a name to look it up by before anything can go wrong with money.
    fn open<'a>(&'a self, charge: &'a Charge) -> Answer<'a, Authorisation>;

    /// Holds the money back, or says why not.
    fn authorise<'a>(&'a self, name: &'a Authorisation, charge: &'a Charge) -> Answer<'a, Standing>;

    /// Where a payment stands.
    fn find<'a>(&'a self, name: &'a Authorisation) -> Answer<'a, Standing>;

    /// Takes so much of the money that is held back, and lets go of the rest.
    fn capture<'a>(
        &'a self,
        name: &'a Authorisation,
        reference: Reference,
        amount: Amount,
    ) -> Answer<'a, Result<(), Refused>>;

    /// Lets the money go, or sees to it that none is held back.
    fn void<'a>(&'a self, name: &'a Authorisation, reference: Reference) -> Answer<'a, Result<(), Refused>>;

    /// Gives so much back of what was taken, and says how far that is.
    fn refund<'a>(
        &'a self,
        name: &'a Authorisation,
        reference: Reference,
        amount: Amount,
    ) -> Answer<'a, Result<Progress, Refused>>;

    /// How far the refund of this reference is; none where the provider never heard of it.
    fn find_refund<'a>(&'a self, name: &'a Authorisation, reference: Reference) -> Answer<'a, Option<Progress>>;
}
