//! The circuit breaker: an upstream most of whose calls fail is not called for a while, and its callers get an error at once.
//! For calls that time out, see `silence.rs`.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use metrics::Gauge;

use super::Resilience;

/// The period in which calls and failures are counted.
const WINDOW: Duration = Duration::from_secs(10);

/// The circuit breaker of one upstream, or of one of its replicas. The time is passed as an argument.
#[derive(Debug)]
pub(super) struct Breaker {
    name: String,
    calls: u32,
    /// Failures in a row that open it, whatever was before; 0 for none
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
    /// One call is trying the upstream.
    HalfOpen,
}

/// What a call says about its upstream.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Verdict {
    Alive,
    Failed,
}

/// The permission to make one call.
#[derive(Debug)]
#[must_use]
pub(super) struct Admission<'a> {
    breaker: &'a Breaker,
    is_probe: bool,
    is_settled: bool,
}

impl Breaker {
    /// Creates a closed breaker; `name` is used in logs.
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

    /// Opens after this many failures in a row, too: after many successes, half of the calls would have to fail otherwise.
    pub(super) fn or_in_a_row(mut self, failures: u32) -> Self {
        self.in_a_row = failures;
        self
    }

    /// Allows a call, or returns `None`.
    pub(super) fn admit(&self, now: Instant) -> Option<Admission<'_>> {
        let mut state = self.state();
        let is_probe = match state.phase {
            Phase::Closed => false,
            Phase::Open { until } if until <= now => true,
            Phase::Open { .. } | Phase::HalfOpen => return None,
        };
        if is_probe {
            self.set_phase(&mut state, Phase::HalfOpen);
        }
        Some(Admission {
            breaker: self,
            is_probe,
            is_settled: false,
        })
    }

    /// Returns whether a call would be refused now.
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
                self.set_phase(&mut state, Phase::Closed);
            }
            (Verdict::Failed, Phase::HalfOpen) if is_probe => self.set_phase(&mut state, open),
            (verdict, Phase::Closed) => {
                state.count(verdict, now);
                let are_half = self.calls > 0 && state.total >= self.calls && state.failed * 2 >= state.total;
                let are_in_a_row = self.in_a_row > 0 && state.in_a_row >= self.in_a_row;
                if are_half || are_in_a_row {
                    self.set_phase(&mut state, open);
                }
            }
            // A late result of a call from before the circuit opened.
            _ => {}
        }
    }

    fn set_phase(&self, state: &mut State, phase: Phase) {
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
    /// Returns whether this call tries whether the upstream works again.
    pub(super) fn is_probe(&self) -> bool {
        self.is_probe
    }

    /// Records the result of the call.
    pub(super) fn settle(mut self, verdict: Verdict, now: Instant) {
        self.is_settled = true;
        self.breaker.settle(self.is_probe, verdict, now);
    }
}

/// A call that was abandoned by its caller says nothing; but the next one may try.
impl Drop for Admission<'_> {
    fn drop(&mut self) {
        if self.is_probe && !self.is_settled {
            let mut state = self.breaker.state();
            let until = Instant::now();
            self.breaker.set_phase(&mut state, Phase::Open { until });
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
    fn half_of_the_calls_in_a_window_open_the_circuit() {
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
    fn old_failures_are_forgotten() {
        let (breaker, now) = breaker();
        (1..CALLS).for_each(|_| assert!(call(&breaker, Verdict::Failed, now)));
        let later = now + WINDOW;
        call(&breaker, Verdict::Failed, later);
        assert!(!breaker.is_open(later));
    }

    #[test]
    fn one_call_at_a_time_tries_an_open_circuit() {
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
    fn abandoned_trial_allows_the_next_one() {
        let (breaker, now) = opened();
        let later = now + breaker.open_for;
        drop(breaker.admit(later).unwrap());
        assert!(breaker.admit(Instant::now().max(later)).is_some());
    }

    #[test]
    fn late_answer_does_not_close_the_circuit() {
        let (breaker, now) = breaker();
        let late = breaker.admit(now).unwrap();
        (0..CALLS).for_each(|_| assert!(call(&breaker, Verdict::Failed, now)));
        late.settle(Verdict::Alive, now);
        assert!(breaker.is_open(now));
    }

    #[test]
    fn breaker_can_be_switched_off() {
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
