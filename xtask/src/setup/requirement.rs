//! The things that chores need on the machine.

/// Something that a chore needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requirement {
    /// The wasm32 target, and the npm packages that make a Worker of the edge.
    Edge,
    /// The wasm32 target, and the program that runs tests in wasm.
    WasmTests,
    /// cargo-machete, which finds dependencies that nothing uses.
    Lint,
    /// The npm packages of the lock file.
    Node,
    /// Chromium's headless shell, which the origin drives.
    Browser,
    /// A whole Chromium, which a client uses in the tests.
    Client,
    /// A PostgreSQL server to start.
    Postgres,
    /// A server that speaks S3 to start.
    S3,
    /// A mail server to start.
    Smtp,
    /// A provider of single sign-on to start.
    Oidc,
    /// The program that holds the API against its OpenAPI document.
    Schemathesis,
    /// The load generator of the benches.
    Wrk,
}

impl Requirement {
    /// Everything that some test needs.
    pub const FOR_TESTS: [Self; 10] = [
        Self::Edge,
        Self::WasmTests,
        Self::Node,
        Self::Browser,
        Self::Client,
        Self::Postgres,
        Self::S3,
        Self::Smtp,
        Self::Oidc,
        Self::Schemathesis,
    ];
}
