//! The isolated world: scripts of ours beside the page's own, which the page cannot see.

use chromiumoxide_cdp::cdp::{
    browser_protocol::page::AddScriptToEvaluateOnNewDocumentParams,
    js_protocol::runtime::{AddBindingParams, EvaluateParams},
};

use super::{cdp::Cdp, types::IsolatedWorldScript};

/// The world's name; frames report it with each context.
pub(super) const NAME: &str = "magic-links";

/// What scripts call to speak to us.
pub(super) const REPORT: &str = "report";
/// What our own [`PAGE_STATE`] script calls.
pub(super) const CURSOR: &str = "reportCursor";
pub(super) const TITLE: &str = "reportTitle";

/// Always there. A blinking caret would cost two frames a second; the cursor's shape and a changed
/// title are no events of the engine.
const PAGE_STATE: IsolatedWorldScript = IsolatedWorldScript {
    source: concat!(include_str!("dom.js"), include_str!("page_state.js")),
};

/// Prepares a session; the world appears with its first document.
pub(super) fn install(cdp: &Cdp, session: &str, scripts: &[IsolatedWorldScript]) {
    for name in [REPORT, CURSOR, TITLE] {
        let mut binding = AddBindingParams::new(name);
        binding.execution_context_name = Some(NAME.to_owned());
        cdp.send(Some(session), &binding);
    }
    add_script(cdp, session, 0, PAGE_STATE);
    for (index, script) in scripts.iter().enumerate() {
        add_script(cdp, session, index + 1, *script);
    }
}

/// Runs a script in all documents to come and in those that are there.
pub(super) fn add_script(cdp: &Cdp, session: &str, number: usize, script: IsolatedWorldScript) {
    let mut params = AddScriptToEvaluateOnNewDocumentParams::new(once(number, script));
    params.world_name = Some(NAME.to_owned());
    params.run_immediately = Some(true);
    cdp.send(Some(session), &params);
}

/// A same-origin `window.open` shows its document in the window made for the empty one before:
/// no new context, so the engine does not run the scripts again.
pub(super) fn reinstall(cdp: &Cdp, session: &str, world: &str, scripts: &[IsolatedWorldScript]) {
    let all = std::iter::once(&PAGE_STATE).chain(scripts).enumerate();
    for (number, script) in all {
        let mut evaluate = EvaluateParams::new(once(number, *script));
        evaluate.unique_context_id = Some(world.to_owned());
        evaluate.silent = Some(true);
        cdp.send(Some(session), &evaluate);
    }
}

/// The script, run at most once in a document.
fn once(number: usize, script: IsolatedWorldScript) -> String {
    let source = script.source;
    format!(
        "(() => {{ const mark = Symbol.for('magic-links {number}'); if (document[mark]) return; \
         Object.defineProperty(document, mark, {{ value: true }});\n{source}\n}})()"
    )
}
