//! The first request on a connection to the guard.

use std::io;

use tokio::{io::AsyncReadExt as _, net::TcpStream};
use url::{Host, Url};

/// A browser's request head is a few kilobytes; cookies make it more.
const MAX_HEAD: usize = 64 * 1024;
const MAX_FIELDS: usize = 128;

/// Where a connection wants to go, and what is to be said there first.
pub(super) struct Head {
    pub host: Host,
    pub port: u16,
    pub form: Form,
}

/// The form in which the proxy was asked.
pub(super) enum Form {
    /// `CONNECT host:port`: bytes both ways.
    Tunnel,
    /// `GET http://host/path`: the head as the server wants it, and the body's beginning.
    Plain(Vec<u8>),
}

/// Reads and understands a head.
pub(super) async fn read(stream: &mut TcpStream) -> io::Result<Head> {
    let mut bytes = Vec::with_capacity(2048);
    let end = loop {
        if bytes.len() >= MAX_HEAD {
            return Err(bad());
        }
        let from = bytes.len().saturating_sub(3);
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(bad());
        }
        let new = bytes.get(from..).unwrap_or_default();
        if let Some(at) = new.windows(4).position(|four| four == b"\r\n\r\n") {
            break from + at + 4;
        }
    };
    let rest = bytes.split_off(end);
    parse(&bytes, rest).ok_or_else(bad)
}

fn bad() -> io::Error {
    io::Error::from(io::ErrorKind::InvalidData)
}

fn parse(head: &[u8], rest: Vec<u8>) -> Option<Head> {
    let text = std::str::from_utf8(head).ok()?;
    let mut lines = text.strip_suffix("\r\n\r\n")?.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, target, version) = (first.next()?, first.next()?, first.next()?);
    if first.next().is_some() || version != "HTTP/1.1" {
        return None;
    }
    if method == "CONNECT" {
        // Nothing may come before the tunnel stands.
        let (host, port) = authority(target)?;
        return rest.is_empty().then_some(Head {
            host,
            port,
            form: Form::Tunnel,
        });
    }
    let url = Url::parse(target)
        .ok()
        .filter(|url| url.scheme() == "http")?;
    let host = url.host()?.to_owned();
    let port = url.port_or_known_default()?;
    let mut out = format!("{method} {}", url.path());
    if let Some(query) = url.query() {
        out.push('?');
        out.push_str(query);
    }
    out.push_str(" HTTP/1.1\r\n");
    let mut count = 0;
    for line in lines {
        count += 1;
        let (name, _) = line.split_once(':')?;
        if count > MAX_FIELDS || name.is_empty() || name.contains(char::is_whitespace) {
            return None;
        }
        // One request, one connection: nothing is left over that could go to the wrong host.
        let of_the_hop = [
            "connection",
            "proxy-connection",
            "proxy-authorization",
            "keep-alive",
        ];
        if !of_the_hop.iter().any(|hop| name.eq_ignore_ascii_case(hop)) {
            out.push_str(line);
            out.push_str("\r\n");
        }
    }
    out.push_str("Connection: close\r\n\r\n");
    let mut out = out.into_bytes();
    out.extend_from_slice(&rest);
    Some(Head {
        host,
        port,
        form: Form::Plain(out),
    })
}

/// `host:port`, the host in any spelling that the URL standard knows.
fn authority(text: &str) -> Option<(Host, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    Some((Host::parse(host).ok()?, port.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Option<(String, u16, String)> {
        let head = parse(text.as_bytes(), b"body".to_vec())?;
        let Form::Plain(out) = head.form else {
            return None;
        };
        Some((
            head.host.to_string(),
            head.port,
            String::from_utf8(out).unwrap(),
        ))
    }

    #[test]
    fn an_absolute_form_request_becomes_origin_form() {
        let (host, port, out) = plain(
            "POST http://EXAMPLE.com:8080/a?b=c HTTP/1.1\r\nHost: example.com:8080\r\nProxy-Connection: keep-alive\r\nCookie: a=b\r\n\r\n",
        )
        .unwrap();
        assert_eq!((host.as_str(), port), ("example.com", 8080));
        assert_eq!(
            out,
            "POST /a?b=c HTTP/1.1\r\nHost: example.com:8080\r\nCookie: a=b\r\nConnection: close\r\n\r\nbody"
        );
    }

    #[test]
    fn connect_accepts_every_spelling_of_a_host() {
        let host = |text: &str| {
            parse(
                format!("CONNECT {text} HTTP/1.1\r\n\r\n").as_bytes(),
                Vec::new(),
            )
            .map(|h| (h.host.to_string(), h.port))
        };
        assert_eq!(host("a.test:443"), Some(("a.test".into(), 443)));
        assert_eq!(host("0x7f.1:443"), Some(("127.0.0.1".into(), 443)));
        assert_eq!(
            host("[::ffff:7f00:1]:80"),
            Some(("[::ffff:7f00:1]".into(), 80))
        );
        for bad in ["a.test", "a.test:99999", ":443", "a b:1"] {
            assert_eq!(host(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_malformed_request_head_is_refused() {
        for bad in [
            "GET / HTTP/1.1\r\n\r\n",
            "GET ftp://a.test/ HTTP/1.1\r\n\r\n",
            "GET https://a.test/ HTTP/1.1\r\n\r\n",
            "GET http://a.test/ HTTP/1.0\r\n\r\n",
            "GET http://a.test/ HTTP/1.1\r\n bad: x\r\n\r\n",
            "GET http://a.test/ HTTP/1.1\r\nno colon\r\n\r\n",
        ] {
            assert!(plain(bad).is_none(), "{bad}");
        }
    }
}
