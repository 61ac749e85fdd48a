//! A client's cache of responses, as their part allows by [RFC 9111](https://www.rfc-editor.org/rfc/rfc9111). Fresh responses
//! replace calls; stale ones are used if the part fails ([RFC 5861](https://www.rfc-editor.org/rfc/rfc5861)).
//!
//! It stores 2xx responses to `GET` without request headers of the caller, if they have a lifetime and no `Vary`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::header::{AGE, CACHE_CONTROL, VARY};
use http::{HeaderMap, Method};
use moka::sync::Cache;
use reqwest::{Request, Url};

use super::Answer;

/// The approximate size of an entry besides its URL and body.
const OVERHEAD: usize = 512;

/// The cached responses of one part by URL; the least used are evicted.
#[derive(Clone, Debug)]
pub(super) struct ResponseCache(Cache<String, Arc<CachedResponse>>);

#[derive(Debug)]
struct CachedResponse {
    answer: Answer,
    fresh_until: Instant,
    usable_until: Instant,
}

/// How long a response may be used.
#[derive(Debug, Default, Eq, PartialEq)]
struct Lifetime {
    fresh: Duration,
    /// After that, if the part fails
    stale: Duration,
}

impl ResponseCache {
    /// Creates an empty cache of at most `bytes`.
    pub(super) fn new(bytes: u64) -> Self {
        let weigh = |url: &String, entry: &Arc<CachedResponse>| {
            let weight = url.len() + entry.answer.1.len() + OVERHEAD;
            weight.try_into().unwrap_or(u32::MAX)
        };
        Self(Cache::builder().max_capacity(bytes).weigher(weigh).build())
    }

    /// The key of a request's response, if it may be cached.
    pub(super) fn key(request: &Request) -> Option<String> {
        let is_plain = request.method() == Method::GET && request.headers().is_empty();
        is_plain.then(|| request.url().as_str().to_owned())
    }

    /// A fresh response.
    pub(super) fn fresh(&self, url: &str, now: Instant) -> Option<Answer> {
        let entry = self.0.get(url)?;
        (now < entry.fresh_until).then(|| entry.answer.clone())
    }

    /// A fresh or stale response, for the case that the part fails.
    pub(super) fn stale(&self, url: &str, now: Instant) -> Option<Answer> {
        let entry = self.0.get(url)?;
        (now < entry.usable_until).then(|| entry.answer.clone())
    }

    /// Stores a response for as long as its part allows.
    pub(super) fn store(&self, url: String, answer: &Answer, now: Instant) {
        let lifetime = Lifetime::of(&answer.0);
        if lifetime.fresh.is_zero() {
            return;
        }
        let fresh_until = now + lifetime.fresh;
        let entry = CachedResponse {
            answer: answer.clone(),
            fresh_until,
            usable_until: fresh_until + lifetime.stale,
        };
        self.0.insert(url, Arc::new(entry));
    }

    /// Removes the response of a URL that was just changed.
    pub(super) fn invalidate(&self, url: &Url) {
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

/// Limits a lifetime to a year.
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
    fn lifetime_comes_from_cache_control() {
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
    fn response_is_fresh_then_stale_then_gone() {
        let cache = ResponseCache::new(10_000);
        let now = Instant::now();
        cache.store("a".to_owned(), &answer("max-age=1, stale-if-error=2"), now);
        assert!(cache.fresh("a", now).is_some() && cache.fresh("b", now).is_none());
        assert!(cache.fresh("a", now + SECOND).is_none());
        assert!(cache.stale("a", now + 2 * SECOND).is_some());
        assert!(cache.stale("a", now + 3 * SECOND).is_none());
    }

    #[test]
    fn cache_is_bounded() {
        let cache = ResponseCache::new(10_000);
        for number in 0..1000 {
            cache.store(format!("{number}"), &answer("max-age=9"), Instant::now());
        }
        cache.0.run_pending_tasks();
        assert!(cache.0.weighted_size() <= 10_000);
        cache.store(
            "large".to_owned(),
            &(answer("max-age=9").0, vec![0; 20_000].into()),
            Instant::now(),
        );
        cache.0.run_pending_tasks();
        assert!(cache.fresh("large", Instant::now()).is_none());
    }
}
