//! The patterns in SQL.

use super::pattern::{Pattern, Target};
use super::row::needed;
use super::types::{better_type, example, read_type};
use super::words::{ident, literal, sql};
use crate::lint::act::{Name, Object, Type, What};
use crate::lint::catalog::{Catalog, Table};
use crate::lint::{Preset, Reading};

/// Writes patterns one after the other, in the light of what the scripts make already.
pub struct Writer<'a> {
    patterns: &'a [Pattern],
    catalog: &'a Catalog<'a>,
    readings: &'a [Reading],
    preset: Preset,
    pub statements: Vec<String>,
    /// What needs a file of its own, with a word for its name.
    pub alone: Vec<(&'static str, String)>,
}

/// The function that stamps changed rows.
const STAMP: &str = "set_updated_at";

impl<'a> Writer<'a> {
    pub fn new(
        patterns: &'a [Pattern],
        catalog: &'a Catalog<'a>,
        readings: &'a [Reading],
        preset: Preset,
    ) -> Self {
        Self { patterns, catalog, readings, preset, statements: Vec::new(), alone: Vec::new() }
    }

    pub fn pattern(&mut self, pattern: &Pattern) {
        match pattern {
            Pattern::Table(table) => self.table(table),
            // The table's own statement has it.
            Pattern::Column { table, .. } if self.is_new(table) => {}
            Pattern::Column { table, column, of_type } => {
                self.column(table, column, of_type);
                self.comment("COLUMN", &format!("{}.{}", sql(table), ident(column)), column);
                // A stamp that nothing sets would be a lie.
                let is_asked = self.patterns.contains(&Pattern::Trigger(table.clone()));
                if column == "updated_at" && !is_asked {
                    self.trigger(table);
                }
            }
            Pattern::ForeignKey { table, column, to, to_column } => {
                self.foreign_key(table, column, to, to_column);
            }
            Pattern::Enum { name, values } => self.enumeration(name, values),
            Pattern::EnumValue { name, value } => {
                self.push(format!("ALTER TYPE {} ADD VALUE IF NOT EXISTS {};", sql(name), literal(value)));
            }
            Pattern::Trigger(table) if self.is_new(table) => {}
            Pattern::Trigger(table) => self.trigger(table),
            Pattern::Seed(table) => self.seed(table),
        }
    }

    fn push(&mut self, statement: impl Into<String>) {
        self.statements.push(statement.into());
    }

    /// The script makes it itself.
    fn is_new(&self, table: &Target) -> bool {
        self.patterns.iter().any(|pattern| matches!(pattern, Pattern::Table(new) if new == table))
    }

    fn known(&self, table: &Target) -> Option<&'a Table<'a>> {
        self.catalog.table(&Name { schema: table.schema.clone(), name: table.name.clone(), span: 0..0 })
    }

    /// The columns that are asked for, and in a new table those that refer elsewhere.
    fn asked(&self, table: &Target) -> Vec<(&'a str, String)> {
        let mut asked: Vec<(&str, String)> = Vec::new();
        for pattern in self.patterns {
            if let Pattern::Column { table: of, column, of_type } = pattern
                && of == table
            {
                asked.push((column, of_type.clone()));
            }
        }
        for pattern in self.patterns.iter().filter(|_| self.is_new(table)) {
            if let Pattern::ForeignKey { table: of, column, to, to_column } = pattern
                && of == table
                && asked.iter().all(|(name, _)| name != column)
            {
                asked.push((column, self.type_of(to, to_column).unwrap_or_else(|| "INTEGER".to_owned())));
            }
        }
        asked
    }

    fn table(&mut self, table: &Target) {
        let asked = self.asked(table);
        let mut columns = vec![("id".to_owned(), "SERIAL PRIMARY KEY".to_owned())];
        if asked.is_empty() {
            columns.push(("name".to_owned(), "VARCHAR(255) NOT NULL".to_owned()));
        }
        let is_stamp = |name: &str| matches!(name, "id" | "created_at" | "updated_at");
        let own = asked.iter().filter(|(name, _)| !is_stamp(name));
        columns.extend(own.map(|(name, of_type)| ((*name).to_owned(), better_type(name, of_type))));
        for stamp in ["created_at", "updated_at"] {
            columns.push((stamp.to_owned(), "TIMESTAMPTZ NOT NULL DEFAULT NOW()".to_owned()));
        }
        let lines: Vec<String> =
            columns.iter().map(|(name, of_type)| format!("    {:<15} {of_type}", ident(name))).collect();
        self.push(format!("CREATE TABLE IF NOT EXISTS {} (\n{}\n);", sql(table), lines.join(",\n")));
        for (name, of_type) in &columns {
            self.gin(table, name, of_type);
        }
        self.index(table, "created_at", "");
        self.trigger(table);
        self.comment("TABLE", &sql(table), &table.name);
        for (name, _) in &columns {
            self.comment("COLUMN", &format!("{}.{}", sql(table), ident(name)), name);
        }
    }

    fn column(&mut self, table: &Target, column: &str, of_type: &str) {
        let of_type = better_type(column, of_type);
        let schema = table.schema.as_deref().map_or("current_schema()".to_owned(), literal);
        self.push(format!(
            "DO $$\nBEGIN\n    IF NOT EXISTS (\n        SELECT 1 FROM information_schema.columns\n        WHERE table_schema = \
             {schema} AND table_name = {} AND column_name = {}\n    ) THEN\n        ALTER TABLE {} ADD COLUMN {} {of_type};\n    \
             END IF;\nEND $$;",
            literal(&table.name),
            literal(column),
            sql(table),
            ident(column)
        ));
        self.gin(table, column, &of_type);
    }

    /// What is searched inside of a value needs an index of its own kind.
    fn gin(&mut self, table: &Target, column: &str, of_type: &str) {
        let of_type = of_type.to_lowercase();
        if of_type.contains("[]") || of_type.starts_with("jsonb") {
            self.index(table, column, "USING GIN ");
        }
    }

    /// On a table with rows in use, an index is built without holding writers up.
    fn index(&mut self, table: &Target, column: &str, method: &str) {
        let name: String = format!("idx_{}_{column}", table.name).chars().take(63).collect();
        let rest = format!("IF NOT EXISTS {} ON {} {method}({});", ident(&name), sql(table), ident(column));
        if self.preset == Preset::Migrations && !self.is_new(table) {
            self.alone.push(("index", format!("CREATE INDEX CONCURRENTLY {rest}")));
        } else {
            self.push(format!("CREATE INDEX {rest}"));
        }
    }

    fn foreign_key(&mut self, table: &Target, column: &str, to: &Target, to_column: &str) {
        if let Some(of_type) = self.missing_column(table, column, to, to_column) {
            self.column(table, column, &of_type);
            self.comment("COLUMN", &format!("{}.{}", sql(table), ident(column)), column);
        }
        let name: String = format!("{}_{column}_fkey", table.name).chars().take(63).collect();
        let waits = self.preset == Preset::Migrations && !self.is_new(table);
        self.push(format!(
            "-- RESTRICT, CASCADE or SET NULL: what a DELETE in {} does here.\nDO $$\nBEGIN\n    IF NOT EXISTS (\n        SELECT 1 FROM \
             pg_constraint\n        WHERE conname = {} AND conrelid = {}::regclass\n    ) THEN\n        ALTER TABLE {}\n            \
             ADD CONSTRAINT {} FOREIGN KEY ({})\n            REFERENCES {} ({}) ON DELETE RESTRICT{};\n    END IF;\nEND $$;",
            sql(to),
            literal(&name),
            literal(&sql(table)),
            sql(table),
            ident(&name),
            ident(column),
            sql(to),
            ident(to_column),
            if waits { " NOT VALID" } else { "" }
        ));
        self.index(table, column, "");
        if waits {
            let validate = format!("ALTER TABLE {} VALIDATE CONSTRAINT {};", sql(table), ident(&name));
            self.alone.push(("validate", validate));
        }
    }

    /// The type that a column must have that no script makes; none where it is there, or nobody knows.
    fn missing_column(&self, table: &Target, column: &str, to: &Target, to_column: &str) -> Option<String> {
        let is_asked = self.asked(table).iter().any(|(name, _)| *name == column);
        let known = self.known(table);
        let is_known = known.is_some_and(|table| table.column(column).is_some() || table.is_derived);
        let can_tell = known.is_some_and(|table| table.script.is_some());
        if is_asked || is_known || !can_tell { None } else { self.type_of(to, to_column) }
    }

    /// The type that a column must have that refers to that one.
    fn type_of(&self, to: &Target, to_column: &str) -> Option<String> {
        let referred =
            self.known(to).and_then(|table| table.column(to_column)).and_then(|column| column.of_type);
        match referred.map(Type::base) {
            None if self.is_new(to) && to_column == "id" => Some("INTEGER".to_owned()),
            None => None,
            Some("serial" | "serial4") => Some("INTEGER".to_owned()),
            Some("bigserial" | "serial8") => Some("BIGINT".to_owned()),
            Some("smallserial" | "serial2") => Some("SMALLINT".to_owned()),
            Some(_) => referred.map(|of_type| of_type.text.to_uppercase()),
        }
    }

    fn enumeration(&mut self, name: &Target, values: &[String]) {
        let values: Vec<String> = values.iter().map(|value| literal(value)).collect();
        self.push(format!(
            "DO $$\nBEGIN\n    IF to_regtype({}) IS NULL THEN\n        CREATE TYPE {} AS ENUM ({});\n    END IF;\nEND $$;",
            literal(&sql(name)),
            sql(name),
            values.join(", ")
        ));
        self.comment("TYPE", &sql(name), &name.name);
    }

    fn trigger(&mut self, table: &Target) {
        let lacks_stamp = self.known(table).is_some_and(|table| {
            table.script.is_some() && !table.is_derived && table.column("updated_at").is_none()
        });
        let is_asked = self.asked(table).iter().any(|(name, _)| *name == "updated_at");
        if lacks_stamp && !is_asked && !self.is_new(table) {
            self.column(table, "updated_at", "TIMESTAMPTZ NOT NULL");
        }
        let function = self.stamp();
        let name: String = format!("trg_{}_updated_at", table.name).chars().take(63).collect();
        let (name, on) = (ident(&name), sql(table));
        self.push(format!(
            "DROP TRIGGER IF EXISTS {name} ON {on};\nCREATE TRIGGER {name}\n    BEFORE UPDATE ON {on}\n    FOR EACH ROW EXECUTE \
             FUNCTION {function}();"
        ));
    }

    /// The function that stamps rows: one that a script defines, else it is defined here.
    fn stamp(&mut self) -> String {
        let acts = self
            .readings
            .iter()
            .flat_map(|reading| &reading.statements)
            .flat_map(|statement| &statement.acts);
        let mut functions = acts.filter_map(|act| match &act.what {
            What::Create(creation) if creation.object == Object::Function => Some(&creation.name),
            _ => None,
        });
        let is_stamp = |name: &&Name| {
            let words = name.name.as_str();
            words.contains("updated_at")
                && ["set", "update", "touch", "stamp"].iter().any(|verb| words.contains(verb))
        };
        if let Some(known) = functions.rfind(is_stamp) {
            return sql(&Target { schema: known.schema.clone(), name: known.name.clone() });
        }
        let define = format!(
            "CREATE OR REPLACE FUNCTION {STAMP}()\nRETURNS TRIGGER\nLANGUAGE plpgsql\nAS $$\nBEGIN\n    NEW.updated_at := NOW();\n    \
             RETURN NEW;\nEND;\n$$;"
        );
        if !self.statements.contains(&define) {
            self.push(define);
        }
        STAMP.to_owned()
    }

    /// One row, with a value for each column that needs one.
    fn seed(&mut self, table: &Target) {
        let asked = self.asked(table);
        let needed = match (self.known(table), asked.first()) {
            (Some(known), _) if !known.columns.is_empty() => needed(known),
            (_, Some((name, of_type))) => vec![((*name).to_owned(), example(&read_type(of_type)))],
            _ => vec![("name".to_owned(), literal("example"))],
        };
        let key = needed.iter().position(|(_, value)| value.starts_with('\'')).unwrap_or(0);
        let names: Vec<String> = needed.iter().map(|(name, _)| ident(name)).collect();
        let values: Vec<&str> = needed.iter().map(|(_, value)| value.as_str()).collect();
        let on = sql(table);
        self.push(format!(
            "INSERT INTO {on} ({})\nSELECT {}\nWHERE NOT EXISTS (SELECT 1 FROM {on} WHERE {} = {});",
            names.join(", "),
            values.join(", "),
            names[key],
            values[key]
        ));
    }

    fn comment(&mut self, kind: &str, on: &str, name: &str) {
        let words = name.replace('_', " ");
        let mut letters = words.chars();
        let text: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
        let comment = format!("COMMENT ON {kind} {on} IS {};", literal(&text));
        // Comments stand together.
        match self.statements.last_mut() {
            Some(last) if last.starts_with("COMMENT ON TABLE") => *last = format!("{last}\n{comment}"),
            _ => self.push(comment),
        }
    }
}
