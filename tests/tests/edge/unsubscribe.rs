//! The page that ends reminders.

use serde_json::json;
use shared::token::TokenKind;

use crate::{
    support::{FORM, Page, brand, claims, company, token},
    with_origin::start_both,
};

#[tokio::test]
async fn reminders_are_ended_by_a_button_and_by_a_mail_program() {
    let (origin, edge, visitor) = start_both("unsubscribe").await;
    origin.respond("/edge/brand", 200, brand("Harbor"));
    origin.respond(
        "/edge/unsubscribe/view",
        200,
        json!({ "wantsReminders": true }),
    );
    origin.respond(
        "/edge/unsubscribe/change",
        200,
        json!({ "wantsReminders": false }),
    );
    let company = company();
    let token = token(TokenKind::Unsubscribe, &company, &claims());
    let path = format!("/p/unsubscribe/{company}/{token}");

    let page = visitor.get(&path).await;
    assert_eq!(page.status, 200);
    assert!(
        page.text.contains("Stop reminders from Harbor?"),
        "{}",
        page.text
    );
    let asked = origin.take_requests();
    let viewed = asked
        .iter()
        .find(|one| one.path == "/edge/unsubscribe/view");
    let page_of = json!({ "publicCompanyId": company, "token": token });
    assert_eq!(viewed.expect("it was asked").body, page_of);
    assert!(
        asked
            .iter()
            .all(|one| one.path != "/edge/unsubscribe/change")
    );

    let stopped = visitor.post(&path, "act=stop").await;
    assert_eq!(
        (stopped.status.as_u16(), stopped.header("location")),
        (303, path.as_str())
    );
    // A mail program is no page of ours, and follows no redirect (RFC 8058).
    let one_click = visitor.request("POST", &path).header("content-type", FORM);
    let one_click = Page::of(one_click.body("List-Unsubscribe=One-Click")).await;
    assert_eq!(one_click.status, 200);
    assert!(
        one_click.text.contains("You get no more reminders"),
        "{}",
        one_click.text
    );
    for change in origin.take_requests() {
        assert_eq!(change.path, "/edge/unsubscribe/change");
        assert_eq!(
            change.body,
            json!({ "page": page_of, "wantsReminders": false })
        );
    }

    // Nobody else asks for mails in a reader's name.
    let again = visitor.request("POST", &path).header("content-type", FORM);
    let again = again.header("origin", "https://evil.example");
    assert_eq!(Page::of(again.body("act=again")).await.status, 403);
    assert!(origin.take_requests().is_empty());
    let again = visitor.post(&path, "act=again").await;
    assert_eq!(again.header("location"), format!("{path}?again=yes"));
    assert_eq!(origin.take_requests()[0].body["wantsReminders"], true);

    // What is forged does not reach the origin.
    let other = crate::support::company();
    let forged = visitor
        .get(&format!("/p/unsubscribe/{other}/{token}"))
        .await;
    assert_eq!(forged.status, 404);
    assert!(origin.take_requests().is_empty());
    edge.stop().await;
}
