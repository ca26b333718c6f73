//! Measures the reader on messages in the manner of real ones.

use std::{collections::BTreeSet, fs, path::PathBuf};

use code_reader::{Mail, Reading, read_text};
use proptest::prelude::*;

fn read_mail(raw: &[u8]) -> Reading {
    Mail::parse(raw).map_or(Reading::Nothing, |mail| mail.reading())
}

/// What was read right and wrong of one half.
struct Measured {
    total: usize,
    wrong: Vec<String>,
}

impl Measured {
    fn of(half: &str) -> Self {
        // Tests run in their package's folder. A path that is compiled in would be that of another checkout, where several
        // share a target folder.
        let folder = PathBuf::from("tests/messages").join(half);
        let list =
            |name: &str| fs::read_to_string(folder.join(name)).expect("a list of what is expected");
        let mut measured = Self {
            total: 0,
            wrong: Vec::new(),
        };
        let mut listed = BTreeSet::new();
        for row in list("expected.tsv").lines() {
            let (file, expected) = row.split_once('\t').expect("file and what is expected");
            let raw = fs::read(folder.join(file)).expect("a message");
            measured.add(file, expected, &read_mail(&raw));
            if expected != "none" && !expected.starts_with("link:") {
                let asked = Mail::parse(&raw).and_then(|mail| mail.confirmation());
                assert_eq!(asked, None, "{file} brings a code for a website");
            }
            listed.insert(file.to_owned());
        }
        let there: BTreeSet<String> = fs::read_dir(&folder)
            .expect("the folder")
            .filter_map(|entry| entry.expect("an entry").file_name().into_string().ok())
            .filter(|name| name.ends_with(".eml"))
            .collect();
        assert_eq!(listed, there, "every message has its row");
        for row in list("sms.tsv").lines() {
            let (expected, text) = row
                .split_once('\t')
                .expect("what is expected, and the text");
            let text = text.replace("\\n", "\n");
            measured.add(&text, expected, &read_text(&text));
        }
        measured
    }

    fn add(&mut self, name: &str, expected: &str, read: &Reading) {
        self.total += 1;
        let read = match read {
            Reading::Code(code) => code.clone(),
            Reading::Approval(link) => format!("link:{link}"),
            Reading::Nothing => "none".to_owned(),
        };
        if read != expected {
            self.wrong
                .push(format!("{name}: {expected} was read as {read}"));
        }
    }

    fn share(&self) -> f64 {
        let right = u32::try_from(self.total - self.wrong.len()).expect("few");
        f64::from(right) / f64::from(u32::try_from(self.total).expect("few"))
    }
}

#[test]
fn the_working_half_is_read() {
    let measured = Measured::of("working");
    assert!(measured.total >= 50);
    assert_eq!(measured.wrong, [""; 0], "{}", measured.share());
}

#[test]
fn the_half_that_was_held_back_is_read() {
    let measured = Measured::of("held_back");
    assert!(measured.total >= 50);
    assert_eq!(measured.wrong, [""; 0], "{}", measured.share());
}

/// A mail that somebody forwards as an attachment has the code of the mail inside.
#[test]
fn a_mail_inside_of_a_mail_is_read() {
    let outer = "From: a@client.example\r\nSubject: Fwd\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee below.\r\n\
        --b\r\nContent-Type: message/rfc822\r\n\r\nSubject: Login\r\n\r\nYour verification code is 482913.\r\n--b--\r\n";
    assert_eq!(read_mail(outer.as_bytes()), Reading::Code("482913".into()));
}

/// Two codes that are equally well announced leave it in doubt.
#[test]
fn two_codes_are_none() {
    let text = "Your verification code: 482913\nYour verification code: 771204";
    assert_eq!(read_text(text), Reading::Nothing);
}

/// Mails that are made to be slow to read are read as fast as others.
#[test]
fn hostile_mails_are_read_in_time() {
    let mail = |body: String| {
        format!(
            "From: a@b.example\r\nSubject: forward, verify\r\nContent-Type: text/html\r\n\r\n{body}"
        )
    };
    let megabyte = |text: &str| text.repeat(1_000_000 / text.len());
    let styled = format!(
        "<style>{}a{{{}}}</style>{}",
        ".a,".repeat(400),
        "x:y;".repeat(25_000),
        "<p class='a a a a a a a a a a a a a a a a a a a a'>1</p>".repeat(2_000)
    );
    for body in [
        styled,
        megabyte("<title></title>"),
        megabyte("&"),
        megabyte("<a '>'"),
        megabyte("your postal code 1234 "),
        format!(
            "<a href='https://a.example/12345678'>{}",
            megabyte("confirm code ")
        ),
    ] {
        let raw = mail(body);
        let (done, wait) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mail = Mail::parse(raw.as_bytes()).expect("a mail");
            let _ = (mail.reading(), mail.confirmation());
            let _ = done.send(());
        });
        let deadline = std::time::Duration::from_secs(10);
        assert!(wait.recv_timeout(deadline).is_ok(), "it takes too long");
    }
}

proptest! {
    #[test]
    fn no_message_ends_the_reader(head in "[ -~\r\n]{0,80}", body in any::<Vec<u8>>(), text in "\\PC{0,200}") {
        let mut raw = format!("Subject: code\r\nContent-Type: text/html\r\n{head}\r\n\r\n").into_bytes();
        raw.extend(body);
        let _ = Mail::parse(&raw).map(|mail| (mail.reading(), mail.confirmation()));
        let _ = (read_text(&text), read_text(&format!("Your code {text} is 48{text}2913")));
    }
}
