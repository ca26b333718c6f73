//! Whose connection it is.

use std::net::SocketAddr;

/// The user id that owns the far end of a loopback connection, as the kernel's table says.
///
/// Read at once, not on another thread: the kernel answers from memory, and a name server that hangs
/// must not keep anybody from being let in.
pub(super) fn owner(peer: SocketAddr, ours: SocketAddr) -> Option<u32> {
    let table = std::fs::read_to_string("/proc/net/tcp").ok()?;
    find(&table, peer, ours)
}

/// Lines read `sl local remote state tx:rx tr:when retransmits uid …`, addresses as the machine's
/// own words in hex.
fn find(table: &str, local: SocketAddr, remote: SocketAddr) -> Option<u32> {
    let (local, remote) = (hex(local)?, hex(remote)?);
    table.lines().find_map(|line| {
        let mut words = line.split_ascii_whitespace().skip(1);
        let same = words.next()? == local && words.next()? == remote;
        same.then(|| words.nth(4)?.parse().ok()).flatten()
    })
}

fn hex(address: SocketAddr) -> Option<String> {
    let SocketAddr::V4(v4) = address else {
        return None;
    };
    let word = u32::from_ne_bytes(v4.ip().octets());
    Some(format!("{word:08X}:{:04X}", v4.port()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_owner_of_a_connection_is_its_user_id() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let ours = listener.local_addr().unwrap();
        let _client = tokio::net::TcpStream::connect(ours).await.unwrap();
        let (_server, peer) = listener.accept().await.unwrap();
        assert_eq!(owner(peer, ours), Some(rustix::process::geteuid().as_raw()));
        let other: SocketAddr = "127.0.0.1:1".parse().unwrap();
        assert_eq!(owner(other, ours), None);
    }
}
