//! One Rust source, parsed: its tokens with their lines, its imports written out, its functions, its
//! types with what they derive, and which lines are tests.
//!
//! Rules look at tokens rather than text, so that a word in a comment or a string is no finding and
//! a call inside a macro is one.

use std::ops::RangeInclusive;

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// A Rust source.
pub(super) struct RustFile {
    /// From the root, with `/`.
    pub(super) path: String,
    /// How many lines it has, and its first.
    pub(super) lines: usize,
    /// The first line.
    pub(super) first_line: String,
    /// Every token in order, groups opened up.
    tokens: Vec<Token>,
    /// What `use` brings in, as full paths: (`std::fs::File`, line).
    pub(super) imports: Vec<(String, usize)>,
    /// Functions: (name, first line, last line).
    pub(super) functions: Vec<(String, usize, usize)>,
    /// Types with the traits they derive, last segments only: (name, line, traits).
    pub(super) derives: Vec<(String, usize, Vec<String>)>,
    /// What is implemented by hand for what, last segments only: (trait, type, line).
    pub(super) impls: Vec<(String, String, usize)>,
    /// Texts in quotes, as written, with their lines; in macros too.
    pub(super) literals: Vec<(String, usize)>,
    /// Lines of tests marked to be ignored.
    pub(super) ignored: Vec<usize>,
    tests: Vec<RangeInclusive<usize>>,
    /// Why it cannot be parsed, if it cannot.
    pub(super) unreadable: Option<String>,
}

struct Token {
    text: String,
    line: usize,
}

impl RustFile {
    /// Parses a source.
    pub(super) fn read(path: &str, text: &str) -> Self {
        let mut file = Self {
            path: path.to_owned(),
            lines: text.lines().count(),
            first_line: text.lines().next().unwrap_or_default().to_owned(),
            tokens: Vec::new(),
            imports: Vec::new(),
            functions: Vec::new(),
            derives: Vec::new(),
            impls: Vec::new(),
            literals: Vec::new(),
            ignored: Vec::new(),
            tests: Vec::new(),
            unreadable: None,
        };
        // Parsing twice is cheap, and keeps macro bodies as tokens and items as syntax.
        let parsed = text.parse::<TokenStream>().map_err(|error| error.to_string());
        match parsed.and_then(|tokens| {
            syn::parse_file(text).map(|syntax| (tokens, syntax)).map_err(|e| e.to_string())
        }) {
            Ok((tokens, syntax)) => {
                literals(tokens.clone(), &mut file.literals);
                flatten(tokens, &mut file.tokens);
                Items { file: &mut file }.visit_file(&syntax);
            }
            Err(error) => file.unreadable = Some(format!("cannot be read as Rust: {error}")),
        }
        file
    }

    /// The crate's folder: `crates/store` or `xtask`.
    pub(super) fn crate_folder(&self) -> &str {
        let end = self
            .path
            .find("/src/")
            .or_else(|| self.path.find("/tests/"))
            .or_else(|| self.path.find("/benches/"));
        self.path.get(..end.unwrap_or(0)).unwrap_or_default()
    }

    /// Whether this line belongs to tests: a test file, or a module for tests alone.
    pub(super) fn is_test(&self, line: usize) -> bool {
        let whole = ["/tests/", "/benches/"].iter().any(|folder| self.path.contains(folder));
        whole || self.path.ends_with("/tests.rs") || self.tests.iter().any(|range| range.contains(&line))
    }

    /// Lines where these tokens occur in a row, tests or not. A pattern that is no Rust is found
    /// everywhere, so that a slip in a rule is noticed.
    pub(super) fn lines_with(&self, pattern: &str) -> Vec<usize> {
        let mut wanted = Vec::new();
        flatten(pattern.parse().unwrap_or_default(), &mut wanted);
        let same = |window: &&[Token]| window.iter().zip(&wanted).all(|(one, other)| one.text == other.text);
        let windows = self.tokens.windows(wanted.len().max(1)).filter(same);
        windows.filter_map(|window| window.first()).map(|token| token.line).collect()
    }
}

impl RustFile {
    /// Lines where a value of this type is put together, or taken apart, with its fields; what only returns one is not.
    pub(super) fn lines_building(&self, name: &str) -> Vec<usize> {
        let text = |place: usize| self.tokens.get(place).map_or("", |token| token.text.as_str());
        let is_built = |place: &usize| {
            let mut first = *place;
            while first >= 3 && text(first - 1) == ":" {
                first -= 3;
            }
            let before = text(first.wrapping_sub(1));
            text(*place) == name
                && text(place + 1) == "{"
                && !["struct", "impl", "for", ">"].contains(&before)
        };
        (0..self.tokens.len())
            .filter(is_built)
            .filter_map(|place| self.tokens.get(place))
            .map(|token| token.line)
            .collect()
    }
}

fn flatten(stream: TokenStream, tokens: &mut Vec<Token>) {
    for tree in stream {
        let line = tree.span().start().line;
        match tree {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    proc_macro2::Delimiter::Parenthesis => ("(", ")"),
                    proc_macro2::Delimiter::Brace => ("{", "}"),
                    proc_macro2::Delimiter::Bracket => ("[", "]"),
                    proc_macro2::Delimiter::None => ("", ""),
                };
                tokens.push(Token { text: open.to_owned(), line });
                let last = group.span_close().start().line;
                flatten(group.stream(), tokens);
                tokens.push(Token { text: close.to_owned(), line: last });
            }
            // Text inside quotes is nobody's call.
            TokenTree::Literal(_) => tokens.push(Token { text: "literal".to_owned() + "\"", line }),
            other => tokens.push(Token { text: other.to_string(), line }),
        }
    }
}

/// Texts in quotes; what documents something is none.
fn literals(stream: TokenStream, found: &mut Vec<(String, usize)>) {
    let mut before = [String::new(), String::new()];
    for tree in stream {
        let line = tree.span().start().line;
        let text = tree.to_string();
        match tree {
            TokenTree::Group(group) => literals(group.stream(), found),
            TokenTree::Literal(_) if before != ["doc", "="] => found.push((text.clone(), line)),
            _ => {}
        }
        before = [std::mem::take(&mut before[1]), text];
    }
}

/// Collects the items that rules ask about.
struct Items<'a> {
    file: &'a mut RustFile,
}

impl Items<'_> {
    fn function(&mut self, signature: &syn::Signature, whole: proc_macro2::Span) {
        let (first, last) = (signature.span().start().line, whole.end().line);
        self.file.functions.push((signature.ident.to_string(), first, last));
    }

    fn type_of(&mut self, name: &syn::Ident, attributes: &[syn::Attribute]) {
        let mut traits = Vec::new();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("derive")) {
            let _ = attribute.parse_nested_meta(|meta| {
                traits.extend(meta.path.segments.last().map(|segment| segment.ident.to_string()));
                Ok(())
            });
        }
        self.file.derives.push((name.to_string(), name.span().start().line, traits));
    }
}

impl<'ast> Visit<'ast> for Items<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.sig, item.span());
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.sig, item.span());
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        self.function(&item.sig, item.span());
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.type_of(&item.ident, &item.attrs);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.type_of(&item.ident, &item.attrs);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let last = |path: &syn::Path| path.segments.last().map(|segment| segment.ident.to_string());
        if let (Some((_, of, _)), syn::Type::Path(whom)) = (&item.trait_, item.self_ty.as_ref())
            && let (Some(of), Some(whom)) = (last(of), last(&whom.path))
        {
            self.file.impls.push((of, whom, item.impl_token.span.start().line));
        }
        visit::visit_item_impl(self, item);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        imports(&item.tree, "", &mut self.file.imports);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if item.attrs.iter().any(for_tests_alone) {
            self.file.tests.push(item.span().start().line..=item.span().end().line);
        }
        visit::visit_item_mod(self, item);
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        let conditional = attribute.path().is_ident("cfg_attr") && names(&attribute.meta, "ignore");
        if attribute.path().is_ident("ignore") || conditional {
            self.file.ignored.push(attribute.span().start().line);
        }
    }
}

/// `#[cfg(test)]`, or `test` within `all(...)`; not `not(test)`.
fn for_tests_alone(attribute: &syn::Attribute) -> bool {
    attribute.path().is_ident("cfg") && names(&attribute.meta, "test") && !names(&attribute.meta, "not")
}

fn names(meta: &syn::Meta, word: &str) -> bool {
    let syn::Meta::List(list) = meta else { return false };
    let mut tokens = Vec::new();
    flatten(list.tokens.clone(), &mut tokens);
    tokens.iter().any(|token| token.text == word)
}

fn imports(tree: &syn::UseTree, prefix: &str, found: &mut Vec<(String, usize)>) {
    match tree {
        syn::UseTree::Path(path) => imports(&path.tree, &format!("{prefix}{}::", path.ident), found),
        syn::UseTree::Group(group) => group.items.iter().for_each(|item| imports(item, prefix, found)),
        syn::UseTree::Name(name) => found.push((format!("{prefix}{}", name.ident), name.span().start().line)),
        syn::UseTree::Rename(name) => {
            found.push((format!("{prefix}{}", name.ident), name.span().start().line))
        }
        syn::UseTree::Glob(glob) => found.push((format!("{prefix}*"), glob.span().start().line)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "\
//! A file.
use std::{fs, io::{self as system, Read}};

#[derive(Clone, domain::Personal)]
struct Person;

// reveal() in a comment, \"reveal()\" in a string
fn outer() {
    let text = \".reveal()\";
    html!(p { (name.reveal()) });
}

#[cfg(all(test, unix))]
mod tests {
    #[test]
    #[cfg_attr(unix, ignore)]
    fn inner() {
        name.reveal();
    }
}
";

    #[test]
    fn tokens_are_found_in_code_and_macros_alone() {
        let file = RustFile::read("crates/store/src/a.rs", SOURCE);
        assert_eq!(file.unreadable, None);
        assert_eq!(file.lines_with(".reveal"), [10, 18]);
        assert!(!file.is_test(10));
        assert!(file.is_test(18));
        assert!(RustFile::read("crates/store/tests/a.rs", SOURCE).is_test(10));
    }

    #[test]
    fn items_are_collected_with_their_lines() {
        let file = RustFile::read("crates/store/src/a.rs", SOURCE);
        let paths = file.imports.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>();
        assert_eq!(paths, ["std::fs", "std::io::self", "std::io::Read"]);
        assert_eq!(file.functions, [("outer".to_owned(), 8, 11), ("inner".to_owned(), 17, 19)]);
        assert_eq!(file.derives, [("Person".to_owned(), 5, vec!["Clone".to_owned(), "Personal".to_owned()])]);
        assert_eq!(file.ignored, [16]);
        assert_eq!(file.crate_folder(), "crates/store");
    }

    #[test]
    fn code_for_all_but_tests_is_no_test() {
        let file = RustFile::read("crates/store/src/a.rs", "#[cfg(not(test))]\nmod real {\n fn f() {}\n}\n");
        assert!(!file.is_test(3));
    }
}
