//! The replicas of one part, and which of them is called next: the one with the fewest calls in flight, and each in
//! turn where they are equal. Each has a circuit of its own, and what is known of its silence.

mod choice;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use background::{Background, Failure, Progress, Work};
use metrics::{Label, gauge};
use reqwest::Url;
use tokio::time::sleep;

pub(super) use self::choice::turn;
pub use self::choice::{Choice, Hung, Tried};
use super::breaker::{Admission, Breaker};
use super::silence::Silence;
use super::{BaseUrl, Resilience};
use crate::metrics::CLIENT_CIRCUIT;

/// Where others can take over, doubt costs little: this fraction of the calls, failed in a row, opens a circuit.
const DOUBT: u32 = 4;

/// The replicas of one part.
#[derive(Debug)]
pub struct Balancer {
    replicas: Vec<Replica>,
    turns: AtomicUsize,
}

#[derive(Debug)]
struct Replica {
    url: Url,
    breaker: Breaker,
    silence: Silence,
    in_flight: AtomicUsize,
}

impl Balancer {
    /// Nothing is known of them yet.
    #[must_use]
    pub fn new(part: &str, base: &BaseUrl, settings: Resilience) -> Self {
        let is_alone = base.urls().len() == 1;
        let replica = |url: &Url| {
            let address = url.authority();
            let name = if is_alone {
                part.to_owned()
            } else {
                format!("{part} at {address}")
            };
            let labels = labels(part, (!is_alone).then_some(address));
            let breaker = Breaker::new(name.clone(), &settings, gauge!(CLIENT_CIRCUIT, labels.clone()));
            Replica {
                url: url.clone(),
                silence: Silence::new(name, &settings, labels),
                breaker: if is_alone {
                    breaker
                } else {
                    breaker.or_in_a_row(settings.circuit_calls.div_ceil(DOUBT))
                },
                in_flight: AtomicUsize::new(0),
            }
        };
        Self {
            replicas: base.urls().iter().map(replica).collect(),
            turns: AtomicUsize::new(0),
        }
    }

    /// The replica to call next, by a call that will wait so long: one that was tried already only where no other is
    /// left, and none that is left alone.
    pub fn choose(&self, tried: &mut Tried, patience: Duration, now: Instant) -> Option<Choice<'_>> {
        loop {
            let (index, replica) = self.best(tried, |replica| replica.lets(patience, now))?;
            // Where another call was quicker to try it, it is left alone now, and the next best is asked.
            let Some((admission, is_try)) = replica.admit(patience, now) else {
                continue;
            };
            let mut choice = Choice::new(index, replica, patience, tried);
            (choice.admission, choice.is_try) = (Some(admission), is_try);
            return Some(choice);
        }
    }

    /// The replica to call next, even where every circuit is open: for an edge, behind which there is nobody else to
    /// ask. But none that hangs: to wait for it helps nobody.
    pub fn insist(&self, tried: &mut Tried, patience: Duration, now: Instant) -> Option<Choice<'_>> {
        if let Some(choice) = self.choose(tried, patience, now) {
            return Some(choice);
        }
        let (index, replica) = self.best(tried, |replica| replica.silence.lets(patience, now))?;
        Some(Choice::new(index, replica, patience, tried))
    }

    /// Whether a replica is left that was not tried and would let a call through.
    #[must_use]
    pub fn has_other(&self, tried: &Tried, patience: Duration, now: Instant) -> bool {
        let mut others = self.replicas.iter().enumerate().filter(|(index, _)| !tried.has(*index));
        others.any(|(_, replica)| replica.lets(patience, now))
    }

    /// Tries a hung replica in the background until it answers, so that no call has to. `is_silent` asks what may be
    /// asked again and again, waits no longer than it is told, and says whether there was no answer in that time.
    pub fn watch<F>(self: &Arc<Self>, hung: Hung, is_silent: impl Fn(Url, Duration) -> F + Send + 'static)
    where
        F: Future<Output = bool> + Send,
    {
        let Hung { index, patience } = hung;
        let replica = &self.replicas[index];
        replica.silence.watch(patience);
        let name = format!("probe of {}", replica.silence.name());
        let probe = Probe {
            balancer: Arc::downgrade(self),
            index,
            patience,
            pause: replica.silence.pause(),
            url: replica.url.clone(),
            is_silent,
        };
        Background::start(name, probe).detach();
    }

    /// Whether none is left to call.
    pub(super) fn is_open(&self, patience: Duration, now: Instant) -> bool {
        !self.replicas.iter().any(|replica| replica.lets(patience, now))
    }

    fn best(&self, tried: &Tried, fits: impl Fn(&Replica) -> bool) -> Option<(usize, &Replica)> {
        let count = self.replicas.len();
        // A call that is sent again does not take the next one's turn.
        let turn = u8::from(tried.0.is_empty());
        let first = self.turns.fetch_add(turn.into(), Ordering::Relaxed) % count;
        let fitting = self.replicas.iter().enumerate().filter(|(_, replica)| fits(replica));
        fitting.min_by_key(|(index, replica)| {
            let turn = (index + count - first) % count;
            (tried.has(*index), replica.in_flight.load(Ordering::Relaxed), turn)
        })
    }
}

/// Tries a hung replica until it answers.
struct Probe<A> {
    /// Where nobody calls any more, nobody wants to know
    balancer: Weak<Balancer>,
    index: usize,
    patience: Duration,
    pause: Duration,
    url: Url,
    is_silent: A,
}

impl<A, F> Work for Probe<A>
where
    A: Fn(Url, Duration) -> F + Send + 'static,
    F: Future<Output = bool> + Send,
{
    async fn run(&mut self, progress: &Progress) -> Result<(), Failure> {
        loop {
            sleep(self.pause).await;
            if self.balancer.strong_count() == 0 {
                return Ok(());
            }
            let is_silent = (self.is_silent)(self.url.clone(), self.patience).await;
            progress.made();
            let Some(balancer) = self.balancer.upgrade() else {
                return Ok(());
            };
            let silence = &balancer.replicas[self.index].silence;
            if !is_silent {
                silence.answered(Duration::ZERO);
            }
            if !silence.is_hung(self.patience) {
                return Ok(());
            }
        }
    }
}

impl Replica {
    fn lets(&self, patience: Duration, now: Instant) -> bool {
        !self.breaker.is_open(now) && self.silence.lets(patience, now)
    }

    fn admit(&self, patience: Duration, now: Instant) -> Option<(Admission<'_>, bool)> {
        let admission = self.breaker.admit(now)?;
        let is_try = self.silence.admit(patience, now)?;
        Some((admission, is_try))
    }
}

fn labels(part: &str, address: Option<&str>) -> Vec<Label> {
    let mut labels = vec![Label::new("upstream", part.to_owned())];
    labels.extend(address.map(|address| Label::new("address", address.to_owned())));
    labels
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use reqwest::Request;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(1);

    fn balancer(circuit_calls: u32) -> Balancer {
        let base = "http://a:1,http://b:1".parse().unwrap();
        let settings = Resilience {
            circuit_calls,
            ..Resilience::default()
        };
        Balancer::new("other", &base, settings)
    }

    fn host(choice: &Choice<'_>) -> String {
        choice.url().host_str().unwrap().to_owned()
    }

    fn settle(choice: Choice<'_>, is_alive: bool) {
        if is_alive { choice.answered() } else { choice.failed() }
    }

    #[test]
    fn each_in_turn_and_the_busy_one_not() {
        let balancer = balancer(20);
        let now = Instant::now();
        let next = || balancer.choose(&mut Tried::default(), PATIENCE, now).unwrap();
        assert_ne!(host(&next()), host(&next()));
        let busy = next();
        for _ in 0..4 {
            assert_ne!(host(&next()), host(&busy));
        }
    }

    #[test]
    fn another_one_where_one_has_failed() {
        let balancer = balancer(20);
        let now = Instant::now();
        let mut tried = Tried::default();
        let first = host(&balancer.choose(&mut tried, PATIENCE, now).unwrap());
        assert!(balancer.has_other(&tried, PATIENCE, now));
        assert_ne!(host(&balancer.choose(&mut tried, PATIENCE, now).unwrap()), first);
        assert!(!balancer.has_other(&tried, PATIENCE, now));
        assert!(balancer.choose(&mut tried, PATIENCE, now).is_some());
    }

    #[test]
    fn an_open_circuit_is_passed_by() {
        let balancer = balancer(8);
        let now = Instant::now();
        let mut failures = 0;
        while failures < 2 {
            let choice = balancer.choose(&mut Tried::default(), PATIENCE, now).unwrap();
            let is_alive = host(&choice) == "a";
            failures += u32::from(!is_alive);
            settle(choice, is_alive);
        }
        for _ in 0..4 {
            assert_eq!(
                host(&balancer.choose(&mut Tried::default(), PATIENCE, now).unwrap()),
                "a"
            );
        }
        let mut tried = Tried(vec![0]);
        assert!(!balancer.has_other(&tried, PATIENCE, now));
        assert_eq!(host(&balancer.insist(&mut tried, PATIENCE, now).unwrap()), "a");
        while let Some(choice) = balancer.choose(&mut Tried::default(), PATIENCE, now) {
            choice.failed();
        }
        assert_eq!(host(&balancer.insist(&mut tried, PATIENCE, now).unwrap()), "b");
    }

    #[test]
    fn one_that_did_well_until_now_is_soon_given_up() {
        let balancer = balancer(20);
        let now = Instant::now();
        let next = || balancer.choose(&mut Tried::default(), PATIENCE, now).unwrap();
        (0..100).for_each(|_| next().answered());
        let mut failures = 0;
        for _ in 0..40 {
            let choice = next();
            let is_alive = host(&choice) == "a";
            failures += u32::from(!is_alive);
            settle(choice, is_alive);
        }
        assert_eq!(failures, 5);
    }

    #[test]
    fn who_had_too_little_time_says_nothing() {
        let balancer = balancer(20);
        let next = || balancer.choose(&mut Tried::default(), Duration::ZERO, Instant::now());
        for _ in 0..100 {
            let short = balancer
                .choose(&mut Tried::default(), PATIENCE, Instant::now())
                .unwrap();
            assert!(short.unanswered(PATIENCE / 2).is_none());
        }
        for call in 1..=6 {
            let hung = next().unwrap().unanswered(Duration::ZERO);
            assert_eq!(hung.is_some(), call > 4, "{call}");
        }
        assert!(
            next().is_none()
                && balancer
                    .insist(&mut Tried::default(), Duration::ZERO, Instant::now())
                    .is_none()
        );
        assert!(
            balancer
                .choose(&mut Tried::default(), PATIENCE, Instant::now())
                .is_some()
        );
    }

    /// Else nothing would ever try the replica again.
    #[tokio::test]
    async fn probe_goes_on_after_a_panic() {
        let base = "http://a:1".parse().unwrap();
        let settings = Resilience {
            circuit_open_ms: 10,
            ..Resilience::default()
        };
        let balancer = Arc::new(Balancer::new("other", &base, settings));
        let next = || balancer.choose(&mut Tried::default(), Duration::ZERO, Instant::now());
        let hung = (0..10).find_map(|_| next().unwrap().unanswered(Duration::ZERO));
        let has_panicked = AtomicBool::new(false);
        balancer.watch(hung.unwrap(), move |_, _| {
            let is_second = has_panicked.swap(true, Ordering::Relaxed);
            async move {
                assert!(is_second, "as told");
                false
            }
        });
        assert!(next().is_none());
        let answered = async {
            while next().is_none() {
                sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), answered).await.unwrap();
    }

    #[test]
    fn a_request_is_turned_and_stays_the_same() {
        let balancer = balancer(8);
        let mut request = Request::new(reqwest::Method::GET, "http://a:1/x/..%2Fy?a=b%20c".parse().unwrap());
        let choice = balancer.choose(&mut Tried(vec![0]), PATIENCE, Instant::now()).unwrap();
        choice.turn(&mut request);
        assert_eq!(request.url().as_str(), "http://b:1/x/..%2Fy?a=b%20c");
    }
}
