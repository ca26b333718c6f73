//! How the browser presents itself to sites: size, language, time zone, user agent.

use chromiumoxide_cdp::cdp::browser_protocol::emulation::{
    SetDeviceMetricsOverrideParams, SetLocaleOverrideParams, SetTimezoneOverrideParams,
    SetUserAgentOverrideParams, UserAgentBrandVersion, UserAgentMetadata,
};

use super::{
    cdp::Cdp,
    locale::{self, Locale},
    types::{Profile, Viewport},
};

/// Given to each session before its first document.
#[derive(Debug, Clone)]
pub(super) struct Emulation {
    pub overrides: Overrides,
    pub user_agent: UserAgent,
}

/// What depends on the client.
#[derive(Debug, Clone)]
pub(super) struct Overrides {
    pub viewport: Viewport,
    pub locale: Locale,
}

impl Overrides {
    /// For this client.
    pub fn for_profile(profile: &Profile) -> Self {
        Self {
            viewport: profile.viewport,
            locale: locale::of(profile),
        }
    }

    /// For nobody yet.
    pub fn neutral() -> Self {
        Self {
            viewport: Viewport::default(),
            locale: Locale {
                languages: "en".to_owned(),
                first: "en".to_owned(),
                time_zone: "UTC",
            },
        }
    }
}

/// The user agent: that of an ordinary browser of this engine and version, since a person drives
/// it; or the engine's own, which says that it is headless.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct UserAgent {
    pub string: String,
    /// Full version, for client hints; `None` keeps the engine's own.
    version: Option<String>,
}

impl UserAgent {
    /// From what the engine says of itself: `HeadlessChrome/156.0.8078.79` and its user agent.
    pub fn new(product: &str, own: &str, open: bool) -> Self {
        let version = product.split('/').nth(1).unwrap_or_default();
        let major = version.split('.').next().unwrap_or_default();
        if open || major.is_empty() {
            return Self {
                string: own.to_owned(),
                version: None,
            };
        }
        Self {
            string: format!(
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{major}.0.0.0 Safari/537.36"
            ),
            version: Some(version.to_owned()),
        }
    }

    fn hints(&self) -> Option<UserAgentMetadata> {
        let version = self.version.as_ref()?;
        let major = version.split('.').next().unwrap_or_default();
        let brands = |chromium: &str, other: &str| {
            Some(vec![
                UserAgentBrandVersion::new("Chromium", chromium),
                UserAgentBrandVersion::new("Not=A?Brand", other),
            ])
        };
        Some(UserAgentMetadata {
            brands: brands(major, "24"),
            full_version_list: brands(version, "24.0.0.0"),
            platform: "Linux".to_owned(),
            platform_version: String::new(),
            architecture: "x86".to_owned(),
            model: String::new(),
            mobile: false,
            bitness: Some("64".to_owned()),
            wow64: Some(false),
            form_factors: None,
        })
    }
}

impl Emulation {
    /// Language, user agent and client hints, which must agree.
    pub fn override_user_agent_and_locale(&self, cdp: &Cdp, session: &str) {
        let mut agent = SetUserAgentOverrideParams::new(self.user_agent.string.clone());
        agent.accept_language = Some(self.overrides.locale.languages.clone());
        agent.platform = Some("Linux x86_64".to_owned());
        agent.user_agent_metadata = self.user_agent.hints();
        cdp.send(Some(session), &agent);
        let locale = SetLocaleOverrideParams {
            locale: Some(self.overrides.locale.first.clone()),
        };
        cdp.send(Some(session), &locale);
    }

    /// The time zone, of the whole renderer process.
    pub fn override_time_zone(&self, cdp: &Cdp, session: &str) {
        let zone = SetTimezoneOverrideParams::new(self.overrides.locale.time_zone);
        cdp.send(Some(session), &zone);
    }

    /// The size of a page.
    pub fn override_device_metrics(&self, cdp: &Cdp, session: &str) {
        send_device_metrics(cdp, session, self.overrides.viewport.clamped());
    }

    /// The size of a page that should have it, but does not show it.
    pub fn override_device_metrics_again(&self, cdp: &Cdp, session: &str) {
        // The engine does nothing about a size that it believes to have given.
        let mut other = self.overrides.viewport.clamped();
        other.height += 1;
        send_device_metrics(cdp, session, other);
        self.override_device_metrics(cdp, session);
    }
}

fn send_device_metrics(cdp: &Cdp, session: &str, Viewport { width, height }: Viewport) {
    let size = SetDeviceMetricsOverrideParams::new(width, height, 1.0, false);
    cdp.send(Some(session), &size);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_agent_is_ordinary_chrome_unless_set_open() {
        let own = "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/156.0.8078.79 Safari/537.36";
        let ordinary = UserAgent::new("HeadlessChrome/156.0.8078.79", own, false);
        assert!(ordinary.string.contains(" Chrome/156.0.0.0 "));
        let hints = ordinary.hints().unwrap();
        assert_eq!(hints.brands.unwrap()[0].version, "156");
        assert_eq!(hints.full_version_list.unwrap()[0].version, "156.0.8078.79");
        let open = UserAgent::new("HeadlessChrome/156.0.8078.79", own, true);
        assert_eq!(open.string, own);
        assert!(open.hints().is_none());
    }
}
