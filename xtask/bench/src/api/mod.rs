//! The API and the console as their callers find them, on both databases, each of which writes as one in use does.
//!
//! Links that are made, against a constant answer of the same length to the same requests, beside what the database alone
//! does: one row in a transaction of its own; and lists of 100,000 connections,
//! against the same lists of 1,000. Rounds alternate and ratios are medians, because machines have moods.

mod installation;
mod load;

use serde_json::json;
use xtask::{Outcome, paths::Paths, test::postgres::Postgres};

use self::{
    installation::{Installation, Organization},
    load::{Constant, Post},
};
use crate::edge::median;

/// Links that are made in a round.
const LINKS: usize = 600;
/// Requests for a list in a round.
const LISTS: usize = 20;
/// How often each is measured.
const ROUNDS: usize = 5;
/// Connections of the organization with few, and of the one with many.
const FEW: usize = 1_000;
const MANY: usize = 100_000;

/// The ratios of one database.
struct Ratios {
    link: f64,
    row: f64,
    api_list: f64,
    console_list: f64,
}

/// Measures and prints one JSON object as its last line.
pub fn run(paths: &Paths) -> Outcome {
    let postgres = Postgres::start_durable(paths)?;
    let folder = tempfile::tempdir().map_err(|error| format!("No folder: {error}."))?;
    let file = format!("sqlite:{}", folder.path().join("bench.db").display());
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    let sqlite = runtime.block_on(measure("SQLite", &file))?;
    let postgres = runtime.block_on(measure("PostgreSQL", &postgres.url))?;
    let rounded = |ratio: f64| (ratio * 1000.0).round() / 1000.0;
    println!(
        "{}",
        json!({
            "bench": "api",
            "link_vs_constant_sqlite": rounded(sqlite.link),
            "link_vs_constant_postgres": rounded(postgres.link),
            "row_vs_constant_sqlite": rounded(sqlite.row),
            "row_vs_constant_postgres": rounded(postgres.row),
            // The worse of both.
            "list_100k_vs_1k": rounded(sqlite.api_list.max(postgres.api_list)),
            "console_100k_vs_1k": rounded(sqlite.console_list.max(postgres.console_list)),
        })
    );
    Ok(())
}

async fn measure(name: &str, url: &str) -> Outcome<Ratios> {
    println!("{name}");
    let installation = Installation::make(url).await?;
    let few = installation.organization(FEW).await?;
    let many = installation.organization(MANY).await?;
    let (link, row) = links(&installation, &few).await?;
    let ratios = Ratios {
        link,
        row,
        api_list: lists("API", &few, &many, |of| of.api_list()).await?,
        console_list: lists("console", &few, &many, |of| of.console_list()).await?,
    };
    println!(
        "  {name}: links {:.3}, API list {:.3}, console list {:.3}",
        ratios.link, ratios.api_list, ratios.console_list
    );
    Ok(ratios)
}

/// Links a second, and rows that are written durably without the API, each against constant answers a second.
async fn links(installation: &Installation, of: &Organization) -> Outcome<(f64, f64)> {
    let make = of.make_link();
    let constant = Constant::start(make.answer().await?).await?;
    let always = Post {
        url: constant.url(),
        ..make.clone()
    };
    let (mut links, mut rows) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let made = make.rate(LINKS).await?;
        let written = installation.rows_rate(LINKS).await?;
        let answered = always.rate(LINKS).await?;
        // The first round warms up.
        if round > 0 {
            println!(
                "  round {round}: {made:>6.0} links/s, {written:>6.0} rows/s without the API, {answered:>6.0} constant answers/s"
            );
            links.push(made / answered);
            rows.push(written / answered);
        }
    }
    Ok((median(links), median(rows)))
}

/// How much longer a list takes of many connections than of few.
async fn lists(
    door: &str,
    few: &Organization,
    many: &Organization,
    list: impl Fn(&Organization) -> load::Get,
) -> Outcome<f64> {
    let (few, many) = (list(few), list(many));
    let mut ratios = Vec::new();
    for round in 0..=ROUNDS {
        let short = few.time(LISTS).await?;
        let long = many.time(LISTS).await?;
        if round > 0 {
            println!(
                "  round {round}: {door} list of {FEW} in {:.2} ms, of {MANY} in {:.2} ms",
                short * 1000.0,
                long * 1000.0
            );
            ratios.push(long / short);
        }
    }
    Ok(median(ratios))
}
