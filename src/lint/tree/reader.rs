//! A statement's node, read into acts.

use std::ops::Range;

use squawk_syntax::SyntaxKind as Kind;
use squawk_syntax::{SyntaxNode, SyntaxToken};

use super::Tree;
use super::node::{below, child, children, folded, token, tokens, words};
use crate::lint::act::{Act, Creation, Index, Name, Object, Setting, Span, Trigger, What};

pub(super) struct Reader<'a> {
    /// Where a range of the text stands in the script.
    pub place: &'a dyn Fn(Range<usize>) -> Span,
    pub setting: Setting,
    pub tree: &'a mut Tree,
}

/// `CREATE` statements that only their name and their guard are asked of, and the kinds of node that name.
const CREATIONS: [(Kind, Kind, Object); 11] = [
    (Kind::CREATE_SCHEMA, Kind::SCHEMA_KW, Object::Schema),
    (Kind::CREATE_SEQUENCE, Kind::SEQUENCE_KW, Object::Sequence),
    (Kind::CREATE_EXTENSION, Kind::EXTENSION_KW, Object::Extension),
    (Kind::CREATE_MATERIALIZED_VIEW, Kind::VIEW_KW, Object::MaterializedView),
    (Kind::CREATE_VIEW, Kind::CREATE_KW, Object::View),
    (Kind::CREATE_FUNCTION, Kind::CREATE_KW, Object::Function),
    (Kind::CREATE_PROCEDURE, Kind::CREATE_KW, Object::Procedure),
    (Kind::CREATE_AGGREGATE, Kind::CREATE_KW, Object::Aggregate),
    (Kind::CREATE_TRIGGER, Kind::CREATE_KW, Object::Trigger),
    (Kind::CREATE_POLICY, Kind::CREATE_KW, Object::Policy),
    (Kind::CREATE_TABLE_AS, Kind::TABLE_KW, Object::Table),
];

const DROPS: [(Kind, Object); 13] = [
    (Kind::DROP_TABLE, Object::Table),
    (Kind::DROP_INDEX, Object::Index),
    (Kind::DROP_SCHEMA, Object::Schema),
    (Kind::DROP_SEQUENCE, Object::Sequence),
    (Kind::DROP_EXTENSION, Object::Extension),
    (Kind::DROP_MATERIALIZED_VIEW, Object::MaterializedView),
    (Kind::DROP_VIEW, Object::View),
    (Kind::DROP_FUNCTION, Object::Function),
    (Kind::DROP_PROCEDURE, Object::Procedure),
    (Kind::DROP_AGGREGATE, Object::Aggregate),
    (Kind::DROP_TRIGGER, Object::Trigger),
    (Kind::DROP_POLICY, Object::Policy),
    (Kind::DROP_TYPE, Object::Type),
];

impl Reader<'_> {
    pub fn statement(&mut self, node: &SyntaxNode) {
        match node.kind() {
            Kind::CREATE_TABLE => self.create_table(node),
            Kind::CREATE_TABLE_AS => self.create_table_as(node),
            Kind::CREATE_INDEX => self.create_index(node),
            Kind::CREATE_TRIGGER => self.create_trigger(node),
            Kind::CREATE_FUNCTION | Kind::CREATE_PROCEDURE => {
                self.create(node);
                self.routine(node);
            }
            Kind::DO => self.block(node),
            Kind::CREATE_TYPE => self.create_type(node),
            Kind::ALTER_TABLE => self.alter_table(node),
            Kind::ALTER_TYPE => self.alter_type(node),
            Kind::INSERT => self.insert(node),
            Kind::COPY => self.copy(node),
            Kind::TRUNCATE => self.truncate(node),
            Kind::BEGIN | Kind::COMMIT_TRANSACTION | Kind::ROLLBACK_TRANSACTION => {
                self.push(What::Transaction, node);
            }
            Kind::REINDEX if has_concurrently(node) => {
                self.push(What::Concurrently, node);
            }
            kind if DROPS.iter().any(|(drop, _)| *drop == kind) => self.drop(node),
            kind if CREATIONS.iter().any(|(create, ..)| *create == kind) => self.create(node),
            _ => self.push(What::Other, node),
        }
    }

    pub fn push(&mut self, what: What, node: &SyntaxNode) {
        let act = Act { what, span: self.span(node), setting: self.setting };
        self.tree.acts.push(act);
    }

    pub fn span(&self, node: &SyntaxNode) -> Span {
        (self.place)(node.text_range().into())
    }

    /// The place behind a keyword of the node.
    pub fn behind(&self, node: &SyntaxNode, keyword: Kind) -> usize {
        let end = token(node, keyword).map_or(node.text_range().start(), |token| token.text_range().end());
        (self.place)(usize::from(end)..usize::from(end)).start
    }

    /// A possibly qualified name.
    pub fn name(&self, node: &SyntaxNode) -> Name {
        let is_part = |token: &SyntaxToken| {
            !matches!(token.kind(), Kind::DOT | Kind::ONLY_KW | Kind::STAR | Kind::L_PAREN | Kind::R_PAREN)
        };
        let mut parts: Vec<String> = tokens(node).filter(is_part).map(|token| folded(token.text())).collect();
        let name = parts.pop().unwrap_or_default();
        let schema = parts.pop().filter(|schema| schema != "public");
        Name { schema, name, span: self.span(node) }
    }

    pub fn named(&self, node: &SyntaxNode, kind: Kind) -> Option<Name> {
        child(node, kind).map(|child| self.name(&child))
    }

    /// The table that a statement is about.
    pub fn table_of(&self, node: &SyntaxNode) -> Option<Name> {
        let relation =
            child(node, Kind::TABLE_RELATION_NAME).or_else(|| child(node, Kind::RELATION_NAME_REF));
        relation.or_else(|| child(node, Kind::TABLE_NAME_REF)).map(|relation| self.name(&relation))
    }

    fn on(&self, node: &SyntaxNode) -> Option<Name> {
        let on = child(node, Kind::ON_RELATION).or_else(|| child(node, Kind::ON_TABLE))?;
        self.table_of(&on)
    }

    fn creation(&self, node: &SyntaxNode) -> Option<Creation> {
        const NAMES: [Kind; 12] = [
            Kind::NAMED_SCHEMA,
            Kind::SEQUENCE,
            Kind::EXTENSION,
            Kind::VIEW,
            Kind::FUNCTION_NAME,
            Kind::PROCEDURE_NAME,
            Kind::AGGREGATE_NAME,
            Kind::TRIGGER,
            Kind::POLICY,
            Kind::TABLE_NAME,
            Kind::AUTHORIZATION_SCHEMA,
            Kind::TYPE_NAME,
        ];
        let (_, keyword, object) = CREATIONS.into_iter().find(|(kind, ..)| *kind == node.kind())?;
        let named = node.children().find(|child| NAMES.contains(&child.kind()))?;
        let named = child(&named, Kind::SCHEMA).unwrap_or(named);
        let guard = child(node, Kind::IF_NOT_EXISTS).or_else(|| child(node, Kind::OR_REPLACE));
        Some(Creation {
            object,
            name: self.name(&named),
            is_repeatable: guard.is_some(),
            insert: self.behind(node, keyword),
            on: self.on(node),
            is_temporary: child(node, Kind::TEMP).is_some(),
        })
    }

    fn create(&mut self, node: &SyntaxNode) {
        let what = self.creation(node).map_or(What::Other, What::Create);
        self.push(what, node);
    }

    fn create_trigger(&mut self, node: &SyntaxNode) {
        let is_before_update =
            child(node, Kind::TIMING_BEFORE).is_some() && below(node, Kind::TRIGGER_EVENT_UPDATE).is_some();
        let what = match self.creation(node) {
            Some(creation) => What::CreateTrigger(Trigger { creation, is_before_update }),
            None => What::Other,
        };
        self.push(what, node);
    }

    fn create_index(&mut self, node: &SyntaxNode) {
        let Some(table) = self.table_of(node) else { return };
        let items = child(node, Kind::PARTITION_ITEM_LIST)
            .into_iter()
            .flat_map(|list| children(&list, Kind::PARTITION_ITEM));
        let column = |item: SyntaxNode| child(&item, Kind::NAME_REF).map(|name| self.name(&name).name);
        let method = child(node, Kind::USING_METHOD).and_then(|using| child(&using, Kind::ACCESS_METHOD_REF));
        let is_concurrent = token(node, Kind::CONCURRENTLY_KW).is_some();
        let list = child(node, Kind::PARTITION_ITEM_LIST);
        let index = Index {
            name: self.named(node, Kind::INDEX),
            table,
            columns: items.map(column).collect(),
            text: list.map(|list| words(&list)).unwrap_or_default(),
            method: method.map_or_else(|| "btree".to_owned(), |method| words(&method)),
            is_concurrent,
            is_partial: child(node, Kind::WHERE_CLAUSE).is_some(),
            if_not_exists: child(node, Kind::IF_NOT_EXISTS).is_some(),
            insert: self.behind(node, if is_concurrent { Kind::CONCURRENTLY_KW } else { Kind::INDEX_KW }),
        };
        self.push(What::CreateIndex(index), node);
        if is_concurrent {
            self.push(What::Concurrently, node);
        }
    }

    fn create_type(&mut self, node: &SyntaxNode) {
        let what = match (child(node, Kind::ENUM_TYPE), self.named(node, Kind::TYPE_NAME)) {
            (Some(_), Some(name)) => What::CreateEnum { name },
            _ => What::Other,
        };
        self.push(what, node);
    }

    fn alter_type(&mut self, node: &SyntaxNode) {
        let what = match (child(node, Kind::ADD_VALUE), self.named(node, Kind::TYPE_NAME_REF)) {
            (Some(add), Some(to)) => What::AddValue {
                to,
                if_not_exists: child(&add, Kind::IF_NOT_EXISTS).is_some(),
                insert: self.behind(&add, Kind::VALUE_KW),
            },
            _ => What::Other,
        };
        self.push(what, node);
    }

    fn drop(&mut self, node: &SyntaxNode) {
        let object =
            DROPS.iter().find(|(kind, _)| *kind == node.kind()).map_or(Object::Other, |(_, object)| *object);
        let is_name = |child: &SyntaxNode| {
            matches!(
                child.kind(),
                Kind::TABLE_NAME_REF
                    | Kind::INDEX_REF
                    | Kind::SCHEMA_REF
                    | Kind::SEQUENCE_REF
                    | Kind::EXTENSION_REF
                    | Kind::VIEW_REF
                    | Kind::FUNCTION_NAME_REF
                    | Kind::PROCEDURE_NAME_REF
                    | Kind::TRIGGER_REF
                    | Kind::POLICY_REF
                    | Kind::TYPE_NAME_REF
            )
        };
        let on = self.on(node);
        // A trigger's table is below `ON`.
        let names = node.descendants().filter(is_name).filter(|name| {
            !name
                .ancestors()
                .any(|above| matches!(above.kind(), Kind::ON_TABLE | Kind::ON_RELATION | Kind::PARAM_LIST))
        });
        let names = names.map(|name| self.name(&name)).collect();
        let if_exists = child(node, Kind::IF_EXISTS).is_some();
        self.push(What::Drop { object, names, on, if_exists }, node);
        if object == Object::Index && has_concurrently(node) {
            self.push(What::Concurrently, node);
        }
    }

    fn insert(&mut self, node: &SyntaxNode) {
        let Some(table) = self.table_of(node) else { return };
        let text = words(node);
        let asks = ["not exists", "not in", "is null"].iter().any(|asked| text.contains(asked))
            || tokens(node).any(|token| token.kind() == Kind::EXCEPT_KW);
        let is_guarded = child(node, Kind::ON_CONFLICT_CLAUSE).is_some() || asks;
        self.push(What::Insert { table, is_guarded }, node);
    }

    fn copy(&mut self, node: &SyntaxNode) {
        let table = child(node, Kind::COPY_TABLE).and_then(|copied| self.table_of(&copied));
        let what = match (table, child(node, Kind::COPY_FROM)) {
            (Some(table), Some(_)) => What::CopyFrom { table },
            _ => What::Other,
        };
        self.push(what, node);
    }

    fn truncate(&mut self, node: &SyntaxNode) {
        let list = child(node, Kind::TABLE_LIST);
        let tables = list.into_iter().flat_map(|list| children(&list, Kind::TABLE_RELATION_NAME));
        let tables = tables.map(|table| self.name(&table)).collect();
        self.push(What::Truncate { tables }, node);
    }
}

fn has_concurrently(node: &SyntaxNode) -> bool {
    tokens(node).any(|token| token.kind() == Kind::CONCURRENTLY_KW)
}
