//! The websites on which organizations try things out.

use shared::{
    api_key::ApiKeyEnvironment,
    provider::{InvalidProviderUrl, ProviderUrl},
};
use url::Url;

use super::reader::Reader;

/// Which websites are for trying things out, and who may connect them.
#[derive(Debug, Clone, Default)]
pub struct SandboxConfig {
    /// Hosts of these websites: `host`, `host:port`, or `*.domain` and `*.domain:port` for all names below it.
    pub hosts: Vec<String>,
    /// Whether companies that are no sandbox companies may connect them as well.
    pub open_to_production: bool,
    /// Where organizations read which users there are to sign in as.
    pub guide_url: Option<Url>,
}

impl SandboxConfig {
    /// Whether a company of this environment may connect this website: a sandbox company those of the sandbox alone, and
    /// any other company none of them unless the operator allows it.
    ///
    /// # Errors
    /// Which of the two it is.
    pub fn check(
        &self,
        company: ApiKeyEnvironment,
        url: &ProviderUrl,
    ) -> Result<(), InvalidProviderUrl> {
        match (company, self.has(url)) {
            (ApiKeyEnvironment::Sandbox, false) => Err(InvalidProviderUrl::SandboxOnly),
            (ApiKeyEnvironment::Production, true) if !self.open_to_production => {
                Err(InvalidProviderUrl::OfSandbox)
            }
            _ => Ok(()),
        }
    }

    /// Whether the website is one for trying things out.
    fn has(&self, url: &ProviderUrl) -> bool {
        let url = url.url();
        let host = url.host_str().unwrap_or_default().trim_end_matches('.');
        let port = url.port_or_known_default().unwrap_or_default();
        let with_port = format!("{host}:{port}");
        self.hosts
            .iter()
            .any(|entry| match entry.strip_prefix('*') {
                Some(below) => host.ends_with(below) || with_port.ends_with(below),
                None => host == entry || with_port == *entry,
            })
    }
}

/// Reads `[sandbox]`; `None` when something in it is wrong.
pub(super) fn sandbox(reader: &mut Reader) -> Option<SandboxConfig> {
    let hosts = reader.list("sandbox.hosts").unwrap_or_default();
    let hosts: Vec<String> = hosts.iter().map(|host| host.to_ascii_lowercase()).collect();
    let is_right = hosts.iter().all(|host| is_entry(host));
    if !is_right {
        reader.problem(
            "sandbox.hosts",
            "is not right: expected host names such as demo.example.com, with a port where it is another than usual, or *.example.com for all names below it",
        );
    }
    let open_to_production = reader.or("sandbox.open_to_production", "true or false", false);
    let guide_url: Option<Url> = reader.maybe("sandbox.guide_url", "an address");
    let is_web = |url: &Url| matches!(url.scheme(), "http" | "https");
    if guide_url.as_ref().is_some_and(|url| !is_web(url)) {
        reader.problem(
            "sandbox.guide_url",
            "is not right: expected an address such as https://demo.example.com/users",
        );
    }
    Some(SandboxConfig {
        hosts: is_right.then_some(hosts)?,
        open_to_production: open_to_production?,
        guide_url,
    })
}

/// Whether it names a host, or all below a domain. A lone `*` would be every website.
fn is_entry(entry: &str) -> bool {
    let name = entry.strip_prefix("*.").unwrap_or(entry);
    let (name, port) = name.split_once(':').unwrap_or((name, "443"));
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte))
    };
    is_name(name) && !name.starts_with('.') && port.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_company_connects_the_websites_of_its_environment() {
        let mut sandbox = SandboxConfig {
            hosts: vec!["*.demo.example".into(), "localhost:7400".into()],
            ..SandboxConfig::default()
        };
        let url = |text: &str| text.parse::<ProviderUrl>().expect("an address");
        let (production, trial) = (ApiKeyEnvironment::Production, ApiKeyEnvironment::Sandbox);
        for inside in ["https://two-page.demo.example/in", "http://localhost:7400/"] {
            assert_eq!(sandbox.check(trial, &url(inside)), Ok(()));
            let refused = Err(InvalidProviderUrl::OfSandbox);
            assert_eq!(sandbox.check(production, &url(inside)), refused, "{inside}");
        }
        for outside in [
            "https://utility.example/",
            "https://demo.example.evil.example/",
            "https://xdemo.example/",
            "http://localhost:7401/",
        ] {
            assert_eq!(sandbox.check(production, &url(outside)), Ok(()));
            let refused = Err(InvalidProviderUrl::SandboxOnly);
            assert_eq!(sandbox.check(trial, &url(outside)), refused, "{outside}");
        }
        sandbox.open_to_production = true;
        assert_eq!(
            sandbox.check(production, &url("http://localhost:7400/")),
            Ok(())
        );
    }

    #[test]
    fn entries_name_hosts() {
        for right in [
            "localhost:7400",
            "*.localhost:7400",
            "demo.example.com",
            "*.example.com",
        ] {
            assert!(is_entry(right), "{right}");
        }
        for wrong in [
            "*",
            "",
            "*.",
            "https://a.example",
            "a.example/b",
            "a:b",
            "*.:1",
            ".a",
        ] {
            assert!(!is_entry(wrong), "{wrong}");
        }
    }
}
