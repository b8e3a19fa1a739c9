//! What a rule is given: one script, with all that is known around it.

use super::act::{Act, Column, Name, Span, What};
use super::catalog::Catalog;
use super::config::Config;
use super::finding::Finding;
use super::reading::Reading;
use super::rule::{Rule, Severity};
use super::statement::Statement;

/// All scripts of an init dir.
pub struct Set<'a> {
    pub readings: &'a [Reading],
    pub catalog: Catalog<'a>,
    pub config: &'a Config,
}

/// One rule's look at one script.
pub struct Look<'a> {
    pub reading: &'a Reading,
    pub index: usize,
    pub set: &'a Set<'a>,
    rule: &'static Rule,
    severity: Severity,
    found: &'a mut Vec<Finding>,
}

impl<'a> Look<'a> {
    pub fn new(
        set: &'a Set<'a>,
        index: usize,
        rule: &'static Rule,
        severity: Severity,
        found: &'a mut Vec<Finding>,
    ) -> Self {
        Self { reading: &set.readings[index], index, set, rule, severity, found }
    }

    pub fn config(&self) -> &'a Config {
        self.set.config
    }

    pub fn catalog(&self) -> &'a Catalog<'a> {
        &self.set.catalog
    }

    pub fn statements(&self) -> &'a [Statement] {
        &self.reading.statements
    }

    /// What the script's statements do, in order.
    pub fn acts(&self) -> impl Iterator<Item = &'a Act> + use<'a> {
        self.reading.statements.iter().flat_map(|statement| &statement.acts)
    }

    /// The columns that the script makes, with the tables that they belong to.
    pub fn columns(&self) -> impl Iterator<Item = (&'a Name, &'a Column)> + use<'a> {
        self.acts().flat_map(|act| match &act.what {
            What::CreateTable(table) => table.columns.iter().map(|column| (&table.name, column)).collect(),
            What::AddColumn { table, column, .. } => vec![(table, column)],
            _ => Vec::new(),
        })
    }

    /// The scripts before this one.
    pub fn before(&self) -> &'a [Reading] {
        &self.set.readings[..self.index]
    }

    /// Something that a statement does breaks the rule.
    pub fn report(&mut self, span: &Span, message: impl Into<String>) -> &mut Finding {
        self.push(span.clone(), false, message.into())
    }

    /// The script as a whole breaks the rule; it shows at `span`.
    pub fn report_script(&mut self, span: Span, message: impl Into<String>) -> &mut Finding {
        self.push(span, true, message.into())
    }

    fn push(&mut self, span: Span, is_general: bool, message: String) -> &mut Finding {
        self.found.push(Finding {
            rule: self.rule,
            severity: self.severity,
            script: self.index,
            span,
            is_general,
            message,
            label: String::new(),
            help: None,
            fix: Vec::new(),
        });
        self.found.last_mut().expect("it was just pushed")
    }
}
