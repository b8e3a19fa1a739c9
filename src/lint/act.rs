//! What a statement does, as far as a rule may ask: read from the syntax tree once, with places in the file.

use std::ops::Range;

/// Bytes of the (decompressed) script.
pub type Span = Range<usize>;

/// One thing that a statement does; an `ALTER TABLE` with three actions is three acts.
#[derive(Clone, Debug)]
pub struct Act {
    pub what: What,
    pub span: Span,
    pub setting: Setting,
}

/// Where an act stands, and so whether it happens each time that the script runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// A statement of the script.
    Open,
    /// In a `DO` block, and nothing asks whether it is needed.
    Block,
    /// In a `DO` block, behind an `IF` or before an exception handler.
    Guarded,
    /// In the body of a routine, which the script only defines.
    Routine,
}

#[derive(Clone, Debug)]
pub enum What {
    CreateTable(Table),
    CreateIndex(Index),
    Create(Creation),
    CreateTrigger(Trigger),
    Drop {
        object: Object,
        names: Vec<Name>,
        on: Option<Name>,
        if_exists: bool,
    },
    AddColumn {
        table: Name,
        column: Column,
        if_not_exists: bool,
        insert: usize,
    },
    AddConstraint {
        table: Name,
        constraint: Constraint,
    },
    DropColumn {
        table: Name,
        column: Name,
    },
    DropConstraint {
        table: Name,
        constraint: Name,
        if_exists: bool,
    },
    ValidateConstraint {
        table: Name,
        constraint: Name,
    },
    SetNotNull {
        table: Name,
        column: Name,
    },
    SetType {
        table: Name,
        column: Name,
        to: Option<Type>,
    },
    SetDefault {
        table: Name,
        column: Name,
        to: String,
    },
    RenameTable {
        table: Name,
        to: Name,
    },
    RenameColumn {
        table: Name,
        column: Name,
        to: Name,
    },
    CreateEnum {
        name: Name,
    },
    AddValue {
        to: Name,
        if_not_exists: bool,
        insert: usize,
    },
    Insert {
        table: Name,
        is_guarded: bool,
    },
    CopyFrom {
        table: Name,
    },
    Truncate {
        tables: Vec<Name>,
    },
    /// `COMMIT` and its kin.
    Transaction,
    /// Cannot share a file with others: an index built or dropped `CONCURRENTLY`.
    Concurrently,
    /// A statement that is put together while it runs.
    Dynamic {
        text: String,
    },
    Other,
}

/// What `CREATE` and `DROP` are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Object {
    Table,
    Index,
    Schema,
    Sequence,
    Extension,
    MaterializedView,
    View,
    Function,
    Procedure,
    Aggregate,
    Trigger,
    Policy,
    Type,
    Other,
}

/// `CREATE` of what has no columns that rules ask for.
#[derive(Clone, Debug)]
pub struct Creation {
    pub object: Object,
    pub name: Name,
    /// `IF NOT EXISTS` or `OR REPLACE` is there.
    pub is_repeatable: bool,
    /// Where these words would go.
    pub insert: usize,
    /// A trigger's or policy's table.
    pub on: Option<Name>,
    pub is_temporary: bool,
}

/// A name as the server folds it; `public` counts as no schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    pub schema: Option<String>,
    pub name: String,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Table {
    pub name: Name,
    pub columns: Vec<Column>,
    pub constraints: Vec<Constraint>,
    pub if_not_exists: bool,
    /// Where `IF NOT EXISTS` would go.
    pub insert: usize,
    pub is_temporary: bool,
    /// It takes columns or indexes over from elsewhere: `LIKE`, `INHERITS`, `PARTITION OF`, `AS`.
    pub is_derived: bool,
}

#[derive(Clone, Debug)]
pub struct Column {
    pub name: Name,
    pub of_type: Option<Type>,
    pub constraints: Vec<Constraint>,
    pub span: Span,
}

/// A type in lower case, white space and `pg_catalog.` removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Type {
    pub text: String,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Constraint {
    pub kind: ConstraintKind,
    pub name: Option<Name>,
    pub is_valid: bool,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum ConstraintKind {
    Primary { columns: Vec<Name> },
    Unique { columns: Vec<Name> },
    Foreign { columns: Vec<Name>, to: Name, says_on_delete: bool },
    Check { text: String },
    NotNull,
    Default { text: String },
    Identity,
    Generated,
    Other,
}

#[derive(Clone, Debug)]
pub struct Index {
    pub name: Option<Name>,
    pub table: Name,
    /// The key's columns; none for an expression.
    pub columns: Vec<Option<String>>,
    /// What stands in its parentheses, in lower case.
    pub text: String,
    /// In lower case; `btree` where it is not said.
    pub method: String,
    pub is_concurrent: bool,
    pub is_partial: bool,
    pub if_not_exists: bool,
    pub insert: usize,
}

#[derive(Clone, Debug)]
pub struct Trigger {
    pub creation: Creation,
    pub is_before_update: bool,
}

impl Act {
    /// It happens whenever the script runs, and nothing asks whether it is needed.
    pub fn is_unguarded(&self) -> bool {
        matches!(self.setting, Setting::Open | Setting::Block)
    }

    /// It happens when the script runs, though perhaps only the first time.
    pub fn is_run(&self) -> bool {
        self.setting != Setting::Routine
    }
}

impl Name {
    /// Whether both mean the same object, as far as schemas are named.
    pub fn is_same(&self, other: &Self) -> bool {
        self.name == other.name
            && (self.schema == other.schema || self.schema.is_none() || other.schema.is_none())
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{schema}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

impl Type {
    /// Without arguments and array bounds: `varchar` for `varchar(20)[]`.
    pub fn base(&self) -> &str {
        let end = self.text.find(['(', '[']).unwrap_or(self.text.len());
        self.text[..end].trim_end().trim_end_matches(" array")
    }

    pub fn is_array(&self) -> bool {
        self.text.contains('[') || self.text.ends_with(" array") || self.text.starts_with('_')
    }

    /// `timestamp` with or without a precision, but without a time zone.
    pub fn is_timestamp_without_zone(&self) -> bool {
        self.base() == "timestamp" && !self.text.contains("with time zone")
            || self.base() == "timestamp without time zone"
    }

    pub fn is_floating(&self) -> bool {
        matches!(self.base(), "real" | "float" | "float4" | "float8" | "double precision")
    }

    pub fn is_text(&self) -> bool {
        matches!(
            self.base(),
            "text" | "varchar" | "character varying" | "char" | "character" | "citext" | "bpchar"
        )
    }

    pub fn is_serial(&self) -> bool {
        self.base().contains("serial")
    }

    pub fn is_integer(&self) -> bool {
        matches!(self.base(), "int" | "integer" | "int4" | "bigint" | "int8" | "smallint" | "int2")
            && !self.is_array()
    }
}

impl Column {
    pub fn has(&self, wanted: impl Fn(&ConstraintKind) -> bool) -> bool {
        self.constraints.iter().any(|constraint| wanted(&constraint.kind))
    }

    /// The text of its `DEFAULT`.
    pub fn default(&self) -> Option<&str> {
        self.constraints.iter().find_map(|constraint| match &constraint.kind {
            ConstraintKind::Default { text } => Some(text.as_str()),
            _ => None,
        })
    }
}

impl Object {
    /// As it is named in a message.
    pub fn words(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Index => "index",
            Self::Schema => "schema",
            Self::Sequence => "sequence",
            Self::Extension => "extension",
            Self::MaterializedView => "materialized view",
            Self::View => "view",
            Self::Function => "function",
            Self::Procedure => "procedure",
            Self::Aggregate => "aggregate",
            Self::Trigger => "trigger",
            Self::Policy => "policy",
            Self::Type => "type",
            Self::Other => "object",
        }
    }
}
