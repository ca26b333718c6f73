//! `origin check`: everything that is wrong, at once, each with its remedy.

use std::{
    fs,
    io::Read as _,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use browser::BrowserConfig;
use serde_json::{Value, json};

use super::{context::Outcome, output::Output};
use crate::{
    blobs,
    clock::{Clock as _, SystemClock},
    config::{
        self, BlobConfig, Config, ConfigProblem, DatabaseUrl, Location, MailConfig, Problems,
    },
    mail::SmtpClient,
    store::{Store, sqlite_path},
};

pub(super) async fn run(out: &Output, file: Option<&Path>) -> Outcome {
    let problems = find(file).await;
    let rows: Vec<_> = problems.iter().map(row).collect();
    let good = problems.is_empty();
    out.say(&json!({ "ok": good, "problems": rows }), || {
        if good {
            return "Everything is in order.".into();
        }
        Problems(problems.clone()).to_string()
    })?;
    match problems.len() {
        0 => Ok(()),
        1 => Err("1 thing is wrong.".into()),
        many => Err(format!("{many} things are wrong.")),
    }
}

async fn find(file: Option<&Path>) -> Vec<ConfigProblem> {
    let mut problems = Vec::new();
    let text = match file.map(fs::read_to_string).transpose() {
        Ok(text) => text.unwrap_or_default(),
        Err(error) => {
            let shown = file.unwrap_or_else(|| Path::new("")).display().to_string();
            problems.push(ConfigProblem::elsewhere(
                format!("The configuration file {shown}"),
                format!("cannot be read: {error}"),
            ));
            String::new()
        }
    };
    problems.extend(file.and_then(private_file));
    let (partial, config) = config::read_partial(file, &text, std::env::vars());
    if let Err(Problems(found)) = &config {
        problems.extend(found.iter().cloned());
    }
    problems.extend(
        partial
            .data_dir
            .as_deref()
            .and_then(|dir| unwritable("data_dir", dir)),
    );
    if let Some(url) = &partial.database_url {
        problems.extend(database(url, partial.data_dir.as_deref(), config.as_ref().ok()).await);
    }
    if let Some(config) = &partial.blobs {
        problems.extend(blob_storage(config, partial.data_dir.as_deref()).await);
    }
    if let Ok(config) = &config {
        problems.extend(mail(&config.mail).await);
    }
    problems.extend(partial.browser.as_ref().map(browser).unwrap_or_default());
    problems
}

/// A problem as scripts read it.
fn row(problem: &ConfigProblem) -> Value {
    let (about, what) = (&problem.about, &problem.what);
    match &problem.location {
        Some(Location::File { path, line, column }) => {
            json!({ "about": about, "what": what, "file": path, "line": line, "column": column })
        }
        Some(Location::Variable(name)) => {
            json!({ "about": about, "what": what, "variable": name })
        }
        None => json!({ "about": about, "what": what }),
    }
}

/// The file holds keys, and browsers run as other users of this machine.
fn private_file(file: &Path) -> Option<ConfigProblem> {
    let mode = fs::metadata(file).ok()?.permissions().mode();
    (mode & 0o077 != 0).then(|| {
        let shown = file.display();
        ConfigProblem::elsewhere(
            format!("The configuration file {shown}"),
            format!("holds keys and can be read by other users: chmod 600 {shown}"),
        )
    })
}

fn unwritable(about: &str, dir: &Path) -> Option<ConfigProblem> {
    let shown = dir.display();
    // Looking must not make it: what counts is the folder that it will be made in.
    let there = dir.ancestors().find(|folder| folder.exists());
    let there = there.unwrap_or_else(|| Path::new("."));
    let error = tempfile::tempfile_in(there).err()?;
    Some(ConfigProblem::elsewhere(
        about,
        format!("{shown} cannot be written to: {error}"),
    ))
}

/// Tries the storage of blobs. A folder is only looked at, a bucket must take, give and delete an object.
async fn blob_storage(config: &BlobConfig, data_dir: Option<&Path>) -> Option<ConfigProblem> {
    let folder = match config {
        BlobConfig::Folder(folder) => folder,
        BlobConfig::S3(_) => {
            let tried = match blobs::open(config) {
                Ok(objects) => blobs::probe(&*objects)
                    .await
                    .map_err(blobs::OpenError::from),
                Err(error) => Err(error),
            };
            let error = tried.err()?;
            return Some(ConfigProblem::elsewhere(
                "blobs.bucket",
                format!("cannot be used: {error}"),
            ));
        }
    };
    // What is wrong with the data folder is said once.
    if data_dir.is_some_and(|dir| folder.starts_with(dir)) {
        return None;
    }
    unwritable("blobs.folder", folder)
}

/// Connects to the mail server as for a message, and sends none.
async fn mail(config: &MailConfig) -> Option<ConfigProblem> {
    let smtp = config.smtp.as_ref()?;
    let what = match SmtpClient::new(smtp, &config.from) {
        Ok(client) => {
            let error = client.probe().await.err()?;
            format!("cannot be used: {}", error.explanation())
        }
        Err(error) => format!("cannot be used: {error}"),
    };
    Some(ConfigProblem::elsewhere("mail.smtp", what))
}

async fn database(
    url: &DatabaseUrl,
    data_dir: Option<&Path>,
    config: Option<&Config>,
) -> Option<ConfigProblem> {
    let fresh = sqlite_path(url.as_str()).is_some_and(|path| !path.exists());
    if fresh {
        // Looking must not make it; its folder is what can be wrong.
        let folder = sqlite_path(url.as_str())?.parent()?;
        let made_when_serving = data_dir.is_some_and(|dir| folder == dir);
        let known = made_when_serving || folder.as_os_str().is_empty() || folder.is_dir();
        return (!known).then(|| {
            ConfigProblem::elsewhere(
                "database_url",
                format!("is in the folder {}, which is not there", folder.display()),
            )
        });
    }
    let store = match Store::open(url.as_str()).await {
        Ok(store) => store,
        Err(error) => {
            return Some(ConfigProblem::elsewhere(
                "database_url",
                format!("({url}) cannot be reached: {error}"),
            ));
        }
    };
    // Before the first migration there are no links, and so no keys in use.
    let in_use = store
        .read("cli.token_keys_in_use", |tx| {
            Box::pin(tx.token_keys_in_use(SystemClock.now()))
        })
        .await
        .unwrap_or_default();
    store.close().await;
    let keys = &config?.token_keys;
    let retired = in_use
        .iter()
        .find(|id| keys.iter().all(|key| key.id != **id))?;
    Some(ConfigProblem::elsewhere(
        "token_keys",
        format!(
            "lacks the key {retired}, which links that can still be opened were sealed with: put it back"
        ),
    ))
}

fn browser(config: &BrowserConfig) -> Vec<ConfigProblem> {
    let mut problems: Vec<_> = executable(&config.executable).into_iter().collect();
    if rustix::process::geteuid().is_root() && find_program("setpriv").is_none() {
        problems.push(ConfigProblem::elsewhere("setpriv", "is not installed: a root origin starts browsers as other users with it (package util-linux)"));
    }
    // A root origin needs them as well: its browsers run as ordinary users who may not become more.
    if let Some(setting) = no_user_namespaces() {
        problems.push(ConfigProblem::elsewhere(
            "User namespaces",
            format!(
                "are switched off for ordinary users ({setting}), and Chromium's sandbox is made of them: allow them"
            ),
        ));
    }
    problems
}

fn executable(path: &Path) -> Option<ConfigProblem> {
    let about = "browser.executable";
    let shown = path.display();
    let Ok(data) = fs::metadata(path) else {
        return Some(ConfigProblem::elsewhere(
            about,
            format!(
                "is not at {shown}: install chromium-headless-shell (Debian), or set where it is"
            ),
        ));
    };
    if !data.is_file() || data.permissions().mode() & 0o111 == 0 {
        return Some(ConfigProblem::elsewhere(
            about,
            format!("{shown} is no program"),
        ));
    }
    let mut start = [0; 2];
    let read = fs::File::open(path).and_then(|mut file| file.read_exact(&mut start));
    if read.is_ok() && start == *b"#!" {
        return Some(ConfigProblem::elsewhere(
            about,
            format!(
                "{shown} is a script around the browser: name the program itself, such as /usr/lib/chromium/chromium-headless-shell"
            ),
        ));
    }
    None
}

/// The kernel setting that forbids them, if one does.
fn no_user_namespaces() -> Option<&'static str> {
    let forbidding = [
        ("/proc/sys/user/max_user_namespaces", "0"),
        ("/proc/sys/kernel/unprivileged_userns_clone", "0"),
        (
            "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
            "1",
        ),
    ];
    let forbids = |(path, value): &&(&'static str, &str)| {
        fs::read_to_string(path).is_ok_and(|text| text.trim() == *value)
    };
    forbidding.iter().find(forbids).map(|(path, _)| *path)
}

fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}
