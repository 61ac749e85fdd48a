//! The browser stage: Playwright against a shop.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use machine::{Error, Result, ask, debian, fail, npm, run as run_command, step};
use shop::signals::Stop;
use shop::up::{self, Options};
use shop::{Shop, Workspace};

const CHROMIUM: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const FIREFOX: [&str; 2] = ["firefox-esr", "firefox"];

/// Opens a shop on free ports, sends the browser through it, and closes it.
pub async fn run(workspace: &Workspace, scale: bool) -> Result<()> {
    let folder = workspace.root.join("playwright");
    npm::install_journeys(&workspace.root)?;
    let browsers = [
        ("STOA_CHROMIUM", find_browser(&folder)?),
        ("STOA_FIREFOX", find_firefox()),
    ];
    let options = Options {
        scale,
        stripe_double: true,
        ..Options::trial(workspace, "test")
    };
    let mut end = Stop::new()?;
    let mut shop = tokio::select! {
        shop = up::open(workspace, &options) => shop?,
        () = end.asked() => return fail("stopped"),
    };
    let outcome = tokio::select! {
        outcome = journeys(&folder, &shop, browsers)? => outcome,
        kept = up::keep(&mut shop) => kept,
        () = end.asked() => fail("stopped"),
    };
    shop.stop().await;
    up::clear(shop.state(), outcome)
}

/// Starts Playwright. The future resolves to its result.
fn journeys(
    folder: &Path,
    shop: &Shop,
    browsers: [(&str, Option<PathBuf>); 2],
) -> Result<impl Future<Output = Result<()>> + use<>> {
    step("journeys through the shop");
    let mut command = tokio::process::Command::new("npx");
    command
        .args(["--no-install", "playwright", "test"])
        .current_dir(folder)
        .env("STOA_URL", shop.topology.url("shell")?)
        .env("STOA_PARTS", shop.parts_file())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    for (variable, browser) in browsers {
        if let Some(browser) = browser {
            command.env(variable, browser);
        }
    }
    let mut child = command
        .spawn()
        .map_err(|error| Error(format!("npx cannot be run: {error}")))?;
    Ok(async move {
        let status = child.wait().await.map_err(Error::of)?;
        if status.success() {
            Ok(())
        } else {
            fail(format!("playwright failed ({status})"))
        }
    })
}

/// A browser of the machine, or `None` for Playwright's own.
pub fn find_browser(folder: &Path) -> Result<Option<PathBuf>> {
    if let Some(browser) = std::env::var_os("STOA_CHROMIUM") {
        return Ok(Some(browser.into()));
    }
    if let Some(browser) = debian::program(&CHROMIUM) {
        return Ok(Some(browser));
    }
    if let Err(error) = debian::install(&["chromium"], "a browser") {
        step("installing Playwright's own browser");
        let mut npx = Command::new("npx");
        npx.current_dir(folder)
            .args(["--no-install", "playwright", "install", "chromium"]);
        return run_command(&mut npx)
            .map(|()| None)
            .map_err(|other| Error(format!("{error}; and {other}")));
    }
    Ok(debian::program(&CHROMIUM))
}

/// The oldest Firefox that has all that Playwright needs (`network.addDataCollector`).
const FIREFOX_SINCE: u32 = 143;

/// A Firefox of the machine, which Playwright drives by [`WebDriver BiDi`](https://www.w3.org/TR/webdriver-bidi/). Without one,
/// the tests in Firefox are skipped with a message.
fn find_firefox() -> Option<PathBuf> {
    if let Some(browser) = std::env::var_os("STOA_FIREFOX") {
        return Some(browser.into());
    }
    if let Some(browser) = new_firefox() {
        return Some(browser);
    }
    let purpose = format!("Firefox {FIREFOX_SINCE} or later");
    let installed = debian::install(&FIREFOX[..1], &purpose);
    let browser = new_firefox();
    if browser.is_none() {
        let why = installed.err().map_or_else(
            || format!("there is no {purpose} to install"),
            |error| error.to_string(),
        );
        eprintln!("    not tested: the shop in Firefox ({why})");
    }
    browser
}

fn new_firefox() -> Option<PathBuf> {
    let browser = debian::program(&FIREFOX)?;
    let version = ask(Command::new(&browser).arg("--version"))?;
    (major(&version)? >= FIREFOX_SINCE).then_some(browser)
}

/// Of `Mozilla Firefox 140.10.2esr`, 140.
fn major(version: &str) -> Option<u32> {
    let number = version.split_whitespace().last()?;
    number.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read() {
        assert_eq!(major("Mozilla Firefox 140.10.2esr"), Some(140));
        assert_eq!(major("Mozilla Firefox 153.8.0esr"), Some(153));
        assert_eq!(major("Mozilla Firefox 200.0"), Some(200));
        assert_eq!(major("nothing"), None);
    }
}
