//! Tables in the syntax tree: their columns, types and constraints, and what `ALTER TABLE` does to them.

use squawk_syntax::SyntaxKind as Kind;
use squawk_syntax::SyntaxNode;

use super::node::{below, child, children, token, words};
use super::reader::Reader;
use crate::lint::act::{Column, Constraint, ConstraintKind, Name, Table, Type, What};

const TYPES: [Kind; 10] = [
    Kind::PATH_TYPE,
    Kind::ARRAY_TYPE,
    Kind::VARCHAR_TYPE,
    Kind::CHARACTER_TYPE,
    Kind::BIT_TYPE,
    Kind::BIT_VARYING_TYPE,
    Kind::DOUBLE_TYPE,
    Kind::TIME_TYPE,
    Kind::TIMESTAMP_TYPE,
    Kind::INTERVAL_TYPE,
];

impl Reader<'_> {
    pub fn create_table(&mut self, node: &SyntaxNode) {
        let Some(name) = self.named(node, Kind::TABLE_NAME) else { return };
        let arguments = child(node, Kind::TABLE_ARG_LIST);
        let arguments = || arguments.iter().flat_map(SyntaxNode::children);
        let columns = arguments().filter(|argument| argument.kind() == Kind::COLUMN);
        let constraints = arguments().filter_map(|argument| self.constraint(&argument, None));
        let derived = [Kind::PARTITION_OF, Kind::INHERITS, Kind::OF_TYPE]
            .iter()
            .any(|kind| child(node, *kind).is_some());
        let table = Table {
            name,
            columns: columns.filter_map(|column| self.column(&column)).collect(),
            constraints: constraints.collect(),
            if_not_exists: child(node, Kind::IF_NOT_EXISTS).is_some(),
            insert: self.behind(node, Kind::TABLE_KW),
            is_temporary: child(node, Kind::TEMP).is_some(),
            is_derived: derived || arguments().any(|argument| argument.kind() == Kind::LIKE_CLAUSE),
        };
        self.push(What::CreateTable(table), node);
    }

    pub fn create_table_as(&mut self, node: &SyntaxNode) {
        let Some(name) = self.named(node, Kind::TABLE_NAME) else { return };
        let table = Table {
            name,
            columns: Vec::new(),
            constraints: Vec::new(),
            if_not_exists: child(node, Kind::IF_NOT_EXISTS).is_some(),
            insert: self.behind(node, Kind::TABLE_KW),
            is_temporary: child(node, Kind::TEMP).is_some(),
            is_derived: true,
        };
        self.push(What::CreateTable(table), node);
    }

    fn column(&self, node: &SyntaxNode) -> Option<Column> {
        let name = self.named(node, Kind::COLUMN_NAME)?;
        let constraints = node.children().filter_map(|child| self.constraint(&child, Some(&name)));
        Some(Column {
            constraints: constraints.collect(),
            of_type: self.of_type(node),
            span: self.span(node),
            name,
        })
    }

    fn of_type(&self, node: &SyntaxNode) -> Option<Type> {
        let found = node.children().find(|child| TYPES.contains(&child.kind()))?;
        let text = words(&found);
        let text = text.strip_prefix("pg_catalog.").unwrap_or(&text).replace('"', "");
        Some(Type { text, span: self.span(&found) })
    }

    /// A constraint, of `column` where it stands behind one; none for other nodes.
    fn constraint(&self, node: &SyntaxNode, column: Option<&Name>) -> Option<Constraint> {
        let own = || column.cloned().into_iter().collect::<Vec<_>>();
        let kind = match node.kind() {
            Kind::PRIMARY_KEY_CONSTRAINT => {
                ConstraintKind::Primary { columns: self.key(node).unwrap_or_else(own) }
            }
            Kind::UNIQUE_CONSTRAINT => ConstraintKind::Unique { columns: self.key(node).unwrap_or_else(own) },
            Kind::REFERENCES_CONSTRAINT | Kind::FOREIGN_KEY_CONSTRAINT => ConstraintKind::Foreign {
                columns: self
                    .listed(node, Kind::FOREIGN_KEY_COLUMN_LIST)
                    .filter(|_| column.is_none())
                    .unwrap_or_else(own),
                to: self.table_of(node)?,
                says_on_delete: child(node, Kind::ON_DELETE_ACTION).is_some(),
            },
            Kind::CHECK_CONSTRAINT => ConstraintKind::Check { text: words(node) },
            Kind::NOT_NULL_CONSTRAINT => ConstraintKind::NotNull,
            Kind::DEFAULT_CONSTRAINT => ConstraintKind::Default { text: words(node) },
            Kind::GENERATED_CONSTRAINT if below(node, Kind::GENERATED_IDENTITY).is_some() => {
                ConstraintKind::Identity
            }
            Kind::GENERATED_CONSTRAINT => ConstraintKind::Generated,
            Kind::EXCLUDE_CONSTRAINT | Kind::NULL_CONSTRAINT => ConstraintKind::Other,
            _ => return None,
        };
        let name = child(node, Kind::CONSTRAINT_NAME_CLAUSE)
            .and_then(|clause| self.named(&clause, Kind::CONSTRAINT_NAME));
        Some(Constraint {
            kind,
            name,
            is_valid: child(node, Kind::NOT_VALID).is_none(),
            span: self.span(node),
        })
    }

    fn key(&self, node: &SyntaxNode) -> Option<Vec<Name>> {
        self.listed(&child(node, Kind::INDEX_PARAMETERS)?, Kind::CONSTRAINT_COLUMN_REF_LIST)
    }

    fn listed(&self, node: &SyntaxNode, list: Kind) -> Option<Vec<Name>> {
        let list = child(node, list)?;
        Some(children(&list, Kind::COLUMN_NAME_REF).map(|column| self.name(&column)).collect())
    }

    pub fn alter_table(&mut self, node: &SyntaxNode) {
        let Some(table) = self.table_of(node) else { return self.push(What::Other, node) };
        for action in node.children() {
            if let Some(what) = self.action(&table, &action) {
                self.push(what, &action);
            }
        }
    }

    fn action(&self, table: &Name, node: &SyntaxNode) -> Option<What> {
        let table = table.clone();
        let column = || self.named(node, Kind::COLUMN_NAME_REF);
        let constraint = || self.named(node, Kind::CONSTRAINT_NAME_REF);
        Some(match node.kind() {
            Kind::ADD_COLUMN => What::AddColumn {
                table,
                column: self.column(node)?,
                if_not_exists: child(node, Kind::IF_NOT_EXISTS).is_some(),
                insert: self.behind(
                    node,
                    if token(node, Kind::COLUMN_KW).is_some() { Kind::COLUMN_KW } else { Kind::ADD_KW },
                ),
            },
            Kind::ADD_CONSTRAINT => What::AddConstraint {
                table,
                constraint: node.children().find_map(|child| self.constraint(&child, None))?,
            },
            Kind::DROP_COLUMN => What::DropColumn { table, column: column()? },
            Kind::DROP_CONSTRAINT => What::DropConstraint {
                table,
                constraint: constraint()?,
                if_exists: child(node, Kind::IF_EXISTS).is_some(),
            },
            Kind::VALIDATE_CONSTRAINT => What::ValidateConstraint { table, constraint: constraint()? },
            Kind::ALTER_COLUMN => self.alter_column(table, column()?, node)?,
            Kind::TABLE_RENAME_TO => What::RenameTable { table, to: self.named(node, Kind::TABLE_NAME)? },
            Kind::RENAME_COLUMN => {
                What::RenameColumn { table, column: column()?, to: self.named(node, Kind::COLUMN_NAME)? }
            }
            Kind::IF_EXISTS | Kind::TABLE_RELATION_NAME => return None,
            Kind::DETACH_PARTITION if child(node, Kind::DETACH_CONCURRENTLY).is_some() => What::Concurrently,
            _ => What::Other,
        })
    }

    fn alter_column(&self, table: Name, column: Name, node: &SyntaxNode) -> Option<What> {
        let option = node.children().find(|child| child.kind() != Kind::COLUMN_NAME_REF)?;
        Some(match option.kind() {
            Kind::SET_NOT_NULL => What::SetNotNull { table, column },
            Kind::SET_TYPE => What::SetType { table, column, to: self.of_type(&option) },
            Kind::SET_DEFAULT => What::SetDefault { table, column, to: words(&option) },
            _ => What::Other,
        })
    }
}
