//! The AMQP topology that publishers and consumers share. [AMQP 0-9-1](https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf)
//! with `RabbitMQ`'s [quorum queues](https://www.rabbitmq.com/docs/quorum-queues).

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lapin::uri::AMQPUri;
use lapin::{Channel, Connection, ConnectionProperties, ExchangeKind};
use service::Unanswered;
use tokio::time::timeout;

/// The exchange of all events; the routing key is the event's type.
pub(crate) const EXCHANGE: &str = "stoa.events";
/// The dead-letter exchange for messages that are not events; the routing key is the queue in which they were found.
pub(crate) const DEAD: &str = "stoa.events.dead";

/// Seconds of silence after which a connection is considered dead.
const HEARTBEAT: u16 = 10;
const CONNECT: Duration = Duration::from_secs(5);
/// The timeout of requests to the broker. A queue needs a while to elect a leader after the broker was restarted.
const ANSWER: Duration = Duration::from_secs(10);

/// A broker's address: `amqp://user:password@host:port/vhost`.
#[derive(Clone, Eq, PartialEq)]
pub struct Broker(AMQPUri);

impl FromStr for Broker {
    type Err = String;

    /// The error does not quote the text, which contains a password.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |_| "not an address such as amqp://user:password@host:port/vhost".to_owned();
        let mut uri: AMQPUri = text.parse().map_err(wrong)?;
        uri.query.heartbeat.get_or_insert(HEARTBEAT);
        Ok(Self(uri))
    }
}

/// Does not show the user and the password.
impl fmt::Debug for Broker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let authority = &self.0.authority;
        write!(
            formatter,
            "amqp://{}:{}/{}",
            authority.host, authority.port, self.0.vhost
        )
    }
}

/// Why the broker cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("the broker does not answer")]
    Timeout(#[source] Unanswered),
    #[error("the broker cannot be used")]
    Broker(#[from] lapin::Error),
}

impl Error {
    pub(crate) fn timed_out() -> Self {
        Self::Timeout(Unanswered::timed_out())
    }
}

/// Adds a timeout to a request to the broker: if the connection breaks in the middle, some requests would wait without end.
pub(crate) async fn answered<T>(asked: impl Future<Output = Result<T, lapin::Error>>) -> Result<T, Error> {
    Ok(timeout(ANSWER, asked).await.map_err(|_| Error::timed_out())??)
}

impl Broker {
    /// Opens a connection with a name, and a channel in it. They are closed when dropped.
    pub(crate) async fn connect(&self, name: &str) -> Result<(Connection, Channel), Error> {
        let properties = ConnectionProperties::default().with_connection_name(name.into());
        let connected = async {
            let connection = Connection::connect_uri(self.0.clone(), properties).await?;
            let channel = connection.create_channel().await?;
            Ok::<_, lapin::Error>((connection, channel))
        };
        Ok(timeout(CONNECT, connected).await.map_err(|_| Error::timed_out())??)
    }
}

/// Declares the exchange of all events.
pub(crate) async fn declare_exchange(channel: &Channel) -> Result<(), lapin::Error> {
    declare(channel, EXCHANGE, ExchangeKind::Topic).await
}

/// Declares a consumer's queue, and the queue of its dead letters.
pub(crate) async fn declare_queue(channel: &Channel, queue: &str, kinds: &[&str]) -> Result<(), lapin::Error> {
    declare_exchange(channel).await?;
    declare(channel, DEAD, ExchangeKind::Direct).await?;
    let dead = format!("{queue}.dead");
    let durable = QueueDeclareOptions::durable();
    let quorum = table(&[("x-queue-type", text("quorum"))]);
    channel.queue_declare(dead.as_str().into(), durable, quorum).await?;
    bind(channel, &dead, DEAD, queue).await?;

    let arguments = table(&[
        ("x-queue-type", text("quorum")),
        // Only one of several replicas consumes, so that events stay in order; another one takes over when it disconnects.
        ("x-single-active-consumer", AMQPValue::Boolean(true)),
        ("x-dead-letter-exchange", text(DEAD)),
        ("x-dead-letter-routing-key", text(queue)),
        // Dead letters must not get lost between the queues either; needs the next line.
        ("x-dead-letter-strategy", text("at-least-once")),
        ("x-overflow", text("reject-publish")),
    ]);
    let durable = QueueDeclareOptions::durable();
    channel.queue_declare(queue.into(), durable, arguments).await?;
    for kind in kinds {
        bind(channel, queue, EXCHANGE, kind).await?;
    }
    Ok(())
}

async fn declare(channel: &Channel, exchange: &str, kind: ExchangeKind) -> Result<(), lapin::Error> {
    let options = ExchangeDeclareOptions {
        durable: true,
        ..ExchangeDeclareOptions::default()
    };
    channel
        .exchange_declare(exchange.into(), kind, options, FieldTable::default())
        .await
}

async fn bind(channel: &Channel, queue: &str, exchange: &str, key: &str) -> Result<(), lapin::Error> {
    let (queue, exchange, key) = (queue.into(), exchange.into(), key.into());
    channel
        .queue_bind(queue, exchange, key, QueueBindOptions::default(), FieldTable::default())
        .await
}

fn text(text: &str) -> AMQPValue {
    AMQPValue::LongString(text.into())
}

fn table(entries: &[(&str, AMQPValue)]) -> FieldTable {
    let mut table = FieldTable::default();
    for (key, value) in entries {
        table.insert(ShortString::from(*key), value.clone());
    }
    table
}
