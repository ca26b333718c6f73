use askama::Template;
use shared::wire::FlowView;

use super::{Shell, render, shown_host};
use crate::reply::Reply;

/// The last page: the connection exists.
#[derive(Template)]
#[template(path = "done.html")]
pub struct DonePage<'a> {
    /// What surrounds the content.
    pub shell: &'a Shell,
    /// The website's host, as people say it.
    pub host: &'a str,
}

impl<'a> DonePage<'a> {
    /// The page of a flow at DONE.
    pub fn new(shell: &'a Shell, flow: &'a FlowView) -> Self {
        Self {
            shell,
            host: shown_host(&flow.provider_host),
        }
    }

    /// Renders it.
    pub fn reply(&self) -> Reply {
        render(self, self.shell, 200, None)
    }
}
