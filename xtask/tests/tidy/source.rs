//! Rust as the checks read it: tokens. Neither spaces nor comments hide anything from them, nor do strings look like code.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::visit::Visit;
use syn::{ItemMod, ItemStruct};

/// A file.
pub struct Source {
    path: String,
    stream: TokenStream,
}

/// What stands in it, one text a token; the names and strings of documentation are not among them.
pub struct Tokens(Vec<String>);

impl Source {
    pub fn parse(path: &str, text: &str) -> Self {
        let stream = text.parse().unwrap_or_else(|error| panic!("{path}: {error}"));
        Self {
            path: path.to_owned(),
            stream,
        }
    }

    /// All of it.
    pub fn whole(&self) -> Tokens {
        Tokens::of(self.stream.clone())
    }

    /// All but tests.
    pub fn shipped(&self) -> Tokens {
        let mut tokens = Vec::new();
        flatten(self.stream.clone(), &mut tokens, true);
        Tokens(tokens)
    }

    /// Every struct that is no test's.
    pub fn structs(&self) -> Vec<ItemStruct> {
        let file = syn::parse2(self.stream.clone()).unwrap_or_else(|error| panic!("{}: {error}", self.path));
        let mut structs = Structs::default();
        structs.visit_file(&file);
        structs.0
    }
}

#[derive(Default)]
struct Structs(Vec<ItemStruct>);

impl<'ast> Visit<'ast> for Structs {
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        let mut attributes = module.attrs.iter().map(quote::ToTokens::to_token_stream);
        if !attributes.any(|attribute| Tokens::of(attribute).has("cfg(test)")) {
            syn::visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_struct(&mut self, item: &'ast ItemStruct) {
        self.0.push(item.clone());
    }
}

impl Tokens {
    pub fn of(stream: TokenStream) -> Self {
        let mut tokens = Vec::new();
        flatten(stream, &mut tokens, false);
        Self(tokens)
    }

    /// Whether these tokens stand in it side by side: `Utc::now(`.
    pub fn has(&self, mark: &str) -> bool {
        self.after(mark).next().is_some()
    }

    /// What follows each place where these tokens stand side by side.
    pub fn after(&self, mark: &str) -> impl Iterator<Item = &[String]> {
        let mark = Self::lex(mark);
        let places = self.0.windows(mark.len()).enumerate();
        let places: Vec<_> = places
            .filter(|(_, window)| *window == mark)
            .map(|(place, _)| place)
            .collect();
        places.into_iter().map(move |place| &self.0[place + mark.len()..])
    }

    /// What stands in each bracket that a mark opens: `view! {`.
    pub fn inside(&self, mark: &str) -> impl Iterator<Item = &[String]> {
        self.after(mark).map(|rest| {
            let mut depth = 1_u32;
            let end = rest.iter().position(|token| {
                match token.as_str() {
                    "(" | "[" | "{" => depth += 1,
                    ")" | "]" | "}" => depth -= 1,
                    _ => {}
                }
                depth == 0
            });
            &rest[..end.unwrap_or(rest.len())]
        })
    }

    /// The texts of all strings.
    pub fn strings(&self) -> impl Iterator<Item = String> {
        self.0.iter().filter_map(|token| string(token))
    }

    /// Names, and the words in strings.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// A mark may open what it does not close.
    fn lex(mark: &str) -> Vec<String> {
        let mut tokens = Vec::new();
        let mut rest = mark.trim_start();
        while let Some(first) = rest.chars().next() {
            let is_word = |character: char| character.is_alphanumeric() || character == '_';
            let length = match first {
                '"' => rest[1..].find('"').map_or(rest.len(), |end| end + 2),
                _ if is_word(first) => rest.find(|character| !is_word(character)).unwrap_or(rest.len()),
                _ => first.len_utf8(),
            };
            tokens.push(rest[..length].to_owned());
            rest = rest[length..].trim_start();
        }
        tokens
    }
}

/// The text of a string's token.
pub fn string(token: &str) -> Option<String> {
    let literal: syn::LitStr = token.contains('"').then(|| syn::parse_str(token).ok())??;
    Some(literal.value())
}

/// Without documentation and, where only that is asked for that ships, without tests.
fn flatten(stream: TokenStream, tokens: &mut Vec<String>, only_shipped: bool) {
    let trees: Vec<_> = stream.into_iter().collect();
    let mut rest = trees.as_slice();
    while let Some(tree) = rest.first() {
        if let Some((attribute, behind)) = attribute(rest) {
            if is_doc(&attribute) {
                rest = behind;
                continue;
            }
            if only_shipped && is_of_tests(&attribute) {
                rest = behind_item(behind);
                continue;
            }
        }
        match tree {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                tokens.extend((!open.is_empty()).then(|| open.to_owned()));
                flatten(group.stream(), tokens, only_shipped);
                tokens.extend((!close.is_empty()).then(|| close.to_owned()));
            }
            other => tokens.push(other.to_string()),
        }
        rest = &rest[1..];
    }
}

/// An attribute that begins here, and what is behind it.
fn attribute(trees: &[TokenTree]) -> Option<(Vec<TokenTree>, &[TokenTree])> {
    let rest = match trees {
        [hash, bang, rest @ ..] if is_punct(hash, '#') && is_punct(bang, '!') => rest,
        [hash, rest @ ..] if is_punct(hash, '#') => rest,
        _ => return None,
    };
    match rest.split_first()? {
        (TokenTree::Group(group), behind) if group.delimiter() == Delimiter::Bracket => {
            Some((group.stream().into_iter().collect(), behind))
        }
        _ => None,
    }
}

/// What is behind the item that begins here: it ends with its braces or, as an import does, with a semicolon.
fn behind_item(trees: &[TokenTree]) -> &[TokenTree] {
    let is_closed_by_semicolon = |word: &str| ["use", "const", "static", "type", "let", "extern"].contains(&word);
    let mut wants_semicolon = false;
    for (index, tree) in trees.iter().enumerate() {
        match tree {
            TokenTree::Ident(word) if is_closed_by_semicolon(&word.to_string()) => wants_semicolon = true,
            TokenTree::Ident(word) if word == "fn" => wants_semicolon = false,
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace && !wants_semicolon => {
                return &trees[index + 1..];
            }
            tree if is_punct(tree, ';') => return &trees[index + 1..],
            _ => {}
        }
    }
    &[]
}

fn is_punct(tree: &TokenTree, character: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == character)
}

/// Whether it is `doc = "…"`.
fn is_doc(attribute: &[TokenTree]) -> bool {
    match attribute {
        [TokenTree::Ident(name), equals, TokenTree::Literal(_)] => name == "doc" && is_punct(equals, '='),
        _ => false,
    }
}

/// Whether it is `cfg(test)`, `test` or `tokio::test`.
fn is_of_tests(attribute: &[TokenTree]) -> bool {
    let path = attribute.iter().take_while(|tree| !matches!(tree, TokenTree::Group(_)));
    let name = path.last().map(ToString::to_string).unwrap_or_default();
    let arguments = attribute.iter().find_map(|tree| match tree {
        TokenTree::Group(group) => Some(group.stream().to_string()),
        _ => None,
    });
    name == "test" || (name == "cfg" && arguments.as_deref() == Some("test"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "//! Utc::now()
        #![doc = \"Utc::now()\"]
        /// Utc::now()
        fn draw() { let url = \"http://a\"; clock :: now ( ) ; } // Utc::now()
        #[cfg(test)] mod tests { fn f() { Utc::now(); } }
        #[tokio::test] async fn g() { Local::now(); }
        mod inner { #[cfg(test)] use a::{b, c}; struct Secret { key: String } }
        #[cfg(test)] pub(crate) const fn h() -> [u8; 1] { planted() }
        #[cfg(test)] #[derive(Debug)] struct Planted(u8);
        #[cfg(test)] static ALL: [fn(); 1] = [{ planted }];
        fn last() { kept(); }";

    #[test]
    fn tokens_are_neither_comments_nor_strings() {
        let source = Source::parse("a.rs", TEXT);
        let (shipped, whole) = (source.shipped(), source.whole());
        assert!(shipped.has("clock::now(") && shipped.has("\"http://a\""));
        assert!(!shipped.has("Utc::now") && !shipped.has("Local::now") && !shipped.has("a::{"));
        assert!(!shipped.has("planted") && !shipped.has("Planted") && shipped.has("kept()"));
        assert!(whole.has("Utc::now(") && whole.has("Local::now"));
        assert_eq!(whole.strings().collect::<Vec<_>>(), ["http://a"]);
        let structs = source.structs();
        assert!(structs.iter().any(|item| item.ident == "Secret"));
    }
}
