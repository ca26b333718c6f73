//! Rows that are refused for what they would send.

use shared::batch::{BatchKind, RowEffect, RowOutcome};

use super::{CHECK, How, Scene, problems};
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
