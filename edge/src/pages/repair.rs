use askama::Template;

use super::{Shell, render, shown_host};
use crate::reply::Reply;

/// The page of a connection update link: it only asks to go on, since the website is the connection's.
#[derive(Template)]
#[template(path = "repair.html")]
pub struct RepairPage<'a> {
    /// What surrounds the content: language, brand and nonce.
    pub shell: &'a Shell,
    /// The website's host without `www.`, if the link says it.
    pub host: Option<&'a str>,
    /// Whether the flow could not be started because no node answers.
    pub unavailable: bool,
}

impl<'a> RepairPage<'a> {
    /// Makes the page of a link whose website has this host.
    pub fn new(shell: &'a Shell, host: Option<&'a str>) -> Self {
        Self {
            shell,
            host: host.map(shown_host),
            unavailable: false,
        }
    }

    /// Renders this page as a complete reply.
    pub fn reply(&self, status: u16) -> Reply {
        render(self, self.shell, status, None)
    }
}
