//! Serves the sample utility website.

use std::{net::SocketAddr, process::ExitCode};

use clap::Parser;
use time::{Date, OffsetDateTime, macros::format_description};
use utility::{Options, customers::CUSTOMERS};

/// Riverbend Power & Water: a sample utility website.
#[derive(Parser)]
#[command(after_help = customers_help())]
struct Arguments {
    /// Address and port to listen on.
    #[arg(long, default_value = "127.0.0.1:7400")]
    listen: SocketAddr,
    /// Varies usage, invoice numbers and readings.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// The day it is, as YYYY-MM-DD: bills end there [default: today]
    #[arg(long, value_parser = parse_date)]
    today: Option<Date>,
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that asks which day it is"
)]
#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let listener = match tokio::net::TcpListener::bind(arguments.listen).await {
        Ok(listener) => listener,
        Err(error) => {
            eprintln!("cannot listen on {}: {error}", arguments.listen);
            return ExitCode::FAILURE;
        }
    };
    let options = Options {
        seed: arguments.seed,
        today: arguments
            .today
            .unwrap_or_else(|| OffsetDateTime::now_utc().date()),
        ..Options::default()
    };
    println!("Riverbend Power & Water on http://{}", arguments.listen);
    match utility::serve(listener, options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn parse_date(text: &str) -> Result<Date, String> {
    Date::parse(text, format_description!("[year]-[month]-[day]"))
        .map_err(|error| error.to_string())
}

fn customers_help() -> String {
    let mut text = String::from("Who can sign in:\n");
    for person in CUSTOMERS {
        let accounts: Vec<_> = person
            .accounts
            .iter()
            .map(|account| {
                format!(
                    "{} {}, {} bills",
                    account.kind.name().to_lowercase(),
                    account.number,
                    account.bills
                )
            })
            .collect();
        let accounts = if accounts.is_empty() {
            "no accounts yet".to_owned()
        } else {
            accounts.join("; ")
        };
        text.push_str(&format!(
            "  {:20} {:24} {accounts}\n",
            person.email, person.password
        ));
    }
    text
}
