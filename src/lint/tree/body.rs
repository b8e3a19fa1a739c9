//! Bodies: the statements inside of `DO` blocks and routines.

use std::ops::Range;

use squawk_syntax::SyntaxKind as Kind;
use squawk_syntax::ast::{AstNode as _, CreateFunction, CreateProcedure, Do, Literal};
use squawk_syntax::plpgsql::Plpgsql;
use squawk_syntax::sql_body::SqlBody;
use squawk_syntax::{SourceFile, SyntaxNode};
use text_size::{TextRange, TextSize};

use super::Unparsed;
use super::into::without_into;
use super::node::{child, children, words};
use super::reader::Reader;
use crate::lint::act::{Setting, What};

impl Reader<'_> {
    pub fn block(&mut self, node: &SyntaxNode) {
        self.push(What::Other, node);
        if let Some(body) = Do::cast(node.clone()).and_then(|block| block.plpgsql()) {
            self.plpgsql(&body, Setting::Block);
        }
    }

    pub fn routine(&mut self, node: &SyntaxNode) {
        let function = CreateFunction::cast(node.clone());
        let procedure = CreateProcedure::cast(node.clone());
        let plpgsql = function.as_ref().and_then(CreateFunction::plpgsql);
        if let Some(body) = plpgsql.or_else(|| procedure.as_ref().and_then(CreateProcedure::plpgsql)) {
            self.plpgsql(&body, Setting::Routine);
        }
        // Its errors are those of the statement around it.
        let sql = function.as_ref().and_then(CreateFunction::sql_body);
        if let Some(body) = sql.or_else(|| procedure.as_ref().and_then(CreateProcedure::sql_body)) {
            self.sql(&body);
        }
    }

    fn sql(&mut self, body: &SqlBody) {
        let outer = self.place;
        let place = |range: Range<usize>| outer(source(range, |range| body.source_range(range)));
        let mut inner = Reader { place: &place, setting: Setting::Routine, tree: self.tree };
        body.syntax().children().for_each(|statement| inner.statement(&statement));
    }

    fn plpgsql(&mut self, body: &Plpgsql, setting: Setting) {
        let outer = self.place;
        let place = |range: Range<usize>| outer(source(range, |range| body.source_range(range)));
        let mut inner = Reader { place: &place, setting, tree: self.tree };
        let steps = body.syntax().descendants().filter(|node| is_step(node.kind()));
        for node in steps {
            inner.setting =
                if setting == Setting::Block && is_guarded(&node) { Setting::Guarded } else { setting };
            inner.step(&node);
        }
        let node = body.syntax();
        let strange = node.descendants().filter(|node| node.kind() == Kind::ERROR);
        let known: Vec<TextRange> = strange
            .filter(|node| inner.is_sql_with_into(node))
            .map(|node| body.source_range(node.text_range()))
            .collect();
        for error in body.errors() {
            let range = error.range();
            if !known.iter().any(|known| known.contains_range(range)) {
                self.tree
                    .errors
                    .push(Unparsed { message: error.message().to_owned(), span: outer(range.into()) });
            }
        }
    }

    /// The parser knows `INTO` in few places only. What is a statement without it, is read as that.
    fn is_sql_with_into(&mut self, node: &SyntaxNode) -> bool {
        let Some(text) = without_into(&node.text().to_string()) else { return false };
        let parsed = SourceFile::parse(&text);
        if !parsed.errors().is_empty() {
            return false;
        }
        let (outer, start) = (self.place, usize::from(node.text_range().start()));
        let place = |range: Range<usize>| outer(range.start + start..range.end + start);
        let mut inner = Reader { place: &place, setting: self.setting, tree: self.tree };
        parsed.syntax_node().children().for_each(|statement| inner.statement(&statement));
        true
    }

    /// One statement of PL/pgSQL.
    fn step(&mut self, node: &SyntaxNode) {
        match node.kind() {
            Kind::PLPGSQL_EXEC_SQL_STMT => node.children().for_each(|statement| self.statement(&statement)),
            Kind::PLPGSQL_COMMIT_STMT | Kind::PLPGSQL_ROLLBACK_STMT => self.push(What::Transaction, node),
            Kind::PLPGSQL_DYN_EXECUTE_STMT => self.execute(node),
            _ => {}
        }
    }

    /// `EXECUTE`: a literal is read as what it says; of anything else only the text is kept.
    fn execute(&mut self, node: &SyntaxNode) {
        let Some(command) = child(node, Kind::PLPGSQL_EXPR) else { return };
        let only = |node: &SyntaxNode, kind| children(node, kind).next();
        let literal = only(&command, Kind::TARGET_LIST)
            .and_then(|list| only(&list, Kind::TARGET))
            .and_then(|one| only(&one, Kind::LITERAL));
        let decoded = literal.and_then(Literal::cast).and_then(|literal| literal.decoded_value());
        let Some(decoded) = decoded else {
            return self.push(What::Dynamic { text: words(&command) }, node);
        };
        let outer = self.place;
        let place = |range: Range<usize>| outer(source(range, |range| decoded.source_range(range)));
        let mut inner = Reader { place: &place, setting: self.setting, tree: self.tree };
        let parsed = SourceFile::parse(decoded.text());
        parsed.syntax_node().children().for_each(|statement| inner.statement(&statement));
    }
}

/// Statements of PL/pgSQL that do something to the database.
fn is_step(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::PLPGSQL_EXEC_SQL_STMT
            | Kind::PLPGSQL_COMMIT_STMT
            | Kind::PLPGSQL_ROLLBACK_STMT
            | Kind::PLPGSQL_DYN_EXECUTE_STMT
    )
}

/// A range of a body as a range of the text around it.
fn source(range: Range<usize>, map: impl Fn(TextRange) -> TextRange) -> Range<usize> {
    let size = |at: usize| TextSize::try_from(at).unwrap_or_default();
    map(TextRange::new(size(range.start), size(range.end))).into()
}

/// Whether something asks if the statement is needed: an `IF` or a loop around it, an `IF … RETURN` before it, or
/// an exception handler behind it.
fn is_guarded(node: &SyntaxNode) -> bool {
    node.ancestors().skip(1).any(|above| match above.kind() {
        Kind::PLPGSQL_IF_STMT | Kind::PLPGSQL_CASE_STMT | Kind::PLPGSQL_FOR_QUERY_STMT => true,
        Kind::PLPGSQL_BLOCK => child(&above, Kind::PLPGSQL_EXCEPTION_SECTION).is_some(),
        Kind::PLPGSQL_BODY => children(&above, Kind::PLPGSQL_IF_STMT)
            .take_while(|asked| asked.text_range().end() <= node.text_range().start())
            .any(|asked| asked.descendants().any(|below| below.kind() == Kind::PLPGSQL_RETURN_STMT)),
        _ => false,
    })
}
