use askama::Template;
use shared::time::UtcHour;

use super::Shell;

/// The choice of the hour at which a sign-in that gets no code is tried again: a part of two pages.
#[derive(Template)]
#[template(path = "code_hour.html")]
pub struct CodeHour<'a> {
    shell: &'a Shell,
    hour: Option<UtcHour>,
}

impl<'a> CodeHour<'a> {
    /// The HTML of the choice, with the hour that was chosen before.
    pub fn html(shell: &'a Shell, hour: Option<UtcHour>) -> String {
        // Nothing but a writer that fails makes our templates fail.
        Self { shell, hour }.render().unwrap_or_default()
    }

    /// The hours with their names in UTC, which the script changes to the visitor's own time.
    fn hours(&self) -> Vec<(u8, String)> {
        let hours = UtcHour::all().map(u8::from);
        hours
            .map(|hour| (hour, format!("{hour:02}:00 UTC")))
            .collect()
    }

    fn is_chosen(&self, hour: u8) -> bool {
        self.hour.is_some_and(|chosen| u8::from(chosen) == hour)
    }
}
