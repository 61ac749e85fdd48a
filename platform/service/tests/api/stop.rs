//! SIGTERM, under load.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::process::Process;

/// Clients per listener.
const CLIENTS: usize = 20;

/// Sends a request that takes `ms`, and reads the response.
async fn ask(stream: &mut TcpStream, ms: u64) -> Result<String, String> {
    let request = format!("GET /slow?ms={ms} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n");
    let sent = stream.write_all(request.as_bytes()).await;
    sent.map_err(|error| format!("not sent: {error}"))?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"done") {
        match stream.read_buf(&mut answer).await {
            Ok(0) => return Err("no answer".to_owned()),
            Ok(_) => {}
            Err(error) => return Err(format!("no answer: {error}")),
        }
    }
    Ok(String::from_utf8(answer).unwrap())
}

/// Sends requests on one connection until a response says that it is the last one. Returns their number.
async fn ask_until_told(door: String) -> Result<usize, String> {
    let mut stream = TcpStream::connect(door).await.unwrap();
    for answers in 1.. {
        let answer = ask(&mut stream, fastrand::u64(..60)).await?;
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
        if answer.contains("connection: close") {
            assert_eq!(stream.read(&mut [0]).await.unwrap(), 0, "the connection is closed");
            return Ok(answers);
        }
        sleep(Duration::from_millis(fastrand::u64(..20))).await;
    }
    unreachable!("the loop ends by returning")
}

#[tokio::test]
async fn stop_under_load_loses_nothing() {
    let part = Process::start(&[("STOA_ROUND_MS", "150")]).await;
    let mut clients = JoinSet::new();
    let mut slow = JoinSet::new();
    for door in part.doors.clone() {
        for _ in 0..CLIENTS {
            clients.spawn(ask_until_told(door.clone()));
        }
        slow.spawn(async move {
            let mut stream = TcpStream::connect(door).await.unwrap();
            ask(&mut stream, 2_500).await
        });
    }
    sleep(Duration::from_millis(500)).await;
    let outlives = testkit::client().post(format!("{}/outlive?ms=1500", part.url));
    assert_eq!(outlives.send().await.unwrap().status(), 200);
    part.terminate();
    while let Some(answers) = clients.join_next().await {
        let answers = answers.unwrap().unwrap();
        assert!(answers > 1, "{answers}");
    }
    // The slow requests are still open, and no new connection is accepted.
    assert!(slow.try_join_next().is_none());
    for door in &part.doors {
        assert!(TcpStream::connect(door).await.is_err(), "{door} is open");
    }
    while let Some(answer) = slow.join_next().await {
        let answer = answer.unwrap().unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    }
    let (status, log) = part.ended().await;
    assert!(status.success(), "{status}");
    for word in [" ERROR ", " WARN ", "panicked"] {
        assert!(!log.contains(word), "{log}");
    }
    let count = |what: &str| log.lines().filter(|line| line.contains(what)).count();
    assert!(count("round begun") > 1);
    assert_eq!(count("round begun"), count("round ended"), "{log}");
    assert_eq!((count("outlived"), count("released")), (1, 1), "{log}");
}

#[tokio::test]
async fn stop_waits_no_longer_than_its_limit() {
    let part = Process::start(&[("STOA_ROUND_MS", "60000"), ("STOA_DRAIN_SECONDS", "1")]).await;
    sleep(Duration::from_millis(100)).await;
    let begun = Instant::now();
    part.terminate();
    let (status, log) = part.ended().await;
    assert!(status.success(), "{status}");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(
        log.contains(r#"stopped with unfinished work part="part" task="rounds""#),
        "{log}"
    );
}
