use askama::Template;
use shared::wire::FlowView;

use super::{Shell, render, shown_host};
use crate::reply::Reply;

/// The last page: the connection exists.
#[derive(Template)]
#[template(path = "done.html")]
pub struct DonePage<'a> {
    /// What surrounds the content: language, brand and nonce.
    pub shell: &'a Shell,
    /// The website's host without `www.`.
    pub host: &'a str,
}

impl<'a> DonePage<'a> {
    /// Makes the page of a flow that is at DONE.
    pub fn new(shell: &'a Shell, flow: &'a FlowView) -> Self {
        Self {
            shell,
            host: shown_host(&flow.provider_host),
        }
    }

    /// Renders this page as a complete reply.
    pub fn reply(&self) -> Reply {
        render(self, self.shell, 200, None)
    }
}
