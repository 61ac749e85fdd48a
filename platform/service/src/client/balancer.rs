//! The replicas of one part, and which of them is called next: the one with the fewest calls in flight, and each in
//! turn where they are equal. Each has a circuit of its own.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use metrics::{Gauge, gauge};
use reqwest::{Request, Url};

use super::breaker::{Admission, Breaker, Verdict};
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
    in_flight: AtomicUsize,
}

/// The replicas that one request was sent to without success.
#[derive(Debug, Default)]
pub struct Tried(Vec<usize>);

/// One call to one replica; in flight until it is dropped.
#[derive(Debug)]
#[must_use]
pub struct Choice<'a> {
    index: usize,
    replica: &'a Replica,
    admission: Option<Admission<'a>>,
}

impl Balancer {
    /// Nothing is known of them yet.
    #[must_use]
    pub fn new(part: &str, base: &BaseUrl, settings: Resilience) -> Self {
        let is_alone = base.urls().len() == 1;
        let replica = |url: &Url| {
            let address = url.authority();
            let name = match is_alone {
                true => part.to_owned(),
                false => format!("{part} at {address}"),
            };
            let breaker = Breaker::new(name, &settings, circuit(part, (!is_alone).then_some(address)));
            Replica {
                url: url.clone(),
                breaker: match is_alone {
                    true => breaker,
                    false => breaker.or_in_a_row(settings.circuit_calls.div_ceil(DOUBT)),
                },
                in_flight: AtomicUsize::new(0),
            }
        };
        Self {
            replicas: base.urls().iter().map(replica).collect(),
            turns: AtomicUsize::new(0),
        }
    }

    /// The replica to call next: one that was tried already only where no other is left, and none whose circuit is
    /// open.
    pub fn choose(&self, tried: &mut Tried, now: Instant) -> Option<Choice<'_>> {
        loop {
            let (index, replica) = self.best(tried, |replica| !replica.breaker.is_open(now))?;
            // Where another call was quicker to try it, its circuit is open now, and the next best is asked.
            if let Some(admission) = replica.breaker.admit(now) {
                return Some(Choice::new(index, replica, Some(admission), tried));
            }
        }
    }

    /// The replica to call next, even where every circuit is open: for an edge, behind which there is nobody else to
    /// ask.
    ///
    /// # Panics
    /// Never: there is at least one replica.
    pub fn insist(&self, tried: &mut Tried, now: Instant) -> Choice<'_> {
        if let Some(choice) = self.choose(tried, now) {
            return choice;
        }
        let (index, replica) = self.best(tried, |_| true).expect("an address names at least one");
        Choice::new(index, replica, None, tried)
    }

    /// Whether a replica is left that was not tried and would let a call through.
    #[must_use]
    pub fn has_other(&self, tried: &Tried, now: Instant) -> bool {
        let mut others = self.replicas.iter().enumerate().filter(|(index, _)| !tried.has(*index));
        others.any(|(_, replica)| !replica.breaker.is_open(now))
    }

    /// Whether every circuit is open.
    pub(super) fn is_open(&self, now: Instant) -> bool {
        self.replicas.iter().all(|replica| replica.breaker.is_open(now))
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

impl Tried {
    fn has(&self, index: usize) -> bool {
        self.0.contains(&index)
    }
}

impl<'a> Choice<'a> {
    fn new(index: usize, replica: &'a Replica, admission: Option<Admission<'a>>, tried: &mut Tried) -> Self {
        replica.in_flight.fetch_add(1, Ordering::Relaxed);
        if !tried.has(index) {
            tried.0.push(index);
        }
        Self {
            index,
            replica,
            admission,
        }
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.replica.url
    }

    /// Whether it has failed so much that this call is to show whether it is back.
    #[must_use]
    pub fn is_probe(&self) -> bool {
        self.admission.as_ref().is_some_and(Admission::is_probe)
    }

    /// Turns a request that was made for the first replica to this one.
    pub(super) fn turn(&self, request: &mut Request) {
        if self.index > 0 {
            let mut url = self.replica.url.clone();
            url.set_path(request.url().path());
            url.set_query(request.url().query());
            *request.url_mut() = url;
        }
    }

    /// The call is over. Without this it says nothing of its replica.
    pub fn settle(mut self, is_alive: bool) {
        let verdict = if is_alive { Verdict::Alive } else { Verdict::Failed };
        if let Some(admission) = self.admission.take() {
            admission.settle(verdict, Instant::now());
        }
    }
}

impl Drop for Choice<'_> {
    fn drop(&mut self) {
        self.replica.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

fn circuit(part: &str, address: Option<&str>) -> Gauge {
    let part = part.to_owned();
    match address {
        None => gauge!(CLIENT_CIRCUIT, "upstream" => part),
        Some(address) => gauge!(CLIENT_CIRCUIT, "upstream" => part, "address" => address.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn each_in_turn_and_the_busy_one_not() {
        let balancer = balancer(20);
        let now = Instant::now();
        let next = || balancer.choose(&mut Tried::default(), now).unwrap();
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
        let first = host(&balancer.choose(&mut tried, now).unwrap());
        assert!(balancer.has_other(&tried, now));
        assert_ne!(host(&balancer.choose(&mut tried, now).unwrap()), first);
        assert!(!balancer.has_other(&tried, now));
        assert!(balancer.choose(&mut tried, now).is_some());
    }

    #[test]
    fn an_open_circuit_is_passed_by() {
        let balancer = balancer(8);
        let now = Instant::now();
        let mut failures = 0;
        while failures < 2 {
            let choice = balancer.choose(&mut Tried::default(), now).unwrap();
            let is_alive = host(&choice) == "a";
            failures += u32::from(!is_alive);
            choice.settle(is_alive);
        }
        for _ in 0..4 {
            assert_eq!(host(&balancer.choose(&mut Tried::default(), now).unwrap()), "a");
        }
        let mut tried = Tried(vec![0]);
        assert!(!balancer.has_other(&tried, now));
        assert_eq!(host(&balancer.insist(&mut tried, now)), "a");
        while let Some(choice) = balancer.choose(&mut Tried::default(), now) {
            choice.settle(false);
        }
        assert_eq!(host(&balancer.insist(&mut tried, now)), "b");
    }

    #[test]
    fn one_that_did_well_until_now_is_soon_given_up() {
        let balancer = balancer(20);
        let now = Instant::now();
        let next = || balancer.choose(&mut Tried::default(), now).unwrap();
        (0..100).for_each(|_| next().settle(true));
        let mut failures = 0;
        for _ in 0..40 {
            let choice = next();
            let is_alive = host(&choice) == "a";
            failures += u32::from(!is_alive);
            choice.settle(is_alive);
        }
        assert_eq!(failures, 5);
    }

    #[test]
    fn a_request_is_turned_and_stays_the_same() {
        let balancer = balancer(8);
        let mut request = Request::new(reqwest::Method::GET, "http://a:1/x/..%2Fy?a=b%20c".parse().unwrap());
        let choice = balancer.choose(&mut Tried(vec![0]), Instant::now()).unwrap();
        choice.turn(&mut request);
        assert_eq!(request.url().as_str(), "http://b:1/x/..%2Fy?a=b%20c");
    }
}
