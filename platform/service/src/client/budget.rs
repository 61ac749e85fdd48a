//! A bound on retries. Without one, every caller of an upstream in trouble sends its calls three times over, just
//! when there is least to give. With one, retries never add more than a share to the load
//! ([SRE book, handling overload](https://sre.google/sre-book/handling-overload/)).

use std::sync::atomic::{AtomicU32, Ordering};

/// A call's share is a fraction of a retry, so these are counted in thousandths.
const ONE: u32 = 1000;
/// So that a part with little to do can retry too; also the most that can be saved for a bad moment.
const FREE: u32 = 10 * ONE;

/// Retries that are left.
#[derive(Debug)]
pub(super) struct Budget {
    left: AtomicU32,
    /// What each call adds.
    share: u32,
}

impl Budget {
    /// A budget that grows by `percent` of the calls.
    pub(super) fn new(percent: u32) -> Self {
        Self {
            left: AtomicU32::new(FREE),
            share: percent.min(100) * ONE / 100,
        }
    }

    /// A call is made.
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
    fn ten_are_free_and_then_each_costs_ten_calls() {
        let budget = Budget::new(10);
        assert!((0..10).all(|_| budget.withdraw()));
        assert!(!budget.withdraw());
        (0..9).for_each(|_| budget.deposit());
        assert!(!budget.withdraw());
        budget.deposit();
        assert!(budget.withdraw() && !budget.withdraw());
    }

    #[test]
    fn no_more_than_ten_are_saved() {
        let budget = Budget::new(100);
        (0..1000).for_each(|_| budget.deposit());
        assert_eq!((0..1000).filter(|_| budget.withdraw()).count(), 10);
    }
}
