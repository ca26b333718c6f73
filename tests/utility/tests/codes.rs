//! Codes by plain requests: wrong, too many, expired, sent again, and a browser that is remembered.

use std::net::SocketAddr;

use reqwest::{
    Client, Response,
    header::{COOKIE, LOCATION, SET_COOKIE},
    redirect::Policy,
};
use utility::{Options, customers::find};

/// A browser without a picture.
struct Visitor {
    client: Client,
    address: SocketAddr,
    options: Options,
    cookies: Vec<String>,
}

impl Visitor {
    async fn new() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port");
        let address = listener.local_addr().expect("an address");
        let options = Options::default();
        tokio::spawn(utility::serve(listener, options.clone()));
        let client = Client::builder().redirect(Policy::none()).no_proxy();
        Self {
            client: client.build().expect("a client"),
            address,
            options,
            cookies: Vec::new(),
        }
    }

    async fn ask(&mut self, path: &str, form: Option<&[(&str, &str)]>) -> Response {
        let url = format!("http://{}{path}", self.address);
        let request = match form {
            Some(form) => self.client.post(url).form(form),
            None => self.client.get(url),
        };
        let answer = request.header(COOKIE, self.cookies.join("; ")).send().await;
        let answer = answer.expect("an answer");
        for cookie in answer.headers().get_all(SET_COOKIE) {
            let cookie = cookie.to_str().expect("plain");
            let (pair, _) = cookie.split_once(';').expect("attributes");
            let (name, _) = pair.split_once('=').expect("a name");
            self.cookies
                .retain(|known| !known.starts_with(&format!("{name}=")));
            self.cookies.push(pair.to_owned());
        }
        answer
    }

    /// Signs in, and answers where it goes on.
    async fn sign_in(&mut self, email: &str) -> String {
        let page = self.ask("/login", None).await;
        let page = page.text().await.expect("a page");
        let (_, csrf) = page.split_once("name=\"csrf\" value=\"").expect("a form");
        let (csrf, _) = csrf.split_once('"').expect("a value");
        let password = find(email).expect("a customer").password;
        let form = [("email", email), ("password", password), ("csrf", csrf)];
        goes_on(&self.ask("/login", Some(&form)).await)
    }

    fn code(&self, email: &str) -> String {
        self.options
            .switches
            .outbox
            .code_for(email)
            .expect("a code")
    }

    async fn says(&mut self, form: &[(&str, &str)]) -> String {
        let answer = self.ask("/step", Some(form)).await;
        answer.text().await.expect("a page")
    }
}

fn goes_on(answer: &Response) -> String {
    let to = answer.headers().get(LOCATION);
    to.map_or("", |to| to.to_str().expect("plain")).to_owned()
}

const SMS: &str = "sms@example.com";

#[tokio::test]
async fn wrong_codes_are_told_and_the_third_locks_out() {
    let mut visitor = Visitor::new().await;
    assert_eq!(visitor.sign_in(SMS).await, "/step");
    assert_eq!(
        goes_on(&visitor.ask("/account", None).await),
        "/step",
        "not yet"
    );
    let code = visitor.code(SMS);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..2 {
        let page = visitor.says(&[("code", wrong)]).await;
        assert!(page.contains("The code you entered is incorrect"), "{page}");
    }
    let page = visitor.says(&[("code", wrong)]).await;
    assert!(page.contains("locked"), "{page}");
    assert_eq!(goes_on(&visitor.ask("/step", None).await), "/login");
    assert_eq!(visitor.sign_in(SMS).await, "", "the form again");
    let reset = [("fault", "reset")];
    visitor.ask("/sandbox/faults", Some(&reset)).await;
    assert_eq!(visitor.sign_in(SMS).await, "/step");
}

#[tokio::test]
async fn another_code_makes_the_first_worthless_and_a_browser_is_remembered() {
    let mut visitor = Visitor::new().await;
    visitor.sign_in(SMS).await;
    let first = visitor.code(SMS);
    let page = visitor.says(&[("resend", "yes")]).await;
    assert!(page.contains("We sent you a new code"), "{page}");
    let second = visitor.code(SMS);
    if first != second {
        let page = visitor.says(&[("code", &first)]).await;
        assert!(page.contains("incorrect"), "{page}");
    }
    let right = [("code", second.as_str()), ("remember", "yes")];
    assert_eq!(
        goes_on(&visitor.ask("/step", Some(&right)).await),
        "/account"
    );
    assert_eq!(visitor.ask("/account", None).await.status(), 200);
    visitor.ask("/sign-out", None).await;
    assert_eq!(visitor.sign_in(SMS).await, "/account", "no code");
}

#[tokio::test]
async fn expired_code_is_followed_by_another() {
    let mut visitor = Visitor::new().await;
    visitor.sign_in("expired@example.com").await;
    let first = visitor.code("expired@example.com");
    let page = visitor.says(&[("code", &first)]).await;
    assert!(page.contains("Your code has expired"), "{page}");
    let second = visitor.code("expired@example.com");
    let right = [("code", second.as_str())];
    assert_eq!(
        goes_on(&visitor.ask("/step", Some(&right)).await),
        "/account"
    );
}

#[tokio::test]
async fn faults_are_switched_by_the_sandbox_and_spare_it() {
    let mut visitor = Visitor::new().await;
    for (fault, status) in [("down", 503), ("gone", 303)] {
        let switch = |on| [("fault", fault), ("on", on)];
        visitor.ask("/sandbox/faults", Some(&switch("yes"))).await;
        assert_eq!(visitor.ask("/", None).await.status(), status, "{fault}");
        assert_eq!(visitor.ask("/sandbox", None).await.status(), 200);
        visitor.ask("/sandbox/faults", Some(&switch("no"))).await;
        assert_eq!(visitor.ask("/", None).await.status(), 200);
    }
    let unknown = [("fault", "nonsense")];
    assert_eq!(
        visitor
            .ask("/sandbox/faults", Some(&unknown))
            .await
            .status(),
        404
    );
}
