//! One call to one replica, and its result.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use reqwest::{Request, Url};

use super::Replica;
use crate::client::breaker::{Admission, Verdict};

/// The replicas that one request was sent to without success.
#[derive(Debug, Default)]
pub struct TriedReplicas(pub(super) Vec<usize>);

/// One call to one replica. It is in flight until it is dropped; dropped without a result, it says nothing about the replica.
#[derive(Debug)]
#[must_use]
pub struct ReplicaCall<'a> {
    index: usize,
    replica: &'a Replica,
    patience: Duration,
    begun: Instant,
    pub(super) admission: Option<Admission<'a>>,
    /// Whether it tries an unresponsive replica
    pub(super) is_trial: bool,
}

/// A replica that was just found to be unresponsive.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct UnresponsiveReplica {
    pub(super) index: usize,
    pub(super) patience: Duration,
}

impl TriedReplicas {
    pub(super) fn has(&self, index: usize) -> bool {
        self.0.contains(&index)
    }
}

impl<'a> ReplicaCall<'a> {
    pub(super) fn new(index: usize, replica: &'a Replica, patience: Duration, tried: &mut TriedReplicas) -> Self {
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
            is_trial: false,
        }
    }

    /// The replica's base URL.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.replica.url
    }

    /// Returns whether this call tries a replica whose circuit is half open.
    #[must_use]
    pub fn is_probe(&self) -> bool {
        self.admission.as_ref().is_some_and(Admission::is_probe)
    }

    /// Changes the URL of a request that was made for the first replica to this one.
    pub(in crate::client) fn retarget(&self, request: &mut Request) {
        if self.index > 0 {
            retarget(request, &self.replica.url);
        }
    }

    /// There was a response.
    pub fn answered(mut self) {
        self.settle(Verdict::Alive);
        self.is_trial = false;
        self.replica.silence.answered(self.begun.elapsed());
    }

    /// There was no response, or an error that shows that the replica does not work.
    pub fn failed(mut self) {
        self.settle(Verdict::Failed);
    }

    /// There was no response within `given`. If that is less than the caller's usual timeout, because its own caller had no
    /// more time, it says nothing about the replica: any client could be that impatient. Returns the replica if it is
    /// unresponsive now and should be probed, see [`Balancer::watch`](super::Balancer::watch).
    #[must_use]
    pub fn unanswered(mut self, given: Duration) -> Option<UnresponsiveReplica> {
        if given * 4 < self.patience * 3 {
            return None;
        }
        if self.is_probe() {
            self.settle(Verdict::Failed);
        }
        let (index, patience) = (self.index, self.patience);
        let is_unresponsive = self.replica.silence.unanswered(patience, self.begun, Instant::now());
        is_unresponsive.then_some(UnresponsiveReplica { index, patience })
    }

    fn settle(&mut self, verdict: Verdict) {
        let now = Instant::now();
        if let Some(admission) = self.admission.take() {
            admission.settle(verdict, now);
        }
    }
}

impl Drop for ReplicaCall<'_> {
    fn drop(&mut self) {
        self.replica.in_flight.fetch_sub(1, Ordering::Relaxed);
        if self.is_trial {
            let silence = &self.replica.silence;
            silence.trial_abandoned(self.patience, Instant::now() + silence.pause());
        }
    }
}

/// Changes a request to another replica with the same path and query.
pub(in crate::client) fn retarget(request: &mut Request, replica: &Url) {
    let mut url = replica.clone();
    url.set_path(request.url().path());
    url.set_query(request.url().query());
    *request.url_mut() = url;
}
