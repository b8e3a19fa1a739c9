//! Small questions to a node of the syntax tree.

use squawk_syntax::{SyntaxElement, SyntaxKind, SyntaxNode, SyntaxToken};

pub fn child(node: &SyntaxNode, kind: SyntaxKind) -> Option<SyntaxNode> {
    node.children().find(|child| child.kind() == kind)
}

pub fn children(node: &SyntaxNode, kind: SyntaxKind) -> impl Iterator<Item = SyntaxNode> + use<> {
    node.children().filter(move |child| child.kind() == kind)
}

/// A node of that kind below, at any depth.
pub fn below(node: &SyntaxNode, kind: SyntaxKind) -> Option<SyntaxNode> {
    node.descendants().find(|below| below.kind() == kind)
}

pub fn token(node: &SyntaxNode, kind: SyntaxKind) -> Option<SyntaxToken> {
    node.children_with_tokens().filter_map(SyntaxElement::into_token).find(|token| token.kind() == kind)
}

/// The tokens below, at any depth, without white space and comments.
pub fn tokens(node: &SyntaxNode) -> impl Iterator<Item = SyntaxToken> {
    node.descendants_with_tokens()
        .filter_map(SyntaxElement::into_token)
        .filter(|token| !token.kind().is_trivia())
}

/// An identifier as the server folds it.
pub fn folded(text: &str) -> String {
    match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(quoted) => quoted.replace("\"\"", "\""),
        None => text.to_lowercase(),
    }
}

/// The text in lower case, with one space where words would run together.
pub fn words(node: &SyntaxNode) -> String {
    let mut text = String::new();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    for token in tokens(node) {
        let next = token.text();
        if text.chars().next_back().is_some_and(is_word) && next.chars().next().is_some_and(is_word) {
            text.push(' ');
        }
        text.push_str(&next.to_lowercase());
    }
    text
}
