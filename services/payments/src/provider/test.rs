//! The built-in provider. It moves no money and remembers nothing: what happens with a card stands in the token that
//! is made of it, and in the names of the payments on it. So it survives a crash, and all replicas agree.

use std::future::ready;

use crate::domain::card::Card;
use crate::domain::{Amount, Decline, Progress, Reference, Standing, Violation};
use crate::provider::{Answer, Authorisation, Charge, Provider, Refused, Token, Unavailable};

#[derive(Debug)]
pub struct Test;

/// What its cards do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Behaviour {
    Good,
    Declined,
    InsufficientFunds,
    /// The bank has charged, and nobody hears of it.
    AnswerLost,
}

const BEHAVIOURS: [(Behaviour, &str, &str); 3] = [
    (Behaviour::Declined, "declined", "4000000000000002"),
    (Behaviour::InsufficientFunds, "insufficient_funds", "4000000000009995"),
    (Behaviour::AnswerLost, "answer_lost", "4000000000000119"),
];

impl Behaviour {
    fn of(card: &Card) -> Self {
        let number = card.number.reveal();
        let known = BEHAVIOURS.iter().find(|(.., of)| *of == number);
        known.map_or(Self::Good, |(behaviour, ..)| *behaviour)
    }

    /// By a token or a name: `tok_test_declined`, `test_declined_<reference>`.
    fn named(text: &str) -> Self {
        let known = BEHAVIOURS.iter().find(|(_, word, _)| text.contains(word));
        known.map_or(Self::Good, |(behaviour, ..)| *behaviour)
    }

    fn word(self) -> &'static str {
        let known = BEHAVIOURS.iter().find(|(behaviour, ..)| *behaviour == self);
        known.map_or("good", |(_, word, _)| *word)
    }

    /// What comes of it in the end.
    fn standing(self) -> Standing {
        match self {
            Self::Good | Self::AnswerLost => Standing::Authorised,
            Self::Declined => Standing::Declined(Decline::Card),
            Self::InsufficientFunds => Standing::Declined(Decline::InsufficientFunds),
        }
    }
}

fn answer<'a, T: Send + 'a>(answer: T) -> Answer<'a, T> {
    Box::pin(ready(Ok(answer)))
}

impl Provider for Test {
    fn keep<'a>(&'a self, card: &'a Card) -> Answer<'a, Result<Token, Violation>> {
        answer(Ok(Token(format!("tok_test_{}", Behaviour::of(card).word()))))
    }

    fn open<'a>(&'a self, charge: &'a Charge) -> Answer<'a, Authorisation> {
        let word = Behaviour::named(&charge.token.0).word();
        answer(Authorisation(format!("test_{word}_{}", charge.reference.simple())))
    }

    fn authorise<'a>(&'a self, _name: &'a Authorisation, charge: &'a Charge) -> Answer<'a, Standing> {
        match Behaviour::named(&charge.token.0) {
            Behaviour::AnswerLost => Box::pin(ready(Err(Unavailable("this card's answers are lost".to_owned())))),
            behaviour => answer(behaviour.standing()),
        }
    }

    fn find<'a>(&'a self, name: &'a Authorisation) -> Answer<'a, Standing> {
        answer(Behaviour::named(&name.0).standing())
    }

    fn capture<'a>(
        &'a self,
        _name: &'a Authorisation,
        _reference: Reference,
        _amount: Amount,
    ) -> Answer<'a, Result<(), Refused>> {
        answer(Ok(()))
    }

    fn void<'a>(&'a self, _name: &'a Authorisation, _reference: Reference) -> Answer<'a, Result<(), Refused>> {
        answer(Ok(()))
    }

    fn refund<'a>(
        &'a self,
        _name: &'a Authorisation,
        _reference: Reference,
        _amount: Amount,
    ) -> Answer<'a, Result<Progress, Refused>> {
        answer(Ok(Progress::Done))
    }

    fn find_refund<'a>(&'a self, _name: &'a Authorisation, _reference: Reference) -> Answer<'a, Option<Progress>> {
        // Never heard of: it gives the money back again, of which there is none.
        answer(None)
    }
}
