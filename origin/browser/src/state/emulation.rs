//! How the browser presents itself to sites: size, language, time zone, user agent.

use chromiumoxide_cdp::cdp::browser_protocol::emulation::{
    SetDeviceMetricsOverrideParams, SetFocusEmulationEnabledParams, SetLocaleOverrideParams,
    SetScrollbarsHiddenParams, SetTimezoneOverrideParams, SetUserAgentOverrideParams,
    UserAgentBrandVersion, UserAgentMetadata,
};

use super::effect::Effect;
use crate::{
    locale::{self, Locale},
    profile::{Profile, Viewport},
};

/// Pages narrower than this, in CSS pixels, are looked at on phones.
const NARROWEST_DESKTOP: u16 = 600;

/// How the browser presents itself: given to each session before its first document.
#[derive(Debug, Clone)]
pub(crate) struct Emulation {
    pub overrides: Overrides,
    pub user_agent: UserAgent,
}

/// What depends on the client.
#[derive(Debug, Clone)]
pub(crate) struct Overrides {
    pub viewport: Viewport,
    pub locale: Locale,
}

impl Overrides {
    /// The emulation of this client's browser profile.
    pub fn for_profile(profile: &Profile) -> Self {
        Self {
            viewport: profile.viewport,
            locale: locale::of(profile),
        }
    }

    /// The emulation before a client is known.
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
pub(crate) struct UserAgent {
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
    /// What a session needs before its first document: language, user agent, client hints and time
    /// zone, and for a page its size and the focus.
    pub fn set_up(&self, session: &str, is_page: bool) -> Vec<Effect> {
        let mut effects = self.locale_and_user_agent(session);
        if is_page {
            effects.extend(self.device_metrics(session));
            // Pages in the background believe to be looked at, too.
            effects.push(Effect::send(
                session,
                &SetFocusEmulationEnabledParams::new(true),
            ));
        }
        effects
    }

    /// Everything that depends on the client, for a page that is there already.
    pub fn renew(&self, session: &str) -> Vec<Effect> {
        let mut effects = self.locale_and_user_agent(session);
        effects.extend(self.device_metrics(session));
        effects
    }

    /// The size of the pages, within the allowed bounds.
    pub fn viewport(&self) -> Viewport {
        self.overrides.viewport.clamped()
    }

    /// Gives a page its size.
    pub fn device_metrics(&self, session: &str) -> [Effect; 2] {
        device_metrics(session, self.viewport())
    }

    /// Gives a page the size that it should have, but does not show.
    pub fn device_metrics_again(&self, session: &str) -> Vec<Effect> {
        // The engine does nothing about a size that it believes to have given.
        let mut other = self.viewport();
        other.height += 1;
        let sizes = [device_metrics(session, other), self.device_metrics(session)];
        sizes.into_iter().flatten().collect()
    }

    /// Language, user agent and client hints, which must agree; and the time zone, which is that
    /// of the whole renderer process.
    fn locale_and_user_agent(&self, session: &str) -> Vec<Effect> {
        let mut agent = SetUserAgentOverrideParams::new(self.user_agent.string.clone());
        agent.accept_language = Some(self.overrides.locale.languages.clone());
        agent.platform = Some("Linux x86_64".to_owned());
        agent.user_agent_metadata = self.user_agent.hints();
        let locale = SetLocaleOverrideParams {
            locale: Some(self.overrides.locale.first.clone()),
        };
        let zone = SetTimezoneOverrideParams::new(self.overrides.locale.time_zone);
        vec![
            Effect::send(session, &agent),
            Effect::send(session, &locale),
            Effect::send(session, &zone),
        ]
    }
}

/// On a phone a finger scrolls, and scroll bars only take room. They go with the layout that a size brings, so it comes after.
fn device_metrics(session: &str, Viewport { width, height }: Viewport) -> [Effect; 2] {
    let scroll_bars = SetScrollbarsHiddenParams::new(width < NARROWEST_DESKTOP);
    let size = SetDeviceMetricsOverrideParams::new(width, height, 1.0, false);
    [
        Effect::send(session, &scroll_bars),
        Effect::send(session, &size),
    ]
}

#[cfg(test)]
mod tests {
    use super::{super::effect::lines, *};

    fn emulation(country: &str) -> Emulation {
        Emulation {
            overrides: Overrides::for_profile(&Profile {
                country: country.to_owned(),
                accept_language: None,
                viewport: Viewport {
                    width: 800,
                    height: 10_000,
                },
            }),
            user_agent: UserAgent::new("HeadlessChrome/156.0.1.2", "own", false),
        }
    }

    #[test]
    fn a_page_gets_user_agent_locale_time_zone_and_a_bounded_size() {
        let effects = emulation("DE").set_up("s", true);
        let expected = [
            "s Emulation.setUserAgentOverride",
            "s Emulation.setLocaleOverride",
            "s Emulation.setTimezoneOverride",
            "s Emulation.setScrollbarsHidden",
            "s Emulation.setDeviceMetricsOverride",
            "s Emulation.setFocusEmulationEnabled",
        ];
        assert_eq!(lines(&effects), expected);
        let all = format!("{effects:?}");
        for part in [
            "\"acceptLanguage\":\"de-DE,de,en\"",
            "\"locale\":\"de-DE\"",
            "Europe/Berlin",
            "\"height\":1600",
        ] {
            assert!(all.contains(part), "{part} in {all}");
        }
    }

    #[test]
    fn a_frame_in_another_process_gets_no_size_of_its_own() {
        assert_eq!(emulation("DE").set_up("s", false).len(), 3);
    }

    #[test]
    fn a_size_is_given_again_by_way_of_another() {
        let effects = emulation("DE").device_metrics_again("s");
        let heights = ["\"height\":1601", "\"height\":1600"];
        let sizes = effects.iter().map(|effect| format!("{effect:?}"));
        let sizes: Vec<_> = sizes.filter(|size| size.contains("height")).collect();
        assert_eq!(sizes.len(), 2);
        for (size, height) in sizes.iter().zip(heights) {
            assert!(size.contains(height), "{size}");
        }
    }

    #[test]
    fn a_phone_has_no_scroll_bars() {
        for (width, hidden) in [(390, true), (599, true), (600, false), (1280, false)] {
            let [scroll_bars, _] = device_metrics("s", Viewport { width, height: 800 });
            let told = format!("{scroll_bars:?}");
            assert!(told.contains(&format!("\"hidden\":{hidden}")), "{told}");
        }
    }

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
