//! Rows that are refused for what they would send, or for how something would be called.

use shared::batch::{BatchKind, RowEffect, RowOutcome};

use super::{CHECK, How, MAKE, Scene, outcomes, problems};
use crate::{mail::LINK_MAILS_TO_ONE_A_DAY, store::testing::on_both};

#[tokio::test]
async fn rows_beyond_the_links_that_one_address_gets_a_day_say_so_and_make_none() {
    on_both(async |test| {
        let scene = Scene::new(test).await;
        let row = "Blue Bakery,o@client.example,yes\n";
        let other = "Blue Bakery,O@Client.example,yes\nBlue Bakery,b@client.example,yes\nBlue Bakery,o@client.example,no\n";
        let half = LINK_MAILS_TO_ONE_A_DAY / 2;
        let file = |rows: usize| format!("company,owner,send\n{}{other}", row.repeat(rows));
        let (checked, rows) = scene.done(BatchKind::Links, CHECK, &file(half * 2)).await;
        assert_eq!(checked.failed, 1, "a dry run counts what it would send");
        assert_eq!(rows[half * 2].outcome, RowOutcome::Failed);
        assert_eq!(test.rows("outgoing_mails").await, 0);

        // The same file twice: the second one comes to the end of it.
        for failed in [0, 2] {
            let (batch, rows) = scene.done(BatchKind::Links, How::default(), &file(half)).await;
            assert_eq!(batch.failed, failed);
            let [.., before, capitals, another, unsent] = &*rows else {
                panic!("rows");
            };
            assert_eq!(another.effects, [RowEffect::LinkMailed]);
            assert_eq!((unsent.outcome, &*unsent.effects), (RowOutcome::Made, &[][..]));
            for row in [before, capitals] {
                let is_refused = failed > 0;
                assert_eq!(row.outcome == RowOutcome::Failed, is_refused);
                assert_eq!(row.link.is_none(), is_refused);
            }
            let told = problems(&rows);
            for (_, column, reason) in &told {
                assert_eq!(*column, "send");
                assert!(reason.contains("20 links to one address"), "{reason}");
            }
            assert_eq!(told.len(), usize::try_from(failed).expect("few"));
        }
        let to_one = "outgoing_mails WHERE LOWER(recipient) = 'o@client.example'";
        let most = i64::try_from(LINK_MAILS_TO_ONE_A_DAY).expect("few");
        assert_eq!(test.rows(to_one).await, most);
    })
    .await;
}

#[tokio::test]
async fn names_with_marks_that_nobody_sees_are_refused() {
    use RowOutcome::{Failed, Made};
    on_both(async |test| {
        let scene = Scene::new(test).await;
        let companies = "name,externalId,siteName,siteAddress\n\
             Green\u{202e}Grocer,,,\nGreen Grocer,a\u{2067}b,,\nGreen Grocer,,Sh\u{2069}op,\nGreen Grocer,,Shop,1\u{202a}\n\
             חנות,,,\n";
        let (_, rows) = scene.done(BatchKind::Companies, MAKE, companies).await;
        assert_eq!(outcomes(&rows), [Failed, Failed, Failed, Failed, Made]);
        let columns: Vec<_> = problems(&rows).iter().map(|(_, column, _)| *column).collect();
        assert_eq!(columns, ["name", "externalId", "siteName", "siteAddress"]);
        let links = "company,sites,owner\nRed\u{202e}Mill,,\nBlue Bakery,Qu\u{2066}ay,\nBlue Bakery,,a\u{202e}b@c.example\n";
        let (_, rows) = scene.done(BatchKind::Links, MAKE, links).await;
        assert_eq!(outcomes(&rows), [Failed, Failed, Failed]);
    })
    .await;
}
