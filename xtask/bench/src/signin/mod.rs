//! Sign-ins on small websites of many makes, failing and succeeding ones, watched as a client's sign-in is.

mod watched;

use browser::{BrowserConfig, Launcher};
use futures_util::{StreamExt, stream};
use makes::{Class, Make, failing, site::Server, succeeding};
use serde_json::json;
use xtask::{Outcome, setup};

use self::watched::{Watched, watch};

/// Sign-ins that go on at the same time: they wait for most of their time.
const AT_ONCE: usize = 4;

/// Measures and prints one JSON object as its last line; before it, what was missed, a line each.
pub fn run(only: &str) -> Outcome {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    let failing = runtime.block_on(watch_all(failing::CLASSES, only))?;
    let succeeding = runtime.block_on(watch_all(succeeding::CLASSES, only))?;
    report(&failing, &succeeding);
    Ok(())
}

async fn watch_all(classes: &'static [Class], only: &str) -> Outcome<Vec<Watched>> {
    let makes = classes.iter().flat_map(|class| {
        let named = |make: &'static Make| (format!("{}::{}", class.name, make.name), make);
        class.makes.iter().map(named)
    });
    let makes: Vec<_> = makes.filter(|(name, _)| name.contains(only)).collect();
    let total = makes.len();
    let mut running = stream::iter(makes)
        .map(|(name, make)| watch_one(name, make))
        .buffered(AT_ONCE);
    let mut all = Vec::new();
    while let Some(watched) = running.next().await {
        all.push(watched?);
        if all.len() % 20 == 0 {
            println!("  {} of {total} sign-ins", all.len());
        }
    }
    Ok(all)
}

async fn watch_one(name: String, make: &'static Make) -> Outcome<Watched> {
    let server = Server::start(make.site)
        .await
        .map_err(|error| format!("The websites cannot be served: {error}."))?;
    let launcher = Launcher::new(BrowserConfig {
        executable: setup::chromium().ok_or("There is no Chromium.")?,
        warm: 0,
        allowed_private_hosts: server.hosts(),
        ..BrowserConfig::default()
    });
    watch(name, make, &launcher, &server.url()).await
}

/// A share between 0 and 1, in thousandths; nothing is known of none.
fn share(part: usize, of: usize) -> Option<f64> {
    let [part, of] = [part, of].map(|count| u32::try_from(count).unwrap_or(u32::MAX));
    (of > 0).then(|| (f64::from(part) * 1000.0 / f64::from(of)).round() / 1000.0)
}

fn report(failing: &[Watched], succeeding: &[Watched]) {
    for watched in failing.iter().chain(succeeding) {
        if let Some(missed) = watched.missed() {
            println!("{missed}");
        }
    }
    let count =
        |of: &[Watched], fits: fn(&Watched) -> bool| of.iter().filter(|it| fits(it)).count();
    let false_success = count(failing, |it| it.told.is_in());
    let refused = count(failing, |it| it.told.is_right());
    let succeeded = count(succeeding, |it| it.told.is_right());
    let asked = count(succeeding, |it| it.is_asked());
    println!(
        "failing: {refused} of {} told as what they are",
        failing.len()
    );
    println!(
        "succeeding: {succeeded} of {} told by themselves, {asked} asked about",
        succeeding.len()
    );
    println!(
        "{}",
        json!({
            "bench": "signin",
            "false_success": false_success,
            "refused_recognised": share(refused, failing.len()),
            "succeeded_recognised": share(succeeded, succeeding.len()),
            "asked": share(asked, succeeding.len()),
        })
    );
}

#[cfg(test)]
mod tests {
    use makes::Ends;

    use super::*;

    #[test]
    fn there_are_enough_makes_and_each_has_a_name_of_its_own() {
        for (classes, enough, is_in) in [
            (failing::CLASSES, 120, false),
            (succeeding::CLASSES, 60, true),
        ] {
            let mut names: Vec<(&str, &str)> = Vec::new();
            for class in classes {
                for make in class.makes {
                    assert_eq!(
                        make.ends == Ends::In,
                        is_in,
                        "{}::{}",
                        class.name,
                        make.name
                    );
                    names.push((class.name, make.name));
                }
            }
            assert!(names.len() >= enough, "{}", names.len());
            names.sort_unstable();
            assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
        }
    }
}
