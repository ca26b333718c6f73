//! The command line: `origin serve`, and what an operator does once.

mod add;
mod arguments;
mod audit;
mod batch;
mod bill;
mod brand;
mod check;
mod companies;
mod connection;
mod context;
mod failure;
mod files;
mod keys;
mod link;
mod members;
mod operators;
mod options;
mod organizations;
mod output;
mod serve;
mod webhook;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use clap::{Parser, Subcommand};
use shared::id::{ApiKeyId, CompanyId, ConnectionId, OrganizationId, SiteId};

use crate::{
    blobs::move_files,
    clock::{SystemClock, SystemRandom},
    config::{self, Config},
    vault::Vault,
};
use arguments::{
    CompanyAdd, KeyAdd, MemberAdd, MemberChoice, OperatorAdd, OperatorChoice, SiteAdd,
};
use context::{CommandContext, Outcome};
use options::Of;
use output::Output;

/// The file that is read when nothing else is said and it is there.
const DEFAULT_FILE: &str = "origin.toml";

/// The origin of Magic Links: database, browsers, collection of bills, and the organizations' API.
#[derive(Parser)]
#[command(
    name = "origin",
    version,
    after_help = "Every setting can also come from the environment: [edge] listen is MAGIC_LINKS__EDGE__LISTEN.\ndocs/origin.example.toml explains all of them; `origin check` explains what is wrong with yours."
)]
pub struct Command {
    /// Configuration file [default: origin.toml, if it is there]
    #[arg(long, global = true, env = "MAGIC_LINKS_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Answer in JSON, for scripts
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Subcommand)]
enum What {
    /// Run the service (this is what happens without a command). Ends cleanly on Ctrl-C and SIGTERM
    Serve,
    /// Explain everything that is wrong with the configuration and this machine
    Check,
    /// Bring the database's schema up to date, and move bill files out of it (serving does so too)
    Migrate,
    /// Print fresh random keys for a new configuration
    NewKeys,
    /// Organizations: who makes links
    #[command(subcommand)]
    Organization(OrganizationCommand),
    /// Companies: an organization's clients
    #[command(subcommand)]
    Company(CompanyCommand),
    /// Sites: the places of a company
    #[command(subcommand)]
    Site(SiteCommand),
    /// API keys of an organization
    #[command(subcommand)]
    Key(KeyCommand),
    /// Members of an organization, who sign in to the console
    #[command(subcommand)]
    Member(MemberCommand),
    /// Operators, who run the platform and belong to no organization
    #[command(subcommand)]
    Operator(OperatorCommand),
    /// Links: what a client opens
    #[command(subcommand)]
    Link(link::LinkCommand),
    /// Files of links
    #[command(subcommand)]
    Batch(batch::BatchCommand),
    /// Connections: what a client made
    #[command(subcommand)]
    Connection(connection::ConnectionCommand),
    /// Bills: what was collected
    #[command(subcommand)]
    Bill(bill::BillCommand),
    /// Webhook endpoints: where an organization is told of changes
    #[command(subcommand)]
    Webhook(webhook::WebhookCommand),
    /// The audit log of an organization
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// How an organization's links look
    #[command(subcommand)]
    Brand(BrandCommand),
    /// Write what a connection's sign-in saw when it last failed without an answer: reason, step, masked page
    Failure {
        /// Id of the connection, from the log
        #[arg(value_name = "ID")]
        connection: ConnectionId,
        /// Id of the company that it belongs to, from the log
        #[arg(long, value_name = "ID")]
        company: CompanyId,
        /// Folder to write failure.json, page.txt and page.jpg into; files that are there are left alone
        #[arg(long, value_name = "FOLDER")]
        out: PathBuf,
    },
}

#[derive(Subcommand)]
enum OrganizationCommand {
    /// Add an organization and print its id
    Add {
        /// Name of the organization
        #[arg(long)]
        name: String,
    },
    /// List the organizations, oldest first
    List,
}

#[derive(Subcommand)]
enum CompanyCommand {
    /// Add a company and print its ids
    Add(CompanyAdd),
    /// List an organization's companies
    List(Of),
    /// Delete a company for good, with its sites and links; its connections are deleted first
    Delete {
        /// Id of the company
        #[arg(value_name = "ID")]
        id: CompanyId,
        #[command(flatten)]
        of: Of,
        /// What becomes of bills that were kept when their connections were deleted: a company that keeps some stays
        #[arg(long, value_enum, default_value_t = connection::Bills::Keep)]
        bills: connection::Bills,
    },
}

#[derive(Subcommand)]
enum SiteCommand {
    /// Add a site and print its id
    Add(SiteAdd),
    /// List the sites of a company
    List {
        #[command(flatten)]
        of: Of,
        /// Id of the company
        #[arg(long, value_name = "ID")]
        company: CompanyId,
    },
    /// Delete a site for good: accounts are no longer at it, and links no longer tick it
    Delete {
        /// Id of the site
        #[arg(value_name = "ID")]
        id: SiteId,
        #[command(flatten)]
        of: Of,
    },
}

#[derive(Subcommand)]
enum KeyCommand {
    /// Make an API key and print it: it is shown this once
    Add(KeyAdd),
    /// List an organization's API keys
    List {
        /// Id of the organization whose keys are listed
        #[arg(long, value_name = "ID", env = "MAGIC_LINKS_ORGANIZATION")]
        organization: OrganizationId,
    },
    /// Take an API key back, at once
    Revoke {
        /// Id of the organization that the key belongs to
        #[arg(long, value_name = "ID", env = "MAGIC_LINKS_ORGANIZATION")]
        organization: OrganizationId,
        /// Id of the key, from `key list`
        #[arg(long, value_name = "ID")]
        key: ApiKeyId,
    },
}

#[derive(Subcommand)]
enum MemberCommand {
    /// Add a member and print an invitation, which lets them in once
    Add(MemberAdd),
    /// Print another invitation, for a member who has lost theirs or the password
    Invite(MemberChoice),
    /// List an organization's members
    List {
        /// Id of the organization whose members are listed
        #[arg(long, value_name = "ID", env = "MAGIC_LINKS_ORGANIZATION")]
        organization: OrganizationId,
    },
    /// Remove a member and end their sessions, at once; the last owner stays
    Remove(MemberChoice),
    /// Take the authenticator from a member who lost it: they sign in with the password alone, and may add another
    ResetAuthenticator(MemberChoice),
}

#[derive(Subcommand)]
enum OperatorCommand {
    /// Add an operator and print an invitation, which lets them choose a password and set an authenticator up, once
    Add(OperatorAdd),
    /// Print another invitation, for an operator who has lost theirs, the password or the phone
    Invite(OperatorChoice),
    /// List the operators
    List,
    /// Remove an operator and end their sessions, at once
    Remove(OperatorChoice),
}

#[derive(Subcommand)]
enum BrandCommand {
    /// Set an organization's brand, after checking it, and hand it to the edge
    Set {
        /// Id of the organization whose brand it is
        #[arg(long, value_name = "ID", env = "MAGIC_LINKS_ORGANIZATION")]
        organization: OrganizationId,
        /// JSON: name, accent, onAccent (both #rrggbb), and if wanted logo (data:image/…;base64,…), font, supportEmail, frameAncestors
        #[arg(long, value_name = "FILE")]
        file: PathBuf,
    },
}

/// Runs one command, and returns the code with which the program exits.
#[must_use]
pub fn run(command: Command) -> ExitCode {
    let done = tokio::runtime::Runtime::new()
        .map_err(|error| format!("Threads cannot be started: {error}."))
        .and_then(|runtime| runtime.block_on(dispatch(command)));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("{}", output::plain(&sentence));
            ExitCode::FAILURE
        }
    }
}

async fn dispatch(command: Command) -> Outcome {
    let file = command.config.or_else(|| {
        let usual = PathBuf::from(DEFAULT_FILE);
        usual.is_file().then_some(usual)
    });
    let file = file.as_deref();
    let out = Output { json: command.json };
    match command.what.unwrap_or(What::Serve) {
        What::Serve => serve::run(load(file)?).await,
        What::Check => check::run(&out, file).await,
        What::Migrate => {
            let context = open(load(file)?).await?;
            let vault = Arc::new(Vault::new(&context.config.vault_keys));
            let blobs = crate::serve::open_blobs(&context.config, &vault)
                .map_err(|error| error.to_string())?;
            let moved = move_files(&context.store, &blobs)
                .await
                .map_err(|error| error.to_string())?;
            let told = serde_json::json!({ "migrated": true, "filesMoved": moved });
            out.say(&told, || "The database is up to date.".into())
        }
        What::NewKeys => keys::fresh(&out, &SystemRandom),
        What::Organization(OrganizationCommand::List) => {
            organizations::list(&open(load(file)?).await?, &out).await
        }
        What::Organization(OrganizationCommand::Add { name }) => {
            add::organization(&open(load(file)?).await?, &out, &name).await
        }
        What::Company(CompanyCommand::Add(what)) => {
            add::company(&open(load(file)?).await?, &out, what).await
        }
        What::Site(SiteCommand::Add(what)) => {
            add::site(&open(load(file)?).await?, &out, what).await
        }
        What::Company(CompanyCommand::List(of)) => {
            companies::list(&open(load(file)?).await?, &out, of).await
        }
        What::Site(SiteCommand::List { of, company }) => {
            companies::sites(&open(load(file)?).await?, &out, of, company).await
        }
        What::Company(CompanyCommand::Delete { id, of, bills }) => {
            companies::delete(&open(load(file)?).await?, &out, of, (id, bills)).await
        }
        What::Site(SiteCommand::Delete { id, of }) => {
            companies::delete_site(&open(load(file)?).await?, &out, of, id).await
        }
        What::Link(what) => link::run(&open(load(file)?).await?, &out, what).await,
        What::Batch(what) => batch::run(&open(load(file)?).await?, &out, what).await,
        What::Connection(what) => connection::run(&open(load(file)?).await?, &out, what).await,
        What::Bill(what) => bill::run(&open(load(file)?).await?, &out, what).await,
        What::Webhook(what) => webhook::run(&open(load(file)?).await?, &out, what).await,
        What::Audit(what) => audit::run(&open(load(file)?).await?, &out, what).await,
        What::Key(KeyCommand::Add(what)) => keys::add(&open(load(file)?).await?, &out, what).await,
        What::Key(KeyCommand::List { organization }) => {
            keys::list(&open(load(file)?).await?, &out, organization).await
        }
        What::Key(KeyCommand::Revoke { organization, key }) => {
            keys::revoke(&open(load(file)?).await?, &out, organization, key).await
        }
        What::Member(MemberCommand::Add(what)) => {
            members::add(&open(load(file)?).await?, &out, what).await
        }
        What::Member(MemberCommand::Invite(who)) => {
            members::invite(&open(load(file)?).await?, &out, &who).await
        }
        What::Member(MemberCommand::List { organization }) => {
            members::list(&open(load(file)?).await?, &out, organization).await
        }
        What::Member(MemberCommand::Remove(who)) => {
            members::remove(&open(load(file)?).await?, &out, &who).await
        }
        What::Member(MemberCommand::ResetAuthenticator(who)) => {
            members::reset_authenticator(&open(load(file)?).await?, &out, &who).await
        }
        What::Operator(OperatorCommand::Add(what)) => {
            operators::add(&open(load(file)?).await?, &out, what).await
        }
        What::Operator(OperatorCommand::Invite(who)) => {
            operators::invite(&open(load(file)?).await?, &out, &who).await
        }
        What::Operator(OperatorCommand::List) => {
            operators::list(&open(load(file)?).await?, &out).await
        }
        What::Operator(OperatorCommand::Remove(who)) => {
            operators::remove(&open(load(file)?).await?, &out, &who).await
        }
        What::Brand(BrandCommand::Set {
            organization,
            file: brand,
        }) => brand::set(&open(load(file)?).await?, &out, organization, &brand).await,
        What::Failure {
            connection,
            company,
            out: folder,
        } => {
            failure::write(
                &open(load(file)?).await?,
                &out,
                (company, connection),
                &folder,
            )
            .await
        }
    }
}

fn load(file: Option<&Path>) -> Outcome<Config> {
    config::load(file, std::env::vars()).map_err(|problems| {
        let place = match file {
            Some(file) => file.display().to_string(),
            None => format!("no {DEFAULT_FILE} here, so the environment alone"),
        };
        format!("The configuration ({place}) cannot be used:\n{problems}\n`origin new-keys` prints fresh keys; docs/origin.example.toml explains every setting.")
    })
}

/// The database, its schema up to date.
async fn open(config: Config) -> Outcome<CommandContext> {
    let store = crate::serve::open_store(&config)
        .await
        .map_err(|error| error.to_string())?;
    let token_keys = config
        .key_ring()
        .map_err(|error| format!("The token keys cannot be used: {error}."))?;
    Ok(CommandContext {
        config,
        store,
        token_keys: Arc::new(token_keys),
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
    })
}
