//! The desk: asks the provider for what was claimed, and has its answer written down.
//!
//! A movement is committed as pending before it is asked for, and stays so until the outcome is known. One asks for it
//! at a time. Whoever takes it up again looks first whether it has happened, and asks for it, under the same reference,
//! only if it has not.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use money::Money;
use service::Context;
use storage::{Batch, Db, clock};
use tokio::time::{Instant, sleep, timeout};
use uuid::Uuid;

use crate::domain::{Account, Amount, Ask, Claim, Kind, Movement, News, Progress, Standing};
use crate::error::Error;
use crate::provider::{Provider, Refused, Unavailable};
use crate::store::movements::{self, Taken};
use crate::store::payments as store;

/// How often we look whether somebody else is done with a movement.
const POLL: Duration = Duration::from_millis(20);
/// The longest pause between two looks at one movement.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// How long things take.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// That asking the provider for one movement may take, all calls together
    pub limit: Duration,
    /// Between two looks of the worker; between two tries of one movement it begins there, and doubles
    pub pause: Duration,
}

/// The store and the provider.
#[derive(Clone, Debug)]
pub struct Desk {
    pub(crate) db: Db,
    pub(crate) batch: Batch,
    pub(crate) provider: Arc<dyn Provider>,
    pub(crate) timing: Timing,
}

/// When something is done, and until when the movements that it begins are ours.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    pub now: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

impl Timing {
    /// For how long whoever asks for a movement has it for themselves: longer than that may take, so that nobody else
    /// begins meanwhile.
    fn lease(self) -> Duration {
        self.limit + self.limit / 4
    }
}

impl Desk {
    /// This moment.
    pub fn moment(&self) -> Moment {
        let now = clock::now();
        let until = now + self.timing.lease();
        Moment { now, until }
    }

    /// Has a movement done that was claimed, as far as possible. Where somebody else is at it, waits for them.
    pub async fn settle(&self, account: Account, (number, ask): Claim) -> Result<Account, Error> {
        if ask == Ask::First {
            return self.work_on(account, number, ask, 0).await;
        }
        let payment = account.charge.reference;
        let begun = Instant::now();
        while begun.elapsed() < self.timing.lease() {
            let account = store::find(&self.db, payment)
                .await?
                .ok_or(Error::NotFound("payment"))?;
            if !is_pending(&account, number) {
                return Ok(account);
            }
            if let Some(taken) = movements::claim(&self.batch, payment, number, self.moment()).await? {
                return self.work_on(account, number, ask, taken.tries).await;
            }
            sleep(POLL).await;
        }
        Err(Unavailable("somebody else is asking it".to_owned()).into())
    }

    /// Has a movement done that the worker took up.
    pub async fn take_up(&self, taken: &Taken) -> Result<(), Error> {
        let account = store::find(&self.db, taken.payment_id).await?;
        let account = account.ok_or(Error::NotFound("payment"))?;
        self.work_on(account, taken.number, Ask::Again, taken.tries)
            .await
            .map(drop)
    }

    /// Goes on when the caller hangs up.
    async fn work_on(&self, account: Account, number: i64, ask: Ask, tries: i64) -> Result<Account, Error> {
        let desk = self.clone();
        let payment = account.charge.reference;
        let work = async move {
            let done = timeout(desk.timing.limit, desk.run(account, number, ask)).await;
            let done = done.unwrap_or_else(|_| Err(Unavailable("not in time".to_owned()).into()));
            if done.as_ref().map_or(true, |account| is_pending(account, number)) {
                movements::release(&desk.batch, payment, number, clock::now(), desk.pause(tries)).await?;
            }
            done
        };
        let done = tokio::spawn(Context::current().scope(work)).await;
        done.unwrap_or_else(|error| Err(Unavailable(error.to_string()).into()))
    }

    fn pause(&self, tries: i64) -> Duration {
        let doubled = u32::try_from(tries).unwrap_or_default().min(16);
        self.timing.pause.saturating_mul(1 << doubled).min(LONGEST_PAUSE)
    }

    async fn run(&self, account: Account, number: i64, ask: Ask) -> Result<Account, Error> {
        let Some(movement) = account.movement(number).filter(|_| is_pending(&account, number)) else {
            return Ok(account);
        };
        let news = match movement.kind {
            Kind::Authorise => vec![News::Standing(self.authorise(&account, ask).await?)],
            Kind::Capture | Kind::Void => self.change(&account, movement, ask).await?,
            Kind::Refund => vec![self.refund(&account, movement, ask).await?],
        };
        self.note(account.charge.reference, &news).await
    }

    async fn note(&self, payment: Uuid, news: &[News]) -> Result<Account, Error> {
        let moment = self.moment();
        let note = |account: &mut Account| {
            for news in news {
                account.note(news, moment.now);
            }
            Ok(())
        };
        let (account, ()) = store::update(&self.batch, payment, moment, note).await?;
        Ok(account)
    }

    async fn authorise(&self, account: &Account, ask: Ask) -> Result<Standing, Unavailable> {
        if ask == Ask::Again {
            match self.provider.find(&account.name).await? {
                Standing::Unasked => {}
                standing => return Ok(standing),
            }
        }
        self.provider.authorise(&account.name, &account.charge).await
    }

    /// Captures or voids. After a refusal the provider's word on where the payment stands comes first.
    async fn change(&self, account: &Account, movement: &Movement, ask: Ask) -> Result<Vec<News>, Unavailable> {
        let name = &account.name;
        if ask == Ask::Again {
            let standing = self.provider.find(name).await?;
            if matches!(
                standing,
                Standing::Captured(_) | Standing::Voided | Standing::Declined(_)
            ) {
                return Ok(vec![News::Standing(standing)]);
            }
        }
        let reference = account.reference(movement.number);
        let (answer, done) = match amount(account, movement) {
            Some(amount) if movement.kind == Kind::Capture => {
                let answer = self.provider.capture(name, reference, amount).await?;
                (answer, Standing::Captured(Some(movement.amount)))
            }
            _ => (self.provider.void(name, reference).await?, Standing::Voided),
        };
        Ok(match answer {
            Ok(()) => vec![News::Standing(done)],
            Err(Refused(reason)) => vec![
                News::Standing(self.provider.find(name).await?),
                News::Movement(movement.number, Progress::Refused, Some(reason)),
            ],
        })
    }

    async fn refund(&self, account: &Account, movement: &Movement, ask: Ask) -> Result<News, Unavailable> {
        let (name, reference) = (&account.name, account.reference(movement.number));
        let known = match ask {
            Ask::First => None,
            Ask::Again => self.provider.find_refund(name, reference).await?,
        };
        let answer = match (known, amount(account, movement)) {
            (Some(progress), _) => Ok(progress),
            (None, Some(amount)) => self.provider.refund(name, reference, amount).await?,
            (None, None) => Err(Refused("no amount that can be".to_owned())),
        };
        Ok(match answer {
            Ok(progress) => News::Movement(movement.number, progress, None),
            Err(Refused(reason)) => News::Movement(movement.number, Progress::Refused, Some(reason)),
        })
    }
}

fn is_pending(account: &Account, number: i64) -> bool {
    let movement = account.movement(number);
    movement.is_some_and(|movement| movement.progress == Progress::Pending)
}

fn amount(account: &Account, movement: &Movement) -> Option<Amount> {
    let currency = account.charge.amount.currency();
    Amount::try_from(Money::new(movement.amount, currency)).ok()
}
