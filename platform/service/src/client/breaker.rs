//! A circuit breaker: an upstream that mostly fails is left in peace, and its callers are told at once. What it fails
//! to do in time is another matter: see `silence.rs`.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use metrics::Gauge;

use super::Resilience;

/// How long failures are remembered.
const WINDOW: Duration = Duration::from_secs(10);

/// The circuit to one upstream, or to one of its replicas. Time comes in as an argument.
#[derive(Debug)]
pub(super) struct Breaker {
    name: String,
    calls: u32,
    /// Failures in a row that open it, whatever was before; 0 never
    in_a_row: u32,
    open_for: Duration,
    gauge: Gauge,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    since: Option<Instant>,
    total: u32,
    failed: u32,
    in_a_row: u32,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    Closed,
    Open {
        until: Instant,
    },
    /// One call is on its way, to see whether the upstream is back.
    HalfOpen,
}

/// What a call said about its upstream.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Verdict {
    Alive,
    Failed,
}

/// The right to make one call.
#[derive(Debug)]
#[must_use]
pub(super) struct Admission<'a> {
    breaker: &'a Breaker,
    is_probe: bool,
    is_settled: bool,
}

impl Breaker {
    /// A closed circuit to what is called `name` in logs.
    pub(super) fn new(name: String, settings: &Resilience, gauge: Gauge) -> Self {
        gauge.set(0);
        Self {
            name,
            calls: settings.circuit_calls,
            in_a_row: 0,
            open_for: Duration::from_millis(settings.circuit_open_ms),
            gauge,
            state: Mutex::new(State {
                phase: Phase::Closed,
                since: None,
                total: 0,
                failed: 0,
                in_a_row: 0,
            }),
        }
    }

    /// Opens after so many failures in a row, too: one that did well until it hung would else need as many failures
    /// as it had successes.
    pub(super) fn or_in_a_row(mut self, failures: u32) -> Self {
        self.in_a_row = failures;
        self
    }

    /// Lets a call through, or not.
    pub(super) fn admit(&self, now: Instant) -> Option<Admission<'_>> {
        let mut state = self.state();
        let is_probe = match state.phase {
            Phase::Closed => false,
            Phase::Open { until } if until <= now => true,
            Phase::Open { .. } | Phase::HalfOpen => return None,
        };
        if is_probe {
            self.turn(&mut state, Phase::HalfOpen);
        }
        Some(Admission {
            breaker: self,
            is_probe,
            is_settled: false,
        })
    }

    /// Whether a call would be let through now.
    pub(super) fn is_open(&self, now: Instant) -> bool {
        match self.state().phase {
            Phase::Closed => false,
            Phase::Open { until } => now < until,
            Phase::HalfOpen => true,
        }
    }

    fn settle(&self, is_probe: bool, verdict: Verdict, now: Instant) {
        let mut state = self.state();
        let open = Phase::Open {
            until: now + self.open_for,
        };
        match (verdict, state.phase) {
            (Verdict::Alive, Phase::HalfOpen) if is_probe => {
                (state.since, state.in_a_row) = (None, 0);
                self.turn(&mut state, Phase::Closed);
            }
            (Verdict::Failed, Phase::HalfOpen) if is_probe => self.turn(&mut state, open),
            (verdict, Phase::Closed) => {
                state.count(verdict, now);
                let are_half = self.calls > 0 && state.total >= self.calls && state.failed * 2 >= state.total;
                let are_in_a_row = self.in_a_row > 0 && state.in_a_row >= self.in_a_row;
                if are_half || are_in_a_row {
                    self.turn(&mut state, open);
                }
            }
            // A late answer to a call from before the circuit opened.
            _ => {}
        }
    }

    fn turn(&self, state: &mut State, phase: Phase) {
        let upstream = &self.name;
        let number = match phase {
            Phase::Closed => {
                tracing::info!(upstream, "a circuit is closed");
                0
            }
            Phase::HalfOpen => 1,
            Phase::Open { .. } => {
                if state.phase == Phase::Closed {
                    tracing::warn!(upstream, "a circuit is open: most calls fail");
                }
                2
            }
        };
        state.phase = phase;
        self.gauge.set(number);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn count(&mut self, verdict: Verdict, now: Instant) {
        if self.since.is_none_or(|since| now.duration_since(since) >= WINDOW) {
            self.since = Some(now);
            (self.total, self.failed) = (0, 0);
        }
        self.total += 1;
        self.failed += u32::from(verdict == Verdict::Failed);
        self.in_a_row = match verdict {
            Verdict::Alive => 0,
            Verdict::Failed => self.in_a_row + 1,
        };
    }
}

impl Admission<'_> {
    /// Whether this call is to show that the upstream is back.
    pub(super) fn is_probe(&self) -> bool {
        self.is_probe
    }

    /// The call is over.
    pub(super) fn settle(mut self, verdict: Verdict, now: Instant) {
        self.is_settled = true;
        self.breaker.settle(self.is_probe, verdict, now);
    }
}

/// A call given up by its caller says nothing; but the next one may try.
impl Drop for Admission<'_> {
    fn drop(&mut self) {
        if self.is_probe && !self.is_settled {
            let mut state = self.breaker.state();
            let until = Instant::now();
            self.breaker.turn(&mut state, Phase::Open { until });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALLS: u32 = 4;

    fn breaker() -> (Breaker, Instant) {
        let settings = Resilience {
            circuit_calls: CALLS,
            ..Resilience::default()
        };
        (
            Breaker::new("other".to_owned(), &settings, Gauge::noop()),
            Instant::now(),
        )
    }

    fn call(breaker: &Breaker, verdict: Verdict, now: Instant) -> bool {
        let admission = breaker.admit(now);
        let admitted = admission.is_some();
        if let Some(admission) = admission {
            admission.settle(verdict, now);
        }
        admitted
    }

    fn opened() -> (Breaker, Instant) {
        let (breaker, now) = breaker();
        assert!((0..CALLS).all(|_| call(&breaker, Verdict::Failed, now)));
        assert!(breaker.is_open(now) && breaker.admit(now).is_none());
        (breaker, now)
    }

    #[test]
    fn half_the_calls_of_a_window_open_it() {
        let (breaker, now) = breaker();
        for verdict in [Verdict::Alive, Verdict::Alive, Verdict::Failed, Verdict::Alive] {
            call(&breaker, verdict, now);
        }
        assert!(!breaker.is_open(now));
        call(&breaker, Verdict::Failed, now);
        assert!(!breaker.is_open(now));
        call(&breaker, Verdict::Failed, now);
        assert!(breaker.is_open(now));
    }

    #[test]
    fn failures_long_ago_are_forgotten() {
        let (breaker, now) = breaker();
        (1..CALLS).for_each(|_| assert!(call(&breaker, Verdict::Failed, now)));
        let later = now + WINDOW;
        call(&breaker, Verdict::Failed, later);
        assert!(!breaker.is_open(later));
    }

    #[test]
    fn one_call_at_a_time_tries_again() {
        let (breaker, now) = opened();
        let later = now + breaker.open_for;
        let probe = breaker.admit(later).unwrap();
        assert!(breaker.admit(later).is_none());
        probe.settle(Verdict::Failed, later);
        assert!(breaker.admit(later).is_none());
        let later = later + breaker.open_for;
        assert!(call(&breaker, Verdict::Alive, later));
        assert!(call(&breaker, Verdict::Failed, later));
        assert!(!breaker.is_open(later));
    }

    #[test]
    fn an_abandoned_try_leaves_room_for_the_next() {
        let (breaker, now) = opened();
        let later = now + breaker.open_for;
        drop(breaker.admit(later).unwrap());
        assert!(breaker.admit(Instant::now().max(later)).is_some());
    }

    #[test]
    fn a_late_answer_changes_nothing() {
        let (breaker, now) = breaker();
        let late = breaker.admit(now).unwrap();
        (0..CALLS).for_each(|_| assert!(call(&breaker, Verdict::Failed, now)));
        late.settle(Verdict::Alive, now);
        assert!(breaker.is_open(now));
    }

    #[test]
    fn it_can_be_switched_off() {
        let settings = Resilience {
            circuit_calls: 0,
            ..Resilience::default()
        };
        let (breaker, now) = (
            Breaker::new("other".to_owned(), &settings, Gauge::noop()),
            Instant::now(),
        );
        assert!((0..100).all(|_| call(&breaker, Verdict::Failed, now)));
    }
}
