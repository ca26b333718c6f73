//! Looks for passwords, codes and other secrets in whatever a run leaves behind or shows to others: files of every kind, and the arguments and
//! environment of running programs.

use std::{
    fs,
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};

/// Where one of the secrets stands in clear, or in an encoding that anybody can undo: a file below one of these folders,
/// or a running program. Empty when it is nowhere. A code counts where no other digit stands beside it.
///
/// # Panics
/// When a folder cannot be read.
#[must_use]
pub fn leaks(folders: &[&Path], secrets: &[String], codes: &[String]) -> Vec<String> {
    let patterns: Vec<Vec<u8>> = secrets
        .iter()
        .flat_map(|secret| spellings(secret))
        .collect();
    let mut found = Vec::new();
    let mut look = |path: &Path| {
        // What is gone by now, or another's, tells nobody anything.
        let Ok(content) = fs::read(path) else {
            return;
        };
        let holds_code = codes.iter().any(|code| contains_code(&content, code));
        if holds_code || patterns.iter().any(|pattern| contains(&content, pattern)) {
            found.push(path.display().to_string());
        }
    };
    for folder in folders {
        assert!(folder.is_dir(), "{} is no folder", folder.display());
        files(folder).iter().for_each(|file| look(file));
    }
    let programs = fs::read_dir("/proc").expect("the running programs");
    for program in programs.filter_map(Result::ok) {
        look(&program.path().join("cmdline"));
        look(&program.path().join("environ"));
    }
    found
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    paths
        .flat_map(|path| {
            if path.is_symlink() {
                Vec::new()
            } else if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

/// The secret as programs write it down: as it is, in an address, in base64 at each place in a longer text, in UTF-16.
fn spellings(secret: &str) -> Vec<Vec<u8>> {
    let mut spellings = vec![
        secret.as_bytes().to_vec(),
        secret.replace(' ', "+").into_bytes(),
        secret.replace(' ', "%20").into_bytes(),
        secret.encode_utf16().flat_map(u16::to_le_bytes).collect(),
    ];
    for before in 0..3 {
        let text = [&vec![0; before][..], secret.as_bytes()].concat();
        let encoded = STANDARD_NO_PAD.encode(&text);
        // Characters at both ends also hold bits of what stands beside the secret.
        let (start, end) = ((before * 8).div_ceil(6), text.len() * 8 / 6);
        spellings.push(encoded.as_bytes()[start..end].to_vec());
        let for_addresses = encoded.replace('+', "-").replace('/', "_");
        spellings.push(for_addresses.as_bytes()[start..end].to_vec());
    }
    spellings.sort();
    spellings.dedup();
    spellings
}

fn contains(content: &[u8], pattern: &[u8]) -> bool {
    content
        .windows(pattern.len())
        .any(|window| window == pattern)
}

fn contains_code(content: &[u8], code: &str) -> bool {
    let is_digit = |at: Option<usize>| {
        at.and_then(|at| content.get(at))
            .is_some_and(u8::is_ascii_digit)
    };
    content.windows(code.len()).enumerate().any(|(at, window)| {
        window == code.as_bytes()
            && !is_digit(at.checked_sub(1))
            && !is_digit(Some(at + code.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_every_spelling() {
        let secret = "violet canary 77";
        let base64 = |text: &str| STANDARD_NO_PAD.encode(text);
        for written in [
            format!("{{\"password\":\"{secret}\"}}"),
            "p=violet+canary+77&x=1".to_owned(),
            "/login?p=violet%20canary%2077".to_owned(),
            base64(&format!("a:{secret}")),
            base64(&format!("ada:{secret}!")),
            base64(&format!("ad:{secret}")),
        ] {
            let folder = tempfile::tempdir().expect("a folder");
            let file = folder.path().join("deep/er/file");
            fs::create_dir_all(file.parent().expect("a parent")).expect("folders");
            fs::write(&file, &written).expect("a file");
            let found = leaks(&[folder.path()], &[secret.to_owned()], &[]);
            assert_eq!(found, [file.display().to_string()], "{written}");
        }
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("file"), "violet canary 78").expect("a file");
        assert!(leaks(&[folder.path()], &[secret.to_owned()], &[]).is_empty());
    }
    #[test]
    fn a_code_is_found_where_it_stands_alone() {
        for (written, found) in [
            ("code=48151623&", true),
            ("48151623", true),
            ("at 1796148151623", false),
            ("481516234", false),
        ] {
            assert_eq!(
                contains_code(written.as_bytes(), "48151623"),
                found,
                "{written}"
            );
        }
    }
}
