//! What a run signs in with.

use crate::{
    signin::{Credentials, Recipe},
    store::credentials::{self, SealedCredentials},
    vault::AssociatedData,
};

use super::collect::{Fault, Task};

/// What a run signs in with.
pub(super) struct WayIn {
    /// How to sign in.
    pub recipe: Recipe,
    /// What to type.
    pub credentials: Credentials,
    /// For proposed credentials: whether their user name is the one that the connection has.
    pub same_username: bool,
}

impl WayIn {
    /// Opens what the run signs in with.
    ///
    /// # Errors
    /// When the database fails, or what is stored does not open.
    pub async fn open(task: &Task<'_>) -> Result<Self, Fault> {
        let connection = task.connection;
        let stored = task
            .collector
            .store
            .read("collection.credentials", |tx| {
                Box::pin(tx.credentials(connection.company, connection.id))
            })
            .await?
            .ok_or(Fault::Credentials("there are none"))?;
        let own = open_sealed(task, &stored);
        let Some(proposed) = task.proposed else {
            return own.map(|(recipe, credentials)| Self {
                recipe,
                credentials,
                same_username: true,
            });
        };
        let (recipe, credentials) = open_sealed(task, &proposed.credentials)?;
        // Credentials that do not open any more are a reason for new ones, and none against them.
        let same_username = own.is_ok_and(|(_, own)| own.username == credentials.username);
        Ok(Self {
            recipe,
            credentials,
            same_username,
        })
    }
}

fn open_sealed(
    task: &Task<'_>,
    stored: &SealedCredentials,
) -> Result<(Recipe, Credentials), Fault> {
    let row = task.connection.id.to_string();
    let associated = AssociatedData {
        table: credentials::TABLE,
        row: &row,
        company: task.connection.company,
    };
    let plain = task
        .collector
        .vault
        .open(associated, &stored.sealed)
        .map_err(|_| Fault::Credentials("the vault does not open them"))?;
    let credentials = serde_json::from_slice(&plain)
        .map_err(|_| Fault::Credentials("they are not what a sign-in leaves"))?;
    let recipe = Recipe::from_json(&stored.recipe)
        .map_err(|_| Fault::Credentials("the recipe is of another version"))?;
    Ok((recipe, credentials))
}
