//! Base URLs of other parts.

use std::str::FromStr;

use reqwest::Url;

/// The base URL of another part, `http://host:port` without a trailing slash, or those of its replicas, separated by commas.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct BaseUrl {
    text: String,
    /// At least one; all have the same path.
    urls: Vec<Url>,
}

impl BaseUrl {
    /// Returns whether this is a single URL without TLS.
    pub(crate) fn is_plain(&self) -> bool {
        matches!(&self.urls[..], [url] if url.scheme() == "http")
    }

    /// The URLs of all replicas.
    pub(super) fn urls(&self) -> &[Url] {
        &self.urls
    }
}

impl FromStr for BaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let urls = text.split(',').map(parse).collect::<Result<Vec<_>, _>>()?;
        for (index, url) in urls.iter().enumerate() {
            if urls[..index].contains(url) {
                return Err(format!("{text}: {url} is there twice"));
            }
            if url.path() != urls[0].path() {
                return Err(format!("{text}: replicas may only differ in host and port"));
            }
        }
        let texts = text.split(',').map(|one| one.trim().trim_end_matches('/'));
        let text = texts.collect::<Vec<_>>().join(",");
        Ok(Self { text, urls })
    }
}

fn parse(text: &str) -> Result<Url, String> {
    let url = Url::parse(text.trim()).map_err(|error| {
        // The text before an `@` may be a password.
        if text.contains('@') {
            error.to_string()
        } else {
            format!("{text}: {error}")
        }
    })?;
    if !url.username().is_empty() || url.password().is_some() {
        // It would be part of every line that names the URL.
        return Err("must not contain a user or a password".to_owned());
    }
    if url.scheme().starts_with("http") && url.has_host() && url.query().is_none() {
        return Ok(url);
    }
    Err(format!("{text}: not a URL such as http://127.0.0.1:4101"))
}

impl std::fmt::Display for BaseUrl {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_urls_are_rejected() {
        for wrong in [
            "ftp://x",
            "127.0.0.1:1",
            "",
            "http://a:1,",
            "http://a:1,http://a:1/",
            "http://a:1,http://b:1/path",
            "http://user@a:1",
        ] {
            assert!(wrong.parse::<BaseUrl>().is_err(), "{wrong}");
        }
        for secret in ["http://:opensesame@a:1", "http//:opensesame@a:1"] {
            let error = secret.parse::<BaseUrl>().unwrap_err();
            assert!(!error.contains("opensesame"), "{error}");
        }
        assert_eq!("http://a:1/".parse::<BaseUrl>().unwrap().to_string(), "http://a:1");
    }

    #[test]
    fn replicas_are_separated_by_commas() {
        let base: BaseUrl = "http://a:1/, http://b:2".parse().unwrap();
        assert_eq!(base.to_string(), "http://a:1,http://b:2");
        let hosts: Vec<_> = base.urls().iter().map(|url| url.host_str().unwrap()).collect();
        assert_eq!(hosts, ["a", "b"]);
        assert!(!base.is_plain());
    }
}
