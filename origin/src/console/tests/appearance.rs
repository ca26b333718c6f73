//! What clients see and where they are led, as owners set it.

use reqwest::header;
use shared::member::MemberRole;

use super::{Answer, Visitor, on_both_consoles};

/// A picture of one pixel.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

impl Visitor<'_> {
    /// Posts the form of the brand, with a picture of this kind.
    async fn brand(&self, accent: &str, email: &str, logo: Option<(&[u8], &str)>) -> Answer {
        let page = self.get("/console/brand").await.text;
        self.brand_of(&page, accent, email, logo).await
    }

    /// Posts it as this page of it has it.
    async fn brand_of(
        &self,
        page: &str,
        accent: &str,
        email: &str,
        logo: Option<(&[u8], &str)>,
    ) -> Answer {
        let version = page.split_once("name=\"version\" value=\"");
        let version = version.and_then(|(_, rest)| rest.split('"').next());
        let page = self.get("/console/companies").await.text;
        let (_, word) = page.split_once("name=\"csrf\" value=\"").expect("a form");
        let word = word.split('"').next().expect("its value").to_owned();
        let fields = [
            ("csrf", word.as_str()),
            ("name", "Harbor Advisors"),
            ("version", version.unwrap_or_default()),
            ("accent", accent),
            ("supportEmail", email),
        ];
        let mut body = Vec::new();
        for (name, value) in fields {
            let part = format!(
                "--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            body.extend(part.into_bytes());
        }
        // A browser sends an empty file where none was chosen.
        let (content, kind) = logo.unwrap_or((b"", "application/octet-stream"));
        let head = format!(
            "--b\r\nContent-Disposition: form-data; name=\"logo\"; filename=\"logo\"\r\nContent-Type: {kind}\r\n\r\n"
        );
        body.extend(head.into_bytes());
        body.extend(content);
        body.extend(b"\r\n--b--\r\n");
        let url = format!("{}/console/brand", self.console.base);
        let request = self.console.http.post(url).body(body);
        let kind = "multipart/form-data; boundary=b";
        let request = request.header(header::CONTENT_TYPE, kind);
        let request = request.header(header::COOKIE, &self.cookie);
        Answer::of(request.send().await.expect("an answer")).await
    }
}

#[tokio::test]
async fn an_owner_chooses_what_clients_see() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let organization = client.organization;
        let owner = console.visitor(organization, MemberRole::Owner).await;
        let empty = owner.get("/console/brand").await;
        assert!(empty.text.contains("No brand yet"), "{}", empty.text);
        let text = Some((&b"no picture"[..], "text/plain"));
        let wrong = owner.brand("#0b5d4e", "help@harbor.example", text).await;
        assert!(wrong.status == 422 && wrong.text.contains("id=\"logo-problem\""));
        assert!(
            wrong.text.contains("value=\"Harbor Advisors\""),
            "it is kept"
        );
        let big = vec![0; 60_000];
        let big = owner.brand("#0b5d4e", "", Some((&big, "image/png"))).await;
        assert!(big.text.contains("too big"), "{}", big.text);
        let wrong = owner.brand("#0b5d4e", "nobody", None).await;
        assert!(
            wrong.text.contains("id=\"support-problem\""),
            "{}",
            wrong.text
        );
        let saved = owner
            .brand("#ffee00", "help@harbor.example", Some((PNG, "image/png")))
            .await;
        assert_eq!(saved.location, "/console/brand/saved", "{}", saved.text);
        let store = &console.test.store;
        let brand = async || {
            let reading = store.read("test", |tx| Box::pin(tx.brand(organization)));
            let brand: Result<_, crate::store::StoreError> = reading.await;
            brand.expect("read").expect("a brand")
        };
        let first = brand().await;
        assert_eq!(first.on_accent.to_string(), "#0b0b0b", "it can be read");
        assert!(
            first
                .logo
                .is_some_and(|logo| logo.starts_with("data:image/png;base64,"))
        );
        let page = owner.get(&saved.location).await;
        assert!(page.text.contains("fill=\"#ffee00\""), "{}", page.text);
        owner.brand("#0b5d4e", "", None).await;
        let second = brand().await;
        assert!(second.logo.is_some(), "it stays");
        assert_eq!(second.support_email, None);
        // Two have the form of the same brand: the second is told what the first saved, whatever else was wrong before.
        let page = owner.get("/console/brand").await.text;
        let first = owner.brand_of(&page, "#112233", "a@harbor.example", None);
        assert_eq!(first.await.status, 303);
        let wrong = owner.brand_of(&page, "#445566", "nobody", text).await;
        assert!(wrong.status == 422 && wrong.text.contains("Choose it again"));
        let old = owner.brand_of(&wrong.text, "#445566", "", None).await;
        assert_eq!(old.status, 409, "{}", old.text);
        assert!(old.text.contains("Colour: “#112233” now"), "{}", old.text);
        assert!(old.text.contains("value=\"#445566\""), "{}", old.text);
        assert_eq!(brand().await.accent.to_string(), "#112233");
        let knowingly = owner.brand_of(&old.text, "#445566", "", None).await;
        assert_eq!(knowingly.status, 303, "{}", knowingly.text);
        let member = console.visitor(organization, MemberRole::Member).await;
        assert_eq!(member.get("/console/brand").await.status, 403);
        assert_eq!(member.brand("#0b5d4e", "", None).await.status, 403);
    })
    .await;
}

#[tokio::test]
async fn an_owner_lists_where_clients_may_be_led() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let organization = client.organization;
        let owner = console.visitor(organization, MemberRole::Owner).await;
        let path = "/console/redirects";
        let wrong = [
            (
                "origins",
                "https://a.example\nhttps://b.example/path\nb.example",
            ),
            ("before", ""),
        ];
        let wrong = owner.post(path, &wrong).await;
        assert!(wrong.status == 422 && wrong.text.contains("https://a.example"));
        assert!(
            wrong
                .text
                .contains("“https://b.example/path”, “b.example” are none"),
            "{}",
            wrong.text
        );
        let right = [
            ("origins", "https://A.example/\r\n\r\nhttps://b.example"),
            ("before", ""),
        ];
        let saved = owner.post(path, &right).await;
        assert_eq!(saved.location, "/console/redirects/saved", "{}", saved.text);
        let page = owner.get(&saved.location).await;
        assert!(
            page.text.contains("https://a.example\nhttps://b.example"),
            "{}",
            page.text
        );
        let late = owner
            .post(path, &[("origins", "https://c.example"), ("before", "")])
            .await;
        assert!(late.status == 409 && late.text.contains("https://c.example"));
        let before = "https://a.example\r\nhttps://b.example";
        let next = [("origins", ""), ("before", before)];
        assert_eq!(owner.post(path, &next).await.status, 303);
        let log = owner.get("/console/audit-log").await;
        assert!(
            log.text.contains("Changed the redirect origins"),
            "{}",
            log.text
        );
        let member = console.visitor(organization, MemberRole::Member).await;
        assert_eq!(member.post(path, &next).await.status, 403);
    })
    .await;
}
