//! Load balancing over the replicas of one part: the one with the fewest calls in flight is called next, and they take turns
//! if these are equal. Each replica has a circuit breaker and a detection of unresponsiveness of its own.

mod replica_call;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use background::{Background, Failure, Progress, Work};
use metrics::{Label, gauge};
use reqwest::Url;
use tokio::time::sleep;

pub(super) use self::replica_call::retarget;
pub use self::replica_call::{ReplicaCall, TriedReplicas, UnresponsiveReplica};
use super::breaker::{Admission, Breaker};
use super::silence::Silence;
use super::{BaseUrl, Resilience};
use crate::metrics::CLIENT_CIRCUIT;

/// If there are other replicas, fewer failures are enough: this fraction of the calls, failed in a row, opens a circuit.
const FAILURES_DIVISOR: u32 = 4;

/// Chooses among the replicas of one part.
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
    /// Nothing is known of the replicas yet. `part` is the name in logs and metrics.
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
                    breaker.or_in_a_row(settings.circuit_calls.div_ceil(FAILURES_DIVISOR))
                },
                in_flight: AtomicUsize::new(0),
            }
        };
        Self {
            replicas: base.urls().iter().map(replica).collect(),
            turns: AtomicUsize::new(0),
        }
    }

    /// Chooses the replica to call next, for a call that waits up to `patience`. A replica that was tried already is chosen
    /// only if no other is left. Returns `None` if all circuits are open or all replicas unresponsive.
    pub fn choose(&self, tried: &mut TriedReplicas, patience: Duration, now: Instant) -> Option<ReplicaCall<'_>> {
        loop {
            let (index, replica) = self.best(tried, |replica| replica.allows(patience, now))?;
            // Another call was quicker to try this replica, so the next best one is chosen.
            let Some((admission, is_trial)) = replica.admit(patience, now) else {
                continue;
            };
            let mut call = ReplicaCall::new(index, replica, patience, tried);
            (call.admission, call.is_trial) = (Some(admission), is_trial);
            return Some(call);
        }
    }

    /// Chooses the replica to call next even if all circuits are open: for the edge, which has no alternative. Unresponsive
    /// replicas are not chosen: waiting for them helps nobody.
    pub fn choose_ignoring_circuits(
        &self,
        tried: &mut TriedReplicas,
        patience: Duration,
        now: Instant,
    ) -> Option<ReplicaCall<'_>> {
        if let Some(call) = self.choose(tried, patience, now) {
            return Some(call);
        }
        let (index, replica) = self.best(tried, |replica| replica.silence.allows(patience, now))?;
        Some(ReplicaCall::new(index, replica, patience, tried))
    }

    /// Returns whether there is a replica that was not tried yet and would be chosen.
    #[must_use]
    pub fn has_other(&self, tried: &TriedReplicas, patience: Duration, now: Instant) -> bool {
        let mut others = self.replicas.iter().enumerate().filter(|(index, _)| !tried.has(*index));
        others.any(|(_, replica)| replica.allows(patience, now))
    }

    /// Probes an unresponsive replica in the background until it answers. `is_silent` sends a safe request to a URL, waits no
    /// longer than it is told, and returns whether there was no response in that time.
    pub fn watch<F>(
        self: &Arc<Self>,
        unresponsive: UnresponsiveReplica,
        is_silent: impl Fn(Url, Duration) -> F + Send + 'static,
    ) where
        F: Future<Output = bool> + Send,
    {
        let UnresponsiveReplica { index, patience } = unresponsive;
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

    /// Returns whether no replica can be called.
    pub(super) fn is_open(&self, patience: Duration, now: Instant) -> bool {
        !self.replicas.iter().any(|replica| replica.allows(patience, now))
    }

    fn best(&self, tried: &TriedReplicas, fits: impl Fn(&Replica) -> bool) -> Option<(usize, &Replica)> {
        let count = self.replicas.len();
        // A retry does not take the turn of the next call.
        let turn = u8::from(tried.0.is_empty());
        let first = self.turns.fetch_add(turn.into(), Ordering::Relaxed) % count;
        let fitting = self.replicas.iter().enumerate().filter(|(_, replica)| fits(replica));
        fitting.min_by_key(|(index, replica)| {
            let turn = (index + count - first) % count;
            (tried.has(*index), replica.in_flight.load(Ordering::Relaxed), turn)
        })
    }
}

/// Probes an unresponsive replica until it answers.
struct Probe<A> {
    /// The probe ends when the balancer is dropped
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
            progress.succeeded();
            let Some(balancer) = self.balancer.upgrade() else {
                return Ok(());
            };
            let silence = &balancer.replicas[self.index].silence;
            if !is_silent {
                silence.answered(Duration::ZERO);
            }
            if !silence.is_unresponsive(self.patience) {
                return Ok(());
            }
        }
    }
}

impl Replica {
    fn allows(&self, patience: Duration, now: Instant) -> bool {
        !self.breaker.is_open(now) && self.silence.allows(patience, now)
    }

    fn admit(&self, patience: Duration, now: Instant) -> Option<(Admission<'_>, bool)> {
        let admission = self.breaker.admit(now)?;
        let is_trial = self.silence.admit(patience, now)?;
        Some((admission, is_trial))
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

    fn host(call: &ReplicaCall<'_>) -> String {
        call.url().host_str().unwrap().to_owned()
    }

    fn settle(call: ReplicaCall<'_>, is_alive: bool) {
        if is_alive { call.answered() } else { call.failed() }
    }

    #[test]
    fn replicas_take_turns_and_the_busiest_is_avoided() {
        let balancer = balancer(20);
        let now = Instant::now();
        let next = || balancer.choose(&mut TriedReplicas::default(), PATIENCE, now).unwrap();
        assert_ne!(host(&next()), host(&next()));
        let busy = next();
        for _ in 0..4 {
            assert_ne!(host(&next()), host(&busy));
        }
    }

    #[test]
    fn replica_that_was_not_tried_is_preferred() {
        let balancer = balancer(20);
        let now = Instant::now();
        let mut tried = TriedReplicas::default();
        let first = host(&balancer.choose(&mut tried, PATIENCE, now).unwrap());
        assert!(balancer.has_other(&tried, PATIENCE, now));
        assert_ne!(host(&balancer.choose(&mut tried, PATIENCE, now).unwrap()), first);
        assert!(!balancer.has_other(&tried, PATIENCE, now));
        assert!(balancer.choose(&mut tried, PATIENCE, now).is_some());
    }

    #[test]
    fn replica_with_an_open_circuit_is_not_chosen() {
        let balancer = balancer(8);
        let now = Instant::now();
        let mut failures = 0;
        while failures < 2 {
            let call = balancer.choose(&mut TriedReplicas::default(), PATIENCE, now).unwrap();
            let is_alive = host(&call) == "a";
            failures += u32::from(!is_alive);
            settle(call, is_alive);
        }
        for _ in 0..4 {
            assert_eq!(
                host(&balancer.choose(&mut TriedReplicas::default(), PATIENCE, now).unwrap()),
                "a"
            );
        }
        let mut tried = TriedReplicas(vec![0]);
        assert!(!balancer.has_other(&tried, PATIENCE, now));
        assert_eq!(
            host(&balancer.choose_ignoring_circuits(&mut tried, PATIENCE, now).unwrap()),
            "a"
        );
        while let Some(call) = balancer.choose(&mut TriedReplicas::default(), PATIENCE, now) {
            call.failed();
        }
        assert_eq!(
            host(&balancer.choose_ignoring_circuits(&mut tried, PATIENCE, now).unwrap()),
            "b"
        );
    }

    #[test]
    fn few_failures_after_many_successes_open_the_circuit() {
        let balancer = balancer(20);
        let now = Instant::now();
        let next = || balancer.choose(&mut TriedReplicas::default(), PATIENCE, now).unwrap();
        (0..100).for_each(|_| next().answered());
        let mut failures = 0;
        for _ in 0..40 {
            let call = next();
            let is_alive = host(&call) == "a";
            failures += u32::from(!is_alive);
            settle(call, is_alive);
        }
        assert_eq!(failures, 5);
    }

    #[test]
    fn call_with_too_little_time_says_nothing_about_the_replica() {
        let balancer = balancer(20);
        let next = || balancer.choose(&mut TriedReplicas::default(), Duration::ZERO, Instant::now());
        for _ in 0..100 {
            let short = balancer
                .choose(&mut TriedReplicas::default(), PATIENCE, Instant::now())
                .unwrap();
            assert!(short.unanswered(PATIENCE / 2).is_none());
        }
        for call in 1..=6 {
            let unresponsive = next().unwrap().unanswered(Duration::ZERO);
            assert_eq!(unresponsive.is_some(), call > 4, "{call}");
        }
        assert!(
            next().is_none()
                && balancer
                    .choose_ignoring_circuits(&mut TriedReplicas::default(), Duration::ZERO, Instant::now())
                    .is_none()
        );
        assert!(
            balancer
                .choose(&mut TriedReplicas::default(), PATIENCE, Instant::now())
                .is_some()
        );
    }

    /// Otherwise nothing would ever try the replica again.
    #[tokio::test]
    async fn probe_continues_after_a_panic() {
        let base = "http://a:1".parse().unwrap();
        let settings = Resilience {
            circuit_open_ms: 10,
            ..Resilience::default()
        };
        let balancer = Arc::new(Balancer::new("other", &base, settings));
        let next = || balancer.choose(&mut TriedReplicas::default(), Duration::ZERO, Instant::now());
        let unresponsive = (0..10).find_map(|_| next().unwrap().unanswered(Duration::ZERO));
        let has_panicked = AtomicBool::new(false);
        balancer.watch(unresponsive.unwrap(), move |_, _| {
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
    fn retargeted_request_keeps_path_and_query() {
        let balancer = balancer(8);
        let mut request = Request::new(reqwest::Method::GET, "http://a:1/x/..%2Fy?a=b%20c".parse().unwrap());
        let call = balancer
            .choose(&mut TriedReplicas(vec![0]), PATIENCE, Instant::now())
            .unwrap();
        call.retarget(&mut request);
        assert_eq!(request.url().as_str(), "http://b:1/x/..%2Fy?a=b%20c");
    }
}
