//! Filters of lists under names.

use shared::member::MemberRole;

use super::{Answer, Visitor, on_both_consoles};
use crate::store::StoreError;

const HERE: &str = "/console/connections?view=needs-attention&search=electricity";

impl Visitor<'_> {
    async fn save(&self, name: &str, query: &str, is_shared: bool) -> Answer {
        let shared = if is_shared { "yes" } else { "" };
        let form = [
            ("list", "CONNECTIONS"),
            ("query", query),
            ("name", name),
            ("shared", shared),
        ];
        self.post("/console/views", &form).await
    }
}

#[tokio::test]
async fn a_filter_is_found_again_under_its_name() {
    on_both_consoles(async |console| {
        let organization = console.test.client().await.organization;
        let owner = console.visitor(organization, MemberRole::Owner).await;
        let member = console.visitor(organization, MemberRole::Member).await;
        let reader = console.visitor(organization, MemberRole::ReadOnly).await;
        let stranger = console.test.client().await.organization;
        let stranger = console
            .visitor_with(stranger, MemberRole::Owner, "stranger@example.com")
            .await;
        let page = member.get(HERE).await.text;
        assert!(page.contains("Save this view"), "{page}");
        let query = "view=needs-attention&search=electricity";
        let saved = member.save("Power <first>", &format!("after=1_2&{query}"), true).await;
        assert_eq!(saved.location, HERE, "{}", saved.text);
        let page = member.get(HERE).await.text;
        let link = "href=\"/console/connections?view=needs-attention&#38;search=electricity\" aria-current=\"page\">Power &#60;first&#62;";
        assert!(page.contains(link), "{page}");
        assert!(!page.contains("Save this view"), "it has a name");
        let again = member.save("power <FIRST>", "view=paused", false).await;
        assert_eq!(again.status, 422);
        assert!(again.text.contains("name-problem") && again.text.contains("value=\"power &#60;FIRST&#62;\""));
        assert_eq!(member.save("", "view=paused", false).await.status, 422);
        member.save("Mine", "view=paused", false).await;
        reader.save("Read", "view=invited", true).await;

        // Others see what is shared, and another organization nothing.
        let seen = owner.get("/console/connections").await.text;
        assert!(seen.contains("Power") && !seen.contains("Mine") && !seen.contains(">Read<"), "{seen}");
        let other = stranger.get("/console/connections").await.text;
        assert!(!other.contains("Power"));
        let (_, rest) = page.split_once("/console/views/").expect("a way to change it");
        let id = rest.split('"').next().expect("its end");
        let change = format!("/console/views/{id}");
        assert_eq!(stranger.get(&change).await.status, 404);
        assert_eq!(reader.get(&change).await.status, 403);
        assert!(!reader.get(HERE).await.text.contains("Rename or remove"));
        let taken = member.post(&change, &[("name", "MINE")]).await;
        assert_eq!(taken.status, 422, "{}", taken.text);
        let renamed = owner.post(&change, &[("name", "Electricity")]).await;
        assert_eq!(renamed.location, HERE, "{}", renamed.text);
        let gone = owner.get(&change).await;
        assert!(gone.text.contains("This view is gone"), "{}", gone.text);
        // It is the maker's alone now.
        assert!(!owner.get("/console/connections").await.text.contains("Electricity"));
        assert_eq!(owner.post(&format!("{change}/remove"), &[]).await.status, 404);
        assert_eq!(member.post(&format!("{change}/remove"), &[]).await.location, HERE);
        assert!(!member.get("/console/connections").await.text.contains("Electricity"));

        for number in 1..50 {
            let saved = member.save(&format!("View {number}"), "view=paused", false).await;
            assert_eq!(saved.status, 303, "{number}");
        }
        let most = member.save("One more", "view=paused", false).await;
        assert_eq!(most.status, 409);
        assert!(most.text.contains("which is the most"), "{}", most.text);
    })
    .await;
}

#[tokio::test]
async fn a_shared_view_stays_when_its_maker_writes_no_more() {
    on_both_consoles(async |console| {
        let organization = console.test.client().await.organization;
        let owner = console.visitor(organization, MemberRole::Owner).await;
        let member = console.visitor(organization, MemberRole::Member).await;
        owner.save("Theirs", "view=paused", true).await;
        member.save("Ours", "view=paused", true).await;
        let page = member.get("/console/connections?view=paused").await.text;
        let current = page.matches("aria-current=\"page\">Ours").count();
        assert_eq!(current, 1, "one's own comes first: {page}");
        let (_, rest) = page
            .split_once("/console/views/")
            .expect("a way to change it");
        let id = rest.split('"').next().expect("its end");
        let change = format!("/console/views/{id}");

        let store = &console.test.store;
        let members = store.read("test", |tx| Box::pin(tx.members(organization)));
        let members: Result<_, StoreError> = members.await;
        let mut members = members.expect("members").into_iter();
        let maker = members.find(|one| one.email == "member@example.com");
        let maker = format!("/console/team/{}", maker.expect("a member").id);
        let role = [("role", "READ_ONLY")];
        assert_eq!(
            owner.post(&format!("{maker}/role"), &role).await.status,
            303
        );
        let renamed = member.post(&change, &[("name", "Still ours")]).await;
        assert_eq!(renamed.status, 303, "{}", renamed.text);
        let seen = owner.get("/console/connections").await.text;
        assert!(seen.contains("Still ours"), "{seen}");

        owner.post(&format!("{maker}/remove"), &[]).await;
        assert_eq!(owner.get(&change).await.status, 200);
        owner.post(&change, &[("name", "Nobody's")]).await;
        let gone = owner.get(&change).await;
        assert_eq!(gone.status, 404);
        let log = owner.get("/console/audit-log").await.text;
        assert!(log.contains("Removed a saved view"), "{log}");

        for number in 1..50 {
            let name = format!("View {number}");
            let saved = owner.save(&name, "view=invited", number > 1).await;
            assert_eq!(saved.status, 303, "{number}");
        }
        let first = owner.save("One more", "view=invited", true).await;
        assert_eq!(first.status, 409);
        assert!(first.text.contains("name-problem"), "{}", first.text);
        let other = console
            .visitor_with(organization, MemberRole::Member, "other@example.com")
            .await;
        other.save("The last", "view=invited", true).await;
        let most = other.save("One more", "view=invited", true).await;
        assert_eq!(most.status, 409);
        assert!(most.text.contains("shared-problem"), "{}", most.text);
    })
    .await;
}
