//! Addresses of other parts.

use std::str::FromStr;

use reqwest::Url;

/// The address of another part: `http://host:port`, without a trailing slash.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BaseUrl {
    text: String,
    url: Url,
}

impl BaseUrl {
    /// Without TLS.
    pub(crate) fn is_plain(&self) -> bool {
        self.url.scheme() == "http"
    }

    pub(super) fn into_url(self) -> Url {
        self.url
    }
}

impl FromStr for BaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| format!("{text}: {error}"))?;
        if url.scheme().starts_with("http") && url.has_host() && url.query().is_none() {
            let text = text.trim_end_matches('/').to_owned();
            return Ok(Self { text, url });
        }
        Err(format!("{text}: not an address such as http://127.0.0.1:4101"))
    }
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
    fn addresses_are_checked() {
        assert!("ftp://x".parse::<BaseUrl>().is_err());
        assert!("127.0.0.1:1".parse::<BaseUrl>().is_err());
        assert_eq!("http://a:1/".parse::<BaseUrl>().unwrap().to_string(), "http://a:1");
    }
}
