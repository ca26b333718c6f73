//! Tests the browser client of these tests on the sample utility itself.

use tests::client::Client;
use utility::customers::CUSTOMERS;

#[tokio::test(flavor = "multi_thread")]
async fn mouse_and_keyboard_sign_in_to_the_sample_utility() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    let website = tokio::spawn(utility::serve(listener, utility::Options::default()));
    let client = Client::start().await;
    let tab = client.open(&format!("http://{address}/login")).await;
    tab.resize(900, 700).await;
    tab.until("innerWidth === 900 && innerHeight === 700", "the new size")
        .await;
    tab.click("#email").await;
    tab.type_text("something to replace").await;
    tab.select_all().await;
    tab.type_text(CUSTOMERS[0].email).await;
    tab.press_tab().await;
    tab.type_text(CUSTOMERS[0].password).await;
    tab.press_enter().await;
    tab.until_text("Sign out").await;
    assert!(tab.text().await.contains("Jordan"));
    let png = tab.png().await.expect("a picture");
    assert!(png.starts_with(b"\x89PNG"));
    let stranger = client
        .open_private(&format!("http://{address}/account"))
        .await;
    stranger
        .until("location.pathname === '/login'", "the form")
        .await;
    client.close().await;
    website.abort();
}
