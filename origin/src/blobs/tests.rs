//! Blobs in memory, in a folder, and in a real S3 server on this machine.

use std::{
    fs::File,
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use futures_util::StreamExt as _;
use object_store::{ObjectStore, ObjectStoreExt as _, memory::InMemory};
use shared::id::CompanyId;
use tokio::sync::watch;

use super::{
    BlobError, BlobName, Blobs, MoveBillFiles, NAME_PERIOD_MS, SweepBlobs, move_files, open, probe,
    sweep, sweep::ORPHAN_AGE_MS,
};
use crate::{
    clock::{Clock as _, SystemRandom, TestClock},
    config::{BlobConfig, S3Config, Secret32, VaultKey},
    jobs::{Registry, Settings, Worker},
    store::{
        Store,
        bill_files::FileContent,
        bills::NewBill,
        first_version::FirstVersion,
        test_databases::on_both_empty,
        testing::{NOW, TestStore, new_bill, on_both},
    },
    vault::{SEGMENT_LEN, Vault, VaultError},
};

/// Names a server that speaks S3 and takes any key: `http://127.0.0.1:port`.
const S3: &str = "MAGIC_LINKS_TEST_S3";

fn vault(ids: &[u8]) -> Arc<Vault> {
    let keys: Vec<_> = ids
        .iter()
        .map(|id| VaultKey {
            id: *id,
            key: Secret32::new([*id; 32]),
        })
        .collect();
    Arc::new(Vault::new(&keys))
}

fn blobs(objects: &Arc<dyn ObjectStore>, keys: &[u8]) -> Blobs {
    let clock = Arc::new(TestClock::at(NOW));
    Blobs::new(
        Arc::clone(objects),
        vault(keys),
        clock,
        Arc::new(SystemRandom),
    )
}

fn in_memory() -> (Arc<dyn ObjectStore>, Blobs) {
    let objects: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let blobs = blobs(&objects, &[1]);
    (objects, blobs)
}

fn company(number: u8) -> CompanyId {
    CompanyId::from_random([number; 16])
}

async fn read(blobs: &Blobs, name: &BlobName) -> Result<Vec<u8>, BlobError> {
    blobs.open(name).await?.read().await
}

async fn count(objects: &Arc<dyn ObjectStore>) -> usize {
    objects.list(None).count().await
}

/// What every storage must do.
async fn keeps_blobs(objects: Arc<dyn ObjectStore>) {
    let blobs = blobs(&objects, &[1]);
    for length in [0, 1, SEGMENT_LEN, 5 * SEGMENT_LEN + 17] {
        let content: Vec<u8> = (0..length).map(|i| (i % 249) as u8).collect();
        let name = blobs.put(company(1), &content).await.expect("written");
        let opened = blobs.open(&name).await.expect("opened");
        assert_eq!(opened.length, length as u64);
        let mut pieces = Box::pin(opened.into_stream());
        let mut streamed = Vec::new();
        while let Some(piece) = pieces.next().await {
            let piece = piece.expect("a piece");
            assert!(piece.len() <= SEGMENT_LEN, "bounded memory");
            streamed.extend_from_slice(&piece);
        }
        assert!(streamed == content, "{length} bytes come back");
    }
    let name = blobs
        .put(company(1), b"%PDF secret")
        .await
        .expect("written");
    let stored = objects.get(&name.path()).await.expect("there");
    let stored = stored.bytes().await.expect("bytes");
    assert!(!stored.windows(4).any(|part| part == b"%PDF"), "sealed");
    let missing: BlobName = format!("{}/{}", company(1), "0".repeat(64))
        .parse()
        .expect("a name");
    assert!(matches!(
        blobs.open(&missing).await,
        Err(BlobError::Missing(_))
    ));
    probe(&*objects).await.expect("usable");
}

#[tokio::test]
async fn a_folder_keeps_blobs() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let inside = folder.path().join("a/blobs");
    let config = BlobConfig::Folder(inside.clone());
    keeps_blobs(open(&config).expect("opened")).await;
    let mode = std::fs::metadata(&inside)
        .expect("made")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o700, "for this user alone");
}

#[tokio::test]
async fn an_s3_server_keeps_blobs() {
    let endpoint = std::env::var(S3).unwrap_or_else(|_| {
        panic!("{S3} is not set: run `cargo xtask test`, or set it to the address of an S3 server for tests")
    });
    let bucket = format!("blobs-{}", std::process::id());
    let http = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    let made = http.put(format!("{endpoint}/{bucket}")).send().await;
    assert!(made.expect("an answer").status().is_success());
    for prefix in [None, Some("below".to_owned())] {
        let config = BlobConfig::S3(S3Config {
            bucket: bucket.clone(),
            prefix,
            endpoint: Some(endpoint.parse().expect("an address")),
            region: "us-east-1".into(),
            access_key_id: "the-key-id".to_owned().into(),
            secret_access_key: "the-secret-key".to_owned().into(),
        });
        let shown = format!("{config:?}");
        assert!(!shown.contains("the-secret-key") && !shown.contains("the-key-id"));
        let objects = open(&config).expect("opened");
        keeps_blobs(Arc::clone(&objects)).await;
        assert_eq!(count(&objects).await, 5);
    }
}

#[tokio::test]
async fn the_same_content_of_a_company_is_one_blob_and_of_two_companies_two() {
    let (objects, blobs) = in_memory();
    let one = blobs.put(company(1), b"x").await.expect("written");
    assert_eq!(blobs.put(company(1), b"x").await.expect("written"), one);
    let two = blobs.put(company(2), b"x").await.expect("written");
    assert_ne!(one, two);
    assert_eq!(count(&objects).await, 2);
}

#[tokio::test]
async fn a_blob_that_was_moved_changed_or_cut_does_not_open() {
    let (objects, blobs) = in_memory();
    let one = blobs.put(company(1), b"one").await.expect("written");
    let two = blobs.put(company(2), b"two").await.expect("written");
    let sealed = objects.get(&one.path()).await.expect("there");
    let sealed = sealed.bytes().await.expect("bytes").to_vec();
    objects
        .put(&two.path(), sealed.clone().into())
        .await
        .expect("moved");
    assert!(matches!(
        read(&blobs, &two).await,
        Err(BlobError::Vault(VaultError::Refused))
    ));
    let mut changed = sealed.clone();
    *changed.last_mut().expect("a byte") ^= 1;
    for other in [changed, sealed[..sealed.len() - 1].to_vec(), Vec::new()] {
        objects
            .put(&one.path(), other.into())
            .await
            .expect("changed");
        assert!(read(&blobs, &one).await.is_err());
    }
}

#[test]
fn only_a_company_and_a_hash_are_a_name() {
    let good = format!("{}/{}", company(1), "a0".repeat(32));
    assert_eq!(
        good.parse::<BlobName>().map(|name| name.to_string()),
        Ok(good.clone())
    );
    for bad in [
        good.replace('/', ""),
        good.replace("a0", "A0"),
        format!("{good}0"),
        format!("../{good}"),
        good.to_uppercase(),
        "x/y".into(),
    ] {
        assert!(bad.parse::<BlobName>().is_err(), "{bad}");
    }
}

#[tokio::test]
async fn files_of_the_first_version_move_into_blobs_once() {
    on_both_empty(async |url| {
        let files = [b"%PDF one".to_vec(), vec![7; 3 * SEGMENT_LEN], Vec::new()];
        let store = Store::open(url).await.expect("open");
        let first = FirstVersion::create(&store, &files).await;
        store.migrate().await.expect("migrate");
        let (objects, blobs) = in_memory();
        let content = async |number: usize| {
            let bill = first.bills[number];
            let file = store
                .read("test", |tx| {
                    Box::pin(tx.bill_file(first.organization, bill))
                })
                .await;
            file.expect("read").expect("the file").content
        };
        assert_eq!(content(0).await, FileContent::Here(files[0].clone()));

        assert_eq!(move_files(&store, &blobs).await.expect("moved"), 3);
        for (number, file) in files.iter().enumerate() {
            let FileContent::Blob(name) = content(number).await else {
                panic!("file {number} is still in the database");
            };
            let name: BlobName = name.parse().expect("a name");
            assert_eq!(name.company(), first.company);
            assert!(read(&blobs, &name).await.expect("opened") == *file);
        }
        let left = store.read("test", |tx| Box::pin(tx.file_to_move())).await;
        assert!(left.expect("asked").is_none());
        assert_eq!(move_files(&store, &blobs).await.expect("again"), 0);
        assert_eq!(count(&objects).await, 3);
        store.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_move_that_broke_off_is_finished_by_the_next_one() {
    on_both_empty(async |url| {
        let store = Store::open(url).await.expect("open");
        let first = FirstVersion::create(&store, &[b"%PDF one".to_vec()]).await;
        store.migrate().await.expect("migrate");
        let (objects, blobs) = in_memory();
        // The blob was written, its name was not.
        blobs
            .put(first.company, b"%PDF one")
            .await
            .expect("written");
        assert_eq!(move_files(&store, &blobs).await.expect("moved"), 1);
        assert_eq!(count(&objects).await, 1);
        store.close().await;
    })
    .await;
}

/// Blobs in a folder, whose age a test decides.
struct Aged {
    folder: tempfile::TempDir,
    objects: Arc<dyn ObjectStore>,
    blobs: Blobs,
    clock: Arc<TestClock>,
}

impl Aged {
    /// An empty storage at [`NOW`], which is in the middle of a naming period.
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let objects = open(&BlobConfig::Folder(folder.path().to_owned())).expect("opened");
        let now = NOW.plus(NAME_PERIOD_MS / 2 - NOW.0.rem_euclid(NAME_PERIOD_MS));
        let clock = Arc::new(TestClock::at(now));
        let blobs = Blobs::new(
            Arc::clone(&objects),
            vault(&[1]),
            clock.clone(),
            Arc::new(SystemRandom),
        );
        Self {
            folder,
            objects,
            blobs,
            clock,
        }
    }

    /// Writes a blob now, by the clock of the test.
    async fn put(&self, company: CompanyId, content: &[u8]) -> BlobName {
        let name = self.blobs.put(company, content).await.expect("written");
        self.written_now(&name.to_string());
        name
    }

    fn written_now(&self, path: &str) {
        let file = File::options()
            .write(true)
            .open(self.folder.path().join(path))
            .expect("the file");
        let millis = u64::try_from(self.clock.now().0).expect("after 1970");
        file.set_modified(UNIX_EPOCH + Duration::from_millis(millis))
            .expect("its time");
    }

    async fn sweep(&self, test: &TestStore) -> usize {
        let swept = sweep(&test.store, &self.blobs, self.clock.now()).await;
        swept.expect("swept")
    }

    async fn has(&self, name: &BlobName) -> bool {
        self.objects.head(&name.path()).await.is_ok()
    }
}

async fn add_bill(test: &TestStore, blob: &BlobName) {
    let client = test.client().await;
    let connection = test.connect(&client).await;
    let bill = NewBill {
        blob: blob.to_string(),
        ..new_bill(client.company.id, connection, 1)
    };
    let added = test.store.tx("test", |tx| Box::pin(tx.add_bill(&bill)));
    added.await.expect("a bill");
}

#[tokio::test]
async fn an_orphan_is_deleted_when_it_is_old_and_a_blob_with_a_row_never() {
    on_both(async |test| {
        let aged = Aged::new();
        let kept = aged.put(company(1), b"kept").await;
        let orphan = aged.put(company(1), b"orphan").await;
        add_bill(test, &kept).await;
        aged.clock.advance(ORPHAN_AGE_MS);
        assert_eq!(aged.sweep(test).await, 0);
        assert!(aged.has(&orphan).await, "its row may be on its way");
        aged.clock.advance(1);
        assert_eq!(aged.sweep(test).await, 1);
        assert!(!aged.has(&orphan).await);
        assert_eq!(read(&aged.blobs, &kept).await.expect("there"), b"kept");
        assert_eq!(aged.sweep(test).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_broken_orphan_does_not_keep_the_others() {
    on_both(async |test| {
        let aged = Aged::new();
        let orphan = aged.put(company(1), b"orphan").await;
        for digit in ["0", "f"] {
            let broken = format!("{}/{}", company(1), digit.repeat(64));
            let path = object_store::path::Path::from(broken.as_str());
            aged.objects.put(&path, "".into()).await.expect("written");
            aged.written_now(&broken);
        }
        aged.clock.advance(ORPHAN_AGE_MS + 1);
        assert_eq!(aged.sweep(test).await, 1);
        assert!(!aged.has(&orphan).await);
    })
    .await;
}

#[tokio::test]
async fn content_that_is_written_again_is_not_swept_with_its_old_blob() {
    on_both(async |test| {
        let aged = Aged::new();
        let old = aged.put(company(1), b"bill").await;
        aged.clock.advance(ORPHAN_AGE_MS + 1);
        // Its row is still to be written when the sweep runs.
        let new = aged.put(company(1), b"bill").await;
        assert_ne!(old, new);
        assert_eq!(aged.sweep(test).await, 1);
        assert!(!aged.has(&old).await);
        add_bill(test, &new).await;
        assert_eq!(read(&aged.blobs, &new).await.expect("there"), b"bill");
    })
    .await;
}

#[tokio::test]
async fn a_name_is_written_for_the_last_time_long_before_it_can_be_swept() {
    let aged = Aged::new();
    // The first moment of a period, when the name lasts longest.
    aged.clock.advance(NAME_PERIOD_MS / 2);
    let first = aged.put(company(1), b"bill").await;
    aged.clock.advance(NAME_PERIOD_MS - 1);
    assert_eq!(aged.put(company(1), b"bill").await, first);
    aged.clock.advance(1);
    assert_ne!(aged.put(company(1), b"bill").await, first);
    let left = ORPHAN_AGE_MS - NAME_PERIOD_MS;
    assert!(left >= 24 * 3_600_000, "a day for the row: {left} ms");
}

#[tokio::test]
async fn the_sweep_leaves_what_others_wrote_into_the_storage() {
    on_both(async |test| {
        let aged = Aged::new();
        let theirs = blobs(&aged.objects, &[2]);
        let theirs = theirs.put(company(1), b"x").await.expect("written");
        aged.written_now(&theirs.to_string());
        let stranger = object_store::path::Path::from("backup.tar");
        aged.objects
            .put(&stranger, "x".into())
            .await
            .expect("written");
        aged.written_now("backup.tar");
        aged.clock.advance(ORPHAN_AGE_MS + 1);
        assert_eq!(aged.sweep(test).await, 0);
        assert_eq!(count(&aged.objects).await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_worker_moves_files_and_sweeps_orphans_when_it_starts() {
    on_both(async |test| {
        let aged = Aged::new();
        let orphan = aged.put(company(1), b"orphan").await;
        aged.clock.advance(ORPHAN_AGE_MS + 1);
        let random = Arc::new(SystemRandom);
        let registry = Registry::new(aged.clock.clone(), random)
            .with_periodic(MoveBillFiles {
                store: test.store.clone(),
                blobs: aged.blobs.clone(),
            })
            .with_periodic(SweepBlobs {
                store: test.store.clone(),
                blobs: aged.blobs.clone(),
                clock: aged.clock.clone(),
            });
        let worker = Worker {
            store: test.store.clone(),
            clock: aged.clock.clone(),
            registry: Arc::new(registry),
            settings: Settings::new(2, "node".into()),
            waiting: crate::jobs::WaitingRuns::default(),
        };
        let (stop, stopping) = watch::channel(false);
        let running = tokio::spawn(worker.run(stopping));
        let swept = async {
            while aged.has(&orphan).await {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), swept)
            .await
            .expect("the orphan is swept");
        stop.send_replace(true);
        running.await.expect("the worker ends");
        assert_eq!(test.rows("jobs").await, 2, "both come back");
    })
    .await;
}
