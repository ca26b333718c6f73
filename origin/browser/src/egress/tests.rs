use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;

/// A server that answers every connection with its own name and closes.
async fn server(name: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 1024];
                let _ = stream.read(&mut request).await;
                let _ = stream
                    .write_all(format!("HTTP/1.1 200 OK\r\n\r\n{name}").as_bytes())
                    .await;
            });
        }
    });
    address
}

async fn guard(hosts: &[String]) -> Egress {
    guard_with(hosts, vec![80, 443], Resolver::default()).await
}

async fn guard_with(hosts: &[String], ports: Vec<u16>, resolver: Resolver) -> Egress {
    let rules = Rules {
        ports,
        allowed_private_hosts: hosts.to_vec(),
    };
    let user = rustix::process::geteuid().as_raw();
    Egress::with(rules, Some(user), resolver).await.unwrap()
}

async fn say(guard: &Egress, text: &str) -> String {
    let mut stream = TcpStream::connect(guard.address()).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    answer
}

#[tokio::test]
async fn a_listed_private_host_is_reached_by_tunnel_and_by_plain_request() {
    let allowed = server("allowed").await;
    let guard = guard(&[allowed.to_string()]).await;
    let answer = say(
        &guard,
        &format!("GET http://{allowed}/ HTTP/1.1\r\nHost: x\r\n\r\n"),
    )
    .await;
    assert!(answer.ends_with("allowed"), "{answer}");
    let mut tunnel = TcpStream::connect(guard.address()).await.unwrap();
    let connect = format!("CONNECT {allowed} HTTP/1.1\r\n\r\n");
    tunnel.write_all(connect.as_bytes()).await.unwrap();
    let mut answer = [0; 39];
    tunnel.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200 Connection Established\r\n\r\n");
    tunnel.write_all(b"anything").await.unwrap();
    let mut answer = String::new();
    tunnel.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("allowed"), "{answer}");
}

#[tokio::test]
async fn names_below_localhost_are_this_machine_and_reached_when_listed() {
    let port = server("below").await.port();
    let guard = guard(&[format!("*.localhost:{port}")]).await;
    for (host, reached) in [
        ("a.localhost", true),
        ("A.b.LOCALHOST.", true),
        ("localhost", false),
        ("notlocalhost", false),
        ("127.0.0.1", false),
    ] {
        let request = format!("GET http://{host}:{port}/ HTTP/1.1\r\nHost: x\r\n\r\n");
        let answer = say(&guard, &request).await;
        assert_eq!(answer.ends_with("below"), reached, "{host}: {answer}");
    }
    let unlisted = guard_with(&[], vec![port], Resolver::default()).await;
    let request = format!("GET http://a.localhost:{port}/ HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(say(&unlisted, &request).await, "");
}

#[tokio::test]
async fn an_unlisted_private_address_is_refused() {
    let allowed = server("allowed").await;
    let hidden = server("hidden").await;
    let port = hidden.port();
    // At a port that public hosts may be reached at: it is the address that is refused.
    let ports = vec![80, 443, port];
    let guard = guard_with(&[allowed.to_string()], ports, Resolver::default()).await;
    for target in [
        format!("127.0.0.1:{port}"),
        format!("localhost:{port}"),
        format!("0x7f000001:{port}"),
        format!("2130706433:{port}"),
        format!("[::1]:{port}"),
        format!("[::ffff:127.0.0.1]:{port}"),
        format!("0.0.0.0:{port}"),
        "169.254.169.254:80".to_owned(),
        "10.0.0.1:443".to_owned(),
        "[64:ff9b::a9fe:a9fe]:80".to_owned(),
        "1.1.1.1:22".to_owned(),
        guard.address().to_string(),
    ] {
        let answer = say(&guard, &format!("CONNECT {target} HTTP/1.1\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 502"), "{target}: {answer}");
        let answer = say(
            &guard,
            &format!("GET http://{target}/ HTTP/1.1\r\nHost: x\r\n\r\n"),
        )
        .await;
        assert_eq!(answer, "", "{target}");
    }
    assert_eq!(
        guard.failure("169.254.169.254", 80),
        Some(NetError::BlockedAddress)
    );
}

#[tokio::test]
async fn a_rebinding_name_is_dialled_at_the_address_that_was_classified() {
    let hidden = server("hidden").await;
    let asked = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    // First an address that nobody has (documentation), then the one inside.
    let rebinding = Resolver::new(move |_, port| {
        let turn = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let address = if turn == 0 {
            [192, 0, 2, 1]
        } else {
            [127, 0, 0, 1]
        };
        Ok(vec![SocketAddr::from((address, port))])
    });
    let guard = guard_with(&[], vec![hidden.port()], rebinding).await;
    let port = hidden.port();
    for turn in 1..=3 {
        let connect = format!("CONNECT rebinding.test:{port} HTTP/1.1\r\n\r\n");
        let answer = say(&guard, &connect).await;
        assert!(answer.starts_with("HTTP/1.1 502"), "{answer}");
        // One question for each connection, and its answer is the one that counts.
        assert_eq!(asked.load(std::sync::atomic::Ordering::SeqCst), turn);
    }
    let answers = |_: &str, port| {
        let answers = [[127, 0, 0, 1], [10, 0, 0, 1]];
        Ok(answers
            .map(|address| SocketAddr::from((address, port)))
            .to_vec())
    };
    let guard = guard_with(
        &[format!("inside.test:{port}")],
        vec![],
        Resolver::new(answers),
    )
    .await;
    let answer = say(
        &guard,
        &format!("GET http://inside.test:{port}/ HTTP/1.1\r\n\r\n"),
    )
    .await;
    assert!(answer.ends_with("hidden"), "{answer}");
}

#[tokio::test]
async fn a_listed_name_that_resolves_to_metadata_is_refused() {
    let guard = guard(&["169.254.169.254:80".to_owned(), "0.0.0.0".to_owned()]).await;
    for target in ["169.254.169.254:80", "0.0.0.0:80"] {
        let answer = say(&guard, &format!("CONNECT {target} HTTP/1.1\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 502"), "{target}: {answer}");
    }
}

#[tokio::test]
async fn dns_refusal_and_timeout_are_told_apart() {
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let guard = guard(&[closed.to_string(), "no-such-host.invalid:443".to_owned()]).await;
    say(&guard, &format!("CONNECT {closed} HTTP/1.1\r\n\r\n")).await;
    assert_eq!(
        guard.failure("127.0.0.1", closed.port()),
        Some(NetError::Refused)
    );
    say(&guard, "CONNECT no-such-host.invalid:443 HTTP/1.1\r\n\r\n").await;
    assert_eq!(
        guard.failure("No-Such-Host.invalid.", 443),
        Some(NetError::Dns)
    );
}

#[tokio::test]
async fn a_connection_of_another_user_is_refused() {
    let allowed = server("allowed").await;
    let rules = Rules {
        ports: Vec::new(),
        allowed_private_hosts: vec![allowed.to_string()],
    };
    let somebody_else = rustix::process::geteuid().as_raw().wrapping_add(1);
    let guard = Egress::start(rules, Some(somebody_else)).await.unwrap();
    assert_eq!(
        say(&guard, &format!("CONNECT {allowed} HTTP/1.1\r\n\r\n")).await,
        ""
    );
}
