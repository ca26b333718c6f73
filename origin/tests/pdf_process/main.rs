//! Bills of many layouts through the whole way: PDF, separate process, reading.

#[path = "../../bill-reader/tests/corpus/mod.rs"]
mod corpus;
mod draw;

use std::{path::PathBuf, time::Duration};

use bill_reader::{Reading, unit::Unit};
use corpus::sheet;
use origin::collection::pdf_process::{PDF_BYTES_MAX, PdfReader, ReadError};
use rust_decimal::Decimal;
use shared::status::UtilityType;
use utility::{Options, bill_pdf, bills_of, customers::CUSTOMERS};

fn reader() -> PdfReader {
    PdfReader::new(PathBuf::from(env!("CARGO_BIN_EXE_origin")))
}

async fn read(pdf: &[u8], country: &str) -> Result<Reading, ReadError> {
    reader()
        .read(pdf, country.parse().expect("a country"))
        .await
}

#[tokio::test]
async fn every_layout_is_read_right() {
    let mut wrong = Vec::new();
    for (name, sheets, truth) in corpus::all() {
        let reading = read(&draw::pdf(&sheets), truth.country).await.expect(name);
        wrong.extend(corpus::differences(name, &reading, &truth));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_bill_of_the_sample_utility_is_read_right() {
    let options = Options::default();
    let mut read_so_far = 0;
    for person in CUSTOMERS {
        let bills = bills_of(person.email, &options);
        for bill in bills.iter().step_by(3) {
            let pdf = bill_pdf::draw(person, bill, &bills).expect("a PDF");
            let reading = read(&pdf, "US").await.expect("a reading");
            let content = &reading.content;
            let money = |cents: i64| Some(Decimal::new(cents, 2));
            assert_eq!(reading.account_number.as_deref(), Some(bill.account));
            assert_eq!(content.invoice_id.as_deref(), Some(bill.invoice.as_str()));
            assert_eq!(content.bill_date, Some(bill.bill_date));
            assert_eq!(content.due_date, Some(bill.due_date));
            assert_eq!(content.total_charges, money(bill.total_due()));
            assert_eq!(content.current_charges, money(bill.current_charges()));
            assert_eq!(content.previous_close_balance, money(bill.previous_balance));
            assert_eq!(content.tax_charges, money(bill.tax_total()));
            assert_eq!(content.charges_units, "USD".parse().ok());
            let [usage] = content.usage_data.as_slice() else {
                panic!("one meter: {:?}", content.usage_data)
            };
            assert_eq!(usage.quantity, Some(Decimal::from(bill.usage)));
            assert_eq!(usage.units, Some(Unit::of(bill.kind.unit())));
            assert_eq!(
                usage.previous_reading,
                Some(Decimal::from(bill.previous_reading))
            );
            assert_eq!(
                usage.current_reading,
                Some(Decimal::from(bill.current_reading))
            );
            assert_eq!(usage.is_estimated, bill.estimated);
            assert_eq!(usage.start_date, Some(bill.from));
            assert_eq!(usage.end_date, Some(bill.to));
            assert_eq!(reading.meters, [bill.meter]);
            let kind = match bill.kind {
                utility::customers::ServiceKind::Electricity => UtilityType::Electricity,
                utility::customers::ServiceKind::Water => UtilityType::Water,
                utility::customers::ServiceKind::Gas => UtilityType::Gas,
            };
            assert_eq!(reading.utility_type(), Some(kind));
            let lines: Vec<_> = content
                .line_items
                .iter()
                .map(|line| line.total_charge)
                .collect();
            let true_lines: Vec<_> = bill
                .lines
                .iter()
                .chain(&bill.taxes)
                .map(|line| money(line.amount))
                .collect();
            assert_eq!(lines, true_lines);
            assert!(!content.is_flagged, "{:?}", content.flags);
            read_so_far += 1;
        }
    }
    assert!(read_so_far >= 15);
}

#[tokio::test]
async fn a_file_that_is_no_bill_ends_in_a_typed_error() {
    let good = draw::pdf(&corpus::all().remove(0).1);
    let half = good.len() / 2;
    let mut garbage = b"%PDF-1.7\n".to_vec();
    garbage.extend((0_u32..200_000).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8));
    let endless = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2000000000>>endobj trailer<</Root 1 0 R>>".to_vec();
    assert_eq!(
        read(b"<html>Sign in</html>", "US").await,
        Err(ReadError::NotPdf)
    );
    assert_eq!(read(b"", "US").await, Err(ReadError::NotPdf));
    let mut huge = good.clone();
    huge.resize(PDF_BYTES_MAX + 1, b'\n');
    assert_eq!(read(&huge, "US").await, Err(ReadError::TooLarge));
    assert_eq!(
        read(include_bytes!("locked.pdf"), "US").await,
        Err(ReadError::Encrypted)
    );
    for (name, bytes) in [
        ("truncated", &good[..half]),
        ("garbage", &garbage),
        ("endless", &endless),
        ("head alone", b"%PDF-1.7"),
    ] {
        match reader()
            .within(Duration::from_secs(5))
            .read(bytes, "US".parse().expect("a country"))
            .await
        {
            Err(ReadError::Broken | ReadError::Crashed | ReadError::TimedOut) => {}
            // Some readers mend what they can: then at least nothing is made up.
            Ok(reading) => assert!(!reading.is_bill(), "{name}: {reading:?}"),
            Err(other) => panic!("{name}: {other}"),
        }
    }
}

#[tokio::test]
async fn the_reading_process_is_bounded() {
    let good = draw::pdf(&corpus::all().remove(0).1);
    let late = reader()
        .within(Duration::ZERO)
        .read(&good, "US".parse().expect("a country"))
        .await;
    assert_eq!(late, Err(ReadError::TimedOut));
    let missing = PdfReader::new(PathBuf::from("/nonexistent/origin"))
        .read(&good, "US".parse().expect("a country"))
        .await;
    assert_eq!(missing, Err(ReadError::Start));
    // A program that answers with something else than a reading.
    let chatty = PdfReader::new(PathBuf::from("/bin/echo"))
        .read(&good, "US".parse().expect("a country"))
        .await;
    assert_eq!(chatty, Err(ReadError::Crashed));
}

#[tokio::test]
async fn the_reading_process_gives_everything_up_before_it_reads() {
    use tokio::{process::Command, time::Instant};
    let mut child = Command::new(env!("CARGO_BIN_EXE_origin"))
        .args(["read-bill", "US"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the reader starts");
    let id = child.id().expect("it runs");
    let told =
        |file: &str| std::fs::read_to_string(format!("/proc/{id}/{file}")).unwrap_or_default();
    let line = |text: &str, name: &str| {
        text.lines()
            .find(|line| line.starts_with(name))
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .unwrap_or_default()
    };
    // Its last step before it waits for the file.
    let deadline = Instant::now() + Duration::from_secs(20);
    while line(&told("status"), "NoNewPrivs") != "NoNewPrivs: 1" {
        assert!(Instant::now() < deadline, "{}", told("status"));
        tokio::task::yield_now().await;
    }
    let (status, limits) = (told("status"), told("limits"));
    assert!(
        line(&limits, "Max file size").starts_with("Max file size 0 0"),
        "{limits}"
    );
    assert!(
        line(&limits, "Max processes").starts_with("Max processes 0 0"),
        "{limits}"
    );
    assert!(
        line(&limits, "Max core file size").starts_with("Max core file size 0 0"),
        "{limits}"
    );
    assert!(
        line(&limits, "Max address space").starts_with("Max address space 1073741824 1073741824"),
        "{limits}"
    );
    assert!(
        line(&limits, "Max cpu time").starts_with("Max cpu time 20 20"),
        "{limits}"
    );
    // Only root can become nobody; anybody else is nobody in particular already.
    let parent = std::fs::read_to_string("/proc/self/status").expect("proc");
    if line(&parent, "Uid:").starts_with("Uid: 0 0") {
        assert_eq!(line(&status, "Uid:"), "Uid: 209999 209999 209999 209999");
        assert_eq!(line(&status, "Gid:"), "Gid: 209999 209999 209999 209999");
        assert_eq!(line(&status, "Groups:"), "Groups:");
        assert_eq!(line(&status, "CapEff:"), "CapEff: 0000000000000000");
    }
    drop(child.stdin.take());
    let answer = child.wait_with_output().await.expect("it ends");
    assert_eq!(
        String::from_utf8_lossy(&answer.stdout),
        r#"{"Err":"NotPdf"}"#
    );
}
