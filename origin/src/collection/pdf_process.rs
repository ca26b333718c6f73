//! Reads a PDF in a process of its own: a bill is a stranger's file, and PDF readers crash, loop and grow.
//!
//! The parent starts its own program again with [`ARGUMENT`], hands the PDF to its standard input and reads JSON from
//! its standard output. The child gives up its privileges, its environment and most of its limits before it looks at
//! the first byte. Whatever happens in there is a [`ReadError`] here.

use std::{
    ffi::OsString,
    io::{Read as _, Write as _},
    path::PathBuf,
    process::{ExitCode, Stdio},
    time::Duration,
};

use bill_reader::{Reading, layout::Layout};
use pdf_oxide::PdfDocument;
use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process_group, setrlimit};
use serde::{Deserialize, Serialize};
use shared::country::Country;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    process::{Child, Command},
};

use super::pdf_words::words_of;

/// The hidden subcommand of this program that reads one PDF.
pub const ARGUMENT: &str = "read-bill";
/// The largest PDF that is read, in bytes.
pub const PDF_BYTES_MAX: usize = 25 * 1024 * 1024;

const OUTPUT_BYTES_MAX: u64 = 1024 * 1024;
const PAGES_MAX: usize = 12;
const MEMORY_BYTES: u64 = 1024 * 1024 * 1024;
const CPU_SECONDS: u64 = 20;
const WALL: Duration = Duration::from_secs(30);
/// Owns nothing and runs nothing else: no real user has this number.
const NOBODY: u32 = 209_999;

/// Why a PDF was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum ReadError {
    /// Longer than [`PDF_BYTES_MAX`].
    #[error("the file is too large")]
    TooLarge,
    /// Not a PDF at all.
    #[error("not a PDF")]
    NotPdf,
    /// It asks for a password.
    #[error("the PDF is locked with a password")]
    Encrypted,
    /// A PDF, but broken.
    #[error("the PDF is broken")]
    Broken,
    /// Reading it took too much memory or time, or crashed.
    #[error("reading the PDF took too much or crashed")]
    Crashed,
    /// Reading it took too long.
    #[error("reading the PDF took too long")]
    TimedOut,
    /// The reading process could not be started.
    #[error("the PDF reader did not start")]
    Start,
}

/// Starts the processes that read PDFs.
#[derive(Debug, Clone)]
pub struct PdfReader {
    program: PathBuf,
    wall: Duration,
}

impl PdfReader {
    /// `program` is the origin itself, or any program whose `main` begins with [`child`].
    #[must_use]
    pub fn new(program: PathBuf) -> Self {
        Self {
            program,
            wall: WALL,
        }
    }

    /// The same with another time limit.
    #[must_use]
    pub fn within(self, wall: Duration) -> Self {
        Self { wall, ..self }
    }

    /// Reads a bill.
    ///
    /// # Errors
    /// [`ReadError`], whatever is wrong with the file.
    pub async fn read(&self, pdf: &[u8], country: Country) -> Result<Reading, ReadError> {
        if pdf.len() > PDF_BYTES_MAX {
            return Err(ReadError::TooLarge);
        }
        if !looks_like_pdf(pdf) {
            return Err(ReadError::NotPdf);
        }
        let mut child = Command::new(&self.program)
            .arg(ARGUMENT)
            .arg(country.as_str())
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|_| ReadError::Start)?;
        let answer = tokio::time::timeout(self.wall, converse(&mut child, pdf)).await;
        end(&mut child).await;
        answer.map_err(|_| ReadError::TimedOut)?
    }
}

/// A PDF may have some bytes before its head.
#[must_use]
pub fn looks_like_pdf(bytes: &[u8]) -> bool {
    bytes
        .get(..bytes.len().min(1024))
        .is_some_and(|head| head.windows(5).any(|window| window == b"%PDF-"))
}

async fn converse(child: &mut Child, pdf: &[u8]) -> Result<Reading, ReadError> {
    let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(ReadError::Start);
    };
    let write = async {
        // A child that died early breaks the pipe; its exit says more than that.
        let _ = input.write_all(pdf).await;
        drop(input);
    };
    let mut json = Vec::new();
    let mut bounded = output.take(OUTPUT_BYTES_MAX);
    let read = bounded.read_to_end(&mut json);
    let (_, read) = tokio::join!(write, read);
    read.map_err(|_| ReadError::Crashed)?;
    serde_json::from_slice::<Result<Reading, ReadError>>(&json).unwrap_or(Err(ReadError::Crashed))
}

async fn end(child: &mut Child) {
    let group = child
        .id()
        .and_then(|id| i32::try_from(id).ok())
        .and_then(Pid::from_raw);
    if let Some(group) = group {
        // Gone already is fine.
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = child.wait().await;
}

/// The child's whole life, when the program was started as one. Must be the first thing that `main` does: before
/// threads, before files are opened.
#[must_use]
pub fn child() -> Option<ExitCode> {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let [_, argument, country] = arguments.as_slice() else {
        return None;
    };
    if argument != ARGUMENT {
        return None;
    }
    let country = country.to_str().unwrap_or_default().to_owned();
    if confine().is_err() {
        return Some(ExitCode::FAILURE);
    }
    let answer = serde_json::to_vec(&read_input(&country)).unwrap_or_default();
    let mut output = std::io::stdout();
    let written = output.write_all(&answer).and_then(|()| output.flush());
    Some(if written.is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn read_input(country: &str) -> Result<Reading, ReadError> {
    let mut pdf = Vec::new();
    let limit = PDF_BYTES_MAX as u64 + 1;
    std::io::stdin()
        .take(limit)
        .read_to_end(&mut pdf)
        .map_err(|_| ReadError::Broken)?;
    if pdf.len() > PDF_BYTES_MAX {
        return Err(ReadError::TooLarge);
    }
    Ok(bill_reader::read(&layout_of(pdf)?, country))
}

/// The words of a PDF with their positions. Runs only in the child process, and in tests on files that they made.
///
/// # Errors
/// [`ReadError::NotPdf`], [`ReadError::Encrypted`], [`ReadError::Broken`].
pub fn layout_of(pdf: Vec<u8>) -> Result<Layout, ReadError> {
    if !looks_like_pdf(&pdf) {
        return Err(ReadError::NotPdf);
    }
    let document = PdfDocument::from_bytes(pdf).map_err(|_| ReadError::Broken)?;
    if document.is_encrypted() && !document.authenticate(b"").unwrap_or(false) {
        return Err(ReadError::Encrypted);
    }
    let pages = document.page_count().map_err(|_| ReadError::Broken)?;
    let mut words = Vec::new();
    for page in 0..pages.min(PAGES_MAX) {
        let chars = document
            .extract_chars(page)
            .map_err(|_| ReadError::Broken)?;
        words_of(page, &chars, &mut words);
    }
    Ok(Layout::new(words))
}

/// Gives up what reading a PDF does not need: memory, processor time, files, processes, other users and privileges.
fn confine() -> rustix::io::Result<()> {
    use rustix::thread::{Gid, Uid};
    let limit = |resource, most| {
        setrlimit(
            resource,
            Rlimit {
                current: Some(most),
                maximum: Some(most),
            },
        )
    };
    limit(Resource::As, MEMORY_BYTES)?;
    limit(Resource::Cpu, CPU_SECONDS)?;
    limit(Resource::Core, 0)?;
    limit(Resource::Fsize, 0)?;
    limit(Resource::Nofile, 8)?;
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    if rustix::process::geteuid().is_root() {
        // The process has this one thread, so these speak for all of it.
        rustix::thread::set_thread_groups(&[])?;
        let (gid, uid) = (Gid::from_raw(NOBODY), Uid::from_raw(NOBODY));
        rustix::thread::set_thread_res_gid(gid, gid, gid)?;
        rustix::thread::set_thread_res_uid(uid, uid, uid)?;
    }
    limit(Resource::Nproc, 0)?;
    rustix::thread::set_no_new_privs(true)
}
