//! `PUT /p/brand`: the origin hands over a brand before it hands out links that brand it.

use std::cell::RefCell;

use shared::{
    signing::{
        Direction, ID_HEADER, Message, NODE_HEADER, Proof, ReplayGuard, SIGNATURE_HEADER,
        SigningError, TIME_HEADER, verify,
    },
    wire::BrandPush,
};

use crate::{
    brand, error::EdgeError, reply::Reply, request::Method, request_context::RequestContext,
    runtime,
};

/// The longest body that is read, in bytes: a logo of 64 KiB, and the other fields of a brand.
const MAX_BODY: usize = 98_304;
/// How many pushes one isolate accepts within two minutes.
const MAX_PUSHES: usize = 4096;

thread_local! {
    /// Another isolate does not know what this one has seen; there, a repeated push within its
    /// minute writes the same brand again.
    static SEEN: RefCell<ReplayGuard> = RefCell::new(ReplayGuard::new(MAX_PUSHES));
}

/// Stores a brand that the origin signed.
pub async fn answer(ctx: &RequestContext<'_>) -> Result<Reply, EdgeError> {
    if ctx.request.method() != Method::Put {
        return Err(EdgeError::Method("PUT"));
    }
    let body = ctx.request.body(MAX_BODY).await?;
    let header = |name| ctx.request.header(name).ok_or(SigningError::Malformed);
    let node = header(NODE_HEADER)?
        .parse()
        .map_err(|_| SigningError::Malformed)?;
    let message = Message {
        direction: Direction::OriginToEdge,
        node,
        method: "PUT",
        path_and_query: ctx.request.path_and_query(),
        body: &body,
        client: None,
        flow: None,
        ticket: None,
        websocket_key: None,
    };
    let (signature, time, id) = (
        header(SIGNATURE_HEADER)?,
        header(TIME_HEADER)?,
        header(ID_HEADER)?,
    );
    let proof = Proof {
        signature: &signature,
        time: &time,
        id: &id,
    };
    let now = runtime::now();
    let stamp = verify(&ctx.settings.signing, &message, &proof, now)?;
    SEEN.with_borrow_mut(|seen| seen.admit(stamp, now))?;

    let push: BrandPush = serde_json::from_slice(&body).map_err(|_| EdgeError::NotUnderstood)?;
    if !push.brand.problems().is_empty() {
        return Err(EdgeError::NotUnderstood);
    }
    let json = serde_json::to_string(&push.brand).map_err(|_| EdgeError::NotUnderstood)?;
    brand::push(ctx.env, push.public_company_id, &json).await?;
    Ok(Reply::empty(204))
}
