//! The isolated world: scripts of ours beside the page's own, which the page cannot see.

use std::sync::Arc;

use chromiumoxide_cdp::cdp::{
    browser_protocol::page::AddScriptToEvaluateOnNewDocumentParams,
    js_protocol::runtime::{AddBindingParams, EvaluateParams},
};
use zeroize::Zeroizing;

use super::{effect::Effect, needed::NeededReport};
use crate::{cdp_events::BindingCalled, ids::ISOLATED_WORLD};

/// What scripts call to speak to us.
const REPORT: &str = "report";
/// What our own [`PAGE_STATE`] script calls.
const CURSOR: &str = "reportCursor";
const TITLE: &str = "reportTitle";
const NEEDED: &str = "reportNeeded";

/// Reports longer than this many bytes are dropped: no form is.
const MAX_REPORT: usize = 64 * 1024;

/// A script for the isolated world of every frame. See [`crate::Browser::install`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IsolatedWorldScript {
    /// JavaScript statements that run as the body of a function, once in each document. They may call
    /// `report(jsonString)`, and leave functions on `globalThis` for [`crate::Page::call`].
    pub source: &'static str,
}

/// Always there. A blinking caret would cost two frames a second; the cursor's shape, a changed title
/// and what has the focus are no events of the engine.
const PAGE_STATE: IsolatedWorldScript = IsolatedWorldScript {
    source: concat!(include_str!("../dom.js"), include_str!("../page_state.js")),
};

/// The scripts that run in the isolated world of every frame.
#[derive(Default)]
pub(crate) struct IsolatedWorlds {
    scripts: Vec<IsolatedWorldScript>,
}

/// What a script in an isolated world said.
pub(crate) enum Message {
    /// The CSS keyword of the cursor under the pointer.
    Cursor(String),
    /// The document's title, as the page has it.
    Title(Zeroizing<String>),
    /// Of the element in the frame that is needed to go on.
    Needed(NeededReport),
    /// For those who watch the browser; it may hold what the client typed.
    Report(Arc<Zeroizing<String>>),
}

impl IsolatedWorlds {
    /// Prepares a session; the world appears with its first document.
    pub fn install(&self, session: &str) -> Vec<Effect> {
        let bindings = [REPORT, CURSOR, TITLE, NEEDED].map(|name| {
            let mut binding = AddBindingParams::new(name);
            binding.execution_context_name = Some(ISOLATED_WORLD.to_owned());
            Effect::send(session, &binding)
        });
        let scripts = self.numbered();
        bindings
            .into_iter()
            .chain(scripts.map(|(number, script)| add(session, number, script)))
            .collect()
    }

    /// One more script, in all documents to come and in those that are there.
    pub fn add<'a>(
        &mut self,
        script: IsolatedWorldScript,
        sessions: impl Iterator<Item = &'a str>,
    ) -> Vec<Effect> {
        self.scripts.push(script);
        let number = self.scripts.len();
        sessions
            .map(|session| add(session, number, script))
            .collect()
    }

    /// A same-origin `window.open` shows its document in the window made for the empty one before:
    /// no new context, so the engine does not run the scripts again. `world` is the context's
    /// unique name.
    pub fn reinstall(&self, session: &str, world: &str) -> Vec<Effect> {
        let scripts = self.numbered();
        scripts
            .map(|(number, script)| {
                let mut evaluate = EvaluateParams::new(once(number, script));
                evaluate.unique_context_id = Some(world.to_owned());
                evaluate.silent = Some(true);
                Effect::send(session, &evaluate)
            })
            .collect()
    }

    fn numbered(&self) -> impl Iterator<Item = (usize, IsolatedWorldScript)> {
        let all = std::iter::once(PAGE_STATE).chain(self.scripts.iter().copied());
        all.enumerate()
    }
}

/// What a call of a binding says; `None` when it is none of ours, malformed or too long.
pub(crate) fn message(call: BindingCalled) -> Option<Message> {
    let payload = call.payload;
    match call.name.as_str() {
        CURSOR => {
            let is_keyword = |c: char| c.is_ascii_lowercase() || c == '-';
            (payload.len() <= 20 && payload.chars().all(is_keyword))
                .then(|| Message::Cursor(payload.to_string()))
        }
        TITLE => Some(Message::Title(payload)),
        NEEDED => Some(Message::Needed(match payload.as_str() {
            "another" => NeededReport::Another,
            "moved" => NeededReport::Moved,
            _ => NeededReport::Gone,
        })),
        REPORT if payload.len() <= MAX_REPORT => Some(Message::Report(Arc::new(payload))),
        _ => None,
    }
}

fn add(session: &str, number: usize, script: IsolatedWorldScript) -> Effect {
    let mut params = AddScriptToEvaluateOnNewDocumentParams::new(once(number, script));
    params.world_name = Some(ISOLATED_WORLD.to_owned());
    params.run_immediately = Some(true);
    Effect::send(session, &params)
}

/// The script, run at most once in a document.
fn once(number: usize, script: IsolatedWorldScript) -> String {
    let source = script.source;
    format!(
        "(() => {{ const mark = Symbol.for('magic-links {number}'); if (document[mark]) return; \
         Object.defineProperty(document, mark, {{ value: true }});\n{source}\n}})()"
    )
}

#[cfg(test)]
mod tests {
    use super::{super::effect::lines, *};

    const SCRIPT: IsolatedWorldScript = IsolatedWorldScript {
        source: "report('')",
    };

    fn said(name: &str, payload: &str) -> Option<Message> {
        message(BindingCalled {
            name: name.to_owned(),
            payload: Zeroizing::new(payload.to_owned()),
            execution_context_id: 1,
        })
    }

    #[test]
    fn a_session_gets_the_bindings_before_every_script() {
        let mut worlds = IsolatedWorlds::default();
        assert!(worlds.add(SCRIPT, std::iter::empty()).is_empty());
        let expected = [
            "s Runtime.addBinding",
            "s Runtime.addBinding",
            "s Runtime.addBinding",
            "s Runtime.addBinding",
            "s Page.addScriptToEvaluateOnNewDocument",
            "s Page.addScriptToEvaluateOnNewDocument",
        ];
        assert_eq!(lines(&worlds.install("s")), expected);
    }

    #[test]
    fn a_script_that_comes_late_goes_to_every_session() {
        let mut worlds = IsolatedWorlds::default();
        let effects = worlds.add(SCRIPT, ["a", "b"].into_iter());
        let expected = [
            "a Page.addScriptToEvaluateOnNewDocument",
            "b Page.addScriptToEvaluateOnNewDocument",
        ];
        assert_eq!(lines(&effects), expected);
        assert!(format!("{:?}", effects[0]).contains("magic-links 1"));
    }

    #[test]
    fn a_context_that_outlived_its_document_runs_every_script_again() {
        let mut worlds = IsolatedWorlds::default();
        worlds.add(SCRIPT, std::iter::empty());
        let effects = worlds.reinstall("s", "unique");
        assert_eq!(
            lines(&effects),
            ["s Runtime.evaluate", "s Runtime.evaluate"]
        );
        assert!(format!("{:?}", effects[1]).contains("\"uniqueContextId\":\"unique\""));
    }

    #[test]
    fn a_cursor_is_a_css_keyword_or_nothing() {
        let cursor =
            |text| matches!(said(CURSOR, text), Some(Message::Cursor(cursor)) if cursor == text);
        assert!(cursor("col-resize"));
        assert!(!cursor("url(x)"));
        assert!(!cursor(&"a".repeat(21)));
    }

    #[test]
    fn a_report_that_is_too_long_and_an_unknown_binding_are_dropped() {
        assert!(matches!(
            said(REPORT, &"x".repeat(MAX_REPORT)),
            Some(Message::Report(_))
        ));
        assert!(said(REPORT, &"x".repeat(MAX_REPORT + 1)).is_none());
        assert!(said("other", "").is_none());
    }
}
