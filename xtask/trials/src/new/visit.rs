//! Opens a shop with the new parts and visits their page.

use std::time::{Duration, Instant};

use machine::{Error, Result, fail, step};
use serde_json::json;
use shop::topology::{Recipe, Topology};
use shop::{Plan, Profile, Shop, Workspace, build, signals::Stop, up};

use super::{NAME, packages};

/// The frontend that draws the header.
const EXPLORE: &str = "explore-frontend";
/// Nothing listens here. Explore draws the header without its BFF, too.
const NOWHERE: &str = "http://127.0.0.1:9";
/// The parts may be slow on a busy machine, and cache answers for a second.
const PATIENCE: Duration = Duration::from_secs(20);

/// Opens a shop of the new parts and those that their page needs, puts an item into the service, and expects it on the page.
pub async fn visit(workspace: &Workspace) -> Result<()> {
    // Outside of the copy, so that the logs are kept after a failure.
    let target = workspace.target.ancestors().nth(2).unwrap_or(&workspace.target);
    let state = target.join(format!("shop-new-{}", std::process::id()));
    let mut topology = Topology::load(&workspace.root, &Recipe::default())?;
    let others = topology.parts().iter().map(|part| part.name.clone());
    let is_needed = |name: &String| packages().contains(name) || [EXPLORE, "shell"].contains(&&**name);
    for name in others.filter(|name| !is_needed(name)).collect::<Vec<_>>() {
        topology.remove(&name);
    }
    topology.set(EXPLORE, "STOA_BFF_URL", NOWHERE);
    build::all(workspace, &topology, Profile::Dev)?;
    let plan = Plan {
        topology,
        profile: Profile::Dev,
        state: state.clone(),
        random_ports: true,
        fresh: true,
        reroute: None,
    };
    let mut end = Stop::new()?;
    let mut shop = Shop::prepare(workspace, plan)?;
    let outcome = tokio::select! {
        outcome = look(&mut shop) => outcome,
        () = end.asked() => fail("stopped"),
    };
    shop.stop().await;
    up::clear(&state, outcome)
}

async fn look(shop: &mut Shop) -> Result<()> {
    let missing = shop.start().await?;
    if !missing.is_empty() {
        return fail(format!("not ready: {}", missing.join(", ")));
    }
    let (service, shell) = (shop.topology.url(NAME)?, shop.topology.url("shell")?);
    let item = json!({ "slug": "lovely", "name": "A lovely <sample>", "summary": "Is <here>." });
    let put = shop.client().put(format!("{service}/{NAME}/lovely")).json(&item);
    let status = put.send().await.map_err(Error::of)?.status();
    if status != 200 {
        return fail(format!("PUT /{NAME}/lovely: {status}"));
    }
    let page = [
        "Sample cards</h1>",
        "A lovely &lt;sample&gt;",
        "Is &lt;here&gt;.",
        "class=\"wrap masthead\"",
    ];
    expect(shop, &format!("{shell}/{NAME}"), 200, &page).await?;
    let teaser = format!("{shell}/{NAME}/fragments/teaser");
    expect(shop, &teaser, 200, &["A lovely &lt;sample&gt;"]).await?;
    expect(
        shop,
        &format!("{shell}/{NAME}/nothing"),
        404,
        &["There is nothing here"],
    )
    .await?;
    step("the page shows the item");
    Ok(())
}

/// Sends a request until the answer has this status and these texts.
async fn expect(shop: &Shop, url: &str, status: u16, texts: &[&str]) -> Result<()> {
    let begun = Instant::now();
    loop {
        let answer = shop.client().get(url).send().await.map_err(Error::of)?;
        let answered = answer.status();
        let html = answer.text().await.map_err(Error::of)?;
        let missing = texts.iter().find(|text| !html.contains(**text));
        if answered == status && missing.is_none() {
            return Ok(());
        }
        if begun.elapsed() > PATIENCE {
            return fail(format!("GET {url}: {answered}, without {missing:?}\n{html}"));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
