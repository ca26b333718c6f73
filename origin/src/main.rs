//! The origin service.

use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(code) = origin::collection::pdf_process::child() {
        return code;
    }
    ExitCode::SUCCESS
}
