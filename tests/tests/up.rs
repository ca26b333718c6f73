//! `cargo xtask up`: from a link to open to nothing left.

use std::{fs, path::Path, time::Duration};

use tests::{
    process::{RunningProgram, free_port, target_folder},
    wait::{DEADLINE, until_with_deadline},
};
use tokio::process::Command;

/// When this test is run alone, `up` may have to build what it starts.
const BUILDING: Duration = Duration::from_secs(10 * 60);

#[tokio::test]
async fn up_prints_a_working_link_and_ctrl_c_leaves_no_process() {
    let artefacts = target_folder().join("e2e/up");
    fs::create_dir_all(&artefacts).expect("a folder for logs");
    let log = artefacts.join("up.log");
    fs::write(&log, "").expect("an empty log");
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let ports: [String; 5] = std::array::from_fn(|_| free_port().to_string());

    let mut command = Command::new(target_folder().join("debug/xtask"));
    command.arg("up").arg("--data").arg(&data);
    let flags = [
        "--edge-port",
        "--origin-port",
        "--api-port",
        "--inbound-port",
        "--utility-port",
    ];
    for (flag, port) in flags.iter().zip(&ports) {
        command.args([flag, &port.as_str()]);
    }
    command.env("CARGO_TARGET_DIR", target_folder());
    let mut up = RunningProgram::start("up", command, &log);
    let told = until_with_deadline(
        "up to be ready",
        BUILDING,
        Duration::from_millis(250),
        async || {
            let told = fs::read_to_string(&log).expect("its log");
            if !told.contains("Ready after") {
                up.assert_alive();
                return None;
            }
            Some(told)
        },
    )
    .await;
    let link = told
        .lines()
        .find_map(|line| line.trim().strip_prefix("The link "));
    let client = reqwest::Client::builder().timeout(DEADLINE).no_proxy();
    let client = client.build().expect("a client");
    let page = client.get(link.expect("a link").trim()).send().await;
    let page = page.expect("an answer");
    assert_eq!(page.status(), 200);
    let mut marks = ports.map(|port| format!(":{port}")).to_vec();
    marks.push(data.display().to_string());
    // The origin, the sample utility, wrangler and workerd, at least.
    assert!(
        started_with(&marks).len() >= 4,
        "{:?}",
        started_with(&marks)
    );

    up.interrupt().await;
    assert_eq!(started_with(&marks), Vec::<String>::new());
    assert!(data.join("keys").is_file(), "the data is kept");
}

/// The command lines of this machine with one of these in them.
fn started_with(marks: &[String]) -> Vec<String> {
    let processes = fs::read_dir(Path::new("/proc"))
        .expect("processes")
        .flatten();
    let lines = processes.filter_map(|process| fs::read(process.path().join("cmdline")).ok());
    let lines = lines.map(|line| String::from_utf8_lossy(&line).replace('\0', " "));
    lines
        .filter(|line| marks.iter().any(|mark| line.contains(mark.as_str())))
        .collect()
}
