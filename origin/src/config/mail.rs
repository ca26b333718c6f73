//! Where mail to the owners of connections goes.

use std::path::{Path, PathBuf};

use url::Url;

use super::reader::Reader;

/// The settings of mail.
#[derive(Debug, Clone)]
pub struct MailConfig {
    /// The folder that messages are laid into.
    pub folder: PathBuf,
    /// The address that they come from.
    pub from: lettre::Address,
}

/// Reads `[mail]`; `None` when something in it is wrong. Without an address, mail comes from `no-reply` at the host that
/// links begin with, or at `localhost` where that host is none that mail can come from.
pub(super) fn mail(
    reader: &mut Reader,
    data_dir: Option<&Path>,
    links_base: Option<&Url>,
) -> Option<MailConfig> {
    let folder = reader.or(
        "mail.folder",
        "a folder",
        data_dir.map(|dir| dir.join("mail")).unwrap_or_default(),
    );
    let host = links_base.and_then(Url::host_str).unwrap_or("localhost");
    let default = lettre::Address::new("no-reply", host)
        .or_else(|_| lettre::Address::new("no-reply", "localhost"))
        .ok()?;
    let from = reader.or("mail.from", "a mail address", default);
    Some(MailConfig {
        folder: folder?,
        from: from?,
    })
}
