//! Loops that fail: metrics, readiness and log.

use crate::process::Process;

/// The value of a counter in `/metrics`.
fn count(metrics: &str, series: &str) -> u64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(series));
    line.map_or(0, |value| value.trim().parse().unwrap())
}

const PANICS: &str = r#"background_failures_total{name="rounds",kind="panic"}"#;
const ERRORS: &str = r#"background_failures_total{name="rounds",kind="error"}"#;
const ROUNDS: &str = r#"background_rounds_total{name="rounds"}"#;

#[tokio::test]
async fn loop_that_panics_is_counted_and_restarted() {
    let part = Process::start(&[]).await;
    part.feel("panics").await;
    let metrics = part.until("/metrics", |_, metrics| count(metrics, PANICS) > 1).await;
    let before = count(&metrics, ROUNDS);
    part.feel("well").await;
    part.until("/metrics", |_, metrics| count(metrics, ROUNDS) > before + 1)
        .await;
}

#[tokio::test]
async fn part_is_not_ready_while_a_loop_keeps_failing() {
    for (mood, series) in [("panics", PANICS), ("fails", ERRORS)] {
        let part = Process::start(&[]).await;
        part.feel(mood).await;
        let problem = part.until("/health/ready", |status, _| status == 503).await;
        assert!(
            problem.contains("urn:problem:not-ready") && problem.contains("again and again: rounds."),
            "{problem}"
        );
        let metrics = part.until("/metrics", |status, _| status == 200).await;
        assert!(count(&metrics, series) >= 5, "{metrics}");
        part.until("/health/live", |status, _| status == 200).await;
        part.feel("well").await;
        part.until("/health/ready", |status, _| status == 200).await;

        part.terminate();
        let (_, log) = part.ended().await;
        let named = |line: &&str| line.contains(r#"task="rounds""#) && line.contains("as told");
        assert!(log.lines().filter(named).count() >= 5, "{log}");
        if mood == "fails" {
            assert!(log.contains("a round failed: as told"), "{log}");
        }
    }
}
