//! `events`: the events that consumers of the open shop could not handle, and how to try them again.

use std::path::PathBuf;

use machine::{Error, Result, fail, files};
use reqwest::{Client, Method, StatusCode};
use serde_json::Value;

use crate::http;
use crate::workspace::Workspace;

/// The subcommands.
#[derive(clap::Subcommand, Debug)]
pub enum Events {
    /// List parked events: those that a consumer could not handle
    Parked(ShopFolder),
    /// Replay parked events: one, or the first of each subject
    Replay {
        /// ID of the event [default: the first of each subject]
        id: Option<String>,
        /// The shop
        #[command(flatten)]
        place: ShopFolder,
    },
}

/// Names a shop.
#[derive(clap::Args, Debug)]
pub struct ShopFolder {
    /// Folder of the open shop [default: shop in the target folder]
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
}

/// A parked event, and the part that parked it.
struct Parked {
    part: String,
    url: String,
    id: String,
    item: Value,
}

/// Runs a subcommand.
pub async fn run(what: Events) -> Result<()> {
    let client = http::client().build();
    let client = client.map_err(Error::of)?;
    match what {
        Events::Parked(place) => {
            let parked = find(&client, &place).await?;
            for one in &parked {
                one.tell();
            }
            println!("{} parked", parked.len());
            Ok(())
        }
        Events::Replay { id, place } => replay(&client, id.as_deref(), &place).await,
    }
}

async fn replay(client: &Client, id: Option<&str>, place: &ShopFolder) -> Result<()> {
    let mut parked = find(client, place).await?;
    parked.retain(|one| id.is_none_or(|id| one.id == id));
    if let (Some(id), true) = (id, parked.is_empty()) {
        return fail(format!("no event {id} is parked; cargo xtask events parked lists them"));
    }
    let mut failed = 0;
    for one in &parked {
        let url = format!("{}/events/parked/{}/replay", one.url, one.id);
        let (status, answer) = ask(client, Method::POST, &url).await?;
        match status {
            _ if status.is_success() => println!("{}: {} taken", one.part, one.id),
            // An earlier replay has handled it too.
            StatusCode::NOT_FOUND => {}
            _ => {
                failed += 1;
                println!(
                    "{}: {}: {}",
                    one.part,
                    one.id,
                    answer["detail"].as_str().unwrap_or("refused")
                );
            }
        }
    }
    match failed {
        0 => Ok(()),
        _ => fail(format!("{failed} of {} stay parked", parked.len())),
    }
}

impl Parked {
    fn tell(&self) {
        let event = &self.item["event"];
        println!("{}: {}", self.part, self.id);
        println!(
            "    {} of {}",
            event["type"].as_str().unwrap_or("?"),
            event["subject"].as_str().unwrap_or("?")
        );
        println!(
            "    after {} attempts: {}",
            self.item["attempts"],
            self.item["error"].as_str().unwrap_or("?")
        );
    }
}

/// The parked events of all parts.
async fn find(client: &Client, place: &ShopFolder) -> Result<Vec<Parked>> {
    let state = match &place.state {
        Some(state) => state.clone(),
        None => Workspace::find()?.target.join("shop"),
    };
    let Ok(file) = files::read(&state.join("parts.json")) else {
        return fail(format!(
            "no shop is open in {}; open one: cargo xtask up",
            state.display()
        ));
    };
    let parts: Value = serde_json::from_str(&file).map_err(|error| Error::at(&state, error))?;
    let mut parked = Vec::new();
    for (part, entry) in parts.as_object().into_iter().flatten() {
        let Some(url) = entry["url"].as_str() else { continue };
        let (status, answer) = ask(client, Method::GET, &format!("{url}/events/parked")).await?;
        // A part that consumes no events has no such endpoint.
        let items = answer["items"].as_array().filter(|_| status.is_success());
        parked.extend(items.into_iter().flatten().map(|item| Parked {
            part: part.clone(),
            url: url.to_owned(),
            id: item["event"]["id"].as_str().unwrap_or_default().to_owned(),
            item: item.clone(),
        }));
    }
    Ok(parked)
}

async fn ask(client: &Client, method: Method, url: &str) -> Result<(StatusCode, Value)> {
    let failed = |error: reqwest::Error| Error::because(url, error);
    let answer = client.request(method, url).send().await.map_err(failed)?;
    let status = answer.status();
    Ok((status, answer.json().await.unwrap_or_default()))
}
