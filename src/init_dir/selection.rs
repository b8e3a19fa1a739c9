//! Which scripts a user means.

use std::path::Path;

use crate::init_dir::Named;
use crate::script::ScriptId;
use crate::text;

/// Why a selection cannot be carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    #[error("no script `{wanted}`{}", listed("; the nearest are", nearest))]
    Unknown { wanted: String, nearest: Vec<String> },
    #[error("no script is in the range `{wanted}`{}", listed("; the nearest are", nearest))]
    EmptyRange { wanted: String, nearest: Vec<String> },
    #[error("the range `{wanted}` ends before it begins\nnext: write the lower number first")]
    Reversed { wanted: String },
    #[error("`{wanted}` is not a range of numbers\nnext: write it like `027..029`, `027..` or `..029`")]
    NotARange { wanted: String },
    #[error("`{wanted}` may mean{}\nnext: name the file", listed("", candidates))]
    Ambiguous { wanted: String, candidates: Vec<String> },
}

fn listed(introduction: &str, names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    if names.is_empty() { String::new() } else { format!("{introduction} {}", names.join(", ")) }
}

/// The chosen scripts' places, in order.
pub(super) fn select(scripts: &[Named], selection: &[String]) -> Result<Vec<usize>, SelectError> {
    let mut chosen = vec![false; scripts.len()];
    for wanted in selection {
        let indexes = if wanted.contains("..") && !wanted.contains('/') {
            range(scripts, wanted)?
        } else {
            vec![one(scripts, wanted)?]
        };
        for index in indexes {
            chosen[index] = true;
        }
    }
    Ok((0..scripts.len()).filter(|&index| chosen[index]).collect())
}

fn range(scripts: &[Named], wanted: &str) -> Result<Vec<usize>, SelectError> {
    let not_a_range = || SelectError::NotARange { wanted: wanted.to_owned() };
    let (from, to) = wanted.split_once("..").ok_or_else(not_a_range)?;
    let bound = |text: &str| match text {
        "" => Ok(None),
        _ => ScriptId::parse(text).map(Some).ok_or_else(not_a_range),
    };
    let (from, to) = (bound(from)?, bound(to)?);
    if from.is_some() && to.is_some() && from > to {
        return Err(SelectError::Reversed { wanted: wanted.to_owned() });
    }
    let inside = |id: ScriptId| from.is_none_or(|from| from <= id) && to.is_none_or(|to| id <= to);
    let indexes: Vec<usize> =
        (0..scripts.len()).filter(|&index| scripts[index].id.is_some_and(inside)).collect();
    if indexes.is_empty() {
        let number = from.or(to).map_or(0, |id| id.number);
        return Err(SelectError::EmptyRange {
            wanted: wanted.to_owned(),
            nearest: near_number(scripts, number),
        });
    }
    Ok(indexes)
}

fn one(scripts: &[Named], wanted: &str) -> Result<usize, SelectError> {
    let id = ScriptId::parse(wanted);
    let found: Vec<usize> = match id {
        Some(id) => matching(scripts, |script| script.id == Some(id)),
        None if wanted.contains('/') => by_path(scripts, Path::new(wanted)),
        None => by_name(scripts, wanted),
    };
    match found.as_slice() {
        [index] => Ok(*index),
        [] => {
            let nearest = id.map_or_else(|| near_name(scripts, wanted), |id| near_number(scripts, id.number));
            Err(SelectError::Unknown { wanted: wanted.to_owned(), nearest })
        }
        several => Err(SelectError::Ambiguous {
            wanted: wanted.to_owned(),
            candidates: several.iter().map(|&index| scripts[index].name.clone()).collect(),
        }),
    }
}

fn matching(scripts: &[Named], is_meant: impl Fn(&Named) -> bool) -> Vec<usize> {
    (0..scripts.len()).filter(|&index| is_meant(&scripts[index])).collect()
}

/// The file's name, else its name without the ending.
fn by_name(scripts: &[Named], wanted: &str) -> Vec<usize> {
    let exact = matching(scripts, |script| script.name == wanted);
    if exact.is_empty() { matching(scripts, |script| stem(&script.name) == wanted) } else { exact }
}

fn by_path(scripts: &[Named], wanted: &Path) -> Vec<usize> {
    let same = |script: &Named| match (script.path.canonicalize(), wanted.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => script.path == wanted,
    };
    matching(scripts, same)
}

fn stem(name: &str) -> &str {
    let endings = [".sql", ".sql.gz", ".sql.xz", ".sql.zst", ".sh"];
    endings.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name)
}

fn near_number(scripts: &[Named], number: u64) -> Vec<String> {
    let mut near: Vec<_> =
        scripts.iter().filter_map(|script| Some((script.id?.number.abs_diff(number), script))).collect();
    near.sort_by_key(|(distance, _)| *distance);
    near.into_iter().take(3).map(|(_, script)| script.name.clone()).collect()
}

fn near_name(scripts: &[Named], wanted: &str) -> Vec<String> {
    let wanted = Path::new(wanted).file_name().and_then(|name| name.to_str()).unwrap_or(wanted);
    let words = |script: &Named| {
        let stem = stem(&script.name);
        stem.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches(['_', '-']).to_owned()
    };
    let away = |script: &Named| {
        let short = text::distance(stem(wanted), &words(script));
        let contained = if script.name.contains(stem(wanted)) { 0 } else { short };
        contained.min(text::distance(wanted, &script.name))
    };
    let mut near: Vec<_> = scripts.iter().map(|script| (away(script), script)).collect();
    near.sort_by_key(|(distance, _)| *distance);
    near.into_iter().take(3).map(|(_, script)| script.name.clone()).collect()
}
