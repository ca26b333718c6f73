//! The folders and files that the chores work with.

use std::{
    env,
    ffi::OsStr,
    path::{Path, PathBuf},
};

use crate::Outcome;

/// The folders that the chores work in.
pub struct Paths {
    /// The root of the checkout.
    pub root: PathBuf,
    /// Cargo's target folder for this machine's own code.
    pub target: PathBuf,
}

impl Paths {
    /// Finds the checkout that this program was built from.
    ///
    /// # Errors
    /// When the checkout has been moved or deleted since.
    pub fn find() -> Outcome<Self> {
        let here = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = here
            .ancestors()
            .find(|folder| folder.join("wrangler.toml").is_file())
            .ok_or("There is no checkout here any more: run this by `cargo xtask` inside one.")?
            .to_path_buf();
        let target = env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| root.join("target"), |target| root.join(target));
        Ok(Self { root, target })
    }

    /// What the chores make, apart from Cargo's own output.
    pub fn build(&self) -> PathBuf {
        self.root.join("build")
    }

    /// The target folder of the edge's wasm build: its own, because artefacts of another compiler do not mix.
    pub fn edge_target(&self) -> PathBuf {
        self.target.join("edge-wasm")
    }

    /// The folder of programs that `cargo install` makes for the chores.
    pub fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// A program that `cargo install` made for the chores.
    pub fn tool(&self, program: &str) -> PathBuf {
        self.tools().join("bin").join(program)
    }

    /// A program of this workspace in the debug profile.
    pub fn program(&self, name: &str) -> PathBuf {
        self.target.join("debug").join(name)
    }
}

/// The first program of that name on the PATH.
pub fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// The PATH with `folder` searched first.
pub fn path_with(folder: &Path) -> Outcome<impl AsRef<OsStr> + use<>> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::join_paths(std::iter::once(folder.to_path_buf()).chain(env::split_paths(&path))).map_err(
        |error| {
            format!(
                "The PATH cannot be extended by {}: {error}.",
                folder.display()
            )
        },
    )
}
