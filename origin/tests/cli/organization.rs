//! What an operator does for an organization: links, connections, bills, webhooks and members.

use std::fs;

use origin::{
    config,
    serve::{open_blobs, open_store},
    store::StoreError,
    vault::Vault,
};
use serde_json::Value;

use super::{TestEnv, id, text};

#[path = "../things/connected.rs"]
mod connected;

/// Runs commands for one organization.
struct Operator {
    env: TestEnv,
    organization: String,
}

impl Operator {
    fn new() -> Self {
        let env = TestEnv::new("");
        let organization = id(&env.json(&["organization", "add", "--name", "Acme"]));
        Self { env, organization }
    }

    fn with_own<'a>(&'a self, words: &[&'a str]) -> Vec<&'a str> {
        [words, &["--organization", &self.organization]].concat()
    }

    fn json(&self, words: &[&str]) -> Value {
        self.env.json(&self.with_own(words))
    }

    fn refusal(&self, words: &[&str]) -> String {
        self.env.refusal(&self.with_own(words))
    }

    /// What a person reads.
    fn told(&self, words: &[&str]) -> String {
        let out = self.env.run(&self.with_own(words));
        assert!(out.status.success(), "{words:?}: {}", text(&out.stderr));
        text(&out.stdout)
    }

    fn company(&self, name: &str) -> String {
        id(&self.json(&["company", "add", "--name", name]))
    }

    fn file(&self, name: &str, content: &str) {
        fs::write(self.env.path().join(name), content).expect("written");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.env.path().join(name)).expect("a file")
    }
}

#[test]
fn links_are_made_sent_extended_and_taken_back() {
    let operator = Operator::new();
    let (bakery, mill) = (operator.company("Bakery"), operator.company("Mill"));
    let both = format!("{bakery},{mill}");
    let make = ["link", "make", "--company", &both];
    let unsent = operator.refusal(&[&make[..], &["--send"]].concat());
    assert!(
        unsent.starts_with("--connection-owner-email is"),
        "{unsent}"
    );
    let wrong = ["--country", "Nowhere", "--expires-in-seconds", "5"];
    let refused = operator.refusal(&[&make[..], &wrong].concat());
    let lines: Vec<_> = refused.lines().collect();
    assert_eq!(lines.len(), 2, "{refused}");
    assert!(
        refused.contains("--country ") && refused.contains("--expires-in-seconds must be"),
        "{refused}"
    );
    let none = operator.json(&["link", "list"]);
    assert_eq!(none["links"].as_array().map(Vec::len), Some(0), "{none}");

    let good = [
        "--url",
        "https://utility.example/login",
        "--connection-owner-email",
        "owner@client.example",
        "--expires-in-seconds",
        "3600",
        "--send",
    ];
    let made = operator.json(&[&make[..], &good].concat());
    let first = made["links"][0]["magicLinkUrl"].as_str().expect("a URL");
    assert!(
        first.starts_with("http://127.0.0.1:9/p/connect/"),
        "{first}"
    );
    let link = id(&made["links"][1]);
    let extended = operator.json(&["link", "extend", &link, "--expires-in-seconds", "7200"]);
    assert_ne!(extended["magicLinkUrl"], made["links"][1]["magicLinkUrl"]);
    let late = operator.refusal(&["link", "extend", &link, "--expires-in-seconds", "60"]);
    assert!(late.contains("must end the link later"), "{late}");
    let sent = operator.told(&["link", "send", &link, "--to", "kim@client.example"]);
    assert!(sent.contains("on its way to kim@client.example"), "{sent}");
    let why = ["link", "revoke", &link, "--reason", "Wrong company"];
    let revoked = operator.json(&why);
    assert_eq!(revoked["status"], "REVOKED");
    assert_eq!(revoked["revokedReason"], "Wrong company");
    let again = operator.refusal(&["link", "send", &link]);
    assert_eq!(again.trim(), "The link was taken back.");
    let shown = operator.json(&["link", "show", &link]);
    let events = shown["events"].as_array().expect("a log");
    assert!(events.iter().any(|it| it["type"] == "REVOKED"), "{shown}");
    let listed = operator.told(&["link", "list", "--status", "active"]);
    assert!(
        listed.contains("Bakery") && !listed.contains("Mill"),
        "{listed}"
    );
    let companies = operator.told(&["company", "list"]);
    assert_eq!(companies.lines().count(), 2, "{companies}");
}

#[test]
fn organizations_are_listed() {
    let operator = Operator::new();
    let other = id(&operator
        .env
        .json(&["organization", "add", "--name", "Brook"]));
    let listed = operator.env.json(&["organization", "list"]);
    let ids: Vec<_> = listed["organizations"]
        .as_array()
        .expect("organizations")
        .iter()
        .map(id)
        .collect();
    assert_eq!(ids, [operator.organization.clone(), other]);
}

#[test]
fn a_file_of_links_is_worked_to_its_end() {
    let operator = Operator::new();
    operator.company("Bakery");
    operator.file(
        "rows.csv",
        "company,country\nBakery,GB\nMill,GB\nBakery,Nowhere\n",
    );
    let run = ["batch", "run", "rows.csv", "--out"];
    let dry = operator.json(&[&run[..], &["dry.csv", "--dry-run"]].concat());
    assert_eq!((&dry["made"], &dry["failed"]), (&1.into(), &2.into()));
    let made = operator.json(&[&run[..], &["links.csv", "--create"]].concat());
    assert_eq!(
        (&made["made"], &made["failed"]),
        (&2.into(), &1.into()),
        "{made}"
    );
    let results = operator.read("links.csv");
    assert_eq!(results.matches("http://127.0.0.1:9/p/connect/").count(), 2);
    let again = ["batch", "results", &id(&made), "--out", "again.csv"];
    assert_eq!(operator.json(&again)["made"], 2);
    assert_eq!(operator.read("again.csv"), results);
    let taken = operator.refusal(&[&run[..], &["links.csv"]].concat());
    assert!(taken.contains("links.csv cannot be written"), "{taken}");
    let links = operator.json(&["link", "list"]);
    let links = links["links"].as_array().expect("links");
    assert_eq!(links.len(), 2, "nothing is made for nobody");
}

#[test]
fn connections_bills_and_webhooks_are_looked_after() {
    let operator = Operator::new();
    let company = operator.company("Bakery");
    let made = operator.json(&["link", "make", "--company", &company]);
    let link = id(&made["links"][0]);
    let config = operator.env.path().join("origin.toml");
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let (connection, bill) = runtime.block_on(async {
        let data = operator.env.path().join("data").display().to_string();
        let data = [("MAGIC_LINKS__DATA_DIR".to_owned(), data)];
        let config = config::load(Some(&config), data.into_iter()).expect("a configuration");
        let vault = std::sync::Arc::new(Vault::new(&config.vault_keys));
        let store = open_store(&config).await.expect("a database");
        let blobs = open_blobs(&config, &vault).expect("files");
        let made = connected::connect(&store, &blobs, &company, &link).await;
        store.close().await;
        made
    });
    let (connection, bill) = (connection.to_string(), bill.to_string());

    let listed = operator.told(&["connection", "list", "--status", "pending"]);
    assert!(listed.contains("utility.example"), "{listed}");
    let on = |what: &'static str| ["connection", what, &*connection].map(str::to_owned);
    let json = |what| operator.json(&on(what).each_ref().map(String::as_str));
    assert_eq!(json("show")["id"], *connection);
    let update = json("update-link");
    assert_eq!(update["connectionId"], *connection);
    assert_eq!(json("collect")["id"], *connection);
    assert_eq!(json("pause")["isActive"], false);
    let refused = operator.refusal(&["connection", "collect", &connection]);
    assert_eq!(refused.trim(), "The connection is switched off.");
    assert_eq!(json("resume")["isActive"], true);

    let bills = operator.json(&["bill", "list", "--from", "2026-01-01"]);
    assert_eq!(bills["bills"][0]["id"], *bill);
    operator.told(&["bill", "export", "--out", "bills.csv"]);
    assert!(operator.read("bills.csv").contains(&bill));
    operator.told(&["bill", "file", &bill, "--out", "bill.pdf"]);
    assert_eq!(operator.read("bill.pdf"), "%PDF\x01");
    let early = operator.refusal(&["company", "delete", &company]);
    assert_eq!(
        early.trim(),
        "The company has connections: delete these first."
    );
    assert_eq!(
        operator.json(&["connection", "delete", &connection])["deleted"],
        true
    );

    let private = operator.refusal(&["webhook", "add", "--url", "http://hooks.example"]);
    assert!(private.starts_with("--url must be an https"), "{private}");
    let hook = operator.json(&["webhook", "add", "--url", "https://hooks.example/"]);
    let secret = hook["secret"].as_str().expect("a secret");
    assert!(secret.starts_with("whsec_"), "{hook}");
    let hook = id(&hook);
    let sent = id(&operator.json(&["webhook", "test", &hook]));
    operator.json(&["webhook", "replay", &hook, "--delivery", &sent]);
    let deliveries = operator.json(&["webhook", "deliveries", &hook]);
    assert_eq!(deliveries["deliveries"].as_array().map(Vec::len), Some(2));
    let hooks = operator.told(&["webhook", "list"]);
    assert!(
        hooks.contains("ACTIVE") && !hooks.contains(secret),
        "{hooks}"
    );
    operator.json(&["webhook", "remove", &hook]);

    let site = id(&operator
        .env
        .json(&["site", "add", "--company", &company, "--name", "Mistake"]));
    assert_eq!(operator.json(&["site", "delete", &site])["deleted"], true);
    let gone = operator.refusal(&["site", "delete", &site]);
    assert_eq!(gone.trim(), "There is no such company or site.");
    let kept = operator.refusal(&["company", "delete", &company]);
    assert!(kept.contains("--bills delete"), "{kept}");
    let told = operator.told(&["company", "delete", &company, "--bills", "delete"]);
    assert_eq!(told.trim(), "Company Bakery is deleted for good.");
    let companies = operator.json(&["company", "list"]);
    assert_eq!(companies["companies"], serde_json::json!([]));

    let log = operator.json(&["audit", "list"]);
    let events = log["events"].as_array().expect("a log");
    let did = |action: &str| events.iter().filter(|it| it["action"] == action).count();
    for action in [
        "COMPANY_ADDED",
        "LINK_MADE",
        "UPDATE_LINK_MADE",
        "COLLECTION_ASKED",
        "CONNECTION_PAUSED",
        "CONNECTION_RESUMED",
        "CONNECTION_DELETED",
        "BILLS_EXPORTED",
        "BILL_DOWNLOADED",
        "WEBHOOK_ADDED",
        "WEBHOOK_TESTED",
        "WEBHOOK_REPLAYED",
        "WEBHOOK_REMOVED",
        "SITE_DELETED",
        "COMPANY_DELETED",
    ] {
        assert_eq!(did(action), 1, "{action}: {log}");
    }
    assert_eq!(events[0]["actor"]["type"], "COMMAND_LINE");
    let others = operator
        .env
        .json(&["organization", "add", "--name", "Other"]);
    let stranger = ["bill", "file", &bill, "--out", "x", "--organization"];
    let stranger = operator
        .env
        .refusal(&[&stranger[..], &[&id(&others)]].concat());
    assert!(stranger.contains("has no bill"), "{stranger}");
}

#[test]
fn the_last_owner_stays_and_gets_in_without_the_authenticator_that_was_lost() {
    let operator = Operator::new();
    let email = "robin@organization.example";
    let add = ["member", "add", "--email", email, "--name", "Robin"];
    operator.json(&[&add[..], &["--role", "owner"]].concat());
    let remove = operator.refusal(&["member", "remove", "--email", email]);
    assert!(
        remove.starts_with("An organization needs an owner"),
        "{remove}"
    );
    let reset = ["member", "reset-authenticator", "--email", email];
    let none = operator.refusal(&reset);
    assert_eq!(none.trim(), "Robin has no authenticator.");
    let config = operator.env.path().join("data/magic-links.db");
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    runtime.block_on(async {
        let url = format!("sqlite:{}", config.display());
        let store = origin::store::Store::open(&url).await.expect("a database");
        let adding = store.tx("test", |tx| {
            Box::pin(async move {
                let found = tx.members_by_email(email, None).await?;
                let (member, _) = found.first().expect("a member");
                let now = member.created_at;
                tx.begin_second_factor(member, vec![1]).await?;
                tx.confirm_second_factor(member, now).await?;
                Ok::<_, StoreError>(())
            })
        });
        adding.await.expect("added");
        store.close().await;
    });
    let listed = operator.json(&["member", "list"]);
    assert_eq!(listed["members"][0]["hasSecondFactor"], true);
    operator.json(&reset);
    let listed = operator.json(&["member", "list"]);
    assert_eq!(listed["members"][0]["hasSecondFactor"], false);
    let kim = ["--email", "kim@organization.example", "--name", "Kim"];
    operator.json(&[&["member", "add", "--role", "owner"], &kim[..]].concat());
    assert_eq!(
        operator.json(&["member", "remove", "--email", email])["removed"],
        true
    );
}
