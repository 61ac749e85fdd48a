//! The settings that every part has, and the one place that reads the environment.

use std::net::SocketAddr;

use clap::{Args, CommandFactory, FromArgMatches, Parser};
use tracing_subscriber::EnvFilter;

use crate::Part;

/// How log lines look.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for machines.
    Json,
}

/// Settings of the chassis itself.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, env = "STOA_LISTEN")]
    pub listen: SocketAddr,
    /// Which log lines to write, in tracing's filter syntax
    #[arg(long, env = "STOA_LOG", default_value = "info")]
    pub log: String,
    /// How log lines look
    #[arg(long, env = "STOA_LOG_FORMAT", value_enum, default_value = "text")]
    pub log_format: LogFormat,
    /// Worker threads
    #[arg(long, env = "STOA_THREADS", default_value_t = 2)]
    pub threads: usize,
    /// Seconds that requests under way may take to finish after a stop signal
    #[arg(long, env = "STOA_DRAIN_SECONDS", default_value_t = 10)]
    pub drain_seconds: u64,
}

#[derive(Parser)]
#[command(version)]
struct Cli<C: Args> {
    #[command(flatten)]
    settings: Settings,
    #[command(flatten)]
    config: C,
}

/// Reads flags and environment; prints help or a usage error and exits where that is asked for.
pub(crate) fn parse<P: Part>() -> (Settings, P::Config) {
    let command = Cli::<P::Config>::command()
        .name(P::NAME)
        .about(P::ABOUT)
        .mut_arg("listen", |listen| listen.default_value(P::LISTEN).required(false));
    let cli = Cli::from_arg_matches(&command.get_matches()).unwrap_or_else(|error| error.exit());
    (cli.settings, cli.config)
}

/// Starts logging to standard output.
pub(crate) fn log(settings: &Settings) {
    let filter = EnvFilter::try_new(&settings.log).unwrap_or_else(|_| EnvFilter::new("info"));
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_target(false);
    match settings.log_format {
        LogFormat::Text => subscriber
            .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stdout()))
            .init(),
        LogFormat::Json => subscriber.json().flatten_event(true).init(),
    }
}
