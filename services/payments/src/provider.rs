//! Who really moves the money.

mod test;

use std::fmt::Debug;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use uuid::Uuid;

use crate::domain::card::Card;
use crate::domain::{Amount, Decline};

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

/// Stands for a card at the provider.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Token(pub String);

/// The provider's name for money that it holds back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Authorisation(pub String);

/// What a provider is asked to authorise.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Charge {
    /// Our name for it
    pub reference: Uuid,
    /// The card
    pub token: Token,
    /// How much
    pub amount: Amount,
}

/// No answer, or none that can be used: the outcome is unknown, and it may be asked again.
#[derive(Debug, thiserror::Error)]
#[error("the provider does not answer: {0}")]
pub struct Unavailable(pub String);

/// An answer to come.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, Unavailable>>;

/// A provider. Asked the same thing again, it gives the same answer and moves no more money: that is
/// what "never charge twice" rests on.
pub trait Provider: Debug + Send + Sync {
    /// Keeps a card.
    fn keep<'a>(&'a self, card: &'a Card) -> Answer<'a, Token>;

    /// Holds money back; once for each reference.
    fn authorise<'a>(&'a self, charge: &'a Charge) -> Answer<'a, Result<Authorisation, Decline>>;

    /// Takes all the money that is held back.
    fn capture<'a>(&'a self, authorisation: &'a Authorisation) -> Answer<'a, ()>;

    /// Lets the money go.
    fn void<'a>(&'a self, authorisation: &'a Authorisation) -> Answer<'a, ()>;
}
