//! The modules of one crate as `syn` reads them: what each defines, imports and names. Tests are left out.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::{
    Attribute, ImplItem, Item, ItemMod, ItemUse, Lit, Macro, Meta, UseTree, Visibility,
    spanned::Spanned,
    visit::{self, Visit},
};

/// The path of a module from the root of its crate: `["flow", "task"]`, empty for the root.
pub type ModulePath = Vec<String>;

/// One module: a file, or a block `mod name { … }` in one.
#[derive(Debug, Default)]
pub struct Module {
    /// The file that it is written in, from the root of the checkout, with `/`.
    pub file: String,
    /// The names of the items that it defines.
    pub items: BTreeSet<String>,
    /// The names of the modules that it declares.
    pub children: BTreeSet<String>,
    /// The names that the module's `use` declarations bring in.
    pub imports: Vec<Import>,
    /// Every other path that it names, macros included.
    pub names: Vec<Name>,
    /// The string literals in it, macros included, each with its line.
    pub strings: Vec<(String, usize)>,
}

/// One name of a `use` declaration.
#[derive(Debug)]
pub struct Import {
    /// What it is called here; `None` for everything of a module (`*`).
    pub name: Option<String>,
    /// The path as it is written.
    pub path: Vec<String>,
    /// Whether other modules see it here: a re-export.
    pub is_public: bool,
    /// The line, counted from 1.
    pub line: usize,
}

impl Module {
    /// Everything in one file, blocks `mod name { … }` and tests included, as if it were one module. `None` when it is
    /// not Rust.
    pub fn read_with_tests(file: &str, text: &str) -> Option<Self> {
        let parsed = syn::parse_file(text).ok()?;
        let mut modules = BTreeMap::new();
        let mut collector = Collector {
            file,
            root: false,
            path: ModulePath::new(),
            modules: &mut modules,
            declared: Vec::new(),
            skips_tests: false,
        };
        collector.module();
        collector.visit_file(&parsed);
        let mut whole = Self::default();
        for module in modules.into_values() {
            whole.imports.extend(module.imports);
            whole.names.extend(module.names);
            whole.strings.extend(module.strings);
        }
        Some(whole)
    }
}

/// A path in code.
#[derive(Debug)]
pub struct Name {
    /// The segments of the path as they are written.
    pub path: Vec<String>,
    /// The line, counted from 1.
    pub line: usize,
}

/// A crate, read from the file of its root.
#[derive(Debug, Default)]
pub struct Crate {
    /// The name that other crates import it by.
    pub name: String,
    /// The modules of the crate by their paths.
    pub modules: BTreeMap<ModulePath, Module>,
}

impl Crate {
    /// Reads the crate `name` whose root is the file `root_file` of the checkout.
    ///
    /// # Errors
    /// A sentence that names a file which is missing or is not Rust.
    pub fn read(checkout: &Path, name: &str, root_file: &str) -> Result<Self, String> {
        let read = |file: &str| {
            std::fs::read_to_string(checkout.join(file))
                .map_err(|error| format!("{file}: cannot be read: {error}"))
        };
        Self::read_with(name, root_file, &read)
    }

    /// As [`Self::read`], with the texts of the files by `read`, which fails for a file that is not there.
    pub fn read_with(
        name: &str,
        root_file: &str,
        read: &dyn Fn(&str) -> Result<String, String>,
    ) -> Result<Self, String> {
        let mut found = Self {
            name: name.to_owned(),
            modules: BTreeMap::new(),
        };
        let mut waiting = vec![(ModulePath::new(), root_file.to_owned())];
        while let Some((path, file)) = waiting.pop() {
            let parsed = syn::parse_file(&read(&file)?).map_err(|error| {
                format!("{file}:{}: is not Rust: {error}", error.span().start().line)
            })?;
            let mut collector = Collector {
                file: &file,
                root: path.is_empty(),
                path,
                modules: &mut found.modules,
                declared: Vec::new(),
                skips_tests: true,
            };
            collector.module().file.clone_from(&file);
            collector.visit_file(&parsed);
            for (path, candidates) in collector.declared {
                let file = candidates
                    .iter()
                    .find(|candidate| read(candidate).is_ok())
                    .ok_or_else(|| format!("{}: is missing", candidates.join(" or ")))?;
                waiting.push((path, file.clone()));
            }
        }
        Ok(found)
    }
}

struct Collector<'a> {
    file: &'a str,
    /// Whether the file is the crate's root, whose modules lie beside it.
    root: bool,
    path: ModulePath,
    modules: &'a mut BTreeMap<ModulePath, Module>,
    /// Modules in files of their own, each with the files that it may be in.
    declared: Vec<(ModulePath, Vec<String>)>,
    skips_tests: bool,
}

impl Collector<'_> {
    fn module(&mut self) -> &mut Module {
        self.modules.entry(self.path.clone()).or_default()
    }

    fn declare(&mut self, declaration: &ItemMod) {
        let name = declaration.ident.to_string();
        let mut path = self.path.clone();
        path.push(name.clone());
        let folder = self.file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let candidates = match attribute_path(&declaration.attrs) {
            Some(file) => vec![format!("{folder}/{file}")],
            None => {
                let is_folder_file = self.root || self.file.ends_with("/mod.rs");
                let below = if is_folder_file {
                    folder.to_owned()
                } else {
                    self.file.trim_end_matches(".rs").to_owned()
                };
                vec![
                    format!("{below}/{name}.rs"),
                    format!("{below}/{name}/mod.rs"),
                ]
            }
        };
        self.declared.push((path, candidates));
    }

    fn import(&mut self, declaration: &ItemUse) {
        let line = declaration.span().start().line;
        let is_public = !matches!(declaration.vis, Visibility::Inherited);
        let mut imports = Vec::new();
        flatten(&declaration.tree, &mut Vec::new(), &mut |name, path| {
            imports.push(Import {
                name,
                path,
                is_public,
                line,
            });
        });
        self.module().imports.extend(imports);
    }

    /// Finds paths and strings in the tokens of a macro, which `syn` cannot read further.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut line = 0;
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.name(&mut path, line);
                    }
                    line = ident.span().start().line;
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' && !path.is_empty() => {
                    colons += 1;
                }
                other => {
                    self.name(&mut path, line);
                    colons = 0;
                    match other {
                        TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                            self.tokens(group.stream());
                        }
                        TokenTree::Group(group) => self.tokens(group.stream()),
                        TokenTree::Literal(literal) => {
                            let line = literal.span().start().line;
                            if let Lit::Str(text) = Lit::new(literal) {
                                self.module().strings.push((text.value(), line));
                            }
                        }
                        _ => {}
                    }
                }
            }
        }
        self.name(&mut path, line);
    }

    fn name(&mut self, path: &mut Vec<String>, line: usize) {
        let path = std::mem::take(path);
        if path.len() > 1 {
            self.module().names.push(Name { path, line });
        }
    }
}

impl<'ast> Visit<'ast> for Collector<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if self.skips_tests && is_test(attributes(item)) {
            return;
        }
        if let Some(name) = item_name(item) {
            self.module().items.insert(name);
        }
        visit::visit_item(self, item);
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        let of_tests = match item {
            ImplItem::Fn(function) => is_test(&function.attrs),
            ImplItem::Const(constant) => is_test(&constant.attrs),
            _ => false,
        };
        if !(self.skips_tests && of_tests) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, declaration: &'ast ItemMod) {
        let name = declaration.ident.to_string();
        self.module().children.insert(name.clone());
        let Some((_, items)) = &declaration.content else {
            self.declare(declaration);
            return;
        };
        self.path.push(name);
        let file = self.file.to_owned();
        self.module().file = file;
        for item in items {
            self.visit_item(item);
        }
        self.path.pop();
    }

    fn visit_item_use(&mut self, declaration: &'ast ItemUse) {
        self.import(declaration);
    }

    /// `pub(super)` names no module that it uses.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    /// `#[derive(…)]` and `#[serde(…)]` name nothing of this crate.
    fn visit_attribute(&mut self, _: &'ast Attribute) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let name = Name {
            line: path.span().start().line,
            path: path
                .segments
                .iter()
                .map(|part| part.ident.to_string())
                .collect(),
        };
        self.module().names.push(name);
        visit::visit_path(self, path);
    }

    fn visit_lit(&mut self, literal: &'ast Lit) {
        if let Lit::Str(text) = literal {
            let line = text.span().start().line;
            self.module().strings.push((text.value(), line));
        }
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.visit_path(&call.path);
        self.tokens(call.tokens.clone());
    }
}

fn flatten(
    tree: &UseTree,
    path: &mut Vec<String>,
    found: &mut dyn FnMut(Option<String>, Vec<String>),
) {
    match tree {
        UseTree::Path(step) => {
            path.push(step.ident.to_string());
            flatten(&step.tree, path, found);
            path.pop();
        }
        UseTree::Name(last) => {
            let mut whole = path.clone();
            // `use a::{self}` brings in `a` itself.
            if last.ident != "self" || whole.is_empty() {
                whole.push(last.ident.to_string());
            }
            found(whole.last().cloned(), whole);
        }
        UseTree::Rename(last) => {
            let mut whole = path.clone();
            if last.ident != "self" || whole.is_empty() {
                whole.push(last.ident.to_string());
            }
            found(Some(last.rename.to_string()), whole);
        }
        UseTree::Glob(_) => found(None, path.clone()),
        UseTree::Group(group) => {
            for tree in &group.items {
                flatten(tree, path, found);
            }
        }
    }
}

/// Whether something is compiled for tests only.
fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) => {
            list.path.is_ident("cfg")
                && list
                    .tokens
                    .clone()
                    .into_iter()
                    .next()
                    .is_some_and(|token| token.to_string() == "test")
        }
        Meta::Path(path) => path.is_ident("test"),
        Meta::NameValue(_) => false,
    })
}

fn attribute_path(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| {
        let Meta::NameValue(pair) = &attribute.meta else {
            return None;
        };
        let syn::Expr::Lit(value) = &pair.value else {
            return None;
        };
        match &value.lit {
            Lit::Str(file) if pair.path.is_ident("path") => Some(file.value()),
            _ => None,
        }
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn item_name(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}
