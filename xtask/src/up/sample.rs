//! The sample organization, and what the person at the terminal is told.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};

use super::{
    Options,
    data_folder::{DataFolder, write_private},
};
use crate::{Outcome, files, http, paths::Paths};

/// What was made once and is found again at the next start.
pub struct Sample {
    /// The company's private id.
    company: String,
    /// The ids of the company's two sites.
    sites: Vec<String>,
    /// The organization's API key.
    key: String,
    /// The address that lets its owner in at the console once.
    invitation: String,
    /// The address that lets an operator in once.
    operator: String,
}

/// The mail address of the organization's owner.
const OWNER: &str = "owner@brightside.example";
/// The mail address of the operator.
const OPERATOR: &str = "operator@platform.example";

/// How the sample organization's links look.
const BRAND: &str = include_str!("brand.json");

/// Finds the sample organization, or makes it.
pub fn make(paths: &Paths, folder: &DataFolder, config: &Path) -> Outcome<Sample> {
    let origin = Origin {
        program: paths.program("origin"),
        config: config.to_path_buf(),
    };
    origin.run(&["migrate"])?;
    let file = folder.path.join("sample.json");
    if !file.is_file() {
        let organization = origin.add(&[
            "organization",
            "add",
            "--name",
            "Brightside Energy Advisors",
        ])?;
        let organization = text(&organization, "id")?;
        let company = origin.add(&[
            "company",
            "add",
            "--organization",
            &organization,
            "--name",
            "Meadow Lane Bakery",
        ])?;
        let company = text(&company, "id")?;
        let site = |name: &str, address: &str| {
            let site = origin.add(&[
                "site",
                "add",
                "--organization",
                &organization,
                "--company",
                &company,
                "--name",
                name,
                "--address",
                address,
            ])?;
            text(&site, "id")
        };
        let sites = [
            site("Bakery", "12 Meadow Lane")?,
            site("Warehouse", "3 Mill Road")?,
        ];
        let brand = folder.path.join("brand.json");
        files::write(&brand, BRAND)?;
        origin.add(&[
            "brand",
            "set",
            "--organization",
            &organization,
            "--file",
            &brand.display().to_string(),
        ])?;
        let key = text(
            &origin.add(&[
                "key",
                "add",
                "--organization",
                &organization,
                "--name",
                "up",
            ])?,
            "key",
        )?;
        let made =
            json!({ "organization": organization, "company": company, "sites": sites, "key": key });
        // Written last: a set-up that was cut short is made again, under another organization.
        write_private(&file, &format!("{made:#}\n"))?;
    }
    let made: Value = serde_json::from_str(&files::read(&file)?).map_err(|error| {
        format!(
            "{} is damaged ({error}): start over with --reset.",
            file.display()
        )
    })?;
    let sites = made["sites"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|site| site.as_str().map(str::to_owned))
        .collect();
    let organization = text(&made, "organization")?;
    Ok(Sample {
        company: text(&made, "company")?,
        sites,
        key: text(&made, "key")?,
        invitation: invitation(&origin, &organization)?,
        operator: operator(&origin)?,
    })
}

/// A way in for the organization's owner, who is made when there is none yet.
fn invitation(origin: &Origin, organization: &str) -> Outcome<String> {
    let members = origin.add(&["member", "list", "--organization", organization])?;
    let mut members = members["members"].as_array().into_iter().flatten();
    let made = if members.any(|member| member["email"] == OWNER) {
        origin.add(&["member", "invite", "--email", OWNER])?
    } else {
        let who = ["--email", OWNER, "--name", "Owner", "--role", "owner"];
        let add = ["member", "add", "--organization", organization];
        origin.add(&[&add[..], &who[..]].concat())?
    };
    text(&made, "invitationUrl")
}

/// A way in for an operator, who is made when there is none yet.
fn operator(origin: &Origin) -> Outcome<String> {
    let operators = origin.add(&["operator", "list"])?;
    let mut operators = operators["operators"].as_array().into_iter().flatten();
    let made = if operators.any(|operator| operator["email"] == OPERATOR) {
        origin.add(&["operator", "invite", "--email", OPERATOR])?
    } else {
        origin.add(&["operator", "add", "--email", OPERATOR, "--name", "Operator"])?
    };
    text(&made, "invitationUrl")
}

/// The origin's own commands, answered in JSON.
struct Origin {
    program: PathBuf,
    config: PathBuf,
}

impl Origin {
    fn add(&self, arguments: &[&str]) -> Outcome<Value> {
        let answer = self.run(&[arguments, &["--json"]].concat())?;
        serde_json::from_str(&answer).map_err(|error| {
            format!(
                "`origin {}` did not answer in JSON: {error}.",
                arguments.join(" ")
            )
        })
    }

    fn run(&self, arguments: &[&str]) -> Outcome<String> {
        let out = Command::new(&self.program)
            .arg("--config")
            .arg(&self.config)
            .args(arguments)
            .output()
            .map_err(|error| format!("{} does not start: {error}.", self.program.display()))?;
        if out.status.success() {
            return Ok(String::from_utf8_lossy(&out.stdout).into_owned());
        }
        Err(format!(
            "`origin {}` failed: {}",
            arguments.join(" "),
            String::from_utf8_lossy(&out.stderr).trim()
        ))
    }
}

impl Sample {
    /// Makes a link by the API, as an organization would, and returns its URL.
    pub fn make_link(&self, options: &Options) -> Outcome<String> {
        let headers = [
            format!("X-API-Key: {}", self.key),
            "Content-Type: application/json".to_owned(),
        ];
        let answer = http::send(
            options.api_port,
            "POST",
            &self.link_path(),
            &headers,
            &self.link_body(options).to_string(),
        )?;
        if answer.status != 201 {
            return Err(format!(
                "The API did not make a link (status {}): {}",
                answer.status,
                answer.body.trim()
            ));
        }
        let made: Value = serde_json::from_str(&answer.body)
            .map_err(|error| format!("The API did not answer in JSON: {error}."))?;
        text(&made, "magicLinkUrl")
    }

    fn link_path(&self) -> String {
        format!("/v2.2/connection/company/{}/link", self.company)
    }

    fn link_body(&self, options: &Options) -> Value {
        json!({ "url": format!("http://localhost:{}/login", options.utility_port), "country": "US", "initialSites": self.sites, "utilityTypes": ["ELECTRICITY", "WATER"] })
    }
}

/// Prints the link and how to go on from there.
pub fn tell(
    paths: &Paths,
    options: &Options,
    folder: &DataFolder,
    sample: &Sample,
    link: &str,
) -> Outcome {
    let (user, password) = utility_user(paths)?;
    let Options {
        api_port,
        utility_port,
        receiver_port,
        ..
    } = options;
    let api = format!("http://localhost:{api_port}");
    let key = &sample.key;
    let company = &sample.company;
    let (path, body) = (sample.link_path(), sample.link_body(options));
    let given = options.given()?;
    let origin = paths.program("origin");
    let (origin, data) = (origin.display(), folder.path.display());
    println!(
        "
Magic Links is running.

  The link     {link}
               open it, confirm the provider, and sign in at the sample utility (http://localhost:{utility_port})
               user      {user}
               password  {password}
               more users, other makes of it, faults, and the codes that it sends:
               http://localhost:{utility_port}/sandbox

  The console  {}
               lets its owner ({OWNER}) in once, to choose a password; after that: {api}/console
               mails that are sent are shown there, under Settings > Mail

  Operators    {}
               lets an operator ({OPERATOR}) in once, to see why sign-ins fail, of all organizations
               (an authenticator app is needed); after that: {api}/operator

  The API      {api}/v2.2   with the header X-API-Key: {key}
               documentation: {api}/docs

  Webhooks     may go to a program of yours at http://localhost:{receiver_port}/, as docs/webhooks.md shows

  Afterwards, look at the connection and its bills (they take a few seconds):
    curl -s -H 'X-API-Key: {key}' {api}/v2.2/connection/company/{company}
    curl -s -H 'X-API-Key: {key}' {api}/v2.2/bill/connection/CONNECTION_ID

  Make another link:
    curl -s -X POST -H 'X-API-Key: {key}' -H 'Content-Type: application/json' \\
      -d '{body}' \\
      {api}{path}

  The command  {origin} --config {data}/origin.toml organization list
               tells whose data is there; --help says what else it does

  Data, keys and logs are in {data}; start over with: cargo xtask up{given} --reset
",
        sample.invitation, sample.operator,
    );
    Ok(())
}

/// Somebody who can sign in at the sample utility, from its own list.
fn utility_user(paths: &Paths) -> Outcome<(String, String)> {
    let help = Command::new(paths.program("utility"))
        .arg("--help")
        .output()
        .map_err(|error| format!("The sample utility does not start: {error}."))?;
    first_person(&String::from_utf8_lossy(&help.stdout))
        .ok_or_else(|| "The sample utility's --help names nobody who can sign in.".into())
}

fn first_person(help: &str) -> Option<(String, String)> {
    let (_, people) = help.split_once("Who can sign in:")?;
    // Columns stand at least two spaces apart; a password may have single ones.
    let mut columns = people
        .trim_start()
        .split("  ")
        .map(str::trim)
        .filter(|column| !column.is_empty());
    Some((columns.next()?.to_owned(), columns.next()?.to_owned()))
}

fn text(value: &Value, name: &str) -> Outcome<String> {
    value[name]
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| format!("The answer has no `{name}`: {value}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_person_of_the_list_is_shown() {
        let help = "Options:\n  --seed <SEED>\n\nWho can sign in:\n  ada@mail.example   three short words   electricity 1, 9 bills\n  bob@mail.example x y";
        assert_eq!(
            first_person(help),
            Some(("ada@mail.example".into(), "three short words".into()))
        );
        assert_eq!(first_person("nothing"), None);
    }
}
