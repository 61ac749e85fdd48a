//! The built-in provider: moves no money, and declines the cards that are there to be declined.

use std::future::ready;

use crate::domain::Decline;
use crate::domain::card::Card;
use crate::provider::{Answer, Authorisation, Charge, Provider, Token};

#[derive(Debug)]
pub struct Test;

const GOOD: &str = "tok_test_good";
const DECLINED: &str = "tok_test_declined";
const EMPTY: &str = "tok_test_insufficient_funds";

impl Provider for Test {
    fn keep<'a>(&'a self, card: &'a Card) -> Answer<'a, Token> {
        let token = match card.number.reveal() {
            "4000000000000002" => DECLINED,
            "4000000000009995" => EMPTY,
            _ => GOOD,
        };
        Box::pin(ready(Ok(Token(token.to_owned()))))
    }

    fn authorise<'a>(&'a self, charge: &'a Charge) -> Answer<'a, Result<Authorisation, Decline>> {
        let verdict = match charge.token.0.as_str() {
            DECLINED => Err(Decline::Card),
            EMPTY => Err(Decline::InsufficientFunds),
            _ => Ok(Authorisation(format!("test_{}", charge.reference.simple()))),
        };
        Box::pin(ready(Ok(verdict)))
    }

    fn capture<'a>(&'a self, _authorisation: &'a Authorisation) -> Answer<'a, ()> {
        Box::pin(ready(Ok(())))
    }

    fn void<'a>(&'a self, _authorisation: &'a Authorisation) -> Answer<'a, ()> {
        Box::pin(ready(Ok(())))
    }
}
