//! Findings mended in a script's text.

use super::finding::{Edit, Finding};

/// The text with the findings' edits, and how many findings were mended. One whose edits touch those of another waits
/// for the next run.
pub fn mend<'a>(text: &[u8], findings: impl IntoIterator<Item = &'a Finding>) -> (Vec<u8>, usize) {
    let mut edits: Vec<&Edit> = Vec::new();
    let mut mended = 0;
    for finding in findings.into_iter().filter(|finding| !finding.fix.is_empty()) {
        let is_same = |edit: &Edit| edits.contains(&edit);
        let touches = |edit: &Edit| edits.iter().any(|other| overlap(edit, other));
        if finding.fix.iter().all(|edit| is_same(edit) || !touches(edit)) {
            edits.extend(finding.fix.iter().filter(|edit| !is_same(edit)).collect::<Vec<_>>());
            mended += 1;
        }
    }
    edits.sort_by_key(|edit| edit.span.start);
    (applied(text, &edits), mended)
}

fn overlap(one: &Edit, other: &Edit) -> bool {
    one.span.start < other.span.end && other.span.start < one.span.end || one.span.start == other.span.start
}

fn applied(text: &[u8], edits: &[&Edit]) -> Vec<u8> {
    let (mut mended, mut at) = (Vec::with_capacity(text.len()), 0);
    for edit in edits {
        mended.extend_from_slice(&text[at..edit.span.start]);
        mended.extend_from_slice(edit.text.as_bytes());
        at = edit.span.end;
    }
    mended.extend_from_slice(&text[at..]);
    mended
}
