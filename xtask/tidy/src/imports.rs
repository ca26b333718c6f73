//! Who uses whom within a crate, with re-exports followed to the module that really defines a name.

use std::collections::{BTreeMap, BTreeSet};

use crate::modules::{Crate, Module, ModulePath};

/// One use of something in another module or crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The module that uses the other one.
    pub from: ModulePath,
    /// The path as it is written, without `crate`, `self` and `super`: from the root of this crate, or of another one.
    pub written: Vec<String>,
    /// Whether `written` starts at the root of this crate.
    pub is_own: bool,
    /// The module of this crate that defines it, if it is of this crate.
    pub to: Option<ModulePath>,
    /// The line, counted from 1.
    pub line: usize,
}

/// How many re-exports are followed: longer chains are circles.
const LONGEST_CHAIN: usize = 16;

impl Crate {
    /// Every use of something in another module or crate. A re-export is no use: it says where a name may be found.
    pub fn uses(&self) -> Vec<Use> {
        let mut uses = Vec::new();
        for (from, module) in &self.modules {
            let imports = module
                .imports
                .iter()
                .filter(|import| !import.is_public)
                .map(|import| (&import.path, import.line));
            let names = module.names.iter().map(|name| (&name.path, name.line));
            for (path, line) in imports.chain(names) {
                uses.extend(self.used(from, path, line));
            }
        }
        uses
    }

    /// What each re-export offers: these are arrows between rooms, too.
    pub fn re_exports(&self) -> Vec<Use> {
        let mut uses = Vec::new();
        for (from, module) in &self.modules {
            for import in module.imports.iter().filter(|import| import.is_public) {
                uses.extend(self.used(from, &import.path, import.line));
            }
        }
        uses
    }

    /// Every file with the files that it uses.
    pub fn files(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut files: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for module in self.modules.values() {
            files.entry(&module.file).or_default();
        }
        for used in self.uses() {
            let (Some(from), Some(to)) = (
                self.modules.get(&used.from),
                used.to.and_then(|to| self.modules.get(&to)),
            ) else {
                continue;
            };
            if from.file != to.file {
                files.entry(&from.file).or_default().insert(&to.file);
            }
        }
        files
    }

    fn used(&self, from: &ModulePath, path: &[String], line: usize) -> Option<Use> {
        let first = path.first()?;
        let (start, rest) = self.start(from, path)?;
        let Some(start) = start else {
            // A single name that is not of this crate is a local variable, a field or the prelude's.
            return (path.len() > 1).then(|| Use {
                from: from.clone(),
                written: path.to_vec(),
                is_own: false,
                to: None,
                line,
            });
        };
        let to = self.definition(&start, rest, LONGEST_CHAIN);
        let is_plain = !matches!(first.as_str(), "crate" | "self" | "super");
        if to.as_ref() == Some(from) || (is_plain && path.len() == 1 && to.is_none()) {
            return None;
        }
        let written = start.iter().chain(rest).cloned().collect();
        Some(Use {
            from: from.clone(),
            written,
            is_own: true,
            to,
            line,
        })
    }

    /// Where a path as written in `from` starts: a module of this crate and the segments that are left, or no module
    /// for a path of another crate.
    fn start<'a>(
        &self,
        from: &ModulePath,
        path: &'a [String],
    ) -> Option<(Option<ModulePath>, &'a [String])> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => Some((Some(ModulePath::new()), rest)),
            "self" => Some((Some(from.clone()), rest)),
            "Self" => None,
            "super" => {
                let mut module = from.clone();
                let mut rest = path;
                while let Some(("super", after)) = rest
                    .split_first()
                    .map(|(first, after)| (first.as_str(), after))
                {
                    module.pop()?;
                    rest = after;
                }
                Some((Some(module), rest))
            }
            name => {
                let module = self.modules.get(from)?;
                let is_here = module.items.contains(name)
                    || (path.len() > 1 && module.children.contains(name))
                    || module
                        .imports
                        .iter()
                        .any(|import| import.name.as_deref() == Some(name));
                if is_here {
                    return Some((Some(from.clone()), path));
                }
                if name == self.name {
                    return Some((Some(ModulePath::new()), rest));
                }
                let by_glob = self.by_glob(module, from, name, LONGEST_CHAIN);
                Some((by_glob.is_some().then(|| from.clone()), path))
            }
        }
    }

    /// The module that defines the end of `path`, which starts in the module `start`.
    fn definition(&self, start: &ModulePath, path: &[String], left: usize) -> Option<ModulePath> {
        let left = left.checked_sub(1)?;
        let module = self.modules.get(start)?;
        let Some((name, rest)) = path.split_first() else {
            return Some(start.clone());
        };
        let mut child = start.clone();
        child.push(name.clone());
        if module.children.contains(name) && self.modules.contains_key(&child) {
            return self.definition(&child, rest, left);
        }
        if module.items.contains(name) {
            return Some(start.clone());
        }
        let import = module
            .imports
            .iter()
            .find(|import| import.name.as_ref() == Some(name));
        if let Some(import) = import {
            // `use name::…` in which `name` is another crate would be found here again.
            let (target, after) = self.start_of_import(start, &import.path)?;
            let whole: Vec<String> = after.iter().chain(rest).cloned().collect();
            return self.definition(&target, &whole, left);
        }
        self.by_glob(module, start, name, left)
    }

    /// As [`Self::start`] for the path of a `use`, which never goes through the names that `use` brings in.
    fn start_of_import<'a>(
        &self,
        from: &ModulePath,
        path: &'a [String],
    ) -> Option<(ModulePath, &'a [String])> {
        let first = path.first()?;
        if matches!(first.as_str(), "crate" | "self" | "super") || *first == self.name {
            let (start, rest) = self.start(from, path)?;
            return Some((start?, rest));
        }
        let module = self.modules.get(from)?;
        let is_here = module.children.contains(first) || module.items.contains(first);
        is_here.then(|| (from.clone(), path))
    }

    fn by_glob(
        &self,
        module: &Module,
        from: &ModulePath,
        name: &str,
        left: usize,
    ) -> Option<ModulePath> {
        let globs = module.imports.iter().filter(|import| import.name.is_none());
        globs
            .filter_map(|glob| {
                let (start, rest) = self.start_of_import(from, &glob.path)?;
                let target = self.definition(&start, rest, left.checked_sub(1)?)?;
                if target == *from {
                    return None;
                }
                self.offers(&target, name)
                    .then(|| self.definition(&target, &[name.to_owned()], left - 1))?
            })
            .next()
    }

    fn offers(&self, path: &ModulePath, name: &str) -> bool {
        self.modules.get(path).is_some_and(|module| {
            module.items.contains(name)
                || module.children.contains(name)
                || module
                    .imports
                    .iter()
                    .any(|import| import.name.as_deref().is_none_or(|known| known == name))
        })
    }
}

#[cfg(test)]
#[path = "imports_tests.rs"]
mod tests;
