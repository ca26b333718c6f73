//! Everything that can go wrong while the edge answers a request.

/// The reasons why a request does not get an ordinary answer.
#[derive(Debug, thiserror::Error)]
pub enum EdgeError {
    /// The edge has no such address.
    #[error("no such address")]
    NotFound,
    /// The address does not know this method; the text lists those that it knows.
    #[error("method not allowed")]
    Method(&'static str),
    /// The request was sent by a page of another website.
    #[error("sent by another website")]
    OtherOrigin,
    /// The body is not an urlencoded form.
    #[error("not a form")]
    NotAForm,
    /// The body does not say how long it is.
    #[error("no length")]
    NoLength,
    /// The body is too long.
    #[error("too large")]
    TooLarge,
    /// The form says something that no page of ours asks.
    #[error("not understood")]
    NotUnderstood,
    /// One address started too many flows.
    #[error("too many from one address")]
    TooMany,
    /// The request must be signed by the origin, and is not.
    #[error("not signed by the origin: {0}")]
    Unsigned(#[from] shared::signing::SigningError),
    /// The origin did not answer, or not as agreed.
    #[error("the origin cannot be reached: {0}")]
    Origin(String),
    /// This node of the origin did not answer in time: it may have done what it was asked.
    #[error("node {0} of the origin did not answer in time")]
    TimedOut(u8),
    /// The flow has ended, or never existed.
    #[error("no such flow")]
    FlowGone,
    /// A setting of the Worker is missing or wrong; the text says which.
    #[error("setting: {0}")]
    Setting(String),
    /// A call of the Workers runtime failed.
    #[error("runtime: {0}")]
    Runtime(#[from] worker::Error),
}
