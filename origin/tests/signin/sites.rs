//! A server with many small websites, one below each first path segment.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use tokio::net::TcpListener;

pub const USERNAME: &str = "ada@example.com";
pub const PASSWORD: &str = "correct horse 1";

/// What a website is asked.
pub struct Request {
    /// What follows the website's own segment, beginning with `/`.
    pub path: String,
    pub post: bool,
    pub values: HashMap<String, String>,
    cookies: String,
    pub port: u16,
}

impl Request {
    pub fn value(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }
    pub fn has_cookie(&self, name: &str) -> bool {
        self.cookies.contains(&format!("{name}=1"))
    }
    /// The right user name and password were sent.
    pub fn right(&self) -> bool {
        let [name, password] = ["user", "password"].map(|field| self.value(field));
        name == USERNAME && password == PASSWORD
    }
    pub fn is(&self, path: &str) -> bool {
        self.path == path
    }
}

/// What it answers.
#[derive(Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
    pub delay: Duration,
}

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

pub fn text(body: &str) -> Answer {
    Answer {
        status: 200,
        headers: vec![("content-type", "text/plain".into())],
        body: body.into(),
        delay: Duration::ZERO,
    }
}

pub fn json(status: u16, body: &str) -> Answer {
    Answer {
        status,
        headers: vec![("content-type", "application/json".into())],
        body: body.into(),
        delay: Duration::ZERO,
    }
}

pub fn redirect(to: &str) -> Answer {
    Answer {
        status: 303,
        headers: vec![("location", to.into())],
        body: String::new(),
        delay: Duration::ZERO,
    }
}

impl Answer {
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
    pub fn cookie(mut self, cookie: &str) -> Self {
        self.headers
            .push(("set-cookie", format!("{cookie}; Path=/; HttpOnly")));
        self
    }
    pub fn after(mut self, millis: u64) -> Self {
        self.delay = Duration::from_millis(millis);
        self
    }
}

pub type Website = fn(&Request) -> Answer;

/// The server; ends when dropped.
pub struct Server {
    pub address: SocketAddr,
    /// Every request with a body: path and values.
    pub posts: Arc<Posts>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    pub async fn start(site: Website) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
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
            axum::serve(listener, app).await.expect("serves");
        });
        Self {
            address,
            posts,
            task,
        }
    }

    pub fn url(&self) -> url::Url {
        format!("http://{}/", self.address).parse().expect("a URL")
    }

    /// Posts to this path so far.
    pub fn posted(&self, path: &str) -> usize {
        self.posts
            .lock()
            .expect("no panic")
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
type Posts = Mutex<Vec<(String, HashMap<String, String>)>>;

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
    let cookies = headers
        .get("cookie")
        .and_then(|c| c.to_str().ok())
        .unwrap_or("")
        .to_owned();
    let request = Request {
        path: uri.path().to_owned(),
        post: method == Method::POST,
        values,
        cookies,
        port,
    };
    if request.post {
        posts
            .lock()
            .expect("no panic")
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

/// The form that most of the websites have. `then` stands after it.
pub fn form(then: &str) -> Answer {
    page(format!(
        "<body><h1>Sign in to your account</h1><form method=post action=/login>
         <label>Email <input name=user type=email></label>
         <label>Password <input name=password type=password></label>
         <button>Sign in</button></form><a href=/forgot>Forgot password?</a>{then}"
    ))
}

/// The form, sent by a script that then does `then` with the answer (`reply`, already JSON).
pub fn script_form(then: &str) -> Answer {
    page(format!(
        "<body><main id=app><h1>Sign in</h1><form id=f>
         <input name=user placeholder='User name'><input name=password type=password placeholder=Password>
         <p id=message class=error></p><button>Log in</button></form></main>
         <script>f.addEventListener('submit', async (event) => {{
           event.preventDefault();
           const answer = await fetch('/api/login', {{method: 'POST', headers: {{'content-type': 'application/json'}},
             body: JSON.stringify({{user: f.user.value, password: f.password.value}})}});
           const reply = await answer.json().catch(() => ({{}}));
           const app = document.getElementById('app');
           {then}
         }});</script>"
    ))
}

/// What a client sees once signed in.
pub const DASHBOARD: &str = "<header><nav><a href=/bills>Bills</a> <a href=/usage>Usage</a> <a href=/profile>My profile</a>
    <form method=post action=/logout style='display:inline'><button>Sign out</button></form></nav></header>
    <main><h1>Welcome back, Ada</h1><p>Your next bill is due on 3 December.</p><p>Account number 12-3456</p></main>";
