//! Everything that can go wrong.

/// Why there is no ordinary answer.
#[derive(Debug, thiserror::Error)]
pub enum EdgeError {
    /// No such address.
    #[error("no such address")]
    NotFound,
    /// The address does not know this method; the text lists those that it knows.
    #[error("method not allowed")]
    Method(&'static str),
    /// Sent by another website's page.
    #[error("sent by another website")]
    OtherOrigin,
    /// Not an urlencoded form.
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
    /// Too many flows started from one address.
    #[error("too many from one address")]
    TooMany,
    /// Not signed by the origin.
    #[error("not signed by the origin: {0}")]
    Unsigned(#[from] shared::signing::SigningError),
    /// The origin did not answer in time, or not as agreed.
    #[error("the origin cannot be reached: {0}")]
    Origin(String),
    /// The flow is over, or never was.
    #[error("no such flow")]
    FlowGone,
    /// The operator must set something right.
    #[error("setting: {0}")]
    Setting(String),
    /// The runtime failed.
    #[error("runtime: {0}")]
    Runtime(#[from] worker::Error),
}
