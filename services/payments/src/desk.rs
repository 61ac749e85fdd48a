//! The desk: asks the provider for what was claimed, and has its answer written down.
//!
//! A movement is committed as pending before it is asked for, and stays so until the outcome is known. One asks for it
//! at a time. Whoever takes it up again looks first whether it has happened, and asks for it, under the same reference,
//! only if it has not.

use std::time::Duration;

use chrono::{DateTime, Utc};
use money::Money;
use service::Context;
use storage::{Batch, Db, clock};
use tokio::time::{Instant, sleep, timeout};
use uuid::Uuid;

use crate::domain::{
    Account, Amount, Attempt, Claim, Kind, Movement, Payment, Progress, ProviderPayment, ProviderStatus, Status, Update,
};
use crate::error::Error;
use crate::provider::{Outcome, Provider, Providers, Refused, Unavailable};
use crate::store::movements::{self, Taken};
use crate::store::payments as store;

/// How often we look whether somebody else is done with a movement.
const POLL: Duration = Duration::from_millis(20);
/// The authorisation is a payment's first movement.
pub const AUTHORISE: i64 = 1;
/// How long nobody looks whether a shopper has paid who has just been sent to a provider's page.
const FIRST_LOOK: Duration = Duration::from_secs(30);
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

/// The store and the providers.
#[derive(Clone, Debug)]
pub struct Desk {
    pub(crate) db: Db,
    pub(crate) batch: Batch,
    pub(crate) providers: Providers,
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
    pub async fn settle(&self, account: Account, (number, attempt): Claim) -> Result<Account, Error> {
        if attempt == Attempt::First {
            return self.work_on(account, number, attempt, 0).await;
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
                return self.work_on(account, number, attempt, taken.tries).await;
            }
            sleep(POLL).await;
        }
        Err(Unavailable::new("another request is asking it").into())
    }

    /// Has a movement done that the worker took up.
    pub async fn take_up(&self, taken: &Taken) -> Result<(), Error> {
        let account = store::find(&self.db, taken.payment_id).await?;
        let account = account.ok_or(Error::NotFound("payment"))?;
        self.work_on(account, taken.number, Attempt::Retry, taken.tries)
            .await
            .map(drop)
    }

    /// Goes on when the caller hangs up.
    async fn work_on(&self, account: Account, number: i64, attempt: Attempt, tries: i64) -> Result<Account, Error> {
        let desk = self.clone();
        let payment = account.charge.reference;
        let work = async move {
            let done = timeout(desk.timing.limit, desk.run(account, number, attempt)).await;
            let done = done.unwrap_or_else(|_| Err(Unavailable::timed_out().into()));
            if done.as_ref().map_or(true, |account| is_pending(account, number)) {
                movements::release(&desk.batch, payment, number, clock::now(), desk.pause(tries)).await?;
            }
            done
        };
        let done = Context::current().spawn("movement", work).await;
        done.unwrap_or_else(|error| Err(Unavailable::new(error).into()))
    }

    fn pause(&self, tries: i64) -> Duration {
        let doubled = u32::try_from(tries).unwrap_or_default().min(16);
        self.timing.pause.saturating_mul(1 << doubled).min(LONGEST_PAUSE)
    }

    async fn run(&self, account: Account, number: i64, attempt: Attempt) -> Result<Account, Error> {
        let Some(movement) = account.movement(number).filter(|_| is_pending(&account, number)) else {
            return Ok(account);
        };
        let asking = Asking {
            provider: &**self.providers.of(&account.method.provider)?,
            account: &account,
            movement,
            attempt,
        };
        let updates = match movement.kind {
            Kind::Authorise => asking.authorise().await?,
            Kind::Capture | Kind::Void | Kind::Expire => asking.change().await?,
            Kind::Refund => vec![asking.refund().await?],
        };
        self.note(account.charge.reference, &updates).await
    }

    async fn note(&self, payment: Uuid, updates: &[Update]) -> Result<Account, Error> {
        let moment = self.moment();
        let note = |account: &mut Account| {
            for update in updates {
                account.note(update, moment.now);
            }
            Ok(())
        };
        let (account, ()) = store::update(&self.batch, payment, moment, note).await?;
        Ok(account)
    }

    /// Asks where a payment stands that waits for its shopper, if nobody else is about to.
    pub async fn look(&self, account: Account) -> Result<Account, Error> {
        match account.status {
            Status::Pending | Status::RequiresAction => self.settle(account, (AUTHORISE, Attempt::Retry)).await,
            _ => Ok(account),
        }
    }

    /// Leaves a payment to its shopper. They come back, or the provider tells; the worker looks in case neither is heard.
    pub async fn leave(&self, account: Account) -> Result<Account, Error> {
        let payment = account.charge.reference;
        movements::release(&self.batch, payment, AUTHORISE, clock::now(), FIRST_LOOK).await?;
        Ok(account)
    }

    /// A payment as callers see it.
    pub fn show(&self, account: Account) -> Payment {
        let provider = self.providers.find(&account.method.provider);
        let transfer = provider.and_then(|provider| provider.transfer(&account.charge));
        Payment::new(account, transfer)
    }
}

/// A movement that a provider is asked for.
struct Asking<'a> {
    provider: &'a dyn Provider,
    account: &'a Account,
    movement: &'a Movement,
    attempt: Attempt,
}

impl Asking<'_> {
    async fn authorise(&self) -> Result<Vec<Update>, Unavailable> {
        let id = &self.account.provider_payment;
        if self.attempt == Attempt::Retry {
            let found = self.provider.retrieve(id).await?;
            if found.status != ProviderStatus::Unconfirmed {
                return Ok(self.updates(found));
            }
        }
        let status = self.provider.authorise(id, &self.account.charge).await?;
        Ok(vec![Update::Status(status)])
    }

    /// Captures, voids or expires. After a refusal the provider's word on where the payment stands comes first.
    async fn change(&self) -> Result<Vec<Update>, Unavailable> {
        let id = &self.account.provider_payment;
        if self.attempt == Attempt::Retry {
            let found = self.provider.retrieve(id).await?;
            if found.status.is_final() {
                return Ok(self.updates(found));
            }
        }
        let (answer, done) = self.ask().await?;
        Ok(match answer {
            Ok(()) => vec![Update::Status(done)],
            Err(Refused(reason)) => {
                let mut updates = self.updates(self.provider.retrieve(id).await?);
                updates.push(Update::Movement(self.movement.number, Progress::Refused, Some(reason)));
                updates
            }
        })
    }

    async fn ask(&self) -> Result<(Result<(), Refused>, ProviderStatus), Unavailable> {
        let (id, reference) = (
            &self.account.provider_payment,
            self.account.reference(self.movement.number),
        );
        Ok(match (self.movement.kind, self.amount()) {
            (Kind::Capture, Some(amount)) => {
                let answer = self.provider.capture(id, reference, amount).await?;
                (answer, ProviderStatus::Captured(Some(self.movement.amount)))
            }
            (Kind::Expire, _) => (self.provider.expire(id, reference).await?, ProviderStatus::Expired),
            _ => (self.provider.void(id, reference).await?, ProviderStatus::Voided),
        })
    }

    async fn refund(&self) -> Result<Update, Unavailable> {
        let (id, number) = (&self.account.provider_payment, self.movement.number);
        let reference = self.account.reference(number);
        let known = match self.attempt {
            Attempt::First => None,
            Attempt::Retry => self.provider.retrieve_refund(id, reference).await?,
        };
        let answer: Outcome<Progress> = match (known, self.amount()) {
            (Some(progress), _) => Ok(Ok(progress)),
            (None, Some(amount)) => self.provider.refund(id, reference, amount).await,
            (None, None) => Ok(Err(Refused("no amount that can be".to_owned()))),
        };
        Ok(match answer? {
            Ok(progress) => Update::Movement(number, progress, None),
            Err(Refused(reason)) => Update::Movement(number, Progress::Refused, Some(reason)),
        })
    }

    /// A name that is not new may have been given up meanwhile.
    fn updates(&self, found: ProviderPayment) -> Vec<Update> {
        let renamed = (found.id != self.account.provider_payment).then_some(Update::Renamed(found.id));
        renamed.into_iter().chain([Update::Status(found.status)]).collect()
    }

    fn amount(&self) -> Option<Amount> {
        let currency = self.account.charge.amount.currency();
        Amount::try_from(Money::new(self.movement.amount, currency)).ok()
    }
}

fn is_pending(account: &Account, number: i64) -> bool {
    let movement = account.movement(number);
    movement.is_some_and(|movement| movement.progress == Progress::Pending)
}
