//! Takes the files that discovery finds: reads each one, and stores each bill once.

use bill_reader::{
    Reading,
    bill::Flag,
    comparable,
    dates::{date_convention, first_date},
    numbers::{Number, currency, decimal_separator_in, numbers},
};
use rust_decimal::{Decimal, RoundingStrategy};
use sha2::{Digest as _, Sha256};
use shared::id::{AccountId, BillId};
use time::Date;

use crate::{
    blobs::{BlobError, BlobName},
    clock::bytes,
    store::{
        StoreError,
        bills::{NO_ACCOUNT, NewAccount, NewBill, Stored},
        connections::Connection,
    },
    webhooks::watch,
};

use super::{
    collector::Collector,
    discover::{FileReceiver, FoundFile, Receipt},
    file_name::file_name,
    pdf_process::ReadError,
    progress::Progress,
    scope::{Belongs, ConnectionScope},
    verification::{Verification, VerificationError, Verified},
};

/// Stored in one run; a website with more bills than that gives the rest another day.
const BYTES_MAX: usize = 512 * 1024 * 1024;

/// Why a file was not stored: a fault of this system, which says nothing about the website.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The blob storage failed.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// The PDF reader did not start.
    #[error(transparent)]
    Read(ReadError),
    /// The connection was deleted meanwhile.
    #[error("the connection was deleted")]
    Deleted,
    /// It is not known whose bills these are.
    #[error(transparent)]
    Verification(#[from] VerificationError),
}

/// How many bills a run saw and stored.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ingested {
    /// Bills seen, known ones too.
    pub bills: usize,
    /// Bills that were not stored before.
    pub new: usize,
}

/// Stores the bills of one run.
pub struct BillIngest<'a> {
    collector: &'a Collector,
    connection: &'a Connection,
    since: Option<Date>,
    ingested: Ingested,
    scope: ConnectionScope,
    progress: Progress<'a>,
    /// Bills that are known of and those of them that are not wanted, as far as they were seen.
    expected: usize,
    unwanted: usize,
    verification: Option<Verification<'a>>,
    bytes: usize,
    failed: Option<IngestError>,
}

impl<'a> BillIngest<'a> {
    /// Stores bills of this connection, and tells how far it is; bills whose last day is before `since` are not stored,
    /// nor are those of accounts that are known to be out of `scope`, nor are any before the `verification` has accepted the credentials that lead to them.
    #[must_use]
    pub fn new(
        collector: &'a Collector,
        connection: &'a Connection,
        (since, scope): (Option<Date>, ConnectionScope),
        progress: Progress<'a>,
        verification: Option<Verification<'a>>,
    ) -> Self {
        Self {
            collector,
            connection,
            since,
            ingested: Ingested::default(),
            scope,
            progress,
            expected: 0,
            unwanted: 0,
            verification,
            bytes: 0,
            failed: None,
        }
    }

    /// How many bills were seen and stored, and what the verification came to, if there was one.
    ///
    /// # Errors
    /// When the database, the blob storage or the PDF reader failed meanwhile.
    pub async fn finish(self) -> Result<(Ingested, Option<Verified>), IngestError> {
        if let Some(failed) = self.failed {
            return Err(failed);
        }
        let verified = match self.verification {
            Some(verification) => Some(verification.finish().await?),
            None => None,
        };
        Ok((self.ingested, verified))
    }

    async fn ingest(&mut self, file: FoundFile) -> Result<Receipt, IngestError> {
        let (company, connection) = (self.connection.company, self.connection.id);
        let content_hash: [u8; 32] = Sha256::digest(&file.bytes).into();
        if self
            .collector
            .store
            .read("collection.has_bill_file", |tx| {
                Box::pin(tx.has_bill_file(company, connection, content_hash))
            })
            .await?
        {
            if let Some(verification) = &mut self.verification {
                verification.saw_known_bill().await?;
            }
            self.ingested.bills += 1;
            return Ok(Receipt::Known);
        }
        let reading = match self
            .collector
            .reader
            .read(&file.bytes, self.connection.country)
            .await
        {
            Ok(reading) => reading,
            Err(error @ ReadError::Start) => return Err(IngestError::Read(error)),
            Err(error) => {
                if error != ReadError::NotPdf {
                    tracing::warn!(%connection, %error, "a bill was not read");
                }
                return Ok(Receipt::NotABill);
            }
        };
        let reading = match reading.is_bill() {
            true => reading,
            false => match scanned(reading, &file.context, self.connection.country.as_str()) {
                Some(reading) => reading,
                None => return Ok(Receipt::NotABill),
            },
        };
        if self
            .since
            .is_some_and(|since| last_day(&reading).is_some_and(|last| last < since))
        {
            return Ok(Receipt::Unwanted);
        }
        if !self.is_ours(&reading, content_hash).await? {
            return Ok(Receipt::Unwanted);
        }
        let mut reading = reading;
        match self.scope.holds(&reading) {
            Belongs::Yes => {}
            Belongs::Untold(flags) => {
                for flag in flags {
                    if flag == Flag::NoSite && self.is_at_site(&reading).await? {
                        continue;
                    }
                    reading.content.flag(flag);
                }
            }
            Belongs::No if self.leaves_out(&reading).await? => return Ok(Receipt::Unwanted),
            // Bills of its account are kept already.
            Belongs::No => {}
        }
        self.bytes += file.bytes.len();
        let stored = self.store(reading, content_hash, file).await?;
        self.ingested.bills += 1;
        match stored {
            Stored::New { .. } => {
                self.ingested.new += 1;
                Ok(Receipt::New)
            }
            Stored::Known => Ok(Receipt::Known),
        }
    }

    /// Whether the bill is the connection's, as far as that is in question.
    async fn is_ours(
        &mut self,
        reading: &Reading,
        content_hash: [u8; 32],
    ) -> Result<bool, IngestError> {
        let Some(verification) = &mut self.verification else {
            return Ok(true);
        };
        let (company, connection) = (self.connection.company, self.connection.id);
        let natural_key = natural_key(reading, content_hash);
        let known = self.collector.store.read("collection.knows_bill", |tx| {
            Box::pin(tx.knows_bill(company, connection, &natural_key, content_hash))
        });
        if known.await? {
            verification.saw_known_bill().await?;
        }
        Ok(verification.takes(reading).await?)
    }

    /// Whether the organization has said at which site the bill's account is.
    async fn is_at_site(&self, reading: &Reading) -> Result<bool, IngestError> {
        let of = &self.connection;
        let number = reading.account_number.as_deref().unwrap_or(NO_ACCOUNT);
        let read = self.collector.store.read("collection.is_at_site", |tx| {
            Box::pin(tx.is_account_at_site(of.company, of.id, number))
        });
        Ok(read.await?)
    }

    /// Notes the account of a bill that is not for what the client connected. False when its number is not known, or
    /// other bills of it are kept: then this one is, too.
    async fn leaves_out(&self, reading: &Reading) -> Result<bool, IngestError> {
        if reading.account_number.is_none() {
            return Ok(false);
        }
        let account = &self.account(reading);
        let random = &*self.collector.random;
        let noted = self.collector.store.tx("collection.untracked", |tx| {
            Box::pin(async move {
                let of = (account.company, account.connection);
                let watched = watch(tx, of, random, account.now).await?;
                if tx.lock_connection(of.0, of.1).await?.is_none() {
                    return Ok(None);
                }
                let noted = tx.note_untracked_account(account).await?;
                watched.changed(tx).await?;
                Ok::<_, StoreError>(Some(noted))
            })
        });
        noted.await?.ok_or(IngestError::Deleted)
    }

    fn account(&self, reading: &Reading) -> NewAccount {
        // What the paper does not say, the client may have said.
        let said = match self.connection.utility_types.as_slice() {
            [one] => Some(*one),
            _ => None,
        };
        let number = reading.account_number.as_deref();
        NewAccount {
            id: AccountId::from_random(bytes(&*self.collector.random)),
            company: self.connection.company,
            connection: self.connection.id,
            account_number: number.unwrap_or(NO_ACCOUNT).to_owned(),
            utility_types: reading.utility_type().or(said).into_iter().collect(),
            meters: reading.meters.clone(),
            now: self.collector.clock.now(),
        }
    }

    async fn store(
        &self,
        reading: Reading,
        content_hash: [u8; 32],
        file: FoundFile,
    ) -> Result<Stored, IngestError> {
        let Collector { store, blobs, .. } = self.collector;
        let (company, connection) = (self.connection.company, self.connection.id);
        let natural_key = natural_key(&reading, content_hash);
        // Some websites make the file of a bill anew for each download: such a file must not become a blob each time.
        let (key, content) = (natural_key.as_str(), &reading.content);
        let known = store.read("collection.knows_bill", |tx| {
            Box::pin(async move {
                let known = tx
                    .knows_bill(company, connection, key, content_hash)
                    .await?;
                let changed = tx.changed_bill(company, connection, key, content).await?;
                Ok::<_, StoreError>((known, changed))
            })
        });
        let (is_known, changed) = known.await?;
        if is_known && changed.is_none() {
            return Ok(Stored::Known);
        }
        // The blob comes before its row, so that no row names a blob that is not there.
        let blob = blobs.put(company, &file.bytes).await?;
        let bill = self.bill(reading, natural_key, content_hash, &file.name, &blob);
        let (bill, now) = (&bill, bill.account.now);
        let random = &*self.collector.random;
        let added = store.tx("collection.add_bill", |tx| {
            Box::pin(async move {
                let watched = watch(tx, (company, connection), random, now).await?;
                if tx.lock_connection(company, connection).await?.is_none() {
                    return Ok(None);
                }
                if let Some(changed) = changed {
                    if tx.change_bill(changed, bill).await? {
                        watched.bill_changed(tx, changed).await?;
                    }
                    return Ok(Some(Stored::Known));
                }
                let stored = tx.add_bill(bill).await?;
                if let Stored::New { duplicated } = &stored {
                    watched.bill_stored(tx, bill.id, duplicated).await?;
                }
                Ok::<_, StoreError>(Some(stored))
            })
        });
        added.await?.ok_or(IngestError::Deleted)
    }

    fn bill(
        &self,
        reading: Reading,
        natural_key: String,
        content_hash: [u8; 32],
        name: &str,
        blob: &BlobName,
    ) -> NewBill {
        NewBill {
            id: BillId::from_random(bytes(&*self.collector.random)),
            account: self.account(&reading),
            natural_key,
            content_hash,
            file_name: file_name(name, reading.content.bill_date),
            content: reading.content,
            blob: blob.to_string(),
        }
    }
}

impl FileReceiver for BillIngest<'_> {
    async fn expect(&mut self, bills: usize) {
        self.expected = bills;
        self.progress.expect(bills.saturating_sub(self.unwanted));
        self.progress.note(self.ingested).await;
    }

    async fn receive(&mut self, file: FoundFile) -> Option<Receipt> {
        let is_hopeless = self
            .verification
            .as_ref()
            .is_some_and(Verification::is_hopeless);
        if self.bytes > BYTES_MAX || is_hopeless {
            return None;
        }
        match self.ingest(file).await {
            Ok(receipt) => {
                self.unwanted += usize::from(receipt == Receipt::Unwanted);
                let wanted = self.expected.saturating_sub(self.unwanted);
                self.progress.expect(wanted);
                self.progress.note(self.ingested).await;
                Some(receipt)
            }
            Err(error) => {
                self.failed = Some(error);
                None
            }
        }
    }
}

/// A file without any text, in a row with a date and an amount, is a picture of a bill: kept with what the row says,
/// and flagged.
fn scanned(mut reading: Reading, row: &str, country: &str) -> Option<Reading> {
    if !reading.content.flags.contains(&Flag::NoText) {
        return None;
    }
    let date = first_date(row, date_convention(row, country).order)?;
    let amount = numbers(row, decimal_separator_in(row, country))
        .into_iter()
        .find(Number::is_money)?;
    reading.content.bill_date = Some(date);
    reading.content.total_charges = Some(amount.value);
    reading.content.charges_units = currency(row, country);
    Some(reading)
}

/// The bill's day: when it was made out, else the last day it speaks of.
fn last_day(reading: &Reading) -> Option<Date> {
    let content = &reading.content;
    content.bill_date.or_else(|| content.last_service_date())
}

/// Knows a bill again when its file was made anew: account, number, days and amount. Not even the number alone is
/// trusted: what looks like one may be printed on every bill.
fn natural_key(reading: &Reading, content_hash: [u8; 32]) -> String {
    let content = &reading.content;
    let day = last_day(reading).map(|day| day.to_string());
    let (Some(account), Some(day)) = (reading.account_number.as_deref().map(comparable), day)
    else {
        // Too little to know it by: the very bytes then.
        return content_hash
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
    };
    let invoice = content
        .invoice_id
        .as_deref()
        .map(comparable)
        .unwrap_or_default();
    // Text, because the key is compared with those of bills that were stored before.
    let cents = content.total_charges.map(|amount| {
        (amount * Decimal::ONE_HUNDRED)
            .round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero)
            .normalize()
    });
    format!(
        "{account}|{invoice}|{day}|{}",
        cents.map(|cents| cents.to_string()).unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::super::collect::day;
    use super::*;
    use bill_reader::{bill::BillContent, layout::Layout, read};

    fn reading(account: Option<&str>, invoice: Option<&str>, date: &str, total: &str) -> Reading {
        Reading {
            account_number: account.map(str::to_owned),
            content: BillContent {
                bill_date: day(date),
                invoice_id: invoice.map(str::to_owned),
                total_charges: total.parse().ok(),
                ..BillContent::default()
            },
            ..Reading::default()
        }
    }

    #[test]
    fn the_same_bill_has_the_same_key() {
        let key = |account, invoice, date, total, hash| {
            natural_key(&reading(account, invoice, date, total), [hash; 32])
        };
        let one = key(Some("12-34"), Some("R 7"), "2026-11-03", "10.50", 1);
        assert_eq!(one, key(Some("1234"), Some("R7"), "2026-11-03", "10.50", 2));
        for other in [
            key(Some("1235"), Some("R7"), "2026-11-03", "10.50", 1),
            key(Some("1234"), Some("R8"), "2026-11-03", "10.50", 1),
            key(Some("1234"), Some("R7"), "2026-10-03", "10.50", 1),
            key(Some("1234"), Some("R7"), "2026-11-03", "10.60", 1),
            key(None, Some("R7"), "2026-11-03", "10.50", 1),
        ] {
            assert_ne!(one, other);
        }
        // As it is in databases since the first version.
        assert_eq!(one, "1234|R7|2026-11-03|1050");
        assert_ne!(
            key(None, None, "2026-11-03", "10.50", 1),
            key(None, None, "2026-11-03", "10.50", 2)
        );
    }

    #[test]
    fn a_picture_of_a_bill_is_kept_with_what_its_row_says() {
        let picture = || read(&Layout::default(), "US");
        let kept = scanned(picture(), "Statement 11/03/2026 $1,204.50 View", "US").expect("a bill");
        assert_eq!(kept.content.bill_date, day("2026-11-03"));
        assert_eq!(kept.content.total_charges, Some(Decimal::new(120_450, 2)));
        assert!(kept.content.is_flagged);
        assert!(scanned(picture(), "Terms and conditions", "US").is_none());
        assert!(
            scanned(
                reading(None, None, "2026-11-03", "1.00"),
                "Statement 11/03/2026 $1,204.50",
                "US"
            )
            .is_none()
        );
    }

    #[test]
    fn a_file_name_keeps_no_path_and_no_control_characters() {
        assert_eq!(file_name("Northmoor-26.pdf", None), "Northmoor-26.pdf");
        assert_eq!(file_name("../../etc/passwd1", None), "etc-passwd1.pdf");
        assert_eq!(
            file_name("Download", day("2026-11-03")),
            "bill-2026-11-03.pdf"
        );
        assert_eq!(file_name("\u{0}\r\n", None), "bill.pdf");
    }
}
