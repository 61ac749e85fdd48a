//! Metrics by route. Labels come from a fixed set, never from what a client sends, since that could fill the memory.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use http::Method;
use metrics::{Counter, Histogram, counter, histogram};

use crate::metrics::{SERVER_DURATION, SERVER_REQUESTS};

/// The label of requests without a route, which the fallback answers.
const UNMATCHED: &str = "unmatched";

const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"];
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Counters are looked up once; counting is two additions then.
#[derive(Debug, Default)]
pub(super) struct Routes(RwLock<HashMap<Box<str>, Arc<Meters>>>);

type Meters = [[OnceLock<Meter>; CLASSES.len()]; METHODS.len()];

#[derive(Debug)]
struct Meter {
    requests: Counter,
    duration: Histogram,
}

impl Routes {
    /// Counts one request.
    pub(super) fn count(&self, method: &Method, route: Option<&str>, status: u16, took: Duration) {
        let route = route.unwrap_or(UNMATCHED);
        let method = METHODS.iter().position(|name| *name == method.as_str());
        let method = method.unwrap_or(METHODS.len() - 1);
        let class = usize::from(status / 100).clamp(1, CLASSES.len()) - 1;
        let meters = self.of(route);
        let meter = meters[method][class].get_or_init(|| Meter::new(METHODS[method], route, CLASSES[class]));
        meter.requests.increment(1);
        meter.duration.record(took);
    }

    fn of(&self, route: &str) -> Arc<Meters> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(meters) = known.get(route) {
            return Arc::clone(meters);
        }
        drop(known);
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(route.into()).or_default())
    }
}

impl Meter {
    fn new(method: &'static str, route: &str, class: &'static str) -> Self {
        let labels = [
            ("method", method.to_owned()),
            ("route", route.to_owned()),
            ("status", class.to_owned()),
        ];
        Self {
            requests: counter!(SERVER_REQUESTS, &labels),
            duration: histogram!(SERVER_DURATION, &labels),
        }
    }
}
