//! The OpenAPI document against the running origin: schemathesis sends what the document allows and what it does not, and
//! every answer must be one that the document names, in its shape, and never a fault of ours.

use std::{
    fs,
    net::SocketAddr,
    path::PathBuf,
    process::{Command, Output},
};

use serde_json::json;
use shared::api_key::ApiKeyEnvironment;

use crate::running::{Running, connect, with_running};

/// The variable that names the program.
const PROGRAM: &str = "MAGIC_LINKS_TEST_SCHEMATHESIS";
/// How it is run, with a place for the id of each thing that is there.
const SETTINGS: &str = include_str!("schemathesis.toml");

#[tokio::test(flavor = "multi_thread")]
async fn schemathesis_finds_no_answer_that_the_document_does_not_name() {
    let program = std::env::var(PROGRAM).unwrap_or_else(|_| {
        panic!(
            "{PROGRAM} is not set: run `cargo xtask test schemathesis`, or set it to the program"
        )
    });
    let ran = with_running(async |running| {
        let mut settings = SETTINGS.to_owned();
        for (place, value) in make_things(running).await {
            settings = settings.replace(&format!("${{{place}}}"), &value);
        }
        while settings.contains("${secret}") {
            settings = settings.replacen(
                "${secret}",
                &running.caller.make_key(ApiKeyEnvironment::Production).await,
                1,
            );
        }
        let folder = running.folder.path();
        fs::write(folder.join("schemathesis.toml"), settings).expect("written");
        run(program, folder.to_owned(), running.address).await
    });
    let ran = ran.await;
    let told = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (told(&ran.stdout), told(&ran.stderr));
    println!("{out}");
    assert!(ran.status.success(), "{}: {out}{err}", ran.status);
}

async fn run(program: String, folder: PathBuf, address: SocketAddr) -> Output {
    let run = move || {
        Command::new(program)
            .args(["run", "--no-color"])
            .arg(format!("http://{address}/v2.2/openapi.json"))
            .current_dir(folder)
            .output()
            .expect("it starts")
    };
    tokio::task::spawn_blocking(run).await.expect("it ran")
}

/// One thing of each kind, so that not every id is unknown.
async fn make_things(running: &Running) -> Vec<(&'static str, String)> {
    let caller = &running.caller;
    let company = caller
        .make("/v2.2/company", json!({ "name": "Bakery" }))
        .await;
    let sites = format!("/v2.2/site/company/{company}");
    let site = caller.make(&sites, json!({ "name": "Shop" })).await;
    let links = format!("/v2.2/connection/company/{company}/link");
    let link = caller.make(&links, json!({})).await;
    let (connection, bill) = connect(running, &company, &link).await;
    let accounts = format!("/v2.2/account/company/{company}");
    let accounts = caller.get(&accounts).await;
    let account = accounts["accounts"][0]["id"].as_str().expect("an id");
    let hook = json!({ "url": "https://hooks.example.com/" });
    let webhook = caller.make("/v2.2/webhook", hook.clone()).await;
    let test = format!("/v2.2/webhook/{webhook}/test");
    let delivery = caller.make(&test, json!({})).await;
    let key = json!({ "name": "reader", "scopes": ["read"] });
    let person = |name: &str| {
        let email = format!("{name}@organization.example");
        json!({ "name": name, "email": email, "role": "MEMBER" })
    };
    vec![
        ("company", company),
        ("site", site),
        ("link", link),
        ("connection", connection.to_string()),
        ("bill", bill.to_string()),
        ("batch", caller.send_file("company\nBakery\nNobody").await),
        ("account", account.to_owned()),
        ("webhook", webhook),
        ("delivery", delivery),
        ("removed", caller.make("/v2.2/webhook", hook).await),
        ("key", caller.make("/v2.2/key", key.clone()).await),
        ("revoked", caller.make("/v2.2/key", key).await),
        ("member", caller.make("/v2.2/member", person("kim")).await),
        ("gone", caller.make("/v2.2/member", person("lee")).await),
    ]
}
