//! The programs of the cookbook do what it says, each from its first block to its last one.

use std::{path::Path, process::Stdio, time::Duration};

use origin::{
    clock::{Clock as _, SystemClock, SystemRandom, bytes},
    store::{StoreError, collections::CollectionOutcome, connections::FoundStatus},
};
use serde_json::Value;
use shared::{
    api_key::ApiKeyEnvironment,
    id::{CollectionId, CompanyId, ConnectionId},
    status::ConnectionStatus,
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    process::{Child, Command},
    time::timeout,
};

use crate::running::{Running, connect, with_running};

const COOKBOOK: &str = include_str!("../../../docs/cookbook.md");
/// How long a program may take from line to line.
const PATIENCE: Duration = Duration::from_secs(30);

/// A language of the cookbook.
struct Language {
    /// What its blocks are marked with.
    mark: &'static str,
    /// The program that runs it.
    program: &'static str,
    /// The name of the script.
    file: &'static str,
    /// Where in the script its client is given time to connect: before the block that begins so.
    client_connects_before: &'static str,
    /// A line that waits for a line from whoever runs the script.
    wait: &'static str,
    /// What ends the names of its files.
    name: &'static str,
}

const LANGUAGES: [Language; 3] = [
    Language {
        mark: "bash",
        program: "bash",
        file: "cookbook.sh",
        client_connects_before: "broken=",
        wait: "read -r _",
        name: "curl",
    },
    Language {
        mark: "python",
        program: "python3",
        file: "cookbook.py",
        client_connects_before: "def pages(",
        wait: "import sys; sys.stdout.flush(); input()",
        name: "python",
    },
    Language {
        mark: "javascript",
        program: "node",
        file: "cookbook.mjs",
        client_connects_before: "async function* pages(",
        wait: "await new Promise((go) => process.stdin.once(\"data\", go)); process.stdin.unref();",
        name: "javascript",
    },
];

/// The script of a language: its blocks, put together.
fn script(language: &Language) -> String {
    let mut script = String::new();
    let begin = format!("```{}\n", language.mark);
    for block in COOKBOOK.split(&begin).skip(1) {
        let (block, _) = block.split_once("```").expect("its end");
        if block.starts_with(language.client_connects_before) {
            script.push_str(language.wait);
            script.push('\n');
        }
        script.push_str(block);
    }
    assert!(script.contains(language.wait), "{script}");
    script
}

#[tokio::test(flavor = "multi_thread")]
async fn each_program_goes_from_a_company_to_its_bills() {
    with_running(async |running| {
        for language in &LANGUAGES {
            let link = run(running, language).await;
            run_again(running, language, &link).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_program_ends_with_what_the_api_says() {
    with_running(async |running| {
        let key = running.caller.make_key(ApiKeyEnvironment::Sandbox).await;
        for language in &LANGUAGES {
            let child = start(running, language, &key);
            let ended = timeout(PATIENCE, child.wait_with_output()).await;
            let ended = ended.expect("in time").expect("it ran");
            let errors = String::from_utf8_lossy(&ended.stderr);
            let (program, succeeded) = (language.program, ended.status.success());
            assert!(!succeeded && errors.contains("url "), "{program}: {errors}");
            let told = String::from_utf8_lossy(&ended.stdout);
            assert!(!told.contains("link: "), "{program}: {told}");
        }
    })
    .await;
}

/// Starts the script of a language with this key.
fn start(running: &Running, language: &Language, key: &str) -> Child {
    let folder = running.folder.path();
    let file = folder.join(language.file);
    std::fs::write(&file, script(language)).expect("written");
    Command::new(language.program)
        .arg(&file)
        .env("API", &running.caller.base)
        .env("KEY", key)
        .env("no_proxy", "127.0.0.1")
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("it starts")
}

/// Runs the script with a client who connects in the midst of it, and returns the link that it made.
async fn run(running: &Running, language: &Language) -> String {
    let folder = running.folder.path();
    let mut child = start(running, language, &running.caller.key);
    let mut out = BufReader::new(child.stdout.take().expect("its output")).lines();
    let mut told = Vec::new();
    while let Ok(Ok(Some(line))) = timeout(PATIENCE, out.next_line()).await {
        told.push(line);
        if told.last().is_some_and(|line| line.starts_with("status: ")) {
            break;
        }
    }
    let link = told.iter().find_map(|line| line.strip_prefix("link: "));
    let Some(link) = link else {
        let mut errors = String::new();
        let mut from = child.stderr.take().expect("its errors");
        from.read_to_string(&mut errors).await.expect("text");
        panic!("{}: no link: {told:?} {errors}", language.program);
    };
    let link = link.to_owned();
    let (company, id) = made(running, &link).await;
    assert!(
        told.contains(&"status: ACTIVE, events: 1".to_owned()),
        "{told:?}"
    );
    if language.name != "curl" {
        let wrong = told.iter().any(|line| line.starts_with("wrong: country "));
        assert!(wrong, "{told:?}");
    }

    // The client connects, and changes the password afterwards.
    let (connection, bill) = connect(running, &company, &id).await;
    refuse_password(running, &company, connection).await;
    let mut input = child.stdin.take().expect("its input");
    input.write_all(b"\n").await.expect("it listens");
    drop(input);
    told.clear();
    while let Some(line) = timeout(PATIENCE, out.next_line())
        .await
        .expect("in time")
        .expect("text")
    {
        told.push(line);
    }
    let ended = timeout(PATIENCE, child.wait_with_output());
    let ended = ended.await.expect("in time").expect("it ran");
    let errors = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{}: {errors}", language.program);
    let update = told
        .iter()
        .any(|line| line.starts_with("update link: http"));
    assert!(update, "{}: {told:?}", language.program);
    assert!(told.contains(&format!("bill: {bill}")), "{told:?}");
    let read = |name: &str| std::fs::read(Path::new(folder).join(name)).expect("a file");
    let table = read(&format!("bills-{}.csv", language.name));
    let table = String::from_utf8(table).expect("text");
    assert!(table.contains(&bill.to_string()), "{table}");
    let pdf = read(&format!("{}-{bill}.pdf", language.name));
    assert!(pdf.starts_with(b"%PDF"));
    link
}

/// What is there is found, and the same link is answered.
async fn run_again(running: &Running, language: &Language, link: &str) {
    let mut child = start(running, language, &running.caller.key);
    let mut input = child.stdin.take().expect("its input");
    input.write_all(b"\n").await.expect("it listens");
    drop(input);
    let ended = timeout(PATIENCE, child.wait_with_output()).await;
    let ended = ended.expect("in time").expect("it ran");
    let (told, errors) = (
        String::from_utf8_lossy(&ended.stdout),
        String::from_utf8_lossy(&ended.stderr),
    );
    assert!(ended.status.success(), "{}: {errors}", language.program);
    let same = told.lines().any(|line| line == format!("link: {link}"));
    assert!(
        same && told.contains("bill: "),
        "{}: {told}",
        language.program
    );
}

/// The company and the link of this URL.
async fn made(running: &Running, url: &str) -> (String, String) {
    let companies = running.caller.get("/v2.2/company?limit=500").await;
    for company in companies["companies"].as_array().expect("companies") {
        let company = company["id"].as_str().expect("an id");
        let links = running
            .caller
            .get(&format!("/v2.2/link/company/{company}"))
            .await;
        let links = links["links"].as_array().expect("links");
        let is_it = |link: &&Value| link["magicLinkUrl"] == url;
        if let Some(link) = links.iter().find(is_it) {
            let id = link["id"].as_str().expect("an id");
            return (company.to_owned(), id.to_owned());
        }
    }
    panic!("no link has this URL");
}

/// What a collection leaves behind that was refused.
async fn refuse_password(running: &Running, company: &str, connection: ConnectionId) {
    let company: CompanyId = company.parse().expect("an id");
    let outcome = &CollectionOutcome {
        id: CollectionId::from_random(bytes(&SystemRandom)),
        found: FoundStatus {
            status: ConnectionStatus::PasswordIncorrect,
            detail: None,
            error_detail: Some("Wrong password.".into()),
        },
        bills_found: 0,
        bills_new: 0,
        held_requests: 0,
        unproven: None,
        next_at: None,
        now: SystemClock.now(),
    };
    let ended = running.store.tx("test", |tx| {
        Box::pin(async move {
            tx.start_collection(company, connection, outcome.id, outcome.now)
                .await?;
            let ended = tx.end_collection(company, connection, outcome).await?;
            Ok::<_, StoreError>(ended.is_some())
        })
    });
    assert!(ended.await.expect("the store"), "it ended");
}
