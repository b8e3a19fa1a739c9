//! The kinds of object that one grid tells well enough.

use std::collections::BTreeMap;

use super::super::kind::Kind;
use super::super::object::{Object, plain};
use super::{Cell, Grid, Section, Source, meaning};

fn name(object: &Object) -> Cell {
    Cell::Code(plain(&object.key.name))
}

fn code(object: &Object, property: &str) -> Cell {
    Cell::Code(plain(object.text(property).unwrap_or_default()))
}

fn grid(
    source: &Source,
    kinds: &[Kind],
    header: &'static [&'static str],
    row: impl Fn(&Object) -> Vec<Cell>,
) -> Vec<Section> {
    let objects = kinds.iter().flat_map(|&kind| source.schema.of_kind(kind));
    let rows = objects.map(|object| {
        let mut cells = row(object);
        cells.extend([meaning(object), source.script(object)]);
        cells
    });
    vec![Section::of_grid(header, rows.collect())]
}

pub fn functions(source: &Source) -> Vec<Section> {
    let header = &["function", "returns", "language", "meaning", "script"];
    grid(source, &[Kind::Function, Kind::Procedure, Kind::Aggregate], header, |function| {
        let arguments = plain(function.text("arguments").unwrap_or_default());
        let call = Cell::Code(format!("{}({arguments})", function.short));
        vec![
            call,
            code(function, "returns"),
            Cell::Text(function.text("language").unwrap_or_default().to_owned()),
        ]
    })
}

pub fn enums(source: &Source) -> Vec<Section> {
    grid(source, &[Kind::Enum], &["enum", "values", "meaning", "script"], |object| {
        vec![name(object), Cell::Code(object.list("values").join(", "))]
    })
}

pub fn types(source: &Source) -> Vec<Section> {
    let kinds = [Kind::Domain, Kind::CompositeType, Kind::RangeType, Kind::BaseType];
    grid(source, &kinds, &["type", "what it is", "meaning", "script"], |object| {
        let attributes = source.schema.parts(Kind::Attribute, &object.key.name);
        let attribute =
            |part: &&Object| format!("{} {}", part.short, plain(part.text("type").unwrap_or_default()));
        let checks = source.schema.parts(Kind::Constraint, &object.key.name);
        let checks = checks.iter().filter_map(|check| check.text("definition")).map(plain);
        let what = match object.key.kind {
            Kind::Domain => [plain(object.text("type").unwrap_or_default())]
                .into_iter()
                .chain(checks)
                .collect::<Vec<_>>()
                .join(" "),
            Kind::CompositeType => attributes.iter().map(attribute).collect::<Vec<_>>().join(", "),
            kind => kind.word().to_owned(),
        };
        vec![name(object), Cell::Code(what)]
    })
}

/// Those that stand for themselves; a serial column's is told with the column.
pub fn sequences(source: &Source) -> Vec<Section> {
    let header = &["sequence", "type", "start", "increment", "meaning", "script"];
    let mut sections = grid(source, &[], header, |_| Vec::new());
    let free = source.schema.of_kind(Kind::Sequence).filter(|sequence| sequence.of.is_none());
    sections[0].grids[0].rows = free
        .map(|sequence| {
            let of = |property| code(sequence, property);
            let (start, step) = (of("start"), of("increment"));
            vec![name(sequence), of("type"), start, step, meaning(sequence), source.script(sequence)]
        })
        .collect();
    sections
}

pub fn extensions(source: &Source) -> Vec<Section> {
    let header = &["extension", "version", "schema", "meaning", "script"];
    grid(source, &[Kind::Extension], header, |extension| {
        vec![name(extension), code(extension, "version"), code(extension, "schema")]
    })
}

pub fn roles(source: &Source) -> Vec<Section> {
    let header = &["role", "may", "member of", "meaning", "script"];
    grid(source, &[Kind::Role], header, |role| {
        let told = [
            "superuser",
            "may create roles",
            "may create databases",
            "may log in",
            "may replicate",
            "bypasses row security",
        ];
        let may: Vec<&str> = told
            .into_iter()
            .filter(|property| role.has(property))
            .map(|word| word.trim_start_matches("may "))
            .collect();
        vec![name(role), Cell::Text(may.join(", ")), Cell::Text(role.list("member of").join(", "))]
    })
}

/// Kinds without a chapter of their own, so that nothing is missing.
pub fn others(source: &Source) -> Vec<Section> {
    const TOLD_ELSEWHERE: [Kind; 27] = [
        Kind::Database,
        Kind::Role,
        Kind::Extension,
        Kind::Enum,
        Kind::BaseType,
        Kind::RangeType,
        Kind::CompositeType,
        Kind::Attribute,
        Kind::Domain,
        Kind::Sequence,
        Kind::Function,
        Kind::Procedure,
        Kind::Aggregate,
        Kind::Table,
        Kind::ForeignTable,
        Kind::Column,
        Kind::View,
        Kind::MaterializedView,
        Kind::Constraint,
        Kind::Index,
        Kind::Rule,
        Kind::Trigger,
        Kind::Policy,
        Kind::SystemPrivileges,
        Kind::DefaultPrivileges,
        Kind::UserMapping,
        Kind::Subscription,
    ];
    let kinds: Vec<Kind> = Kind::ALL.iter().copied().filter(|kind| !TOLD_ELSEWHERE.contains(kind)).collect();
    grid(source, &kinds, &["kind", "name", "meaning", "script"], |object| {
        vec![Cell::Text(object.key.kind.word().to_owned()), name(object)]
    })
}

/// Who may do what beyond the owner, a role a row.
pub fn privileges(object: &Object) -> Grid {
    let mut of_role: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for item in object.list("privileges") {
        if let Some((privilege, role)) = item.split_once(" to ") {
            of_role.entry(role).or_default().push(privilege);
        }
    }
    let row = |(role, privileges): (&str, Vec<&str>)| {
        vec![Cell::Code(role.to_owned()), Cell::Text(privileges.join(", "))]
    };
    Grid { caption: "Privileges", header: &["role", "may"], rows: of_role.into_iter().map(row).collect() }
}
