//! The discovery document, in the published
//! [Frontend Service Discovery](https://github.com/awslabs/frontend-discovery) schema.
//!
//! The schema writes `items` as a list, so strictly speaking it checks only the first version of a frontend. Here every version
//! is checked.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use axum::http::HeaderValue;
use reqwest::Url;
use serde::Deserialize;
use service::BaseUrl;

use crate::security;

const RESERVED: [&str; 3] = ["assets", "health", "shell"];

/// Why a discovery document is rejected.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// The file
        path: PathBuf,
        /// The cause
        source: std::io::Error,
    },
    /// The document does not have the schema.
    #[error("not a discovery document")]
    Malformed(#[from] serde_json::Error),
    /// The document has the schema and is wrong nevertheless.
    #[error("{0}")]
    Invalid(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Document {
    #[serde(rename = "schema")]
    _schema: String,
    micro_frontends: BTreeMap<String, Vec<Version>>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Version {
    url: String,
    fallback_url: Option<String>,
    metadata: Metadata,
    #[serde(default)]
    extras: Extras,
    deployment: Option<Deployment>,
}

#[derive(Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Metadata {
    #[serde(rename = "integrity")]
    _integrity: String,
    version: String,
}

/// The schema allows more fields here and under `extras`.
#[derive(Deserialize, PartialEq)]
struct Deployment {
    traffic: f64,
    default: bool,
}

#[derive(Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Extras {
    #[serde(default)]
    paths: Vec<String>,
    api: Option<String>,
    layout: Option<Layout>,
    /// Origins that forms on its pages may lead to, beside the shop itself
    #[serde(default)]
    form_actions: Vec<String>,
}

/// The fragments around the shell's own pages.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub struct Layout {
    /// Path of the header fragment
    pub header: String,
    /// Path of the footer fragment
    pub footer: String,
}

/// A deployed frontend.
#[derive(Debug)]
struct Frontend {
    base: BaseUrl,
    fallback: Option<BaseUrl>,
    api: Option<BaseUrl>,
    policy: Option<HeaderValue>,
}

/// The frontends, and the paths that they serve.
#[derive(Debug)]
pub struct Discovery {
    frontends: BTreeMap<String, Frontend>,
    paths: Vec<(Pattern, String)>,
    layout: Option<Layout>,
}

#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Pattern {
    Exact(String),
    Prefix(String),
}

/// Where a request goes.
#[derive(Debug, Eq, PartialEq)]
pub enum Route {
    /// To a frontend: a page, a fragment or an asset.
    Frontend {
        /// Address of the frontend
        base: BaseUrl,
        /// Address of the fallback, if the frontend has one
        fallback: Option<BaseUrl>,
        /// Whether it is a page or a fragment, which are composed, and not an asset
        is_page: bool,
        /// The content security policy of the page, if it differs from the default
        policy: Option<HeaderValue>,
    },
    /// To a frontend's BFF, with this path.
    Api(BaseUrl, String),
}

impl Discovery {
    /// Loads and checks a document.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(|source| Error::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text)
    }

    /// Parses and checks a document.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let document: Document = serde_json::from_str(text)?;
        let mut discovery = Self {
            frontends: BTreeMap::new(),
            paths: Vec::new(),
            layout: None,
        };
        for (name, versions) in document.micro_frontends {
            discovery.add(name, &versions)?;
        }
        Ok(discovery)
    }

    fn add(&mut self, name: String, versions: &[Version]) -> Result<(), Error> {
        if RESERVED.contains(&name.as_str()) || !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') {
            return Err(Error::Invalid(format!("{name}: not a name for a frontend")));
        }
        check(&name, versions)?;
        let is_default = |version: &&Version| version.deployment.as_ref().is_some_and(|deployment| deployment.default);
        let Some(version) = versions.iter().find(is_default).or(versions.first()) else {
            return Err(Error::Invalid(format!("{name}: no version")));
        };
        for path in &version.extras.paths {
            let pattern = Pattern::parse(path).ok_or_else(|| Error::Invalid(format!("{name}: {path}: not a path")))?;
            if let Some((_, other)) = self.paths.iter().find(|(taken, _)| *taken == pattern) {
                return Err(Error::Invalid(format!("{path}: claimed by both {other} and {name}")));
            }
            self.paths.push((pattern, name.clone()));
        }
        self.paths
            .sort_by_key(|(pattern, _)| std::cmp::Reverse(pattern.specificity()));
        self.layout = self.layout.take().or_else(|| version.extras.layout.clone());
        let frontend = Frontend {
            base: address(&name, &version.url)?,
            fallback: version
                .fallback_url
                .as_deref()
                .map(|url| address(&name, url))
                .transpose()?,
            api: version
                .extras
                .api
                .as_deref()
                .map(|url| address(&name, url))
                .transpose()?,
            policy: security::policy(&version.extras.form_actions),
        };
        self.frontends.insert(name, frontend);
        Ok(())
    }

    /// Header and footer for the shell's own pages, if a frontend provides them.
    #[must_use]
    pub fn layout(&self) -> Option<&Layout> {
        self.layout.as_ref()
    }

    /// Where a request for `path` goes; `None` if no frontend serves it.
    #[must_use]
    pub fn route(&self, path: &str) -> Option<Route> {
        let mut segments = path.splitn(4, '/').skip(1);
        let (first, second) = (segments.next().unwrap_or_default(), segments.next().unwrap_or_default());
        let rest = segments.next();
        if let (Some(frontend), Some(rest)) = (self.frontends.get(first), rest) {
            match second {
                "api" => return frontend.api.clone().map(|api| Route::Api(api, format!("/{rest}"))),
                "fragments" => return Some(frontend.route(true, None)),
                "assets" => return Some(frontend.route(false, None)),
                _ => {}
            }
        }
        let (_, owner) = self.paths.iter().find(|(pattern, _)| pattern.matches(path))?;
        let frontend = self.frontends.get(owner)?;
        Some(frontend.route(true, frontend.policy.clone()))
    }
}

/// Checks every version, not only the one that is served.
fn check(name: &str, versions: &[Version]) -> Result<(), Error> {
    let invalid = |what: &str| Err(Error::Invalid(format!("{name}: {what}")));
    let mut seen = BTreeSet::new();
    let mut total = 0.0;
    for (index, version) in versions.iter().enumerate() {
        address(name, &version.url)?;
        for url in version.fallback_url.iter().chain(&version.extras.api) {
            address(name, url)?;
        }
        if let Some(other) = version.extras.form_actions.iter().find(|text| !is_origin(text)) {
            return invalid(&format!(
                "{other}: no form may lead there; formActions are origins, https://host or https://host:port, \
                 and http:// on this machine alone"
            ));
        }
        if versions[..index].contains(version) || !seen.insert(&version.metadata.version) {
            return invalid(&format!("version {} stands there twice", version.metadata.version));
        }
        if version.metadata.version.is_empty() {
            return invalid("a version without its number");
        }
        let traffic = version.deployment.as_ref().map_or(0.0, |deployment| deployment.traffic);
        if !(0.0..=100.0).contains(&traffic) {
            return invalid(&format!("traffic of {traffic} is not between 0 and 100"));
        }
        total += traffic;
    }
    if total > 100.0 {
        return invalid(&format!("the versions share {total} percent of the traffic"));
    }
    let defaults = versions
        .iter()
        .flat_map(|version| &version.deployment)
        .filter(|deployment| deployment.default);
    if defaults.count() > 1 {
        return invalid("more than one default version");
    }
    Ok(())
}

fn address(name: &str, url: &str) -> Result<BaseUrl, Error> {
    url.parse().map_err(|error| Error::Invalid(format!("{name}: {error}")))
}

/// Whether a form may lead there. It must be an [origin](https://www.rfc-editor.org/rfc/rfc6454#section-6.2) as browsers write it, with
/// one host that a policy can name, and without TLS only on this machine.
fn is_origin(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let host = url.host_str().unwrap_or_default();
    let is_here = host == "localhost" || host.parse().is_ok_and(|ip: Ipv4Addr| ip.is_loopback());
    // `Url` allows `*`, `;` and `'` in a host, which have a meaning in a policy.
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
    url.origin().ascii_serialization() == text
        && host.bytes().all(is_plain)
        && (url.scheme() == "https" || url.scheme() == "http" && is_here)
}

impl Frontend {
    fn route(&self, is_page: bool, policy: Option<HeaderValue>) -> Route {
        Route::Frontend {
            base: self.base.clone(),
            fallback: self.fallback.clone(),
            is_page,
            policy,
        }
    }
}

impl Pattern {
    fn parse(path: &str) -> Option<Self> {
        let plain = path.strip_suffix("/*");
        if !path.starts_with('/') || plain.unwrap_or(path).contains('*') {
            return None;
        }
        Some(plain.map_or_else(
            || Self::Exact(path.to_owned()),
            |prefix| Self::Prefix(format!("{prefix}/")),
        ))
    }

    fn matches(&self, path: &str) -> bool {
        match self {
            Self::Exact(exact) => path == exact,
            Self::Prefix(prefix) => path.len() > prefix.len() && path.starts_with(prefix),
        }
    }

    /// For sorting: an exact path comes before a prefix, a longer prefix before a shorter one.
    fn specificity(&self) -> (bool, usize) {
        match self {
            Self::Exact(exact) => (true, exact.len()),
            Self::Prefix(prefix) => (false, prefix.len()),
        }
    }
}
