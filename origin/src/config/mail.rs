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
/// links begin with.
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
    let from = reader.maybe::<lettre::Address>("mail.from", "a mail address");
    let from = from.or_else(|| lettre::Address::new("no-reply", links_base?.host_str()?).ok());
    if from.is_none() && links_base.is_some() {
        reader.missing("mail.from", "the address that mail comes from");
    }
    Some(MailConfig {
        folder: folder?,
        from: from?,
    })
}
