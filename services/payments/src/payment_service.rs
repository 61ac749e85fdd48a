//! The payment service: requests claimed movements from the provider, and stores the outcome.
//!
//! A movement is committed as pending before it is requested, and stays pending until its outcome is known. A lease ensures
//! that one task at a time requests it. A task that retries a movement first asks the provider whether it was done, and
//! requests it again, with the same reference, only if it was not.

mod movement_request;
mod webhooks;

use std::time::Duration;

use service::Context;
use storage::{Batch, Db};
use tokio::time::{Instant, sleep, timeout};
use uuid::Uuid;
use values::Clock;

use self::movement_request::MovementRequest;
use crate::domain::{
    Attempt, Claim, Lease, MovementKind, MovementStatus, Payment, PaymentStatus, PaymentUpdate, PaymentView,
};
use crate::error::Error;
use crate::provider::{Providers, Unavailable};
use crate::store::movements::{self, ClaimedMovement};
use crate::store::payments as store;

/// The pause between two checks whether another task has settled a movement.
const POLL_INTERVAL: Duration = Duration::from_millis(20);
/// The number of a payment's authorisation, which is its first movement.
pub const AUTHORISATION: i64 = 1;
/// How long the worker waits before it first checks a payment whose shopper was sent to the provider's page.
const FIRST_CHECK: Duration = Duration::from_secs(30);
/// The longest pause between two attempts at one movement.
const MAX_RETRY_PAUSE: Duration = Duration::from_mins(5);

/// Timeouts and intervals.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// The timeout of one movement at the provider, for all calls together
    pub timeout: Duration,
    /// The interval of the worker, and the first pause between two attempts at one movement; that pause doubles each time
    pub interval: Duration,
}

impl Timing {
    /// The duration of a lease. It is longer than the timeout, so that the movement's task ends before another one may start.
    fn lease_duration(self) -> Duration {
        self.timeout + self.timeout / 4
    }
}

/// The payment service.
#[derive(Clone, Debug)]
pub struct PaymentService {
    pub(crate) db: Db,
    pub(crate) batch: Batch,
    pub(crate) providers: Providers,
    pub(crate) timing: Timing,
    pub(crate) clock: Clock,
}

impl PaymentService {
    /// A lease that starts now.
    pub fn lease(&self) -> Lease {
        let now = self.clock.now();
        let until = now + self.timing.lease_duration();
        Lease { now, until }
    }

    /// Settles a claimed movement as far as possible. If another task has its lease, waits for that task.
    pub async fn settle(&self, payment: Payment, claim: Claim) -> Result<Payment, Error> {
        if claim.attempt == Attempt::First {
            return self.process(payment, claim, 0).await;
        }
        let id = payment.id();
        let started = Instant::now();
        while started.elapsed() < self.timing.lease_duration() {
            let payment = store::find(&self.db, id).await?.ok_or(Error::NotFound("payment"))?;
            if !is_pending(&payment, claim.movement) {
                return Ok(payment);
            }
            if let Some(claimed) = movements::claim(&self.batch, id, claim.movement, self.lease()).await? {
                return self.process(payment, claim, claimed.tries).await;
            }
            sleep(POLL_INTERVAL).await;
        }
        Err(Unavailable::new("another request for this movement is still waiting for the provider").into())
    }

    /// Settles a movement that the worker has claimed.
    pub async fn resume(&self, claimed: &ClaimedMovement) -> Result<(), Error> {
        let payment = store::find(&self.db, claimed.payment_id).await?;
        let payment = payment.ok_or(Error::NotFound("payment"))?;
        self.process(payment, Claim::retry(claimed.number), claimed.tries)
            .await
            .map(drop)
    }

    /// Requests a movement in a task of its own, so that it continues when the caller disconnects.
    async fn process(&self, payment: Payment, claim: Claim, tries: i64) -> Result<Payment, Error> {
        let service = self.clone();
        let id = payment.id();
        let work = async move {
            let outcome = timeout(service.timing.timeout, service.request(payment, claim)).await;
            let outcome = outcome.unwrap_or_else(|_| Err(Unavailable::timed_out().into()));
            let is_unsettled = outcome
                .as_ref()
                .map_or(true, |payment| is_pending(payment, claim.movement));
            if is_unsettled {
                let pause = service.retry_pause(tries);
                movements::release(&service.batch, id, claim.movement, service.clock.now(), pause).await?;
            }
            outcome
        };
        Context::current().spawn("movement", work).await?
    }

    fn retry_pause(&self, tries: i64) -> Duration {
        let doubled = u32::try_from(tries).unwrap_or_default().min(16);
        self.timing.interval.saturating_mul(1 << doubled).min(MAX_RETRY_PAUSE)
    }

    async fn request(&self, payment: Payment, claim: Claim) -> Result<Payment, Error> {
        let movement = payment
            .movement(claim.movement)
            .filter(|_| is_pending(&payment, claim.movement));
        let Some(movement) = movement else {
            return Ok(payment);
        };
        let request = MovementRequest {
            provider: &**self.providers.get(&payment.method.provider)?,
            payment: &payment,
            movement,
            attempt: claim.attempt,
            now: self.clock.now(),
        };
        let updates = match movement.kind {
            MovementKind::Authorise => request.authorize().await?,
            MovementKind::Capture | MovementKind::Void | MovementKind::Expire => request.change().await?,
            MovementKind::Refund => vec![request.refund().await?],
        };
        self.apply(payment.id(), &updates).await
    }

    async fn apply(&self, id: Uuid, updates: &[PaymentUpdate]) -> Result<Payment, Error> {
        let lease = self.lease();
        let apply = |payment: &mut Payment| {
            for update in updates {
                payment.apply(update, lease.now);
            }
            Ok(())
        };
        let (payment, ()) = store::update(&self.batch, id, lease, apply).await?;
        Ok(payment)
    }

    /// Asks the provider for the status of a payment whose shopper has to act.
    pub async fn refresh(&self, payment: Payment) -> Result<Payment, Error> {
        match payment.status {
            PaymentStatus::Pending | PaymentStatus::RequiresAction => {
                self.settle(payment, Claim::retry(AUTHORISATION)).await
            }
            _ => Ok(payment),
        }
    }

    /// Ends the lease of the authorisation while the shopper acts. The shopper's return or a webhook reports the outcome; the
    /// worker checks in case neither arrives.
    pub async fn release(&self, payment: Payment) -> Result<Payment, Error> {
        movements::release(&self.batch, payment.id(), AUTHORISATION, self.clock.now(), FIRST_CHECK).await?;
        Ok(payment)
    }

    /// The payment as the API returns it.
    pub fn view(&self, payment: Payment) -> PaymentView {
        let provider = self.providers.find(&payment.method.provider);
        let transfer = provider.and_then(|provider| provider.transfer(&payment.charge));
        PaymentView::new(payment, transfer)
    }
}

fn is_pending(payment: &Payment, number: i64) -> bool {
    let movement = payment.movement(number);
    movement.is_some_and(|movement| movement.progress == MovementStatus::Pending)
}
