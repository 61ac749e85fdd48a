//! A provider of the tests': remembers what it did, and can be away in two ways.

use std::collections::{BTreeMap, BTreeSet};
use std::future::ready;
use std::sync::Mutex;

use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use payments::domain::card::Card;
use payments::domain::{Amount, Progress, Reference, Standing, Violation};
use payments::provider::{
    Answer, Authorisation, Charge, Kept, Notice, Provider, Refused, Rejected, Token, Unavailable,
};

/// How it is away.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Away {
    /// Not at all.
    #[default]
    No,
    /// It does what it is asked for, but nobody hears its answers.
    AnswersLost,
    /// It does nothing.
    Down,
}

#[derive(Debug, Default)]
struct Books {
    away: Away,
    standings: BTreeMap<String, Standing>,
    refunds: BTreeSet<String>,
    /// What moved, in order: `authorise`, `capture 4800`, `void`, `refund 100`.
    moved: Vec<String>,
    refuses: bool,
}

/// The provider.
#[derive(Debug, Default)]
pub struct Bank(Mutex<Books>);

impl Bank {
    pub fn go(&self, away: Away) {
        self.0.lock().unwrap().away = away;
    }

    /// Says no to new payments, captures, voids and refunds from now on.
    pub fn refuse(&self) {
        self.0.lock().unwrap().refuses = true;
    }

    /// Somebody else changes its books.
    pub fn turns(&self, standing: &Standing) {
        for known in self.0.lock().unwrap().standings.values_mut() {
            known.clone_from(standing);
        }
    }

    pub fn moved(&self) -> Vec<String> {
        self.0.lock().unwrap().moved.clone()
    }

    fn answer<'a, T: Send + 'a>(&self, work: impl FnOnce(&mut Books) -> T) -> Answer<'a, T> {
        let mut books = self.0.lock().unwrap();
        let answer = match books.away {
            Away::Down => Err(Unavailable("down".into())),
            Away::AnswersLost => {
                work(&mut books);
                Err(Unavailable("its answer is lost".into()))
            }
            Away::No => Ok(work(&mut books)),
        };
        Box::pin(ready(answer))
    }
}

impl Books {
    fn turn(&mut self, name: &Authorisation, from: &Standing, to: Standing, movement: String) -> Result<(), Refused> {
        let known = self.standings.get_mut(&name.0).expect("it was opened");
        if self.refuses || known != from {
            return Err(Refused("not from here".into()));
        }
        *known = to;
        self.moved.push(movement);
        Ok(())
    }
}

impl Provider for Bank {
    fn keep<'a>(&'a self, _card: &'a Card) -> Answer<'a, Result<Kept, Violation>> {
        self.answer(|_| {
            Ok(Kept {
                token: Token("token".into()),
                fingerprint: None,
            })
        })
    }

    fn open<'a>(&'a self, charge: &'a Charge) -> Answer<'a, Result<Authorisation, Refused>> {
        self.answer(|books| {
            if books.refuses {
                return Err(Refused("not so little".into()));
            }
            let name = format!("bank_{}", charge.reference);
            books.standings.insert(name.clone(), Standing::Unasked);
            Ok(Authorisation(name))
        })
    }

    fn authorise<'a>(&'a self, name: &'a Authorisation, _charge: &'a Charge) -> Answer<'a, Standing> {
        self.answer(|books| {
            let done = books.turn(name, &Standing::Unasked, Standing::Authorised, "authorise".into());
            done.map_or(Standing::Processing, |()| Standing::Authorised)
        })
    }

    fn find<'a>(&'a self, name: &'a Authorisation) -> Answer<'a, Standing> {
        self.answer(|books| books.standings[&name.0].clone())
    }

    fn capture<'a>(
        &'a self,
        name: &'a Authorisation,
        _reference: Reference,
        amount: Amount,
    ) -> Answer<'a, Result<(), Refused>> {
        let minor = money::Money::from(amount).minor;
        let taken = Standing::Captured(Some(minor));
        self.answer(|books| books.turn(name, &Standing::Authorised, taken, format!("capture {minor}")))
    }

    fn void<'a>(&'a self, name: &'a Authorisation, _reference: Reference) -> Answer<'a, Result<(), Refused>> {
        self.answer(|books| books.turn(name, &Standing::Authorised, Standing::Voided, "void".into()))
    }

    fn refund<'a>(
        &'a self,
        _name: &'a Authorisation,
        reference: Reference,
        amount: Amount,
    ) -> Answer<'a, Result<Progress, Refused>> {
        let minor = money::Money::from(amount).minor;
        self.answer(|books| {
            if books.refuses {
                return Err(Refused("no refunds today".into()));
            }
            books.moved.push(format!("refund {minor}"));
            books.refunds.insert(reference.to_string());
            Ok(Progress::Done)
        })
    }

    fn find_refund<'a>(&'a self, _name: &'a Authorisation, reference: Reference) -> Answer<'a, Option<Progress>> {
        self.answer(|books| books.refunds.contains(&reference.to_string()).then_some(Progress::Done))
    }

    fn slug(&self) -> &'static str {
        "bank"
    }

    fn read(&self, _headers: &HeaderMap, _body: &[u8], _now: DateTime<Utc>) -> Result<Option<Notice>, Rejected> {
        Ok(None)
    }
}
