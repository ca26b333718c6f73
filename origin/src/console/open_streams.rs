//! How many pages each member follows.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use shared::id::MemberId;

/// Pages that a member follows at the same time on a node.
const STREAMS: usize = 4;

/// How many streams each member has open on this node.
#[derive(Default)]
pub(super) struct OpenStreams(Mutex<HashMap<MemberId, usize>>);

impl OpenStreams {
    /// Counts one more; `None` when the member has as many as may be.
    pub(super) fn open(self: &Arc<Self>, member: MemberId) -> Option<OpenStream> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let open = all.entry(member).or_default();
        if *open >= STREAMS {
            return None;
        }
        *open += 1;
        Some(OpenStream {
            of: Arc::clone(self),
            member,
        })
    }
}

/// A stream that is counted as long as it lives.
pub(super) struct OpenStream {
    of: Arc<OpenStreams>,
    member: MemberId,
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        let mut all = self.of.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = all
            .get(&self.member)
            .map_or(0, |open| open.saturating_sub(1));
        if left == 0 {
            all.remove(&self.member);
        } else {
            all.insert(self.member, left);
        }
    }
}
