//! What a page cannot reach.

use super::test_site::{Site, at, eval};

/// Tries an address in every way a page has, and tells whether anything came back.
const REACH: &str = "async function (url) {
  const soon = (p) => Promise.race([p, new Promise((r) => setTimeout(r, 3000, 'slow'))]);
  const tried = {};
  tried.fetch = await soon(fetch(url, { mode: 'no-cors' }).then(() => 'reached', () => 'no'));
  tried.image = await soon(new Promise((r) => { const i = new Image(); i.onload = () => r('reached'); i.onerror = () => r('no'); i.src = url; }));
  tried.socket = await soon(new Promise((r) => { const s = new WebSocket(url.replace('http', 'ws')); s.onopen = () => r('reached'); s.onerror = () => r('no'); }));
  return tried;
}";

#[tokio::test]
async fn a_page_reaches_no_private_address_but_the_listed() {
    let site = Site::of(&[("/", "<p>allowed")]).await;
    let hidden = Site::of(&[("/", "<p>hidden")]).await;
    let (_browser, page) = at(&site, "/").await;
    let port = hidden.address.port();
    for url in [
        format!("http://127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://x.localhost:{port}/"),
        format!("http://[::1]:{port}/"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://[fe80::1]/".to_owned(),
    ] {
        let tried: serde_json::Value = page
            .call(&page.main_frame(), REACH, &[url.as_str().into()])
            .await
            .unwrap();
        for way in ["fetch", "image", "socket"] {
            assert_eq!(tried[way], "no", "{url} by {way}");
        }
    }
    // The same page does reach what is listed.
    let own = site.url("/").to_string();
    let tried: serde_json::Value = page
        .call(&page.main_frame(), REACH, &[own.into()])
        .await
        .unwrap();
    assert_eq!(tried["fetch"], "reached");
}

#[tokio::test]
async fn a_page_cannot_open_a_file_or_a_chrome_url() {
    let site = Site::of(&[("/", "<p>allowed")]).await;
    let (_browser, page) = at(&site, "/").await;
    for url in ["file:///etc/passwd", "chrome://version"] {
        let go = format!("(location.href = '{url}', 1)");
        let _: i64 = eval(&page, &go).await;
    }
    assert!(page.settle(super::test_site::SOON).await.unwrap());
    assert_eq!(page.url(), site.url("/").as_str());
}

#[tokio::test]
async fn webrtc_sends_no_datagram_past_the_guard() {
    let site = Site::of(&[("/", "<p>allowed")]).await;
    let (_browser, page) = at(&site, "/").await;
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let port = socket.local_addr().unwrap().port();
    let gather = "async function (port) {
      const peer = new RTCPeerConnection({ iceServers: [{ urls: `stun:127.0.0.1:${port}` }] });
      peer.createDataChannel('x');
      await peer.setLocalDescription(await peer.createOffer());
      await Promise.race([new Promise((r) => { peer.onicecandidate = (e) => { if (!e.candidate) r(); }; }), new Promise((r) => setTimeout(r, 3000))]);
      return 1;
    }";
    let _: i64 = page
        .call(&page.main_frame(), gather, &[port.into()])
        .await
        .unwrap();
    let mut buffer = [0; 64];
    assert!(
        socket.try_recv_from(&mut buffer).is_err(),
        "a STUN packet arrived"
    );
}
