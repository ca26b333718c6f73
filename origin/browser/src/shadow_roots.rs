//! Closed shadow roots: no script can reach into these, the engine can.

use chromiumoxide_cdp::cdp::{
    browser_protocol::dom::{BackendNodeId, DisableParams, EnableParams, ResolveNodeParams},
    js_protocol::runtime::{CallArgument, CallFunctionOnParams, ExecutionContextId},
};
use serde::{Deserialize, Serialize};

use super::{
    cdp::DEADLINE,
    error::BrowserError,
    ids::{FrameId, PageId},
    page::Page,
};

/// Pages with more are not sign-in pages.
const MOST_ROOTS: usize = 50;

impl Page {
    /// Returns another page of the same browser; `None` once it is gone.
    #[must_use]
    pub fn other(&self, id: PageId) -> Option<Self> {
        let lives = self.core.state().targets.page(id).is_some();
        lives.then(|| Self {
            core: self.core.clone(),
            id,
        })
    }

    /// Calls a function with each closed shadow root of a frame's document, in the isolated world
    /// of that frame. Returns how many there were.
    ///
    /// # Errors
    /// When the frame or the browser is gone.
    pub async fn closed_roots(
        &self,
        frame: &FrameId,
        function_js: &str,
    ) -> Result<usize, BrowserError> {
        let cdp = &self.core.cdp;
        let session = self.session_of(frame)?;
        let world = {
            let state = self.core.state();
            state.frames.world_number(&session, frame)
        };
        let world = ExecutionContextId::new(world.ok_or(BrowserError::NoSuchFrame)?);
        let whole = WholeDocument {
            depth: -1,
            pierce: true,
        };
        cdp.call(Some(&session), EnableParams::default(), DEADLINE)
            .await?;
        let document = cdp.call(Some(&session), whole, DEADLINE).await;
        // The engine would report every change of the tree from now on.
        cdp.send(Some(&session), &DisableParams::default());
        let nodes = document?.nodes.into_iter();
        let with_roots = nodes.flat_map(|mut node| {
            let mut all = std::mem::take(&mut node.shadow_roots);
            all.push(node);
            all
        });
        let roots = with_roots.filter(|node| node.shadow_root_type == "closed");
        let mut count = 0;
        for root in roots.take(MOST_ROOTS) {
            let resolve = ResolveNodeParams {
                backend_node_id: Some(BackendNodeId::new(root.backend_node_id)),
                execution_context_id: Some(world),
                ..ResolveNodeParams::default()
            };
            // Roots of other frames' documents have no place in this world.
            let Ok(resolved) = cdp.call(Some(&session), resolve, DEADLINE).await else {
                continue;
            };
            let mut call = CallFunctionOnParams::new(function_js);
            call.object_id.clone_from(&resolved.object.object_id);
            call.arguments = Some(vec![CallArgument {
                object_id: resolved.object.object_id,
                ..CallArgument::default()
            }]);
            call.silent = Some(true);
            cdp.call(Some(&session), call, DEADLINE).await?;
            count += 1;
        }
        Ok(count)
    }
}

/// `DOM.getFlattenedDocument`, of which little is read. Flat, because deep documents nest deeper
/// than JSON is parsed.
#[derive(Serialize)]
struct WholeDocument {
    depth: i8,
    pierce: bool,
}

impl chromiumoxide_types::Method for WholeDocument {
    fn identifier(&self) -> chromiumoxide_types::MethodId {
        "DOM.getFlattenedDocument".into()
    }
}

impl chromiumoxide_types::Command for WholeDocument {
    type Response = Document;
}

#[derive(Debug, Deserialize)]
struct Document {
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    backend_node_id: i64,
    #[serde(default)]
    shadow_root_type: String,
    /// A host carries its own root here.
    #[serde(default)]
    shadow_roots: Vec<Node>,
}
