//! What the edge does alone: the origin is switched off all the time.

use std::io::Write;

use shared::status::LinkKind;
use tests::origin_stub::now;

use crate::support::{
    FORM, Page, Visitor, brand, claims, company, link, stamp, start_edge, token,
    unreachable_origins,
};

const PERMISSIONS: &str = "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=(), xr-spatial-tracking=()";

#[tokio::test]
async fn a_link_opens_with_every_security_header() {
    let edge = start_edge("opens", &unreachable_origins()).await;
    let visitor = Visitor::of(&edge);
    let path = link(&company(), &claims());
    let page = visitor.get(&path).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(
        page.text
            .contains("value=\"https://utility.example/login\""),
        "{}",
        page.text
    );
    assert!(
        page.text
            .contains("<option value=CH selected>Switzerland\n"),
        "{}",
        page.text
    );
    // A neutral page, without any name: the title ends where a name would begin.
    assert!(
        page.text
            .contains("<title>Connect your utility account</title>"),
        "{}",
        page.text
    );

    let policy = format!(
        "default-src 'none'; style-src 'nonce-{}'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        page.nonce()
    );
    let expected = [
        ("cache-control", "no-store"),
        ("content-security-policy", policy.as_str()),
        ("content-type", "text/html; charset=utf-8"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("origin-agent-cluster", "?1"),
        ("permissions-policy", PERMISSIONS),
        ("referrer-policy", "no-referrer"),
        ("strict-transport-security", "max-age=31536000"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("x-robots-tag", "noindex, nofollow"),
    ];
    for (name, value) in expected {
        assert_eq!(page.header(name), value, "{name}");
    }
    assert!(page.headers.get("set-cookie").is_none());
    assert_ne!(
        page.nonce(),
        visitor.get(&path).await.nonce(),
        "a nonce serves once"
    );

    let head = Page::of(visitor.request("HEAD", &path)).await;
    assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));
    for (name, value) in expected {
        assert!(
            head.header(name) == value || name == "content-security-policy",
            "{name}"
        );
    }
    edge.stop().await;
}

#[tokio::test]
async fn expired_and_forged_links_show_the_same_page() {
    let edge = start_edge("refuses", &unreachable_origins()).await;
    let visitor = Visitor::of(&edge);
    let (ours, other) = (company(), company());
    let good = token(LinkKind::Company, &ours, &claims());
    let mut expired = claims();
    expired.expires = Some(now().plus(-1));
    let expired = token(LinkKind::Company, &ours, &expired);
    let update = token(LinkKind::ConnectionUpdate, &ours, &claims());
    let mut forged = good.clone();
    let last = if forged.ends_with('A') { "E" } else { "A" };
    forged.replace_range(forged.len() - 1.., last);

    let pages = [
        format!("/p/connect/{ours}/{expired}"),
        format!("/p/connect/{ours}/{forged}"),
        format!("/p/connect/{other}/{good}"),
        format!("/p/connect/{ours}/workflow/{good}"),
        format!("/p/connect/{ours}/{update}"),
        format!("/p/connect/{ours}/x"),
        format!("/p/connect/{ours}/{}", "A".repeat(4000)),
    ];
    let mut seen = Vec::new();
    for path in pages {
        let page = visitor.get(&path).await;
        assert_eq!(page.status, 404, "{path}");
        assert!(page.text.contains("ask for a new link"), "{}", page.text);
        seen.push(page.without_nonce());
        // Starting it is refused the same way.
        let page = visitor.post(&path, "url=coned.com&country=US").await;
        assert_eq!(
            (page.status.as_u16(), page.without_nonce()),
            (404, seen[0].clone())
        );
    }
    assert!(
        seen.iter().all(|page| *page == seen[0]),
        "the visitor can tell why"
    );

    let update = visitor
        .get(&format!("/p/connect/{ours}/workflow/{update}"))
        .await;
    assert_eq!(update.status, 200);
    assert!(
        update.text.contains("Reconnect your utility account"),
        "{}",
        update.text
    );
    edge.stop().await;
}

#[tokio::test]
async fn a_link_opens_with_the_punctuation_that_was_pasted_behind_it() {
    let edge = start_edge("pasted", &unreachable_origins()).await;
    let visitor = Visitor::of(&edge);
    let company = company();
    let good = token(LinkKind::Company, &company, &claims());
    for behind in [".", ">", ")", "/", ").", "%E2%80%9D"] {
        let page = visitor
            .get(&format!("/p/connect/{company}/{good}{behind}"))
            .await;
        assert_eq!(page.status, 200, "{behind}: {}", page.text);
    }
    edge.stop().await;
}

#[tokio::test]
async fn unknown_paths_are_404_and_wrong_methods_405() {
    let edge = start_edge("addresses", &unreachable_origins()).await;
    let visitor = Visitor::of(&edge);
    for path in [
        "/",
        "/p",
        "/p/connect",
        "/robots.txt",
        "/assets/none/page.css",
    ] {
        let page = visitor.get(path).await;
        assert_eq!(page.status, 404, "{path}");
        assert_eq!(page.header("x-robots-tag"), "noindex, nofollow", "{path}");
        assert!(
            page.text.contains("There is no page at this address"),
            "{}",
            page.text
        );
    }
    let path = link(&company(), &claims());
    for method in ["PUT", "DELETE", "OPTIONS", "PATCH"] {
        let page = Page::of(visitor.request(method, &path)).await;
        assert_eq!(
            (page.status.as_u16(), page.header("allow")),
            (405, "GET, HEAD, POST")
        );
    }
    let page = visitor.get("/p/brand").await;
    assert_eq!((page.status.as_u16(), page.header("allow")), (405, "PUT"));
    // A flow of a node that the table does not have: nobody is asked.
    let elsewhere = format!("/p/connect/{}/flow/_w{}", company(), "A".repeat(21));
    assert_eq!(visitor.get(&elsewhere).await.status, 404);
    edge.stop().await;
}

#[tokio::test]
async fn the_country_is_preselected_from_the_request() {
    let edge = start_edge("country", &unreachable_origins()).await;
    let visitor = Visitor::of(&edge);
    let company = company();
    let mut bare = claims();
    (bare.country, bare.provider) = (None, None);
    let path = link(&company, &bare);
    let page = Page::of(
        visitor
            .request("GET", &path)
            .header("accept-language", "de-AT,en;q=0.5"),
    );
    assert!(
        page.await
            .text
            .contains("<option value=AT selected>Austria\n")
    );
    let request = visitor.request("GET", &path).header("cf-ipcountry", "NZ");
    let page = Page::of(request.header("accept-language", "de-AT")).await;
    assert!(
        page.text
            .contains("<option value=NZ selected>New Zealand\n")
    );
    let page = visitor.get(&path).await;
    assert!(
        page.text.contains("<option value=\"\">Choose a country\n"),
        "{}",
        page.text
    );
    assert!(
        page.text.contains(" name=\"url\" value=\"\""),
        "{}",
        page.text
    );
    edge.stop().await;
}

#[tokio::test]
async fn invalid_posts_are_refused_without_asking_the_origin() {
    let edge = start_edge("posts", &unreachable_origins()).await;
    let visitor = Visitor::of(&edge);
    let path = link(&company(), &claims());
    let post = || visitor.request("POST", &path).header("content-type", FORM);
    let good = "url=coned.com&country=US";
    for request in [
        post().body(good),
        post().body(good).header("origin", "https://evil.example"),
        post()
            .body(good)
            .header("origin", edge.url())
            .header("sec-fetch-site", "cross-site"),
        post()
            .body(good)
            .header("origin", "null")
            .header("sec-fetch-site", "same-site"),
    ] {
        assert_eq!(Page::of(request).await.status, 403);
    }
    let own = || visitor.request("POST", &path).header("origin", edge.url());
    assert_eq!(Page::of(own().body(good)).await.status, 415);
    assert_eq!(
        Page::of(own().body("{}").header("content-type", "application/json"))
            .await
            .status,
        415
    );
    let long = format!("url={}", "a".repeat(40_000));
    assert_eq!(
        Page::of(own().body(long).header("content-type", FORM))
            .await
            .status,
        413
    );

    let page = visitor.post(&path, "url=%22%3E%3Cb%3Enope&country=").await;
    assert_eq!(page.status, 422, "{}", page.text);
    assert!(page.text.contains("<title>Error: "), "{}", page.text);
    assert!(
        page.text.contains("value=\"&#34;&#62;&#60;b&#62;nope\""),
        "what was typed: {}",
        page.text
    );
    assert!(
        page.text
            .contains("aria-describedby=\"url-hint url-problem\" aria-invalid=\"true\"")
    );
    assert!(
        page.text
            .contains("aria-describedby=\"country-problem\" aria-invalid=\"true\"")
    );
    assert!(
        page.text
            .contains("<a href=\"#url\">This does not look like a website address.")
    );
    assert!(
        page.text
            .contains("<a href=\"#country\">Choose the country of the utility.</a>")
    );

    // Good fields, and nobody there: what was typed is kept.
    let page = visitor
        .post(&path, "url=other.example%2Fbills&country=FR")
        .await;
    assert_eq!(page.status, 503, "{}", page.text);
    assert!(page.text.contains("Nothing was saved"), "{}", page.text);
    assert!(
        page.text.contains("value=\"other.example/bills\""),
        "{}",
        page.text
    );
    assert!(
        page.text.contains("<option value=FR selected>France\n"),
        "{}",
        page.text
    );

    // A link that repairs a connection has nothing to fill in.
    let company = company();
    let update = token(LinkKind::ConnectionUpdate, &company, &claims());
    let update = format!("/p/connect/{company}/workflow/{update}");
    let page = visitor.get(&update).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("Reconnect"), "{}", page.text);
    assert!(!page.text.contains("<input"), "{}", page.text);
    let page = visitor.post(&update, "").await;
    assert_eq!(page.status, 503);
    assert!(page.text.contains("Nothing was saved"), "{}", page.text);
    edge.stop().await;
}

#[tokio::test]
async fn a_pushed_brand_is_shown_from_memory_and_then_from_kv() {
    let edge = start_edge("brand", &unreachable_origins()).await;
    let visitor = Visitor::of(&edge);
    let company = company();
    let path = link(&company, &claims());
    let harbor = brand("Harbor & Sons");

    assert_eq!(
        Page::of(visitor.request("PUT", "/p/brand").body("{}"))
            .await
            .status,
        401
    );
    let old = shared::signing::Stamp {
        time: now().plus(-61_000),
        ..stamp()
    };
    assert_eq!(visitor.push(&company, &harbor, old).await, 401);
    let mut unreadable = harbor.clone();
    unreadable["accent"] = "#fefefe".into();
    assert_eq!(visitor.push(&company, &unreadable, stamp()).await, 400);

    let once = stamp();
    assert_eq!(visitor.push(&company, &harbor, once).await, 204);
    assert_eq!(visitor.push(&company, &harbor, once).await, 401, "a replay");
    shows_brand(&visitor.get(&path).await);

    // A new isolate remembers nothing.
    let edge = edge.restart().await;
    let visitor = Visitor::of(&edge);
    shows_brand(&visitor.get(&path).await);
    // Another company does not wear it.
    let other = visitor
        .get(&link(&crate::support::company(), &claims()))
        .await;
    assert!(!other.text.contains("Harbor"), "{}", other.text);
    // A link that is no good wears it too.
    let page = visitor.get(&format!("/p/connect/{company}/x")).await;
    assert!(
        page.text
            .contains("Harbor &#38; Sons can help: <a href=\"mailto:help@organization.example\">")
    );
    edge.stop().await;
}

fn shows_brand(page: &Page) {
    assert_eq!(page.status, 200);
    assert!(
        page.text
            .contains("<p class=\"name\">Harbor &#38; Sons</p>"),
        "{}",
        page.text
    );
    let style = format!(
        "<style nonce=\"{}\">:root{{--accent:#1d3b6f;--on-accent:#ffffff;--mark-light:#1d3b6f;--mark-dark:#",
        page.nonce()
    );
    assert!(page.text.contains(&style), "{}", page.text);
    let policy = page.header("content-security-policy");
    assert!(
        policy.ends_with("; frame-ancestors https://portal.organization.example"),
        "{policy}"
    );
    assert!(page.headers.get("x-frame-options").is_none());
    let font = ";--font:\"Source Sans 3\",sans-serif}</style>";
    assert!(page.text.contains(font), "{}", page.text);
}

#[tokio::test]
async fn assets_are_immutable_and_the_first_view_is_small() {
    let edge = start_edge("assets", &unreachable_origins()).await;
    let visitor = Visitor::of(&edge);
    let page = visitor.get(&link(&company(), &claims())).await;
    let style = visitor.get(page.style_sheet()).await;
    assert_eq!(style.status, 200, "{}", page.style_sheet());
    assert_eq!(
        style.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    assert!(style.header("content-type").starts_with("text/css"));
    assert!(
        !page.text.contains("<script"),
        "the first view runs no script"
    );
    let weight = gzipped_size(&page.text) + gzipped_size(&style.text);
    assert!(weight <= 30_000, "{weight} bytes");
    edge.stop().await;
}

/// The size of `text` in bytes after gzip.
fn gzipped_size(text: &str) -> usize {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(text.as_bytes()).expect("memory");
    gzip.finish().expect("memory").len()
}
