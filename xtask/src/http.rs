//! One plain HTTP/1.0 request to a program on this machine: enough to ask whether it answers and to use its API.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use crate::Outcome;

const TIMEOUT: Duration = Duration::from_secs(20);

/// The answer to an HTTP request.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The status line and the headers.
    pub head: String,
    /// The body as text.
    pub body: String,
}

/// Sends one request to 127.0.0.1. `headers` are whole lines without their line ends.
pub fn send(
    port: u16,
    method: &str,
    path: &str,
    headers: &[String],
    body: &str,
) -> Outcome<Answer> {
    ask(port, method, path, headers, body)
        .map_err(|error| format!("No answer from port {port} of this machine: {error}."))
}

/// Whether anything answers HTTP there, with whatever status below 500.
pub fn answers(port: u16, path: &str) -> bool {
    send(port, "GET", path, &[], "").is_ok_and(|answer| (100..500).contains(&answer.status))
}

fn ask(
    port: u16,
    method: &str,
    path: &str,
    headers: &[String],
    body: &str,
) -> std::io::Result<Answer> {
    let mut stream =
        TcpStream::connect_timeout(&SocketAddr::from(([127, 0, 0, 1], port)), TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    let mut request = format!(
        "{method} {path} HTTP/1.0\r\nHost: localhost:{port}\r\nContent-Length: {}\r\n",
        body.len()
    );
    for header in headers {
        request.push_str(header);
        request.push_str("\r\n");
    }
    request.push_str("\r\n");
    request.push_str(body);
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(4 << 20).read_to_end(&mut answer)?;
    let text = String::from_utf8_lossy(&answer);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head
        .split_whitespace()
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or(0);
    Ok(Answer {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn an_answer_has_its_status_and_body() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut head = [0; 512];
            let length = stream.read(&mut head).unwrap();
            stream
                .write_all(b"HTTP/1.0 201 Created\r\nX: y\r\n\r\n{\"a\":1}")
                .unwrap();
            String::from_utf8_lossy(&head[..length]).into_owned()
        });
        let answer = send(port, "POST", "/v", &["X-API-Key: k".into()], "{}").unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (201, "{\"a\":1}"));
        let sent = server.join().unwrap();
        assert!(
            sent.starts_with("POST /v HTTP/1.0\r\n") && sent.contains("X-API-Key: k\r\n"),
            "{sent}"
        );
    }

    #[test]
    fn nobody_there_is_one_sentence() {
        let told = send(crate::process::free_port().unwrap(), "GET", "/", &[], "")
            .err()
            .unwrap();
        assert!(told.starts_with("No answer from port"), "{told}");
    }
}
