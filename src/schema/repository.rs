//! A Python class that reads and writes one table's rows through asyncpg.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::Schema;
use super::diagram::uniques;
use super::kind::Kind;
use super::object::{Key, Object};
use crate::lint::tree::quoted;

mod python;

use python::{Column, class, docstring, wrapped};

/// A table as the class knows it.
struct Table<'a> {
    object: &'a Object,
    columns: Vec<Column>,
    /// The columns that tell which row an upsert is about.
    key: Vec<&'a str>,
    uniques: Vec<Vec<String>>,
}

/// The module's text: a row class, and a repository with `get`, a `get_by_…` for each unique key, and `upsert`.
/// `table` is named as in [`Key`], `public.orders`; none where there is no such table, or it has no key.
pub fn repository(schema: &Schema, table: &str) -> Option<String> {
    let object = schema.object(&Key::new(Kind::Table, table))?;
    let columns: Vec<Column> =
        schema.parts(Kind::Column, table).into_iter().map(|column| Column::new(schema, column)).collect();
    let uniques = uniques(schema, object);
    let key = key(schema, table, &uniques)?;
    let key = schema
        .parts(Kind::Column, table)
        .into_iter()
        .filter(|column| key.contains(&column.short))
        .map(|column| column.short.as_str())
        .collect();
    let table = Table { object, columns, key, uniques };
    Some(table.module())
}

/// What a program knows before the row is there: the first unique key that the server does not make up itself and that
/// is never null, else the primary key.
fn key(schema: &Schema, table: &str, uniques: &[Vec<String>]) -> Option<Vec<String>> {
    let columns = schema.parts(Kind::Column, table);
    let is_known = |name: &String| {
        let column = columns.iter().find(|column| column.short == *name);
        column.is_some_and(|column| {
            column.has("not null")
                && !["default", "identity", "generated"].iter().any(|made| column.has(made))
        })
    };
    let natural = uniques.iter().find(|unique| unique.iter().all(is_known));
    natural
        .or_else(|| uniques.iter().find(|unique| is_primary(schema, table, unique)))
        .or(uniques.first())
        .cloned()
}

fn is_primary(schema: &Schema, table: &str, columns: &[String]) -> bool {
    let keys = schema.parts(Kind::Constraint, table);
    keys.iter().any(|key| key.text("form") == Some("primary key") && key.list("columns") == columns)
}

impl Table<'_> {
    fn module(&self) -> String {
        let name = self.object.plain_name();
        let about = self
            .object
            .comment()
            .map_or_else(|| format!("Rows of `{name}`."), |text| format!("{text} (`{name}`)."));
        let mut text = docstring(&about, "") + "\n\nfrom __future__ import annotations\n\n";
        text += &self.imports();
        let _ = write!(
            text,
            "\nimport asyncpg\n\n_UNSET: Any = object()\n\n\n{}\n\n{}",
            self.row(),
            self.repository()
        );
        text
    }

    fn class(&self) -> String {
        class(&self.object.short)
    }

    fn imports(&self) -> String {
        let named: BTreeSet<&str> =
            self.columns.iter().flat_map(|column| column.imports.iter().copied()).collect();
        let mut lines: Vec<String> = named.into_iter().map(str::to_owned).collect();
        if self.columns.iter().any(|column| column.is_json) {
            lines.push("import json".to_owned());
        }
        lines.push("from dataclasses import dataclass".to_owned());
        lines.push("from typing import Any".to_owned());
        // Plain imports come first, then those from a module, as ruff sorts them.
        lines.sort_by_key(|line| (line.starts_with("from"), line.clone()));
        lines.join("\n") + "\n"
    }

    fn row(&self) -> String {
        let about = format!("One row of `{}`.", self.object.plain_name());
        let mut text =
            format!("@dataclass(slots=True)\nclass {}Row:\n{}\n\n", self.class(), docstring(&about, "    "));
        for column in &self.columns {
            let _ = writeln!(text, "    {}: {}", column.name, column.annotation());
        }
        text
    }

    fn repository(&self) -> String {
        let class = self.class();
        let about = format!("Reads and writes `{}`, with asyncpg's own codecs.", self.object.plain_name());
        let mut text = format!("class {class}Repository:\n{}\n\n", docstring(&about, "    "));
        let selected: Vec<String> = self.columns.iter().map(Column::selected).collect();
        let _ = write!(text, "    _COLUMNS = (\n{}\n    )\n\n", wrapped(&selected));
        text += "    def __init__(self, connection: asyncpg.Connection | asyncpg.Pool) -> None:\n";
        text += "        self._connection = connection\n\n";
        for (at, unique) in self.uniques.iter().enumerate() {
            text += &self.reader(unique, at == 0);
        }
        text + &self.upsert() + &self.converter()
    }

    fn columns_of<'a>(&'a self, names: &'a [String]) -> impl Iterator<Item = &'a Column> {
        self.columns.iter().filter(move |column| names.contains(&column.source))
    }

    fn reader(&self, unique: &[String], is_first: bool) -> String {
        let columns: Vec<&Column> = self.columns_of(unique).collect();
        let suffix = columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join("_and_");
        let name = if is_first { "get".to_owned() } else { format!("get_by_{suffix}") };
        let parameters: Vec<String> =
            columns.iter().map(|column| format!("{}: {}", column.name, column.data_type)).collect();
        let conditions: Vec<String> = columns
            .iter()
            .enumerate()
            .map(|(at, column)| format!("{} = ${}", quoted(&column.source), at + 1))
            .collect();
        let values: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        format!(
            "    async def {name}(self, {}) -> {}Row | None:\n{}\n\
             \x20       row = await self._connection.fetchrow(\n\
             \x20           f\"SELECT {{self._COLUMNS}} FROM {}\"\n\
             \x20           \" WHERE {}\",\n\
             \x20           {},\n\
             \x20       )\n\
             \x20       return None if row is None else self._row(row)\n\n",
            parameters.join(", "),
            self.class(),
            docstring("The row with this key, if there is one.", "        "),
            python::braces(&python::inside(&self.object.key.name)),
            python::inside(&conditions.join(" AND ")),
            values.join(", ")
        )
    }

    fn upsert(&self) -> String {
        let is_key = |column: &&Column| self.key.contains(&column.source.as_str());
        let written: Vec<&Column> =
            self.columns.iter().filter(|column| is_key(column) || column.is_written).collect();
        // Keyword arguments with a default may stand anywhere, but read better at the end.
        let (wanted, other): (Vec<&Column>, Vec<&Column>) =
            written.iter().partition(|column| !column.is_optional && !column.is_made);
        let mut text = "    async def upsert(\n        self,\n        *,\n".to_owned();
        for column in &wanted {
            let _ = writeln!(text, "        {}: {},", column.name, column.annotation());
        }
        for column in &other {
            let _ = writeln!(text, "        {}: {} = _UNSET,", column.name, column.annotation());
        }
        let about = "Inserts a row, or changes the one with the same key; what is not given keeps its value or default.";
        let _ = write!(
            text,
            "    ) -> {}Row:\n{}\n        given = {{\n",
            self.class(),
            docstring(about, "        ")
        );
        for column in &written {
            let _ = writeln!(
                text,
                "            \"{}\": {},",
                python::inside(&quoted(&column.source)),
                column.sent()
            );
        }
        text += "        }\n        given = {name: value for name, value in given.items() if value is not _UNSET}\n";
        text += &self.statement();
        text
    }

    fn statement(&self) -> String {
        let key: Vec<String> = self.key.iter().map(|name| quoted(name)).collect();
        let target = python::inside(&key.join(", "));
        format!(
            "        places = \", \".join(f\"${{place}}\" for place in range(1, len(given) + 1))\n\
             \x20       changes = \", \".join(f\"{{name}} = EXCLUDED.{{name}}\" for name in given)\n\
             \x20       row = await self._connection.fetchrow(\n\
             \x20           f\"INSERT INTO {} ({{', '.join(given)}}) VALUES ({{places}})\"\n\
             \x20           f\" ON CONFLICT ({}) DO UPDATE SET {{changes}}\"\n\
             \x20           f\" RETURNING {{self._COLUMNS}}\",\n\
             \x20           *given.values(),\n\
             \x20       )\n\
             \x20       return self._row(row)\n\n",
            python::braces(&python::inside(&self.object.key.name)),
            python::braces(&target)
        )
    }

    fn converter(&self) -> String {
        let class = self.class();
        let mut text = format!("    @staticmethod\n    def _row(row: asyncpg.Record) -> {class}Row:\n");
        let json: Vec<&Column> = self.columns.iter().filter(|column| column.is_json).collect();
        if json.is_empty() {
            return text + &format!("        return {class}Row(**row)\n");
        }
        text += "        values = dict(row)\n";
        for column in json {
            let name = &column.name;
            let _ = writeln!(
                text,
                "        if values[\"{name}\"] is not None:\n            values[\"{name}\"] = json.loads(values[\"{name}\"])"
            );
        }
        text + &format!("        return {class}Row(**values)\n")
    }
}
