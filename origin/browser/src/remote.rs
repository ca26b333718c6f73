//! What is known of the page that is shown, for the strip above its picture.

use url::Url;

/// Instead of a host, for pages that come from no website.
const NO_HOST: &str = "not a website";

/// What the strip above the picture says about the current page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Remote {
    /// The host, with its port when that is not the scheme's default. It is empty before the first
    /// website, and plain words for a page that comes from no website.
    pub host: String,
    /// Whether the page came by https. Certificate errors are never accepted.
    pub secure: bool,
    /// The title: plain text of the website, bounded in length.
    pub title: String,
    /// Whether the main frame is loading.
    pub loading: bool,
    /// Whether there is a page to go back to.
    pub can_go_back: bool,
}

impl Remote {
    /// Host and TLS state of a page with this URL; `before` is what was shown last.
    pub(crate) fn at(url: &str, before: &Self) -> Self {
        let url = Url::parse(url).ok();
        // A website can leave for an empty page and write what it likes there: never under the
        // name of the website before.
        let no_host = if before.host.is_empty() { "" } else { NO_HOST };
        Self {
            host: url
                .as_ref()
                .and_then(web_host)
                .unwrap_or_else(|| no_host.to_owned()),
            secure: url.is_some_and(|url| url.scheme() == "https"),
            ..Self::default()
        }
    }
}

/// Host, and port when it is not the scheme's own, of a page on the web.
fn web_host(url: &Url) -> Option<String> {
    let host = url
        .host_str()
        .filter(|_| matches!(url.scheme(), "http" | "https"))?;
    let port = url.port().map(|port| format!(":{port}"));
    Some(format!("{host}{}", port.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(url: &str, before: &str) -> (String, bool) {
        let before = Remote {
            host: before.to_owned(),
            ..Remote::default()
        };
        let now = Remote::at(url, &before);
        (now.host, now.secure)
    }

    #[test]
    fn a_website_is_named_by_host_and_a_port_of_its_own() {
        assert_eq!(host("https://a.test/x", ""), ("a.test".to_owned(), true));
        assert_eq!(host("http://a.test:80/", ""), ("a.test".to_owned(), false));
        assert_eq!(
            host("https://a.test:8443/", ""),
            ("a.test:8443".to_owned(), true)
        );
    }

    #[test]
    fn a_page_of_no_website_keeps_no_name_of_the_website_before() {
        for url in [
            "about:blank",
            "data:text/html,a.test",
            "",
            "chrome-error://x/",
        ] {
            assert_eq!(host(url, ""), (String::new(), false), "{url}");
            assert_eq!(host(url, "a.test"), (NO_HOST.to_owned(), false), "{url}");
        }
    }
}
