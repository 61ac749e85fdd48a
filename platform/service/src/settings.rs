//! The settings that every part has. This is the only code that reads the environment.

mod environment;
mod secret;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::net::{IpAddr, SocketAddr};
use std::sync::OnceLock;

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, Args, Command, CommandFactory, FromArgMatches, Parser};
use ipnet::IpNet;

use crate::{BaseUrl, Part, Resilience};

/// Default number of requests that a part answers at the same time.
const CONCURRENCY: usize = 512;
/// Default number of open sockets.
const SOCKETS: usize = 1024;

/// Default number of open connections.
const CONNECTIONS: usize = 4096;
/// Default share of these that one client may hold, in percent.
const CLIENT_PERCENT: usize = 25;
/// Default networks that may read the edge's health and metrics.
const OPERATORS: &str = "127.0.0.0/8,::1";

/// The format of log lines.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line, for programs.
    Json,
}

/// Settings of the chassis.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, env = "STOA_LISTEN")]
    pub listen: SocketAddr,
    /// Which log lines to write, in tracing's filter syntax
    #[arg(long, env = "STOA_LOG", default_value = "info")]
    pub log: String,
    /// Format of log lines
    #[arg(long, env = "STOA_LOG_FORMAT", value_enum, default_value = "text")]
    pub log_format: LogFormat,
    /// Worker threads
    #[arg(long, env = "STOA_THREADS", default_value_t = 1)]
    pub threads: usize,
    /// Seconds that open requests and background work may take to finish after a stop signal
    #[arg(long, env = "STOA_DRAIN_SECONDS", default_value_t = 10)]
    pub drain_seconds: u64,
    /// Requests answered at the same time; others get 503 at once
    #[arg(long, env = "STOA_CONCURRENCY", default_value_t = CONCURRENCY)]
    pub concurrency: usize,
    /// Sockets open at the same time; others get 503. Sockets are not counted as requests
    #[arg(long, env = "STOA_SOCKETS", default_value_t = SOCKETS)]
    pub sockets: usize,
    /// Connections open at the same time; others are refused
    #[arg(long, env = "STOA_CONNECTIONS", default_value_t = CONNECTIONS)]
    pub connections: usize,
    /// Percentage of connections, requests and sockets that one client may hold at the same time, at the edge; of
    /// sockets, in every part
    #[arg(long, env = "STOA_CLIENT_PERCENT", default_value_t = CLIENT_PERCENT)]
    pub client_percent: usize,
    /// Seconds within which the head of a request has to arrive; also the longest pause within its body
    #[arg(long, env = "STOA_HEAD_SECONDS", default_value_t = 10)]
    pub head_seconds: u64,
    /// Seconds within which the whole body of a request has to arrive
    #[arg(long, env = "STOA_BODY_SECONDS", default_value_t = 30)]
    pub body_seconds: u64,
    /// Seconds that an idle connection is kept open; should be longer than its clients, or proxies, keep it
    #[arg(long, env = "STOA_IDLE_SECONDS", default_value_t = 75)]
    pub idle_seconds: u64,
    /// Host names that the part answers to, separated by commas, besides localhost and IP addresses; without any, the edge
    /// answers to all names
    #[arg(long, env = "STOA_HOSTS", value_delimiter = ',')]
    pub hosts: Vec<String>,
    /// Who may read the edge's health and metrics: addresses or networks, separated by commas
    #[arg(long, env = "STOA_OPERATORS", value_delimiter = ',', value_parser = network, default_value = OPERATORS)]
    pub operators: Vec<IpNet>,
    /// Proxies in front of the edge, as addresses or networks separated by commas (10.0.0.0/8): their Forwarded or
    /// X-Forwarded-For is trusted
    #[arg(long, env = "STOA_TRUSTED_PROXIES", value_delimiter = ',', value_parser = network)]
    pub trusted_proxies: Vec<IpNet>,
    /// OpenTelemetry collector to send traces to, by OTLP over plain HTTP, such as <http://127.0.0.1:4318>; none by default
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT")]
    pub otlp_endpoint: Option<BaseUrl>,
    /// Share of the traces begun here that is recorded, 0 to 1; a caller's own decision is kept
    #[arg(long, env = "STOA_TRACE_RATIO", default_value_t = 1.0, value_parser = ratio)]
    pub trace_ratio: f64,
    /// How calls to other parts cope with failures
    #[command(flatten)]
    pub resilience: Resilience,
}

/// The settings of this process.
static PROCESS: OnceLock<Settings> = OnceLock::new();

impl Settings {
    /// Makes these the settings of every further server in this process.
    pub(crate) fn set_for_process(&self) {
        PROCESS.set(self.clone()).ok();
    }

    /// The settings of this process, or the defaults if it has none, as in tests.
    pub(crate) fn of_process() -> Self {
        PROCESS.get().cloned().unwrap_or_default()
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            log: "info".to_owned(),
            log_format: LogFormat::Text,
            threads: 1,
            drain_seconds: 10,
            concurrency: CONCURRENCY,
            sockets: SOCKETS,
            connections: CONNECTIONS,
            client_percent: CLIENT_PERCENT,
            head_seconds: 10,
            body_seconds: 30,
            idle_seconds: 75,
            hosts: Vec::new(),
            operators: OPERATORS
                .split(',')
                .map(|text| network(text).expect("networks"))
                .collect(),
            trusted_proxies: Vec::new(),
            otlp_endpoint: None,
            trace_ratio: 1.0,
            resilience: Resilience::default(),
        }
    }
}

#[derive(Parser)]
#[command(version)]
struct Cli<C: Args> {
    #[command(flatten)]
    settings: Settings,
    #[command(flatten)]
    config: C,
}

/// A hidden flag for tools that start parts: prints the variables of all settings, one per line.
const LIST_VARIABLES: &str = "settings";

/// What a process is started for.
enum Invocation<C: Args> {
    Run(Box<Cli<C>>),
    ListVariables(Vec<String>),
}

/// Reads flags and environment. Prints help or a usage error and exits if necessary.
pub(crate) fn parse<P: Part>() -> (Settings, P::Config) {
    match read(command::<P>(), std::env::args_os(), &environment::names()) {
        Ok(Invocation::Run(cli)) => (cli.settings, cli.config),
        Ok(Invocation::ListVariables(names)) => {
            println!("{}", names.join("\n"));
            std::process::exit(0)
        }
        Err(error) => error.exit(),
    }
}

/// Parses the command line; errors contain no secret.
fn read<C: Args>(
    mut command: Command,
    arguments: impl IntoIterator<Item = OsString>,
    environment: &BTreeSet<String>,
) -> Result<Invocation<C>, clap::Error> {
    let matches = command
        .try_get_matches_from_mut(arguments)
        .map_err(|error| secret::masked(error, &command))?;
    let names: Vec<String> = names(&command);
    if matches.get_flag(LIST_VARIABLES) {
        return Ok(Invocation::ListVariables(names));
    }
    environment::check(environment, &names).map_err(|refusal| command.error(ErrorKind::UnknownArgument, refusal))?;
    Cli::from_arg_matches(&matches).map(|cli| Invocation::Run(Box::new(cli)))
}

/// The variables of all settings.
fn names(command: &Command) -> Vec<String> {
    let variables = command.get_arguments().filter_map(Arg::get_env);
    variables.map(|name| name.to_string_lossy().into_owned()).collect()
}

fn command<P: Part>() -> Command {
    let names = Arg::new(LIST_VARIABLES)
        .long(LIST_VARIABLES)
        .action(ArgAction::SetTrue)
        .hide(true);
    Cli::<P::Config>::command()
        .name(P::NAME)
        .about(P::ABOUT)
        .arg(names)
        .mut_arg("listen", |listen| listen.default_value(P::LISTEN).required(false))
}

/// Checks that a part can be started without any setting, and that its settings do not conflict: for tests.
///
/// # Panics
/// It cannot, or they do.
pub fn check_command_line<P: Part>() {
    let command = command::<P>();
    command.clone().debug_assert();
    let parsed = Cli::<P::Config>::from_arg_matches(&command.get_matches_from([P::NAME]));
    assert!(parsed.is_ok(), "{} does not start without flags", P::NAME);
}

fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let network = text
        .parse()
        .or_else(|_| text.parse().map(IpNet::from as fn(IpAddr) -> IpNet));
    network.map_err(|_| "not an address or a network such as 10.0.0.0/8".to_owned())
}

fn ratio(text: &str) -> Result<f64, String> {
    let ratio = text.parse().ok().filter(|ratio| (0.0..=1.0).contains(ratio));
    ratio.ok_or_else(|| "not a number from 0 to 1".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Args)]
    struct None {}

    #[derive(Args)]
    struct Secrets {
        /// What opens
        #[arg(long, env = "STOA_SESAME", hide_env_values = true, value_parser = clap::value_parser!(u8))]
        sesame: Option<u8>,
    }

    struct Vault;

    impl Part for Vault {
        const NAME: &'static str = "vault";
        const ABOUT: &'static str = "Keeps secrets.";
        const LISTEN: &'static str = "127.0.0.1:0";
        type Config = Secrets;

        async fn start(_: Secrets) -> Result<Self, crate::BoxError> {
            Ok(Self)
        }

        fn router(self) -> axum::Router {
            axum::Router::new()
        }
    }

    fn read_vault(arguments: &[&str], environment: &[&str]) -> Result<Invocation<Secrets>, clap::Error> {
        let arguments = ["vault"].iter().chain(arguments).map(OsString::from);
        let environment = environment.iter().map(|name| (*name).to_owned()).collect();
        read(command::<Vault>(), arguments, &environment)
    }

    #[test]
    fn misspelt_variable_is_a_usage_error() {
        let error = read_vault(&[], &["STOA_LISTN"]).err().unwrap();
        assert_eq!(error.exit_code(), 2);
        let text = error.to_string();
        let expected = "error: unknown setting 'STOA_LISTN' in the environment; did you mean 'STOA_LISTEN'?\n";
        assert!(text.starts_with(expected) && text.contains("--help"), "{text}");
        assert!(matches!(
            read_vault(&[], &["STOA_SESAME", "STOA_LOG"]),
            Ok(Invocation::Run(_))
        ));
        let help = read_vault(&["--help"], &["STOA_LISTN"]).err().unwrap();
        assert_eq!(help.exit_code(), 0);
    }

    #[test]
    fn names_of_all_settings_are_printed_for_tools() {
        let Ok(Invocation::ListVariables(names)) = read_vault(&["--settings"], &["STOA_LISTN"]) else {
            panic!("no names");
        };
        for name in [
            "STOA_SESAME",
            "STOA_LISTEN",
            "STOA_RETRIES",
            "OTEL_EXPORTER_OTLP_ENDPOINT",
        ] {
            assert!(names.iter().any(|known| known == name), "{name}: {names:?}");
        }
    }

    #[test]
    fn secret_is_in_no_usage_error() {
        for (arguments, shown, hidden) in [
            (
                ["--sesame", "open"],
                "invalid value '…' for '--sesame <SESAME>'",
                "open",
            ),
            (
                ["--threads", "many"],
                "invalid value 'many' for '--threads <THREADS>'",
                "sesame",
            ),
            (
                ["--otlp-endpoint", "http://me:open@127.0.0.1:1"],
                "invalid value 'http://…@127.0.0.1:1' for",
                "open",
            ),
        ] {
            let text = read_vault(&arguments, &[]).err().unwrap().to_string();
            assert!(text.contains(shown) && !text.contains(hidden), "{text}");
        }
    }

    #[test]
    fn defaults_are_those_of_the_command_line() {
        let parsed = Cli::<None>::try_parse_from(["part", "--listen", "127.0.0.1:0"]).unwrap();
        assert_eq!(format!("{:?}", parsed.settings), format!("{:?}", Settings::default()));
    }

    #[test]
    fn ratio_is_between_zero_and_one() {
        assert_eq!(ratio("0.25"), Ok(0.25));
        for wrong in ["", "2", "-1", "NaN", "half"] {
            assert!(ratio(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn single_address_is_a_network() {
        for (text, network_of) in [
            ("10.0.0.0/8", "10.0.0.0/8"),
            (" 10.0.0.1", "10.0.0.1/32"),
            ("::1", "::1/128"),
        ] {
            assert_eq!(network(text).unwrap().to_string(), network_of);
        }
        for wrong in ["", "10.0.0.0/33", "shop.example"] {
            assert!(network(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_setting_is_in_the_operators_handbook() {
        let path = testkit::repository("docs/operating.md");
        let handbook = std::fs::read_to_string(path).unwrap();
        let command = Cli::<None>::command();
        let variables = command.get_arguments().filter_map(clap::Arg::get_env);
        for variable in variables.map(|name| name.to_str().unwrap()) {
            assert!(handbook.contains(&format!("`{variable}`")), "{variable}");
        }
        for metric in crate::metrics::ALL {
            assert!(handbook.contains(&format!("`{metric}`")), "{metric}");
        }
    }
}
