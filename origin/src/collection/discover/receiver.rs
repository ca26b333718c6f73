//! Who takes the files that a discovery finds.

use std::future::Future;

/// A PDF that may be a bill.
#[derive(Debug, Clone)]
pub struct FoundFile {
    /// The content of the file, which begins like a PDF.
    pub bytes: Vec<u8>,
    /// What the website calls it; untrusted.
    pub name: String,
    /// The text of the row that it was found in.
    pub context: String,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipt {
    /// A bill that was not known.
    New,
    /// A bill that was known.
    Known,
    /// A bill that is not wanted (too old).
    Unwanted,
    /// Not a bill.
    NotABill,
}

/// Takes the files as they are found, so that nothing is lost when time runs out.
pub trait FileReceiver {
    /// Told before the files of a page are got, and when one of them turns out to be no bill: how many bills are known of
    /// by now, those received included.
    fn expect(&mut self, bills: usize) -> impl Future<Output = ()> + Send {
        let _ = bills;
        std::future::ready(())
    }

    /// Takes a file. `None`: stop, nothing more can be taken.
    fn receive(&mut self, file: FoundFile) -> impl Future<Output = Option<Receipt>> + Send;
}
