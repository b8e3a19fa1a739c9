//! The tables that the scripts make, as they are after the last one.

use std::collections::{BTreeSet, HashMap};

use super::act::{Act, Column, Constraint, ConstraintKind, Index, Name, Span, Trigger, Type, What};
use super::reading::Reading;

/// What is known of tables before anything runs.
#[derive(Default)]
pub struct Catalog<'a> {
    pub tables: Vec<Table<'a>>,
    by_name: HashMap<String, Vec<usize>>,
    /// For each script, the tables to which it gave columns or foreign keys.
    by_script: Vec<Vec<usize>>,
    /// Some script makes triggers whose tables are known only while it runs.
    pub has_dynamic_triggers: bool,
}

pub struct Table<'a> {
    pub name: &'a Name,
    /// The script that makes it; none for a table that no script makes.
    pub script: Option<usize>,
    pub is_temporary: bool,
    pub is_derived: bool,
    pub columns: Vec<KnownColumn<'a>>,
    pub foreign_keys: Vec<ForeignKey<'a>>,
    /// Leading columns of indexes, primary keys and unique constraints; none for expressions.
    pub keys: Vec<Vec<Option<String>>>,
    pub indexes: Vec<&'a Index>,
    /// The texts of its checks.
    pub checks: Vec<String>,
    pub triggers: Vec<&'a Trigger>,
}

pub struct KnownColumn<'a> {
    pub name: String,
    pub column: &'a Column,
    pub of_type: Option<&'a Type>,
    pub script: usize,
}

pub struct ForeignKey<'a> {
    pub columns: Vec<String>,
    pub name: Option<String>,
    pub constraint: &'a Constraint,
    pub span: &'a Span,
    pub script: usize,
}

impl<'a> Catalog<'a> {
    /// Of scripts in the order in which they run.
    pub fn of(readings: &'a [Reading]) -> Self {
        let mut catalog = Self::default();
        for (script, reading) in readings.iter().enumerate() {
            let acts = reading.statements.iter().flat_map(|statement| &statement.acts);
            acts.for_each(|act| catalog.note(script, act));
        }
        catalog.by_script = vec![Vec::new(); readings.len()];
        for (at, table) in catalog.tables.iter().enumerate() {
            let columns = table.columns.iter().map(|column| column.script);
            let scripts: BTreeSet<usize> =
                columns.chain(table.foreign_keys.iter().map(|key| key.script)).collect();
            for script in scripts {
                catalog.by_script[script].push(at);
            }
        }
        catalog
    }

    /// The tables to which a script gave columns or foreign keys.
    pub fn of_script(&self, script: usize) -> impl Iterator<Item = &Table<'a>> {
        self.by_script[script].iter().map(|&at| &self.tables[at])
    }

    /// The table of that name; without a schema, that of `public`, or else whatever schema it is in.
    pub fn table(&self, name: &Name) -> Option<&Table<'a>> {
        self.position(name).map(|at| &self.tables[at])
    }

    fn position(&self, name: &Name) -> Option<usize> {
        let candidates = || self.by_name.get(&name.name).into_iter().flatten().rev().copied();
        let of = |at: usize| self.tables[at].name;
        self.exact(name).or_else(|| candidates().find(|&at| of(at).is_same(name)))
    }

    /// As the usual search path has it.
    fn exact(&self, name: &Name) -> Option<usize> {
        let schema = |name: &'_ Name| name.schema.clone().unwrap_or_else(|| "public".to_owned());
        let wanted = schema(name);
        let candidates = self.by_name.get(&name.name).into_iter().flatten().rev().copied();
        candidates.into_iter().find(|&at| schema(self.tables[at].name) == wanted)
    }

    /// The table that a script before this statement has made, which so makes nothing.
    fn is_made(&self, name: &Name) -> bool {
        self.exact(name).is_some() || self.position(name).is_some_and(|at| self.tables[at].script.is_none())
    }

    /// The table of that name, which no script may have made.
    fn any(&mut self, name: &'a Name) -> &mut Table<'a> {
        let at = self.position(name).unwrap_or_else(|| self.add(Table::unknown(name)));
        &mut self.tables[at]
    }

    fn add(&mut self, table: Table<'a>) -> usize {
        self.by_name.entry(table.name.name.clone()).or_default().push(self.tables.len());
        self.tables.push(table);
        self.tables.len() - 1
    }

    fn note(&mut self, script: usize, act: &'a Act) {
        if let What::Dynamic { text } = &act.what {
            self.has_dynamic_triggers |= text.contains("trigger");
        }
        if !act.is_run() {
            return;
        }
        match &act.what {
            What::CreateTable(table) if !self.is_made(&table.name) => {
                let at = self.add(Table::unknown(&table.name));
                let known = &mut self.tables[at];
                known.script = Some(script);
                known.is_temporary = table.is_temporary;
                known.is_derived = table.is_derived;
                table.columns.iter().for_each(|column| known.add_column(script, column));
                table.constraints.iter().for_each(|constraint| known.add_constraint(script, constraint));
            }
            What::CreateIndex(index) => {
                let table = self.any(&index.table);
                table.keys.push(index.columns.clone());
                table.indexes.push(index);
            }
            What::CreateTrigger(trigger) => {
                if let Some(on) = &trigger.creation.on {
                    self.any(on).triggers.push(trigger);
                }
            }
            What::Drop { object: super::act::Object::Table, names, .. } => {
                for name in names {
                    self.forget(name);
                }
            }
            what => self.alter(script, what),
        }
    }

    fn alter(&mut self, script: usize, what: &'a What) {
        match what {
            What::AddColumn { table, column, .. } => self.any(table).add_column(script, column),
            What::AddConstraint { table, constraint } => self.any(table).add_constraint(script, constraint),
            What::DropColumn { table, column } => self.any(table).drop_column(&column.name),
            What::DropConstraint { table, constraint, .. } => {
                self.any(table).drop_constraint(&constraint.name);
            }
            What::SetType { table, column, to } => {
                if let Some(known) = self.any(table).column_mut(&column.name) {
                    known.of_type = to.as_ref();
                }
            }
            What::RenameTable { table, to } => {
                if let Some(at) = self.position(table) {
                    self.tables[at].name = to;
                    self.by_name.entry(to.name.clone()).or_default().push(at);
                }
            }
            What::RenameColumn { table, column, to } => self.any(table).rename_column(&column.name, &to.name),
            _ => {}
        }
    }

    /// What comes later under that name is another table.
    fn forget(&mut self, name: &Name) {
        if let Some(at) = self.position(name) {
            self.tables[at].columns.clear();
            self.tables[at].foreign_keys.clear();
            if let Some(candidates) = self.by_name.get_mut(&name.name) {
                candidates.retain(|&candidate| candidate != at);
            }
        }
    }
}

impl<'a> Table<'a> {
    fn unknown(name: &'a Name) -> Self {
        Self {
            name,
            script: None,
            is_temporary: false,
            is_derived: false,
            columns: Vec::new(),
            foreign_keys: Vec::new(),
            keys: Vec::new(),
            indexes: Vec::new(),
            checks: Vec::new(),
            triggers: Vec::new(),
        }
    }

    pub fn column(&self, name: &str) -> Option<&KnownColumn<'a>> {
        self.columns.iter().find(|column| column.name == name)
    }

    fn column_mut(&mut self, name: &str) -> Option<&mut KnownColumn<'a>> {
        self.columns.iter_mut().find(|column| column.name == name)
    }

    fn add_column(&mut self, script: usize, column: &'a Column) {
        if self.column(&column.name.name).is_some() {
            return;
        }
        let of_type = column.of_type.as_ref();
        self.columns.push(KnownColumn { name: column.name.name.clone(), column, of_type, script });
        column.constraints.iter().for_each(|constraint| self.add_constraint(script, constraint));
    }

    fn add_constraint(&mut self, script: usize, constraint: &'a Constraint) {
        let names = |columns: &[Name]| columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>();
        match &constraint.kind {
            ConstraintKind::Primary { columns } | ConstraintKind::Unique { columns } => {
                self.keys.push(names(columns).into_iter().map(Some).collect());
            }
            ConstraintKind::Foreign { columns, .. } => self.foreign_keys.push(ForeignKey {
                columns: names(columns),
                name: constraint.name.as_ref().map(|name| name.name.clone()),
                constraint,
                span: &constraint.span,
                script,
            }),
            ConstraintKind::Check { text } => self.checks.push(text.clone()),
            _ => {}
        }
    }

    fn drop_column(&mut self, name: &str) {
        self.columns.retain(|column| column.name != name);
        self.foreign_keys.retain(|key| !key.columns.iter().any(|column| column == name));
    }

    /// By its name, or by the name that the server gives.
    fn drop_constraint(&mut self, name: &str) {
        let table = self.name.name.clone();
        self.foreign_keys.retain(|key| {
            let usual = format!("{table}_{}_fkey", key.columns.join("_"));
            key.name.as_deref().unwrap_or(&usual) != name
        });
    }

    fn rename_column(&mut self, from: &str, to: &str) {
        let rename = |name: &mut String| {
            if name == from {
                to.clone_into(name);
            }
        };
        self.columns.iter_mut().for_each(|column| rename(&mut column.name));
        self.foreign_keys.iter_mut().flat_map(|key| &mut key.columns).for_each(rename);
        self.keys.iter_mut().flatten().flatten().for_each(rename);
    }

    /// Whether an index leads with exactly these columns, in any order.
    pub fn is_indexed(&self, columns: &[String]) -> bool {
        self.keys.iter().any(|key| {
            key.len() >= columns.len()
                && columns
                    .iter()
                    .all(|column| key[..columns.len()].iter().any(|part| part.as_ref() == Some(column)))
        })
    }
}
