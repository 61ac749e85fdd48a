//! One call to one replica, and how it went.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use reqwest::{Request, Url};

use super::Replica;
use crate::client::breaker::{Admission, Verdict};

/// The replicas that one request was sent to without success.
#[derive(Debug, Default)]
pub struct Tried(pub(super) Vec<usize>);

/// One call to one replica; in flight until it is dropped. Dropped without a word on how it went, it says nothing.
#[derive(Debug)]
#[must_use]
pub struct Choice<'a> {
    index: usize,
    replica: &'a Replica,
    patience: Duration,
    begun: Instant,
    pub(super) admission: Option<Admission<'a>>,
    /// Whether it is to show that a hung replica is back
    pub(super) is_try: bool,
}

/// A replica that was just found hung.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Hung {
    pub(super) index: usize,
    pub(super) patience: Duration,
}

impl Tried {
    pub(super) fn has(&self, index: usize) -> bool {
        self.0.contains(&index)
    }
}

impl<'a> Choice<'a> {
    pub(super) fn new(index: usize, replica: &'a Replica, patience: Duration, tried: &mut Tried) -> Self {
        replica.in_flight.fetch_add(1, Ordering::Relaxed);
        if !tried.has(index) {
            tried.0.push(index);
        }
        Self {
            index,
            replica,
            patience,
            begun: Instant::now(),
            admission: None,
            is_try: false,
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
    pub(in crate::client) fn turn(&self, request: &mut Request) {
        if self.index > 0 {
            turn(request, &self.replica.url);
        }
    }

    /// There was an answer.
    pub fn answered(mut self) {
        self.settle(Verdict::Alive);
        self.is_try = false;
        self.replica.silence.answered(self.begun.elapsed());
    }

    /// There was none that a living part would give.
    pub fn failed(mut self) {
        self.settle(Verdict::Failed);
    }

    /// There was none in the time given. Where that is less than the code that called grants such a call, because a caller
    /// of its own had no more, it says nothing: anybody could have so little patience. Says whether the replica is
    /// hung now, and wants to be watched.
    #[must_use]
    pub fn unanswered(mut self, given: Duration) -> Option<Hung> {
        if given * 4 < self.patience * 3 {
            return None;
        }
        if self.is_probe() {
            self.settle(Verdict::Failed);
        }
        let (index, patience) = (self.index, self.patience);
        let is_hung = self.replica.silence.unanswered(patience, self.begun, Instant::now());
        is_hung.then_some(Hung { index, patience })
    }

    fn settle(&mut self, verdict: Verdict) {
        let now = Instant::now();
        if let Some(admission) = self.admission.take() {
            admission.settle(verdict, now);
        }
    }
}

impl Drop for Choice<'_> {
    fn drop(&mut self) {
        self.replica.in_flight.fetch_sub(1, Ordering::Relaxed);
        if self.is_try {
            let silence = &self.replica.silence;
            silence.tried(self.patience, Instant::now() + silence.pause());
        }
    }
}

/// Turns a request to another replica: the same path and query there.
pub(in crate::client) fn turn(request: &mut Request, replica: &Url) {
    let mut url = replica.clone();
    url.set_path(request.url().path());
    url.set_query(request.url().query());
    *request.url_mut() = url;
}
