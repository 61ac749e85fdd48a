//! Silence: a replica that takes calls and answers none. Each such call costs its caller all the time that it has, so a
//! few in a row are enough to leave it alone, however seldom it is called.
//!
//! It is kept for each patience apart. Who does not answer within 150 ms may well do so within two seconds, so a page's
//! short wait for what it can live without says nothing about a call that takes its time; the other way round it does.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use metrics::{Gauge, Label, gauge};

use super::Resilience;
use crate::metrics::CLIENT_CIRCUIT;

/// Calls in a row without an answer that tell a hung replica from a slow answer.
const CALLS: u32 = 3;
/// Times its patience that all of it must have been silent: many calls at the same moment are one pause.
const TIMES: u32 = 2;
/// So that a hung replica is not tried all the time, whatever the settings say.
const LEAST_PAUSE: Duration = Duration::from_millis(10);

/// What is known of the silence of one replica. Time comes in as an argument.
#[derive(Debug)]
pub(super) struct Silence {
    name: String,
    labels: Vec<Label>,
    is_off: bool,
    pause: Duration,
    known: Mutex<Vec<Known>>,
}

/// Calls of one patience.
#[derive(Debug)]
struct Known {
    patience: Duration,
    /// In a row
    unanswered: u32,
    /// Since when
    since: Instant,
    phase: Phase,
    gauge: Gauge,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    Answers,
    /// Left alone until then, when a call may try it.
    Hung {
        until: Instant,
    },
    /// Tried in the background, at no call's cost.
    Watched,
    /// One call is on its way, to see whether it is back.
    Tried,
}

impl Silence {
    /// Nothing is known yet of what is called `name` in logs.
    pub(super) fn new(name: String, settings: &Resilience, labels: Vec<Label>) -> Self {
        Self {
            name,
            labels,
            is_off: settings.circuit_calls == 0,
            pause: Duration::from_millis(settings.circuit_open_ms).max(LEAST_PAUSE),
            known: Mutex::default(),
        }
    }

    /// What it is called in logs.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// How long it is left alone before it is tried again.
    pub(super) fn pause(&self) -> Duration {
        self.pause
    }

    /// Whether a call of this patience would be let through now.
    pub(super) fn lets(&self, patience: Duration, now: Instant) -> bool {
        let known = self.known();
        let mut in_the_way = known.iter().filter(|known| known.is_in_the_way(patience));
        in_the_way.all(|known| known.phase.is_due(now))
    }

    /// Lets a call of this patience through, or not; says whether it tries a hung replica.
    pub(super) fn admit(&self, patience: Duration, now: Instant) -> Option<bool> {
        let mut known = self.known();
        let mut in_the_way: Vec<_> = known.iter_mut().filter(|known| known.is_in_the_way(patience)).collect();
        if !in_the_way.iter().all(|known| known.phase.is_due(now)) {
            return None;
        }
        for known in &mut in_the_way {
            known.turn(Phase::Tried);
        }
        Some(!in_the_way.is_empty())
    }

    /// A call was answered in so much time.
    pub(super) fn answered(&self, took: Duration) {
        for known in self.known().iter_mut().filter(|known| took <= known.patience) {
            if known.phase != Phase::Answers {
                tracing::info!(upstream = self.name, patience = ?known.patience, "a hung upstream answers again");
                known.turn(Phase::Answers);
            }
            known.unanswered = 0;
        }
    }

    /// A call that began then had all of its patience, and there was no answer. Says whether that shows that it hangs, or
    /// still does.
    pub(super) fn unanswered(&self, patience: Duration, begun: Instant, now: Instant) -> bool {
        if self.is_off {
            return false;
        }
        let mut all = self.known();
        let known = self.of(&mut all, patience, begun);
        let until = now + self.pause;
        match known.phase {
            Phase::Answers => {}
            Phase::Hung { .. } | Phase::Watched => return false,
            Phase::Tried => {
                known.turn(Phase::Hung { until });
                return true;
            }
        }
        known.since = match known.unanswered {
            0 => begun,
            _ => known.since.min(begun),
        };
        known.unanswered += 1;
        let is_hung = known.unanswered >= CALLS && now.duration_since(known.since) >= patience * TIMES;
        if is_hung {
            tracing::warn!(
                upstream = self.name,
                ?patience,
                "an upstream hangs, and is not called for a while"
            );
            known.turn(Phase::Hung { until });
        }
        is_hung
    }

    /// A call that tried it has come to nothing: the next one may at `until`.
    pub(super) fn tried(&self, patience: Duration, until: Instant) {
        let mut all = self.known();
        let mine = |known: &&mut Known| known.is_in_the_way(patience) && known.phase == Phase::Tried;
        for known in all.iter_mut().filter(mine) {
            known.turn(Phase::Hung { until });
        }
    }

    /// From now on somebody tries it in the background.
    pub(super) fn watch(&self, patience: Duration) {
        let mut all = self.known();
        let hung = |known: &&mut Known| known.patience == patience && known.phase != Phase::Answers;
        for known in all.iter_mut().filter(hung) {
            known.turn(Phase::Watched);
        }
    }

    /// Whether it is hung for a call of just this patience.
    pub(super) fn is_hung(&self, patience: Duration) -> bool {
        let all = self.known();
        let mut known = all.iter().filter(|known| known.patience == patience);
        known.any(|known| known.phase != Phase::Answers)
    }

    fn of<'a>(&self, all: &'a mut Vec<Known>, patience: Duration, now: Instant) -> &'a mut Known {
        let index = all.iter().position(|known| known.patience == patience);
        let index = index.unwrap_or_else(|| {
            let label = Label::new("patience", format!("{patience:?}"));
            let labels: Vec<_> = self.labels.iter().cloned().chain([label]).collect();
            all.push(Known {
                patience,
                unanswered: 0,
                since: now,
                phase: Phase::Answers,
                gauge: gauge!(CLIENT_CIRCUIT, labels),
            });
            all.len() - 1
        });
        &mut all[index]
    }

    fn known(&self) -> MutexGuard<'_, Vec<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// Who gives no answer in more time gives none in less.
    fn is_in_the_way(&self, patience: Duration) -> bool {
        patience <= self.patience && self.phase != Phase::Answers
    }

    fn turn(&mut self, phase: Phase) {
        self.phase = phase;
        self.gauge.set(match phase {
            Phase::Answers => 0,
            Phase::Tried => 1,
            Phase::Hung { .. } | Phase::Watched => 2,
        });
    }
}

impl Phase {
    fn is_due(self, now: Instant) -> bool {
        matches!(self, Self::Hung { until } if until <= now)
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

    /// After calls one after the other, all of this patience.
    fn hung(patience: Duration) -> (Silence, Instant) {
        let (silence, mut now) = silence();
        for call in 1..=CALLS {
            let begun = now;
            now += patience;
            assert_eq!(silence.unanswered(patience, begun, now), call == CALLS);
        }
        (silence, now)
    }

    #[test]
    fn a_few_calls_in_a_row_are_enough() {
        let (silence, now) = hung(SHORT);
        assert!(!silence.lets(SHORT, now) && silence.admit(SHORT, now).is_none());
    }

    #[test]
    fn calls_at_the_same_moment_are_one_pause() {
        let (silence, now) = silence();
        assert!((0..100).all(|_| !silence.unanswered(SHORT, now, now + SHORT)));
        assert!(silence.unanswered(SHORT, now + SHORT, now + 2 * SHORT));
    }

    #[test]
    fn an_answer_begins_anew() {
        let (silence, now) = silence();
        for _ in 0..100 {
            assert!(!silence.unanswered(SHORT, now, now + SHORT));
            assert!(!silence.unanswered(SHORT, now + SHORT, now + 2 * SHORT));
            silence.answered(SHORT);
        }
        // One that came too late for this patience is none.
        assert!(!silence.unanswered(SHORT, now, now + SHORT));
        assert!(!silence.unanswered(SHORT, now, now + SHORT));
        silence.answered(LONG);
        assert!(silence.unanswered(SHORT, now, now + 3 * SHORT));
    }

    #[test]
    fn a_short_wait_says_nothing_about_a_long_one() {
        let (silence, now) = hung(SHORT);
        assert_eq!(silence.admit(LONG, now), Some(false));
        let (silence, now) = hung(LONG);
        assert_eq!(silence.admit(SHORT, now), None);
    }

    #[test]
    fn one_call_at_a_time_tries_again() {
        let (silence, now) = hung(SHORT);
        let later = now + silence.pause;
        assert!(silence.lets(SHORT, later));
        assert_eq!(silence.admit(SHORT, later), Some(true));
        assert_eq!(silence.admit(SHORT, later), None);
        assert!(silence.unanswered(SHORT, later, later), "it may be watched from now on");
        assert_eq!(silence.admit(SHORT, later), None);
        let later = later + silence.pause;
        assert_eq!(silence.admit(SHORT, later), Some(true));
        silence.tried(SHORT, later + silence.pause);
        assert_eq!(silence.admit(SHORT, later), None);
        assert_eq!(silence.admit(SHORT, later + silence.pause), Some(true));
        silence.answered(SHORT / 2);
        assert_eq!(silence.admit(SHORT, later), Some(false));
    }

    #[test]
    fn what_is_watched_is_tried_by_no_call() {
        let (silence, now) = hung(SHORT);
        silence.watch(SHORT);
        assert!(silence.is_hung(SHORT) && !silence.lets(SHORT, now + LONG));
        silence.answered(SHORT);
        assert!(!silence.is_hung(SHORT) && silence.lets(SHORT, now));
    }

    #[test]
    fn it_can_be_switched_off() {
        let settings = Resilience {
            circuit_calls: 0,
            ..Resilience::default()
        };
        let silence = Silence::new("other".to_owned(), &settings, Vec::new());
        let now = Instant::now();
        assert!((1..100).all(|call| !silence.unanswered(SHORT, now, now + call * SHORT)));
    }
}
