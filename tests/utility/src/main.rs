//! Serves the sample utility website.

use std::{net::SocketAddr, process::ExitCode};

use clap::Parser;
use time::{Date, OffsetDateTime, macros::format_description};
use utility::{
    Options, documentation,
    doors::{Door, Doors},
};

/// Riverbend Power & Water: a sample utility website in many makes.
#[derive(Parser)]
#[command(after_help = documentation::help())]
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
    /// Posts the mails of customers who forward them: raw, with the headers X-Envelope-Recipient and
    /// Authorization (Bearer).
    #[arg(long, value_name = "URL", requires = "mail_secret")]
    mail_door: Option<String>,
    /// The bearer's secret for the mail door.
    #[arg(long, value_name = "SECRET", env = "UTILITY_MAIL_SECRET")]
    mail_secret: Option<String>,
    /// Posts the text messages of customers who forward them, as Twilio's webhook does.
    #[arg(long, value_name = "URL", requires = "sms_secret")]
    sms_door: Option<String>,
    /// The key of the webhook's signatures.
    #[arg(long, value_name = "SECRET", env = "UTILITY_SMS_SECRET")]
    sms_secret: Option<String>,
    /// Prints the tables of docs/sandbox.md, and nothing else.
    #[arg(long)]
    tables: bool,
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that asks which day it is"
)]
#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.tables {
        print!("{}", documentation::tables());
        return ExitCode::SUCCESS;
    }
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
        doors: Doors {
            mail: door(arguments.mail_door, arguments.mail_secret),
            sms: door(arguments.sms_door, arguments.sms_secret),
        },
        ..Options::default()
    };
    println!(
        "Riverbend Power & Water on http://{0}, all of it on http://{0}/sandbox",
        arguments.listen
    );
    match utility::serve(listener, options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn door(url: Option<String>, secret: Option<String>) -> Option<Door> {
    Some(Door {
        url: url?,
        secret: secret?,
    })
}

fn parse_date(text: &str) -> Result<Date, String> {
    Date::parse(text, format_description!("[year]-[month]-[day]"))
        .map_err(|error| error.to_string())
}
