//! A website that is a function, and a server for it on loopback.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use tokio::net::TcpListener;

/// The user name that the websites know.
pub const USERNAME: &str = "ada@example.com";
/// Its password.
pub const PASSWORD: &str = "correct horse 1";

/// What a website is asked.
#[derive(Clone)]
pub struct Request {
    /// The path, beginning with `/`.
    pub path: String,
    /// Whether it is a POST.
    pub post: bool,
    /// The values of query and body: a form or a flat JSON object.
    pub values: HashMap<String, String>,
    /// The host that was asked: `127.0.0.1` or, as another website, `localhost`.
    pub host: String,
    /// The header `Authorization`; empty when there was none.
    pub authorization: String,
    cookies: String,
    /// The server's port.
    pub port: u16,
}

impl Request {
    /// A value by its name; empty when it is not there.
    #[must_use]
    pub fn value(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }
    /// Whether this cookie was set to `1`.
    #[must_use]
    pub fn has_cookie(&self, name: &str) -> bool {
        self.cookies.contains(&format!("{name}=1"))
    }
    /// The right user name and password were sent.
    #[must_use]
    pub fn right(&self) -> bool {
        let [name, password] = ["user", "password"].map(|field| self.value(field));
        name == USERNAME && password == PASSWORD
    }
    /// Whether this path was asked for.
    #[must_use]
    pub fn is(&self, path: &str) -> bool {
        self.path == path
    }

    /// Whether the other website was asked, the one by the name of `localhost`.
    #[must_use]
    pub fn at_other_host(&self) -> bool {
        self.host.starts_with("localhost")
    }

    /// A path of the website that is not `localhost`.
    #[must_use]
    pub fn here(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// A path of the other website.
    #[must_use]
    pub fn there(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }

    /// Basic authentication with the right user name and password.
    #[must_use]
    pub fn basic(&self) -> bool {
        use base64::{Engine, engine::general_purpose::STANDARD};
        self.authorization
            == format!(
                "Basic {}",
                STANDARD.encode(format!("{USERNAME}:{PASSWORD}"))
            )
    }
}

/// What it answers.
#[derive(Clone)]
pub struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
    delay: Duration,
}

/// A page of HTML.
#[must_use]
pub fn page(html: impl Into<String>) -> Answer {
    let body = format!(
        "<!doctype html><meta charset=utf-8><title>Utility</title>{}",
        html.into()
    );
    Answer {
        status: 200,
        headers: vec![("content-type", "text/html".into())],
        body,
        delay: Duration::ZERO,
    }
}

/// Plain text.
#[must_use]
pub fn text(body: &str) -> Answer {
    Answer {
        status: 200,
        headers: vec![("content-type", "text/plain".into())],
        body: body.into(),
        delay: Duration::ZERO,
    }
}

/// JSON, as scripts ask for.
#[must_use]
pub fn json(status: u16, body: &str) -> Answer {
    Answer {
        status,
        headers: vec![("content-type", "application/json".into())],
        body: body.into(),
        delay: Duration::ZERO,
    }
}

/// Goes on with a GET.
#[must_use]
pub fn redirect(to: &str) -> Answer {
    Answer {
        status: 303,
        headers: vec![("location", to.into())],
        body: String::new(),
        delay: Duration::ZERO,
    }
}

impl Answer {
    /// With another status than 200.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
    /// Sets a cookie, as `name=1`.
    #[must_use]
    pub fn cookie(mut self, cookie: &str) -> Self {
        self.headers
            .push(("set-cookie", format!("{cookie}; Path=/; HttpOnly")));
        self
    }
    /// With one more header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.into()));
        self
    }
    /// With the status 401, asking the browser for user name and password.
    #[must_use]
    pub fn challenge(self, how: &str) -> Self {
        self.status(401).header("www-authenticate", how)
    }
    /// Later, by this many milliseconds.
    #[must_use]
    pub fn after(mut self, millis: u64) -> Self {
        self.delay = Duration::from_millis(millis);
        self
    }
}

/// A website: what it answers to a request.
pub type Website = fn(&Request) -> Answer;

/// The server; ends when dropped.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// Every request with a body: path and values.
    pub posts: Arc<Posts>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    /// Starts on a free port.
    ///
    /// # Errors
    /// When nothing can listen on loopback.
    pub async fn start(site: Website) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let posts = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&posts);
        let app =
            Router::new().fallback(
                move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
                    let seen = Arc::clone(&seen);
                    async move {
                        serve(site, address.port(), &seen, &method, &uri, &headers, &body).await
                    }
                },
            );
        let task = tokio::spawn(async move {
            // It ends with the task alone.
            let _ = axum::serve(listener, app).await;
        });
        Ok(Self {
            address,
            posts,
            task,
        })
    }

    /// The website's first page.
    #[must_use]
    pub fn url(&self) -> url::Url {
        format!("http://{}/", self.address).parse().expect("a URL")
    }

    /// Both names of the server, as a browser must be allowed to reach them.
    #[must_use]
    pub fn hosts(&self) -> Vec<String> {
        let port = self.address.port();
        vec![format!("127.0.0.1:{port}"), format!("localhost:{port}")]
    }

    /// Posts to this path so far.
    #[must_use]
    pub fn posted(&self, path: &str) -> usize {
        self.posts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .filter(|(to, _)| to == path)
            .count()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Paths and values.
pub type Posts = Mutex<Vec<(String, HashMap<String, String>)>>;

async fn serve(
    site: Website,
    port: u16,
    posts: &Posts,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Response {
    let mut values: HashMap<String, String> =
        url::form_urlencoded::parse(uri.query().unwrap_or("").as_bytes())
            .into_owned()
            .collect();
    if let Ok(json) = serde_json::from_slice::<HashMap<String, String>>(body) {
        values.extend(json);
    } else {
        values.extend(url::form_urlencoded::parse(body).into_owned());
    }
    let header = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or("").to_owned()
    };
    let request = Request {
        path: uri.path().to_owned(),
        post: method == Method::POST,
        values,
        host: header("host"),
        authorization: header("authorization"),
        cookies: header("cookie"),
        port,
    };
    if request.post {
        posts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((request.path.clone(), request.values.clone()));
    }
    let answer = if request.is("/favicon.ico") {
        text("").status(404)
    } else {
        site(&request)
    };
    tokio::time::sleep(answer.delay).await;
    let mut response = answer.body.into_response();
    *response.status_mut() = StatusCode::from_u16(answer.status).expect("a status");
    for (name, value) in answer.headers {
        let value = HeaderValue::from_str(&value).expect("a header value");
        if name == "set-cookie" {
            response.headers_mut().append(name, value);
        } else {
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
    }
    response
}
