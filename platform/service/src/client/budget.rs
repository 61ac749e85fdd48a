//! The retry budget. Without it, every caller of a failing upstream would send its calls three times, just when the upstream
//! can do the least. With it, retries add no more than a percentage to the load
//! ([SRE book, handling overload](https://sre.google/sre-book/handling-overload/)).

use std::sync::atomic::{AtomicU32, Ordering};

/// A retry in thousandths: each call adds a fraction of a retry.
const ONE: u32 = 1000;
/// The initial and highest balance, so that a part with few calls can retry, too.
const FREE: u32 = 10 * ONE;

/// The retries that are left.
#[derive(Debug)]
pub(super) struct Budget {
    left: AtomicU32,
    /// What each call adds.
    share: u32,
}

impl Budget {
    /// Each call adds `percent` of a retry.
    pub(super) fn new(percent: u32) -> Self {
        Self {
            left: AtomicU32::new(FREE),
            share: percent.min(100) * ONE / 100,
        }
    }

    /// Records a call.
    pub(super) fn deposit(&self) {
        let add = |left: u32| (left < FREE).then(|| FREE.min(left + self.share));
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add).ok();
    }

    /// Takes one retry, if there is one.
    pub(super) fn withdraw(&self) -> bool {
        let take = |left: u32| left.checked_sub(ONE);
        self.left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_retries_are_free_and_then_each_costs_ten_calls() {
        let budget = Budget::new(10);
        assert!((0..10).all(|_| budget.withdraw()));
        assert!(!budget.withdraw());
        (0..9).for_each(|_| budget.deposit());
        assert!(!budget.withdraw());
        budget.deposit();
        assert!(budget.withdraw() && !budget.withdraw());
    }

    #[test]
    fn no_more_than_ten_retries_are_saved() {
        let budget = Budget::new(100);
        (0..1000).for_each(|_| budget.deposit());
        assert_eq!((0..1000).filter(|_| budget.withdraw()).count(), 10);
    }
}
