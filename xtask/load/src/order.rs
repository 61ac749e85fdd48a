//! `load order`: shoppers who buy one thing after another through the checkout BFF.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::connection::{Connection, connect};
use crate::tally::Tally;

/// Settings of `order`.
#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// The checkout BFF
    pub address: SocketAddr,
    /// SKUs to buy, separated by commas
    #[arg(value_delimiter = ',')]
    pub skus: Vec<String>,
    /// Shoppers, each with one connection and one order at a time
    #[arg(long, default_value_t = 8)]
    pub clients: usize,
    /// Duration
    #[arg(long, default_value_t = 10.0)]
    pub seconds: f64,
}

/// One thread, so that the cores are free for the shop.
#[tokio::main(flavor = "current_thread")]
pub async fn run(options: &Options) -> io::Result<()> {
    let begin = Instant::now();
    let end = begin + Duration::from_secs_f64(options.seconds);
    let mut clients = JoinSet::new();
    for number in 0..options.clients {
        clients.spawn(client(options.clone(), number, end));
    }
    let mut all = Tally::default();
    for tally in clients.join_all().await {
        all.merge(tally?);
    }
    println!("{}", serde_json::to_string(&all.summary(begin.elapsed()))?);
    Ok(())
}

async fn client(options: Options, number: usize, end: Instant) -> io::Result<Tally> {
    let mut shopper = Shopper {
        connection: Connection::new(connect(options.address, number).await?),
        body: Vec::new(),
    };
    let mut tally = Tally::default();
    for sku in options.skus.iter().cycle().skip(number) {
        if Instant::now() >= end {
            break;
        }
        let begun = Instant::now();
        shopper.buy(sku).await?;
        tally.add(begun.elapsed(), 0, 0);
    }
    Ok(tally)
}

struct Shopper {
    connection: Connection<TcpStream>,
    body: Vec<u8>,
}

impl Shopper {
    /// From a new cart to a paid order.
    async fn buy(&mut self, sku: &str) -> io::Result<()> {
        let line = json!({ "sku": sku, "quantity": 1 });
        self.post("/cart/lines", "", &line).await?;
        let cookie = self.connection.cookie().ok_or_else(|| wrong("no cart", &self.body))?;
        let cookie = format!("cookie: {cookie}\r\n");
        let request = format!("GET /checkout?country=DE&shipping=standard HTTP/1.1\r\nhost: localhost\r\n{cookie}\r\n");
        let view = self.send(request).await?;
        let token = view["quote"]["token"]
            .as_str()
            .ok_or_else(|| wrong("no quote", &self.body))?;
        let key = view["idempotency_key"]
            .as_str()
            .ok_or_else(|| wrong("no key", &self.body))?;
        let form = json!({
            "email": "buyer@example.org", "name": "A. Buyer", "line1": "Lindenweg 4", "line2": "", "city": "Berlin",
            "postal_code": "10115", "country": "DE", "shipping": "standard", "shop": "",
            "payment": "test", "card_number": "4242424242424242", "card_expiry": "12/49", "card_cvc": "123",
            "quote": token,
        });
        let headers = format!("{cookie}idempotency-key: {key}\r\n");
        let order = self.post("/orders", &headers, &form).await?;
        match order["outcome"].as_str() {
            Some("accepted") => Ok(()),
            _ => Err(wrong("not bought", &self.body)),
        }
    }

    async fn post(&mut self, path: &str, headers: &str, body: &Value) -> io::Result<Value> {
        let body = body.to_string();
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{headers}\r\n{body}",
            body.len()
        );
        self.send(request).await
    }

    async fn send(&mut self, request: String) -> io::Result<Value> {
        match self.connection.send(request.as_bytes(), &mut self.body).await? {
            200..300 => Ok(serde_json::from_slice(&self.body)?),
            status => Err(wrong(&format!("status {status}"), &self.body)),
        }
    }
}

fn wrong(words: &str, body: &[u8]) -> io::Error {
    io::Error::other(format!("{words}: {}", String::from_utf8_lossy(body)))
}
