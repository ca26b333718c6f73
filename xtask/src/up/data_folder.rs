//! The data folder: what is kept from one start to the next.

use std::{
    fs::{self, File, OpenOptions},
    io::{Read, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use super::Options;
use crate::{Outcome, files, setup};

/// The data folder and the keys in it.
pub struct DataFolder {
    /// The absolute path of the folder.
    pub path: PathBuf,
    keys: Keys,
    /// Two that write to one folder would break each other's.
    _lock: File,
}

/// The keys of edge and origin, generated once, in hexadecimal.
struct Keys {
    token: String,
    vault: String,
    signing: String,
    /// Of the door for messages, which the sample utility shows.
    inbound: String,
}

impl DataFolder {
    /// Opens it, makes it with new keys when it is not there, and empties it first when asked to.
    pub fn open(path: &Path, reset: bool) -> Outcome<Self> {
        let keys = path.join("keys");
        if reset && path.exists() {
            let _lock = lock(path)?;
            if !keys.is_file() {
                return Err(format!(
                    "{} does not look like a data folder (it has no file `keys`), so --reset leaves it alone: remove it yourself.",
                    path.display()
                ));
            }
            files::remove_folder(path)?;
        }
        let logs = path.join("logs");
        files::make_folder(&logs)?;
        let lock = lock(path)?;
        // wrangler's log names the paths that were asked for, and with them links.
        fs::set_permissions(&logs, fs::Permissions::from_mode(0o700))
            .map_err(|error| format!("Cannot close {}: {error}.", logs.display()))?;
        if !keys.is_file() {
            write_private(
                &keys,
                &format!(
                    "token {}\nvault {}\nsigning {}\n",
                    random_hex(16)?,
                    random_hex(32)?,
                    random_hex(32)?
                ),
            )?;
        }
        let mut text = files::read(&keys)?;
        if !text.lines().any(|line| line.starts_with("inbound ")) {
            // Of a version that had no door for messages.
            text.push_str(&format!("inbound {}\n", random_hex(32)?));
            write_private(&keys, &text)?;
        }
        let key = |name: &str| {
            let line = text
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            line.map(str::to_owned).ok_or_else(|| {
                format!(
                    "{} has no key `{name}`: start over with --reset.",
                    keys.display()
                )
            })
        };
        let keys = Keys {
            token: key("token")?,
            vault: key("vault")?,
            signing: key("signing")?,
            inbound: key("inbound")?,
        };
        Ok(Self {
            path: path.to_path_buf(),
            keys,
            _lock: lock,
        })
    }

    /// The log file of a program.
    pub fn log(&self, program: &str) -> PathBuf {
        self.path.join("logs").join(format!("{program}.log"))
    }

    /// The file that holds the edge's secrets.
    pub fn edge_variables(&self) -> PathBuf {
        self.path.join("edge.vars")
    }

    /// The arguments with which the sample utility really sends its codes: to the origin's doors for messages.
    pub fn doors(&self, options: &Options) -> Vec<String> {
        let door = |path: &str| format!("http://127.0.0.1:{}/inbound/{path}", options.inbound_port);
        let secret = &self.keys.inbound;
        let mail = ["--mail-door", &door("mail"), "--mail-secret", secret].map(str::to_owned);
        let sms = ["--sms-door", &door("sms"), "--sms-secret", secret].map(str::to_owned);
        [mail, sms].concat()
    }

    /// Writes what origin and edge are told, and returns the origin's file.
    pub fn write_config(&self, options: &Options) -> Outcome<PathBuf> {
        let Options {
            edge_port,
            origin_port,
            api_port,
            inbound_port,
            utility_port,
            receiver_port,
            ..
        } = options;
        let Keys {
            token,
            vault,
            signing,
            inbound,
        } = &self.keys;
        let data = toml_text(&self.path.display().to_string());
        let chromium =
            setup::chromium().ok_or("Chromium is not installed: run cargo xtask setup.")?;
        let chromium = toml_text(&chromium.display().to_string());
        // The sample utility, by all of its names, and a receiver of webhooks are the private addresses that may be reached.
        let config = format!(
            "# Written by every `cargo xtask up`; docs/origin.example.toml explains the settings.\n\
             data_dir = {data}\n\
             token_keys = [\"1:{token}\"]\n\
             vault_keys = [\"1:{vault}\"]\n\n\
             [edge]\nlisten = \"127.0.0.1:{origin_port}\"\npublic_url = \"http://localhost:{edge_port}\"\nsigning_key = \"{signing}\"\n\n\
             [api]\nlisten = \"127.0.0.1:{api_port}\"\npublic_url = \"http://localhost:{api_port}\"\n\n\
             [inbound]\ndomain = \"codes.example\"\nlisten = \"127.0.0.1:{inbound_port}\"\nsecret = \"{inbound}\"\n\n\
             [inbound.sms]\nnumbers = [\"+15005550006\"]\nauth_token = \"{inbound}\"\npublic_url = \"http://127.0.0.1:{inbound_port}/inbound/sms\"\n\n\
             [browser]\nexecutable = {chromium}\nallowed_private_hosts = [\"localhost:{utility_port}\", \"*.localhost:{utility_port}\", \"127.0.0.1:{utility_port}\", \"localhost:{receiver_port}\", \"127.0.0.1:{receiver_port}\"]\n\
             egress_ports = [80, 443, {utility_port}]\n\n\
             [sandbox]\nhosts = [\"localhost:{utility_port}\", \"*.localhost:{utility_port}\"]\n\
             open_to_production = true\nguide_url = \"http://localhost:{utility_port}/sandbox\"\n"
        );
        let file = self.path.join("origin.toml");
        write_private(&file, &config)?;
        let variables = format!(
            "TOKEN_KEYS=1:{token}\nEDGE_SIGNING_KEY={signing}\nORIGINS='{{\"0\":\"http://127.0.0.1:{origin_port}\"}}'\n"
        );
        write_private(&self.edge_variables(), &variables)?;
        Ok(file)
    }
}

fn lock(path: &Path) -> Outcome<File> {
    let folder =
        File::open(path).map_err(|error| format!("Cannot open {}: {error}.", path.display()))?;
    folder.try_lock().map_err(|_| {
        format!(
            "The data folder {} is in use: stop the other `cargo xtask up`, or choose another folder with --data DIR.",
            path.display()
        )
    })?;
    Ok(folder)
}

/// Writes a file that only this user can read.
pub fn write_private(path: &Path, text: &str) -> Outcome {
    let told = |error| format!("Cannot write {}: {error}.", path.display());
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .map_err(told)?;
    // The mode above is for new files; one that was there keeps its own.
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(told)?;
    file.write_all(text.as_bytes()).map_err(told)
}

fn random_hex(bytes: usize) -> Outcome<String> {
    let mut random = vec![0; bytes];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut random))
        .map_err(|error| format!("This machine gives no random bytes: {error}."))?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn toml_text(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("xtask-up-{}-{name}", std::process::id()))
    }

    #[test]
    fn keys_are_made_once_and_readable_by_their_owner_alone() {
        let path = folder("keys");
        let first = DataFolder::open(&path, false).unwrap();
        assert_eq!(
            (
                first.keys.token.len(),
                first.keys.vault.len(),
                first.keys.signing.len()
            ),
            (32, 64, 64)
        );
        let vault = first.keys.vault.clone();
        for reset in [false, true] {
            // Somebody works with it.
            assert!(DataFolder::open(&path, reset).is_err_and(|told| told.contains("in use")));
        }
        drop(first);
        let second = DataFolder::open(&path, false).unwrap();
        assert_eq!(vault, second.keys.vault);
        drop(second);
        let mode = fs::metadata(path.join("keys"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        let third = DataFolder::open(&path, true).unwrap();
        assert_ne!(vault, third.keys.vault);
        files::remove_folder(&path).unwrap();
    }

    #[test]
    fn reset_leaves_alone_what_is_not_its_own() {
        let path = folder("reset");
        files::write(&path.join("photos/cat.jpg"), "x").unwrap();
        let told = DataFolder::open(&path, true).err().unwrap();
        assert!(told.contains("does not look like a data folder"), "{told}");
        assert!(path.join("photos/cat.jpg").is_file());
        files::remove_folder(&path).unwrap();
    }
}
