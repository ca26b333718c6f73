//! Pages with parts that are hard to read: the bills beside them are found, and what cannot be read is counted.

use std::sync::{Arc, atomic::AtomicU32};

use axum::{
    Router,
    extract::Path,
    http::{HeaderMap, header},
    response::{Html, IntoResponse as _},
    routing::get,
};

use crate::{
    bill_lists::{ReceivedFiles, assert_received, search},
    sites,
};

type Site = Router<Arc<AtomicU32>>;

fn bills() -> Site {
    let pdf = |Path(number): Path<u32>| async move {
        (
            [(header::CONTENT_TYPE, "application/pdf")],
            sites::pdf(number),
        )
            .into_response()
    };
    Router::new().route("/bill/{number}", get(pdf))
}

/// Elements that once made the survey throw, beside a list of bills.
fn odd_elements() -> Site {
    const HOME: &str = "<!doctype html><title>Volt</title><h1>Your bills</h1>
        <ol><li value=3 tabindex=0>Third of three steps</li><li value=4 tabindex=0></li></ol><meter value=0.4 tabindex=0></meter>
        <form tabindex=0><input type=hidden name=parentElement><input type=hidden name=getAttribute><input type=hidden name=closest>
        <input type=hidden name=querySelectorAll><button type=button>Show the tariff</button></form>
        <img name=body alt=x><img name=title alt=x><img name=querySelectorAll alt=x><svg role=button class=icon width=9 height=9></svg>
        <table><tr><td>March 15, 2021</td><td>$41.25</td><td><a href=/bill/14>Download bill</a></td></tr>
        <tr><td>April 15, 2021</td><td>$42.25</td><td><a href=/bill/15>Download bill</a></td></tr></table>";
    bills().route("/home", get(|| async { Html(HOME) }))
}

/// Nothing but a frame of another site that does not answer once it is loaded.
fn stuck_frame() -> Site {
    let home = |headers: HeaderMap| async move {
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        let port = host
            .and_then(|host| host.rsplit(':').next())
            .unwrap_or_default();
        Html(format!(
            "<!doctype html><title>Volt</title><h1>Welcome</h1><iframe src='http://localhost:{port}/frame'></iframe>"
        ))
    };
    const FRAME: &str =
        "<!doctype html><h1>Bills</h1><script>setTimeout(() => { for (;;); }, 200)</script>";
    Router::new()
        .route("/home", get(home))
        .route("/frame", get(|| async { Html(FRAME) }))
}

#[tokio::test(flavor = "multi_thread")]
async fn bills_beside_odd_elements_are_found() {
    let search = search::<ReceivedFiles>(odd_elements(), "US", None).await;
    assert_received(&search, 14..16);
    assert!(!search.discovery.is_partial(), "{:?}", search.discovery);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_that_does_not_answer_is_counted() {
    let search = search::<ReceivedFiles>(stuck_frame(), "US", None).await;
    let discovery = search.discovery;
    assert_eq!((discovery.bills, discovery.unread_frames), (0, 1));
    assert!(discovery.is_partial(), "{discovery:?}");
}
