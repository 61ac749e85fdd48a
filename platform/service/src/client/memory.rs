//! What a client remembers: answers that their part has said may be used again, in
//! [RFC 9111](https://www.rfc-editor.org/rfc/rfc9111)'s words. Fresh ones spare a call; older ones are better than none
//! where the part does not answer ([RFC 5861](https://www.rfc-editor.org/rfc/rfc5861)).
//!
//! A shared cache of the plain kind: `GET` without headers of the caller's own, answered with 2xx, a lifetime and no `Vary`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::header::{AGE, CACHE_CONTROL, VARY};
use http::{HeaderMap, Method};
use moka::sync::Cache;
use reqwest::{Request, Url};

use super::Answer;

/// What an entry takes beside its body and its address, about.
const OVERHEAD: usize = 512;

/// The remembered answers of one part, by address; the least used go where there are too many.
#[derive(Clone, Debug)]
pub(super) struct Memory(Cache<String, Arc<Remembered>>);

#[derive(Debug)]
struct Remembered {
    answer: Answer,
    fresh_until: Instant,
    usable_until: Instant,
}

/// How long an answer may be used.
#[derive(Debug, Default, Eq, PartialEq)]
struct Lifetime {
    fresh: Duration,
    /// After that, where there is nothing better
    stale: Duration,
}

impl Memory {
    /// Remembers nothing yet, and at most so many bytes.
    pub(super) fn new(bytes: u64) -> Self {
        let weigh = |url: &String, entry: &Arc<Remembered>| {
            let weight = url.len() + entry.answer.1.len() + OVERHEAD;
            weight.try_into().unwrap_or(u32::MAX)
        };
        Self(Cache::builder().max_capacity(bytes).weigher(weigh).build())
    }

    /// Under which address this request's answer is remembered, if it may be.
    pub(super) fn key(request: &Request) -> Option<String> {
        let is_plain = request.method() == Method::GET && request.headers().is_empty();
        is_plain.then(|| request.url().as_str().to_owned())
    }

    /// An answer that is as good as a new one.
    pub(super) fn fresh(&self, url: &str, now: Instant) -> Option<Answer> {
        let entry = self.0.get(url)?;
        (now < entry.fresh_until).then(|| entry.answer.clone())
    }

    /// An answer for when there is no other.
    pub(super) fn stale(&self, url: &str, now: Instant) -> Option<Answer> {
        let entry = self.0.get(url)?;
        (now < entry.usable_until).then(|| entry.answer.clone())
    }

    /// Remembers an answer, as long as its part says.
    pub(super) fn keep(&self, url: String, answer: &Answer, now: Instant) {
        let lifetime = Lifetime::of(&answer.0);
        if lifetime.fresh.is_zero() {
            return;
        }
        let fresh_until = now + lifetime.fresh;
        let entry = Remembered {
            answer: answer.clone(),
            fresh_until,
            usable_until: fresh_until + lifetime.stale,
        };
        self.0.insert(url, Arc::new(entry));
    }

    /// Forgets what has just been changed.
    pub(super) fn forget(&self, url: &Url) {
        self.0.invalidate(url.as_str());
    }
}

impl Lifetime {
    fn of(headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let control = text(CACHE_CONTROL).unwrap_or_default().to_ascii_lowercase();
        let has = |name: &str| control.split(',').any(|directive| directive.trim() == name);
        if has("no-store") || has("no-cache") || has("private") || headers.contains_key(VARY) {
            return Self::default();
        }
        let seconds = |name: &str| {
            let mut directives = control.split(',').filter_map(|directive| directive.split_once('='));
            let (_, value) = directives.find(|(directive, _)| directive.trim() == name)?;
            value.trim().trim_matches('"').parse().ok().map(bounded)
        };
        let age = text(AGE)
            .and_then(|age| age.parse().ok())
            .map_or(Duration::ZERO, bounded);
        let fresh = seconds("s-maxage").or_else(|| seconds("max-age")).unwrap_or_default();
        Self {
            fresh: fresh.saturating_sub(age),
            stale: seconds("stale-if-error").unwrap_or_default(),
        }
    }
}

/// Nobody means more than a year.
fn bounded(seconds: u64) -> Duration {
    Duration::from_secs(seconds.min(31_536_000))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn answer(control: &'static str) -> Answer {
        let headers = HeaderMap::from_iter([(CACHE_CONTROL, HeaderValue::from_static(control))]);
        (headers, "{}".into())
    }

    fn lifetime(control: &'static str) -> (u64, u64) {
        let lifetime = Lifetime::of(&answer(control).0);
        (lifetime.fresh.as_secs(), lifetime.stale.as_secs())
    }

    #[test]
    fn the_part_says_how_long() {
        assert_eq!(lifetime("public, max-age=2"), (2, 0));
        assert_eq!(lifetime("Max-Age=2, stale-if-error=\"30\""), (2, 30));
        assert_eq!(lifetime("max-age=2, s-maxage=1"), (1, 0));
        assert_eq!(lifetime("max-age=99999999999"), (31_536_000, 0));
        for never in [
            "",
            "max-age=0",
            "max-age=-1",
            "max-age=2, no-store",
            "no-cache, max-age=2",
            "private, max-age=2",
        ] {
            assert_eq!(lifetime(never).0, 0, "{never}");
        }
        let mut old = answer("max-age=2").0;
        old.insert(AGE, HeaderValue::from_static("5"));
        assert_eq!(Lifetime::of(&old), Lifetime::default());
        let mut varied = answer("max-age=2").0;
        varied.insert(VARY, HeaderValue::from_static("accept-language"));
        assert_eq!(Lifetime::of(&varied), Lifetime::default());
    }

    #[test]
    fn fresh_then_stale_then_gone() {
        let memory = Memory::new(10_000);
        let now = Instant::now();
        memory.keep("a".to_owned(), &answer("max-age=1, stale-if-error=2"), now);
        assert!(memory.fresh("a", now).is_some() && memory.fresh("b", now).is_none());
        assert!(memory.fresh("a", now + SECOND).is_none());
        assert!(memory.stale("a", now + 2 * SECOND).is_some());
        assert!(memory.stale("a", now + 3 * SECOND).is_none());
    }

    #[test]
    fn too_many_are_not_kept() {
        let memory = Memory::new(10_000);
        for number in 0..1000 {
            memory.keep(format!("{number}"), &answer("max-age=9"), Instant::now());
        }
        memory.0.run_pending_tasks();
        assert!(memory.0.weighted_size() <= 10_000);
        memory.keep(
            "large".to_owned(),
            &(answer("max-age=9").0, vec![0; 20_000].into()),
            Instant::now(),
        );
        memory.0.run_pending_tasks();
        assert!(memory.fresh("large", Instant::now()).is_none());
    }
}
