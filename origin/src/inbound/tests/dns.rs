//! A DNS server on loopback that knows the TXT records it is told.

use std::{collections::HashMap, net::SocketAddr};

use tokio::net::UdpSocket;

/// Starts the server: names without the last dot, lower case, and their texts.
pub async fn serve(zone: HashMap<String, String>) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let address = socket.local_addr().expect("an address");
    tokio::spawn(async move {
        let mut query = [0; 1500];
        while let Ok((length, from)) = socket.recv_from(&mut query).await {
            let answer = answer(&query[..length], &zone);
            let _ = socket.send_to(&answer, from).await;
        }
    });
    address
}

fn answer(query: &[u8], zone: &HashMap<String, String>) -> Vec<u8> {
    let mut labels = Vec::new();
    let mut at = 12;
    while query[at] != 0 {
        let end = at + 1 + usize::from(query[at]);
        labels.push(String::from_utf8_lossy(&query[at + 1..end]).to_lowercase());
        at = end;
    }
    let question = &query[12..at + 5];
    let text = zone.get(&labels.join("."));
    let (code, answers) = if text.is_some() { (0x80, 1) } else { (0x83, 0) };
    let mut out = query[..2].to_vec();
    out.extend([0x81, code, 0, 1, 0, answers, 0, 0, 0, 0]);
    out.extend(question);
    if let Some(text) = text {
        let mut data = Vec::new();
        for part in text.as_bytes().chunks(255) {
            data.push(u8::try_from(part.len()).expect("short"));
            data.extend(part);
        }
        // The name of the question, TXT, IN, a minute.
        out.extend([0xC0, 12, 0, 16, 0, 1, 0, 0, 0, 60]);
        out.extend(u16::try_from(data.len()).expect("short").to_be_bytes());
        out.extend(data);
    }
    out
}
