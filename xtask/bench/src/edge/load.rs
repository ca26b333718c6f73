//! Puts a Worker under load and measures how it does.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    process::Command,
    time::{Duration, Instant},
};

use xtask::{Outcome, process::tick};

use super::workers::{Serving, Variant};

const CONNECTIONS: &str = "32";
const SECONDS: &str = "2s";
const PATIENCE: Duration = Duration::from_secs(20);
const END: &[u8] = b"</html>";

/// What was measured while a Worker was under load.
pub struct Load {
    /// Requests a second that wrk got answered.
    pub rate: f64,
    /// How many requests it answered.
    pub requests: f64,
    /// Microseconds of processor time of workerd for each.
    pub cpu: f64,
}

/// Puts a variant under load.
pub fn put_under_load(serving: &Serving, variant: Variant, path: &str) -> Outcome<Load> {
    tick()?;
    let port = serving.port(variant)?;
    let before = serving.cpu_seconds()?;
    let wrk = Command::new("wrk")
        .args(["-t1", "-c", CONNECTIONS, "-d", SECONDS])
        .arg(format!("http://127.0.0.1:{port}{path}"))
        .output()
        .map_err(|error| format!("wrk does not start: {error}."))?;
    let told = String::from_utf8_lossy(&wrk.stdout).into_owned();
    if told.contains("Non-2xx") || told.contains("Socket errors") {
        return Err(format!("Not every request was answered well:\n{told}"));
    }
    let number = |after: &str, until: &str| -> Option<f64> {
        let (_, rest) = told.split_once(after)?;
        rest.split(until).next()?.trim().parse().ok()
    };
    let rate = number("Requests/sec:", "\n");
    let requests = told
        .lines()
        .find_map(|line| line.split_once(" requests in ")?.0.trim().parse().ok());
    let (rate, requests): (f64, f64) = rate.zip(requests).ok_or(format!("wrk said:\n{told}"))?;
    let cpu = (serving.cpu_seconds()? - before) / requests.max(1.0) * 1e6;
    Ok(Load {
        rate,
        requests,
        cpu,
    })
}

/// Starts a program that never ran, and asks it once: milliseconds until it listens, and from there until
/// the whole answer is here.
pub fn first_answer(
    fresh: impl FnOnce() -> Outcome<Serving>,
    variant: Variant,
    path: &str,
) -> Outcome<(f64, f64)> {
    tick()?;
    let start = Instant::now();
    let mut serving = fresh()?;
    let address = SocketAddr::from(([127, 0, 0, 1], serving.port(variant)?));
    let mut stream = loop {
        if let Ok(stream) = TcpStream::connect(address) {
            break stream;
        }
        if start.elapsed() > PATIENCE {
            return Err(format!(
                "workerd with the {} Worker does not listen.",
                variant.name()
            ));
        }
        std::thread::sleep(Duration::from_micros(200));
    };
    let listens = start.elapsed();
    let asked = Instant::now();
    let mut ask = || -> std::io::Result<usize> {
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
        let (mut answer, mut piece) = (Vec::new(), [0; 16_384]);
        // The connection stays open: the page itself says where it ends.
        while !answer.windows(END.len()).any(|bytes| bytes == END) {
            match stream.read(&mut piece)? {
                0 => break,
                length => answer.extend_from_slice(piece.get(..length).unwrap_or_default()),
            }
        }
        Ok(answer.len())
    };
    let length = ask().or_else(|error| {
        // The log of a workerd that ended says more than the connection that it reset.
        serving.must_be_alive()?;
        Err(format!("No answer from {}: {error}.", variant.name()))
    })?;
    let answered = asked.elapsed();
    if length < 1000 {
        return Err(format!(
            "The {} Worker answered {length} bytes alone.",
            variant.name()
        ));
    }
    Ok((listens.as_secs_f64() * 1e3, answered.as_secs_f64() * 1e3))
}

/// The middle one; the mean of the middle two.
pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    match (numbers.get(middle), numbers.len() % 2) {
        (Some(number), 1) => *number,
        (Some(number), _) => (number + numbers.get(middle - 1).unwrap_or(number)) / 2.0,
        (None, _) => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(Vec::new()).is_nan());
    }
}
