//! Figures of a load.

use std::time::Duration;

use serde::Serialize;

/// The responses of one client, or of all.
#[derive(Debug, Default)]
pub struct Tally {
    micros: Vec<u32>,
    bytes: u64,
    short: u64,
}

/// Printed as JSON.
#[derive(Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Number of responses.
    pub requests: usize,
    /// Seconds from the first request to the last response.
    pub seconds: f64,
    /// Median in milliseconds.
    pub p50: f64,
    /// 99th percentile in milliseconds.
    pub p99: f64,
    /// Bytes of a body, on average.
    pub bytes: u64,
    /// Bodies that were more than a tenth shorter than the first: something was missing on the page.
    pub short: u64,
}

impl Tally {
    /// Adds a response.
    pub fn add(&mut self, time: Duration, bytes: usize, expected: usize) {
        self.micros.push(u32::try_from(time.as_micros()).unwrap_or(u32::MAX));
        self.bytes += bytes as u64;
        self.short += u64::from(bytes * 10 < expected * 9);
    }

    /// Adds another client's responses.
    pub fn merge(&mut self, other: Self) {
        self.micros.extend(other.micros);
        self.bytes += other.bytes;
        self.short += other.short;
    }

    /// The figures.
    pub fn summary(mut self, time: Duration) -> Summary {
        self.micros.sort_unstable();
        Summary {
            requests: self.micros.len(),
            seconds: time.as_secs_f64(),
            p50: f64::from(percentile(&self.micros, 50)) / 1000.0,
            p99: f64::from(percentile(&self.micros, 99)) / 1000.0,
            bytes: self.bytes.checked_div(self.micros.len() as u64).unwrap_or_default(),
            short: self.short,
        }
    }
}

/// The smallest value that `percent` of all are at or below (nearest rank); 0 of none.
fn percentile(sorted: &[u32], percent: usize) -> u32 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_by_nearest_rank() {
        let hundred: Vec<u32> = (1..=100).collect();
        assert_eq!((percentile(&hundred, 50), percentile(&hundred, 99)), (50, 99));
        assert_eq!(percentile(&[1, 2, 3], 50), 2);
        assert_eq!(percentile(&[1, 2, 3], 99), 3);
        assert_eq!(percentile(&[7], 1), 7);
        assert_eq!(percentile(&[], 99), 0);
    }

    #[test]
    fn clients_are_put_together() {
        let mut all = Tally::default();
        for (time, bytes) in [(4, 1000), (1, 880)] {
            let mut one = Tally::default();
            one.add(Duration::from_millis(time), bytes, 1000);
            all.merge(one);
        }
        let expected = Summary {
            requests: 2,
            seconds: 2.0,
            p50: 1.0,
            p99: 4.0,
            bytes: 940,
            short: 1,
        };
        assert_eq!(all.summary(Duration::from_secs(2)), expected);
    }
}
