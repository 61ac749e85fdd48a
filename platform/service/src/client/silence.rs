//! Detection of unresponsive replicas, which accept calls and answer none. Each such call takes all the time that its caller
//! has, so a few in a row are enough to stop calling, however seldom that is.
//!
//! It depends on how long callers wait (their patience). A replica that does not answer within 150 ms may well do so within
//! two seconds, so a short timeout says nothing about calls with a longer one; but the reverse is true.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use metrics::{Gauge, Label, gauge};

use super::Resilience;
use crate::metrics::CLIENT_CIRCUIT;

/// Unanswered calls in a row after which a replica is considered unresponsive rather than slow.
const CALLS: u32 = 3;
/// They must span at least this many times the patience: many calls at the same moment may meet the same short pause.
const MIN_SPAN: u32 = 2;
/// The shortest pause between two probes, whatever the settings say.
const MIN_PAUSE: Duration = Duration::from_millis(10);

/// What is known of one replica, for each patience. The time is passed as an argument.
#[derive(Debug)]
pub(super) struct Silence {
    name: String,
    labels: Vec<Label>,
    is_off: bool,
    pause: Duration,
    records: Mutex<Vec<Record>>,
}

/// Calls with the same patience.
#[derive(Debug)]
struct Record {
    patience: Duration,
    /// Unanswered calls in a row
    unanswered: u32,
    /// When the first of them began
    since: Instant,
    phase: Phase,
    gauge: Gauge,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    Responsive,
    /// Not called until then, when one call may try it.
    Unresponsive {
        until: Instant,
    },
    /// Probed in the background, at no caller's cost.
    Probed,
    /// One call is trying it.
    Trial,
}

impl Silence {
    /// `name` is used in logs.
    pub(super) fn new(name: String, settings: &Resilience, labels: Vec<Label>) -> Self {
        Self {
            name,
            labels,
            is_off: settings.circuit_calls == 0,
            pause: Duration::from_millis(settings.circuit_open_ms).max(MIN_PAUSE),
            records: Mutex::default(),
        }
    }

    /// The name in logs.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The time between two attempts while it is unresponsive.
    pub(super) fn pause(&self) -> Duration {
        self.pause
    }

    /// Returns whether a call with this patience would be allowed now.
    pub(super) fn allows(&self, patience: Duration, now: Instant) -> bool {
        let records = self.records();
        let mut blocking = records.iter().filter(|record| record.blocks(patience));
        blocking.all(|record| record.phase.is_due(now))
    }

    /// Allows a call with this patience, or returns `None`; returns whether the call tries an unresponsive replica.
    pub(super) fn admit(&self, patience: Duration, now: Instant) -> Option<bool> {
        let mut records = self.records();
        let mut blocking: Vec<_> = records.iter_mut().filter(|record| record.blocks(patience)).collect();
        if !blocking.iter().all(|record| record.phase.is_due(now)) {
            return None;
        }
        for record in &mut blocking {
            record.set_phase(Phase::Trial);
        }
        Some(!blocking.is_empty())
    }

    /// Records a call that was answered after this time.
    pub(super) fn answered(&self, took: Duration) {
        for record in self.records().iter_mut().filter(|record| took <= record.patience) {
            if record.phase != Phase::Responsive {
                tracing::info!(upstream = self.name, patience = ?record.patience, "a hung upstream answers again");
                record.set_phase(Phase::Responsive);
            }
            record.unanswered = 0;
        }
    }

    /// Records a call that was not answered within its whole patience. Returns whether the replica was just found to be
    /// unresponsive, or still is after a trial.
    pub(super) fn unanswered(&self, patience: Duration, begun: Instant, now: Instant) -> bool {
        if self.is_off {
            return false;
        }
        let mut all = self.records();
        let record = self.of(&mut all, patience, begun);
        let until = now + self.pause;
        match record.phase {
            Phase::Responsive => {}
            Phase::Unresponsive { .. } | Phase::Probed => return false,
            Phase::Trial => {
                record.set_phase(Phase::Unresponsive { until });
                return true;
            }
        }
        record.since = match record.unanswered {
            0 => begun,
            _ => record.since.min(begun),
        };
        record.unanswered += 1;
        let is_unresponsive = record.unanswered >= CALLS && now.duration_since(record.since) >= patience * MIN_SPAN;
        if is_unresponsive {
            tracing::warn!(
                upstream = self.name,
                ?patience,
                "an upstream hangs, and is not called for a while"
            );
            record.set_phase(Phase::Unresponsive { until });
        }
        is_unresponsive
    }

    /// A trial has ended without a result: the next one may begin at `until`.
    pub(super) fn trial_abandoned(&self, patience: Duration, until: Instant) {
        let mut all = self.records();
        let is_trial = |record: &&mut Record| record.blocks(patience) && record.phase == Phase::Trial;
        for record in all.iter_mut().filter(is_trial) {
            record.set_phase(Phase::Unresponsive { until });
        }
    }

    /// From now on the replica is probed in the background.
    pub(super) fn watch(&self, patience: Duration) {
        let mut all = self.records();
        let is_hung = |record: &&mut Record| record.patience == patience && record.phase != Phase::Responsive;
        for record in all.iter_mut().filter(is_hung) {
            record.set_phase(Phase::Probed);
        }
    }

    /// Returns whether the replica is unresponsive for calls with exactly this patience.
    pub(super) fn is_unresponsive(&self, patience: Duration) -> bool {
        let all = self.records();
        let mut records = all.iter().filter(|record| record.patience == patience);
        records.any(|record| record.phase != Phase::Responsive)
    }

    fn of<'a>(&self, all: &'a mut Vec<Record>, patience: Duration, now: Instant) -> &'a mut Record {
        let index = all.iter().position(|record| record.patience == patience);
        let index = index.unwrap_or_else(|| {
            let label = Label::new("patience", format!("{patience:?}"));
            let labels: Vec<_> = self.labels.iter().cloned().chain([label]).collect();
            all.push(Record {
                patience,
                unanswered: 0,
                since: now,
                phase: Phase::Responsive,
                gauge: gauge!(CLIENT_CIRCUIT, labels),
            });
            all.len() - 1
        });
        &mut all[index]
    }

    fn records(&self) -> MutexGuard<'_, Vec<Record>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Record {
    /// A replica that does not answer within a longer time does not answer within a shorter one.
    fn blocks(&self, patience: Duration) -> bool {
        patience <= self.patience && self.phase != Phase::Responsive
    }

    fn set_phase(&mut self, phase: Phase) {
        self.phase = phase;
        self.gauge.set(match phase {
            Phase::Responsive => 0,
            Phase::Trial => 1,
            Phase::Unresponsive { .. } | Phase::Probed => 2,
        });
    }
}

impl Phase {
    fn is_due(self, now: Instant) -> bool {
        matches!(self, Self::Unresponsive { until } if until <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(150);
    const LONG: Duration = Duration::from_secs(2);

    fn silence() -> (Silence, Instant) {
        let silence = Silence::new("other".to_owned(), &Resilience::default(), Vec::new());
        (silence, Instant::now())
    }

    /// A replica after unanswered calls one after the other, all with this patience.
    fn unresponsive(patience: Duration) -> (Silence, Instant) {
        let (silence, mut now) = silence();
        for call in 1..=CALLS {
            let begun = now;
            now += patience;
            assert_eq!(silence.unanswered(patience, begun, now), call == CALLS);
        }
        (silence, now)
    }

    #[test]
    fn few_unanswered_calls_make_a_replica_unresponsive() {
        let (silence, now) = unresponsive(SHORT);
        assert!(!silence.allows(SHORT, now) && silence.admit(SHORT, now).is_none());
    }

    #[test]
    fn unanswered_calls_at_the_same_moment_are_not_enough() {
        let (silence, now) = silence();
        assert!((0..100).all(|_| !silence.unanswered(SHORT, now, now + SHORT)));
        assert!(silence.unanswered(SHORT, now + SHORT, now + 2 * SHORT));
    }

    #[test]
    fn answer_resets_the_count() {
        let (silence, now) = silence();
        for _ in 0..100 {
            assert!(!silence.unanswered(SHORT, now, now + SHORT));
            assert!(!silence.unanswered(SHORT, now + SHORT, now + 2 * SHORT));
            silence.answered(SHORT);
        }
        // An answer that is later than this patience does not count.
        assert!(!silence.unanswered(SHORT, now, now + SHORT));
        assert!(!silence.unanswered(SHORT, now, now + SHORT));
        silence.answered(LONG);
        assert!(silence.unanswered(SHORT, now, now + 3 * SHORT));
    }

    #[test]
    fn short_patience_says_nothing_about_a_long_one() {
        let (silence, now) = unresponsive(SHORT);
        assert_eq!(silence.admit(LONG, now), Some(false));
        let (silence, now) = unresponsive(LONG);
        assert_eq!(silence.admit(SHORT, now), None);
    }

    #[test]
    fn one_call_at_a_time_tries_an_unresponsive_replica() {
        let (silence, now) = unresponsive(SHORT);
        let later = now + silence.pause;
        assert!(silence.allows(SHORT, later));
        assert_eq!(silence.admit(SHORT, later), Some(true));
        assert_eq!(silence.admit(SHORT, later), None);
        assert!(silence.unanswered(SHORT, later, later), "it may be watched from now on");
        assert_eq!(silence.admit(SHORT, later), None);
        let later = later + silence.pause;
        assert_eq!(silence.admit(SHORT, later), Some(true));
        silence.trial_abandoned(SHORT, later + silence.pause);
        assert_eq!(silence.admit(SHORT, later), None);
        assert_eq!(silence.admit(SHORT, later + silence.pause), Some(true));
        silence.answered(SHORT / 2);
        assert_eq!(silence.admit(SHORT, later), Some(false));
    }

    #[test]
    fn probed_replica_is_tried_by_no_call() {
        let (silence, now) = unresponsive(SHORT);
        silence.watch(SHORT);
        assert!(silence.is_unresponsive(SHORT) && !silence.allows(SHORT, now + LONG));
        silence.answered(SHORT);
        assert!(!silence.is_unresponsive(SHORT) && silence.allows(SHORT, now));
    }

    #[test]
    fn detection_can_be_switched_off() {
        let settings = Resilience {
            circuit_calls: 0,
            ..Resilience::default()
        };
        let silence = Silence::new("other".to_owned(), &settings, Vec::new());
        let now = Instant::now();
        assert!((1..100).all(|call| !silence.unanswered(SHORT, now, now + call * SHORT)));
    }
}
