//! Batches as the job works them, on both databases.

mod refused;

use std::sync::Arc;

use shared::{
    api_key::ApiKeyEnvironment,
    batch::{BatchKind, BatchStatus, RowEffect, RowOutcome},
    id::{BatchId, OrganizationId},
    time::UnixMillis,
};

use super::{NewBatch, WorkBatch, WorkBatchPayload, add, follow, followed, job, read};
use crate::{
    clock::{SystemRandom, TestClock},
    jobs::{Context, Kind as _, WaitingRuns},
    store::{
        Page, StoreError,
        batch_rows::BatchRow,
        batches::Batch,
        jobs::{Job, KnownKind},
        testing::{Client, NOW, TestStore, on_both},
    },
};

const LEASE_MS: i64 = 60_000;
const ALL: Page = Page {
    limit: Page::MAX_LIMIT,
    number: 1,
};

/// A database with an organization, and the work on its batches.
struct Scene<'a> {
    test: &'a TestStore,
    client: Client,
    work: WorkBatch,
}

/// How a file is sent.
#[derive(Clone, Copy, Default)]
struct How {
    is_dry_run: bool,
    creates_missing: bool,
}

const CHECK: How = How {
    is_dry_run: true,
    creates_missing: true,
};
const MAKE: How = How {
    is_dry_run: false,
    creates_missing: true,
};

impl<'a> Scene<'a> {
    async fn new(test: &'a TestStore) -> Self {
        Self {
            test,
            client: test.client().await,
            work: WorkBatch {
                store: test.store.clone(),
                token_keys: Arc::new("3:000102030405060708090a0b0c0d0e0f".parse().expect("keys")),
                links_base: "https://connect.example.com".parse().expect("an address"),
                sandbox: crate::config::SandboxConfig::default(),
                clock: Arc::new(TestClock::at(NOW)),
                random: Arc::new(SystemRandom),
            },
        }
    }

    async fn sent(&self, kind: BatchKind, how: How, file: &str) -> Batch {
        let rows = read(kind, file.as_bytes()).expect("a file of rows");
        let new = NewBatch {
            organization: self.client.organization,
            environment: ApiKeyEnvironment::Production,
            kind,
            file_name: Some("file.csv"),
            is_dry_run: how.is_dry_run,
            creates_missing: how.creates_missing,
        };
        let batch = new.row(&SystemRandom, NOW, &rows);
        let (added, rows) = (&batch, &rows.rows);
        let adding = self
            .test
            .store
            .tx("test", |tx| Box::pin(add(tx, &SystemRandom, added, rows)));
        assert!(adding.await.expect("the store"), "there is room");
        batch
    }

    async fn claim(&self, now: UnixMillis) -> Option<Job> {
        let kinds = [KnownKind {
            name: WorkBatch::NAME,
            version: 1,
        }];
        let claiming = self.test.store.tx("test", |tx| {
            Box::pin(tx.claim_job(&kinds, now, LEASE_MS, "node"))
        });
        claiming.await.expect("claimed")
    }

    async fn work(&self, batch: &Batch) {
        let job = self.claim(NOW).await.expect("queued");
        let context = Context::new(job, WaitingRuns::default());
        let payload = WorkBatchPayload {
            organization: batch.organization,
            batch: batch.id,
        };
        self.work.run(&context, payload).await.expect("worked");
    }

    /// The batch as it stands, and its rows.
    async fn state(&self, id: BatchId) -> (Batch, Vec<BatchRow>) {
        let organization = self.client.organization;
        let reading = self.test.store.read("test", |tx| {
            Box::pin(async move {
                let batch = tx.batch(organization, id).await?;
                let rows = tx.batch_rows((organization, id), None, false, ALL).await?;
                Ok::<_, StoreError>((batch.expect("there"), rows.rows))
            })
        });
        reading.await.expect("read")
    }

    /// Sends a file, works it, and tells how it ended.
    async fn done(&self, kind: BatchKind, how: How, file: &str) -> (Batch, Vec<BatchRow>) {
        let batch = self.sent(kind, how, file).await;
        self.work(&batch).await;
        self.state(batch.id).await
    }

    /// How many companies, sites and links there are.
    async fn counts(&self) -> (i64, i64, i64) {
        (
            self.test.rows("companies").await,
            self.test.rows("sites").await,
            self.test.rows("links").await,
        )
    }
}

/// What is wrong with the rows: line, column and reason.
fn problems(rows: &[BatchRow]) -> Vec<(i64, &str, &str)> {
    let told = |row: &BatchRow| row.line;
    let all = rows.iter().flat_map(|row| {
        let problems = row.problems.iter();
        problems.map(move |one| (told(row), one.column.as_str(), one.reason.as_str()))
    });
    all.collect()
}

fn outcomes(rows: &[BatchRow]) -> Vec<RowOutcome> {
    rows.iter().map(|row| row.outcome).collect()
}

#[tokio::test]
async fn good_rows_make_links_beside_bad_ones() {
    use RowOutcome::{Failed, Made};
    on_both(async |test| {
        let scene = Scene::new(test).await;
        let file = "\u{feff}Company;Website;Country;Sites;Utility types;Owner e-mail;Start date;Max uses;Send\r\n\
             blue bakery;utility.example/login;gb;main shop;electricity | Hot water;o@client.example;2025-01-01;3;yes\r\n\
             ;;;;;;;;\r\n\
             Blue Bakery;ftp://x;XX;Attic;MAGIC;nobody;01.02.2025;0;maybe\r\n\
             Nobody Ltd;;;;;;;;\r\n\
             Blue Bakery;;;;;;;;yes\r\n\
             Blue Bakery;;;;;;;;;more\r\n\
             Blue Bakery;;;;;;;;\r\n";
        let (batch, rows) = scene.done(BatchKind::Links, How::default(), file).await;
        assert_eq!((batch.status(), batch.total), (BatchStatus::Done, 6));
        assert_eq!((batch.good, batch.failed), (2, 4));
        assert_eq!(outcomes(&rows), [Made, Failed, Failed, Failed, Failed, Made]);
        let told = problems(&rows);
        let columns: Vec<_> = told.iter().map(|(line, column, _)| (*line, *column)).collect();
        assert_eq!(
            columns,
            [
                (4, "Website"),
                (4, "Country"),
                (4, "Sites"),
                (4, "Utility types"),
                (4, "Owner e-mail"),
                (4, "Start date"),
                (4, "Max uses"),
                (4, "Send"),
                (5, "Company"),
                (6, "Owner e-mail"),
                (7, ""),
            ]
        );
        assert_eq!(told[8].2, "names no company that is here");
        assert_eq!(told[9].2, "is needed where send is yes");
        assert_eq!(rows[0].effects, [RowEffect::LinkMailed]);
        assert_eq!(test.rows("outgoing_mails").await, 1);
        let (organization, id) = (scene.client.organization, rows[0].link.expect("a link"));
        let link = test.store.read("test", |tx| Box::pin(tx.link(organization, id)));
        let link = link.await.expect("read").expect("made").link;
        assert_eq!(link.company, scene.client.company.id);
        assert_eq!(link.initial_sites, [scene.client.site.id]);
        assert_eq!(link.max_uses, 3);
        let types: Vec<_> = link.utility_types.iter().map(|it| it.as_str()).collect();
        assert_eq!(types, ["ELECTRICITY", "HOT_WATER"]);
        assert_eq!(test.rows("links").await, 1 + 2);
    })
    .await;
}

#[tokio::test]
async fn a_dry_run_tells_what_would_be_and_changes_nothing() {
    on_both(async |test| {
        let scene = Scene::new(test).await;
        let before = scene.counts().await;
        let file = "company,initialSites\nGreen Grocer,Mill; Quay\nGREEN GROCER,mill;Pier\nBlue Bakery,Main shop\n,\nBlue Bakery,Main shop;main shop\n";
        let (checked, rows) = scene.done(BatchKind::Links, CHECK, file).await;
        assert_eq!(scene.counts().await, before);
        assert_eq!((checked.good, checked.failed), (3, 1));
        let effects = |rows: &[BatchRow]| -> Vec<_> {
            rows.iter().map(|row| row.effects.clone()).collect()
        };
        use RowEffect::{CompanyAdded, SiteAdded};
        let wanted = [vec![CompanyAdded, SiteAdded, SiteAdded], vec![SiteAdded], vec![], vec![]];
        assert_eq!(effects(&rows), wanted);
        assert_eq!(problems(&rows), [(6, "initialSites", "is given twice")]);

        let asked = async || {
            let batch = followed(&checked, &SystemRandom, NOW);
            let (checked, batch) = (&checked, &batch);
            let following = test.store.tx("test", |tx| {
                Box::pin(follow(tx, &SystemRandom, checked, batch))
            });
            following.await.expect("followed")
        };
        let id = asked().await;
        assert_eq!(asked().await, id, "pressed twice");
        let (made, _) = scene.state(id).await;
        scene.work(&made).await;
        assert!(scene.claim(NOW).await.is_none(), "one batch was made of it");
        let (made, rows) = scene.state(id).await;
        assert_eq!((made.good, made.failed), (3, 1));
        assert_eq!(effects(&rows), wanted);
        let (companies, sites, links) = before;
        assert_eq!(scene.counts().await, (companies + 1, sites + 3, links + 3));
        assert_eq!(rows[0].company, rows[1].company);
    })
    .await;
}

#[tokio::test]
async fn a_batch_goes_on_where_it_was_stopped() {
    on_both(async |test| {
        let scene = Scene::new(test).await;
        let lines: Vec<_> = (0..120)
            .map(|number| format!("Company {}", number % 7))
            .collect();
        let file = format!("company\n{}\n", lines.join("\n"));
        for how in [CHECK, MAKE] {
            let batch = scene.sent(BatchKind::Links, how, &file).await;
            let job = scene.claim(NOW).await.expect("queued");
            let lost = Context::new(job, WaitingRuns::default());
            let (organization, id) = (batch.organization, batch.id);
            let begun = scene.work.begin(&lost, organization, id).await;
            let directory = begun.expect("begun").expect("there is work");
            let step = scene.work.step(&lost, organization, id, &directory).await;
            assert!(step.expect("a step").is_some());
            let (stopped, _) = scene.state(id).await;
            assert_eq!(
                (stopped.status(), stopped.good),
                (BatchStatus::Running, job::AT_ONCE)
            );

            let job = scene
                .claim(NOW.plus(LEASE_MS))
                .await
                .expect("its lease ran out");
            let context = Context::new(job, WaitingRuns::default());
            let payload = WorkBatchPayload {
                organization,
                batch: id,
            };
            scene.work.run(&context, payload).await.expect("worked");
            let late = scene.work.step(&lost, organization, id, &directory).await;
            assert!(late.expect("a step").is_none());
            let (done, rows) = scene.state(id).await;
            assert_eq!((done.status(), done.good), (BatchStatus::Done, 120));
            let added = rows
                .iter()
                .filter(|row| row.effects == [RowEffect::CompanyAdded]);
            assert_eq!(added.count(), 7);
        }
        assert_eq!(test.rows("companies").await, 1 + 7);
        assert_eq!(test.rows("links").await, 1 + 120);
    })
    .await;
}

#[tokio::test]
async fn a_company_is_known_by_what_it_is_called_and_others_companies_are_not() {
    on_both(async |test| {
        let scene = Scene::new(test).await;
        let stranger = test.client().await;
        let twin = test.company(scene.client.organization).await;
        let companies = "name,externalId\nGreen Grocer,G-1\n";
        scene.done(BatchKind::Companies, MAKE, companies).await;
        let file = format!(
            "company\n{}\nG-1\ngreen grocer\nBlue Bakery\n{}\n{}\n",
            twin.id, stranger.company.id, stranger.company.public_id
        );
        let (_, rows) = scene.done(BatchKind::Links, How::default(), &file).await;
        assert_eq!(
            problems(&rows),
            [
                (5, "company", "means several companies: give the id of one"),
                (6, "company", "names no company that is here"),
                (7, "company", "names no company that is here"),
            ]
        );
        assert_eq!(rows[1].company, rows[2].company);
        let (_, rows) = scene.done(BatchKind::Links, MAKE, &file).await;
        assert_eq!(
            rows[4].outcome,
            RowOutcome::Failed,
            "no company is called by an id"
        );
        let theirs = read_as(test, stranger.organization, rows[0].link.expect("made")).await;
        assert!(!theirs);
    })
    .await;
}

async fn read_as(test: &TestStore, organization: OrganizationId, link: shared::id::LinkId) -> bool {
    let reading = test
        .store
        .read("test", |tx| Box::pin(tx.link(organization, link)));
    reading.await.expect("read").is_some()
}

#[tokio::test]
async fn companies_and_sites_are_added_or_changed() {
    use RowEffect::{CompanyAdded, CompanyChanged, SiteAdded, SiteChanged};
    on_both(async |test| {
        let scene = Scene::new(test).await;
        let file = "name;your id;siteName;address\n\
            Blue Bakery;B-1;Main shop;2 High Street\n\
            Green Grocer;G-1;Mill;\n\
            Green Grocers;G-1;Mill;1 Quay\n\
            ;G-1;Quay;\n\
            green grocers;;;\n\
            Green Grocers;G-2;;\n\
            ;X;;\n\
            Red Roof;;;3 Low Street\n";
        let wanted = [
            vec![CompanyChanged, SiteChanged],
            vec![CompanyAdded, SiteAdded],
            vec![CompanyChanged, SiteChanged],
            vec![SiteAdded],
            vec![],
            vec![CompanyAdded],
            vec![],
            vec![],
        ];
        let (companies, sites, links) = scene.counts().await;
        for how in [CHECK, MAKE] {
            assert_eq!(scene.counts().await, (companies, sites, links));
            let (batch, rows) = scene.done(BatchKind::Companies, how, file).await;
            assert_eq!((batch.good, batch.failed), (6, 2), "{:?}", problems(&rows));
            let effects: Vec<_> = rows.iter().map(|row| row.effects.clone()).collect();
            assert_eq!(effects, wanted);
            assert_eq!(
                problems(&rows),
                [
                    (8, "name", "is required"),
                    (
                        9,
                        "siteName",
                        "is needed where there is an address of a site"
                    )
                ]
            );
        }
        assert_eq!(scene.counts().await, (companies + 2, sites + 2, links));
        let (organization, id) = (scene.client.organization, scene.client.company.id);
        let reading = test.store.read("test", |tx| {
            Box::pin(async move {
                let company = tx.company(organization, id).await?.expect("there");
                Ok::<_, StoreError>((company, tx.sites_of(id).await?))
            })
        });
        let (company, sites) = reading.await.expect("read");
        assert_eq!(company.external_id.as_deref(), Some("B-1"));
        assert_eq!(sites[0].address.as_deref(), Some("2 High Street"));
        let again = scene.done(BatchKind::Companies, MAKE, file).await.1;
        let changed: Vec<_> = again.iter().flat_map(|row| &row.effects).collect();
        // The third row renames what the second one names.
        assert_eq!(changed, [&CompanyChanged, &CompanyChanged]);
    })
    .await;
}

#[tokio::test]
async fn many_rows_are_worked_and_forgotten_one_day() {
    on_both(async |test| {
        let scene = Scene::new(test).await;
        let lines: Vec<_> = (0..1000)
            .map(|number| format!("Company {},x@client.example", number / 4))
            .collect();
        let file = format!("company,connectionOwnerEmail\n{}\n", lines.join("\n"));
        let (batch, _) = scene.done(BatchKind::Links, MAKE, &file).await;
        assert_eq!((batch.good, batch.failed), (1000, 0));
        assert_eq!(test.rows("links").await, 1 + 1000);
        let batch = &batch;
        let sources = (&*scene.work.token_keys, &scene.work.links_base);
        let file = super::csv(&test.store, sources, batch)
            .await
            .expect("results");
        let file = String::from_utf8(file).expect("text");
        assert_eq!(file.lines().count(), 1001);
        assert!(
            file.lines()
                .skip(1)
                .all(|line| line.contains(",https://connect.example.com/p/connect/"))
        );

        let later = NOW.plus(1);
        let mut removed = 0;
        while test
            .store
            .tx("test", |tx| Box::pin(tx.remove_batch_before(later)))
            .await
            .expect("removed")
        {
            removed += 1;
        }
        assert_eq!((removed, test.rows("batch_rows").await), (1, 0));
        assert_eq!(test.rows("links").await, 1 + 1000);
    })
    .await;
}

#[tokio::test]
async fn results_are_no_formulas() {
    on_both(async |test| {
        let scene = Scene::new(test).await;
        let file = "company,externalId\n=1+1,@x\nBlue Bakery,+7\n";
        let (batch, _) = scene.done(BatchKind::Links, How::default(), file).await;
        let sources = (&*scene.work.token_keys, &scene.work.links_base);
        let file = super::csv(&test.store, sources, &batch).await.expect("results");
        let file = String::from_utf8(file).expect("text");
        let lines: Vec<_> = file.lines().collect();
        assert_eq!(
            lines[0],
            "\u{feff}line,outcome,column,reason,effects,company,connectionOwnerEmail,externalId,companyId,linkId,magicLinkUrl,companyName"
        );
        assert_eq!(lines[1], "2,FAILED,company,names no company that is here,,'=1+1,,'@x,,,,");
        assert!(lines[2].starts_with("3,MADE,,,,Blue Bakery,,'+7,"), "{file}");
        assert!(lines[2].ends_with(",Blue Bakery"), "{file}");
    })
    .await;
}

#[tokio::test]
async fn twenty_batches_of_an_organization_wait_and_no_more() {
    on_both(async |test| {
        let scene = Scene::new(test).await;
        for _ in 0..20 {
            scene
                .sent(BatchKind::Links, CHECK, "company\nBlue Bakery\n")
                .await;
        }
        let rows = read(BatchKind::Links, b"company\nBlue Bakery\n").expect("a file");
        let new = NewBatch {
            organization: scene.client.organization,
            environment: ApiKeyEnvironment::Production,
            kind: BatchKind::Links,
            file_name: None,
            is_dry_run: true,
            creates_missing: false,
        };
        let one_more = new.row(&SystemRandom, NOW, &rows);
        let (one_more, rows) = (&one_more, &rows.rows);
        let adding = test.store.tx("test", |tx| {
            Box::pin(add(tx, &SystemRandom, one_more, rows))
        });
        assert!(!adding.await.expect("the store"));
        assert_eq!(test.rows("batches").await, 20);
    })
    .await;
}
