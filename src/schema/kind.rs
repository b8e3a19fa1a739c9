//! The kinds of object that a schema is made of.

use std::fmt;

macro_rules! kinds {
    ($($kind:ident $word:literal $plural:literal),* $(,)?) => {
        /// In an order in which a schema can be made: what is needed comes before what needs it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $($kind),* }

        impl Kind {
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// As a message names it.
            pub fn word(self) -> &'static str {
                match self { $(Self::$kind => $word),* }
            }

            /// As a heading names several.
            pub fn plural(self) -> &'static str {
                match self { $(Self::$kind => $plural),* }
            }

            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$kind),)* _ => None }
            }
        }
    };
}

kinds! {
    Database "database" "databases",
    Role "role" "roles",
    Schema "schema" "schemas",
    Extension "extension" "extensions",
    AccessMethod "access method" "access methods",
    Language "language" "languages",
    Collation "collation" "collations",
    Enum "enum" "enums",
    BaseType "base type" "base types",
    RangeType "range type" "range types",
    CompositeType "composite type" "composite types",
    Attribute "attribute" "attributes",
    Domain "domain" "domains",
    ForeignDataWrapper "foreign-data wrapper" "foreign-data wrappers",
    Server "server" "servers",
    UserMapping "user mapping" "user mappings",
    Sequence "sequence" "sequences",
    Function "function" "functions",
    Procedure "procedure" "procedures",
    Aggregate "aggregate" "aggregates",
    Operator "operator" "operators",
    OperatorFamily "operator family" "operator families",
    OperatorClass "operator class" "operator classes",
    Cast "cast" "casts",
    Transform "transform" "transforms",
    Conversion "conversion" "conversions",
    TextSearchParser "text search parser" "text search parsers",
    TextSearchTemplate "text search template" "text search templates",
    TextSearchDictionary "text search dictionary" "text search dictionaries",
    TextSearchConfiguration "text search configuration" "text search configurations",
    Table "table" "tables",
    ForeignTable "foreign table" "foreign tables",
    Column "column" "columns",
    View "view" "views",
    MaterializedView "materialized view" "materialized views",
    Constraint "constraint" "constraints",
    Index "index" "indexes",
    Statistics "statistics" "statistics",
    Rule "rule" "rules",
    Trigger "trigger" "triggers",
    Policy "policy" "policies",
    EventTrigger "event trigger" "event triggers",
    Publication "publication" "publications",
    Subscription "subscription" "subscriptions",
    DefaultPrivileges "default privileges" "default privileges",
    SystemPrivileges "system privileges" "system privileges",
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.word())
    }
}
