//! The connect page at the edge against the same page by JavaScript Workers, all on the same workerd.
//!
//! (a) `constant.js` answers the same bytes as a constant, (b) `peer.js` is the same page in
//! Hono with WebCrypto and KV. Rounds alternate and ratios are medians, because machines have moods.

mod load;
mod page;
mod workers;

use std::io::Write;

use xtask::{Outcome, files, http, paths::Paths};

pub use self::load::median;
use self::{
    load::{first_answer, put_under_load},
    page::{Link, PageParts},
    workers::{Variant, Workers},
};

/// How often each variant is put under load.
const ROUNDS: usize = 9;
/// How often each variant is started anew.
const STARTS: usize = 15;

/// Measures and prints one JSON object as its last line.
pub fn run(paths: &Paths) -> Outcome {
    let link = Link::sample()?;
    let workers = Workers::lay_out(paths)?;

    // The peers are made from what the edge answers.
    let edge = workers.serve(&[Variant::Edge])?;
    let parts = PageParts::of(&edge.get(Variant::Edge, &link.path)?)?;
    drop(edge);
    workers.make_peers(paths, &parts)?;

    let all = workers.serve(&Variant::ALL)?;
    for variant in Variant::ALL {
        parts.must_equal(&all.get(variant, &link.path)?, variant)?;
    }
    let mut rates = [const { Vec::new() }; 3];
    let mut opened = 0.0;
    for round in 0..=ROUNDS {
        for (variant, rates) in Variant::ALL.into_iter().zip(&mut rates) {
            let load = put_under_load(&all, variant, &link.path)?;
            if variant == Variant::Edge {
                opened += load.requests;
            }
            // The first round warms up.
            if round > 0 {
                println!(
                    "  round {round}: {:<8} {:>6.0} requests/s, {:>4.0} us of processor time each",
                    variant.name(),
                    load.rate,
                    load.cpu
                );
                rates.push(load.rate);
            }
        }
    }
    let count = http::send(all.origin_port(), "GET", "/count", &[], "")?.body;
    let asked: f64 = count
        .parse()
        .map_err(|_| format!("The origin counted {count:?}."))?;
    drop(all);

    let mut firsts = [const { Vec::new() }; 3];
    for _ in 0..STARTS {
        for (variant, firsts) in Variant::ALL.into_iter().zip(&mut firsts) {
            let fresh = || workers.spawn(&[variant]);
            firsts.push(first_answer(fresh, variant, &link.path)?);
        }
    }
    for (variant, firsts) in Variant::ALL.into_iter().zip(&firsts) {
        let (start, answer): (Vec<f64>, Vec<f64>) = firsts.iter().copied().unzip();
        let (start, answer) = (median(start), median(answer));
        println!(
            "  {:<8} listens after {start:.1} ms, first answer {answer:.1} ms later",
            variant.name()
        );
    }

    let [edge, constant, peer] = rates;
    let [edge_first, _, peer_first] =
        firsts.map(|firsts| firsts.into_iter().map(|(_, answer)| answer).collect());
    let ratio = |a: &[f64], b: &[f64]| median(a.iter().zip(b).map(|(a, b)| a / b).collect());
    let style_sheet = files::read(&paths.build().join("edge/public").join(parts.style_sheet()?))?;
    let weight = gzipped_size(&parts.html)? + gzipped_size(&style_sheet)?;
    let rounded = |number: f64| (number * 1000.0).round() / 1000.0;
    // serde_json would sort the keys; the line keeps the order in which the goals are listed.
    println!(
        "{{\"bench\":\"edge\",\"rps_vs_constant\":{},\"rps_vs_js_peer\":{},\"first_request_vs_js_peer\":{},\"page_bytes_gz\":{weight},\"origin_requests_per_open\":{}}}",
        rounded(ratio(&edge, &constant)),
        rounded(ratio(&edge, &peer)),
        rounded(median(edge_first) / median(peer_first)),
        rounded(asked / opened.max(1.0)),
    );
    Ok(())
}

/// The size of a text after gzip, in bytes.
fn gzipped_size(text: &str) -> Outcome<usize> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let done = gzip.write_all(text.as_bytes()).and_then(|()| gzip.finish());
    done.map(|bytes| bytes.len())
        .map_err(|error| format!("gzip failed: {error}."))
}
