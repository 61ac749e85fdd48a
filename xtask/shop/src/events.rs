//! `events`: what the consumers of the open shop could not take, and another try.

use std::path::PathBuf;

use machine::{Error, Result, fail, files};
use reqwest::{Client, Method, StatusCode};
use serde_json::Value;

use crate::http;
use crate::workspace::Workspace;

/// What to do.
#[derive(clap::Subcommand, Debug)]
pub enum Events {
    /// List the events that consumers have parked
    Parked(Place),
    /// Try parked events again: one, or all that come first for their subject
    Replay {
        /// The event's id [default: all]
        id: Option<String>,
        /// Which shop
        #[command(flatten)]
        place: Place,
    },
}

/// Which shop.
#[derive(clap::Args, Debug)]
pub struct Place {
    /// Folder of the open shop [default: shop in the target folder]
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
}

/// An event that is parked, and where.
struct Parked {
    part: String,
    url: String,
    id: String,
    item: Value,
}

/// Does it.
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

async fn replay(client: &Client, id: Option<&str>, place: &Place) -> Result<()> {
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
            // Another one took it along.
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
            "    after {} tries: {}",
            self.item["tries"],
            self.item["error"].as_str().unwrap_or("?")
        );
    }
}

/// Everything that is parked at any part that consumes.
async fn find(client: &Client, place: &Place) -> Result<Vec<Parked>> {
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
        // A part that consumes nothing has no such door.
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
