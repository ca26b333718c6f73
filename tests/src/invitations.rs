//! Who is let in at the console, and at the operators' pages.

use crate::test_env::{TestEnv, add};

impl TestEnv {
    /// Adds a member of the organization, and answers the address that lets them in at the console once.
    pub async fn invite(&self, email: &str, role: &str) -> String {
        let who = ["member", "add", "--email", email, "--name", "Robin"];
        let what = ["--role", role, "--organization", &self.organization];
        add(&self.config, &[&who[..], &what].concat(), "invitationUrl").await
    }

    /// Adds an operator, and answers the address that lets them in once.
    pub async fn invite_operator(&self, email: &str) -> String {
        let who = ["operator", "add", "--email", email, "--name", "Ada"];
        add(&self.config, &who, "invitationUrl").await
    }
}
