//! Mail that members send, and what they look at of it.

use shared::{id::MailSubscriptionId, member::MemberRole};

use super::on_both_consoles;
use crate::store::{
    StoreError,
    outgoing_mails::MailEnd,
    testing::{NOW, fresh},
};

#[tokio::test]
async fn a_link_is_sent_by_a_member_who_may_and_a_wrong_address_is_kept() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let member = console
            .visitor(client.organization, MemberRole::Member)
            .await;
        let company = client.company.id.to_string();
        let new = [
            ("company", company.as_str()),
            ("ownerEmail", "owner@client.example"),
        ];
        let page = member.post("/console/links/new", &new).await.location;
        let send = format!("{page}/send");
        let shown = member.get(&page).await.text;
        assert!(shown.contains("value=\"owner@client.example\""), "{shown}");
        let wrong = member.post(&send, &[("to", "no address")]).await;
        assert!(wrong.status == 422 && wrong.text.contains("value=\"no address\""));
        assert!(wrong.text.contains("id=\"to-problem\""));
        for _ in 0..5 {
            let sent = member.post(&send, &[("to", "kim@client.example")]).await;
            assert_eq!(sent.location, format!("{page}?sent=yes"));
        }
        assert_eq!(console.test.rows("outgoing_mails").await, 5);
        let often = member.post(&send, &[("to", "kim@client.example")]).await;
        assert!(often.status == 422 && often.text.contains("five times within a day"));
        let sent = "audit_events WHERE action = 'LINK_SENT'";
        assert_eq!(console.test.rows(sent).await, 5);

        let new = [new[0], ("ownerEmail", ""), ("send", "yes")];
        let nobody = member.post("/console/links/new", &new).await;
        assert!(nobody.status == 422 && nobody.text.contains("value=\"yes\" checked"));
        let new = [new[0], ("ownerEmail", "lee@client.example"), new[2]];
        let made = member.post("/console/links/new", &new).await;
        assert!(made.location.ends_with("?sent=yes"), "{}", made.location);
        assert_eq!(console.test.rows("outgoing_mails").await, 6);

        let reader = console
            .visitor(client.organization, MemberRole::ReadOnly)
            .await;
        assert!(!reader.get(&page).await.text.contains("/send"));
        let refused = reader.post(&send, &[("to", "kim@client.example")]).await;
        assert_eq!(refused.status, 403);
        assert_eq!(reader.get("/console/mail").await.status, 403);
    })
    .await;
}

#[tokio::test]
async fn the_folder_shows_an_organization_its_own_mails_alone() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let member = console
            .visitor(client.organization, MemberRole::Member)
            .await;
        let empty = member.get("/console/mail").await.text;
        assert!(empty.contains("No mail so far"), "{empty}");
        let send = format!("/console/links/{}/send", client.link.id);
        member.post(&send, &[("to", "kim@client.example")]).await;
        let organization = client.organization;
        let delivered = console.test.store.tx("test", |tx| {
            Box::pin(async move {
                let sent = tx.outgoing_mail_ids(organization).await?;
                let id = *sent.first().expect("a mail");
                tx.end_mail(organization, id, &MailEnd::Delivered, NOW)
                    .await?;
                Ok::<_, StoreError>(id)
            })
        });
        let id = delivered.await.expect("a store").to_string();
        let raw = "From: Acme <a@b.example>\r\nSubject: Connect <it>\r\nContent-Type: text/html\r\n\r\n\
                   <html><head></head><a href=\"https://connect.example/p\">Go</a></html>";
        let folder = console.folder.clone();
        let put = folder.put(&id, raw.as_bytes().to_vec()).await;
        put.expect("a folder");
        let list = member.get("/console/mail").await.text;
        assert!(list.contains("Connect &#60;it&#62;") && list.contains("kim@client.example"));
        let page = format!("/console/mail/{id}");
        assert_eq!(member.get(&page).await.status, 200);
        let html = member.get(&format!("{page}/html")).await;
        assert!(html.text.contains("<base target=\"_blank\">"), "{}", html.text);
        let other = console.test.client().await;
        let stranger = console.visitor(other.organization, MemberRole::Owner).await;
        assert_eq!(stranger.get(&page).await.status, 404);
        assert_eq!(stranger.get(&format!("{page}/html")).await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn owners_choose_what_is_mailed_and_see_who_wants_no_reminders() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let id = console.test.connect(&client).await;
        let organization = client.organization;
        let owner = console.visitor(organization, MemberRole::Owner).await;
        let page = "/console/notifications";
        assert_eq!(owner.get(page).await.text.matches(" checked").count(), 2);
        let saved = owner.post(page, &[("connected", "yes")]).await;
        assert_eq!(saved.status, 303);
        assert_eq!(owner.get(page).await.text.matches(" checked").count(), 1);
        let changed = "audit_events WHERE action = 'NOTIFICATIONS_CHANGED'";
        assert_eq!(console.test.rows(changed).await, 1);
        let member = console.visitor(organization, MemberRole::Member).await;
        assert_eq!(member.get(page).await.status, 403);

        let connection = format!("/console/connections/{id}");
        let told = "unsubscribed from reminders";
        assert!(!owner.get(&connection).await.text.contains(told));
        let ended = console.test.store.tx("test", |tx| {
            Box::pin(async move {
                let subscription = MailSubscriptionId::from_random(fresh());
                let address = "owner@client.example";
                let made = tx.subscription_made(organization, address, subscription);
                let id = made.await?.id;
                tx.set_unsubscribed(id, Some(NOW)).await
            })
        });
        ended.await.expect("a store");
        assert!(owner.get(&connection).await.text.contains(told));
    })
    .await;
}
