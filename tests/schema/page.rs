//! The page, judged by a real browser.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use dbctl::schema::{Attribution, page};
use serde_json::Value;

use super::ground::{database, schema};
use super::sample::sample;

/// Runs in the page: what is wrong with it, and whether keys and search do what they should.
const JUDGE: &str = include_str!("judge.js");

/// Writes the page, and asks the browser about a copy of it.
fn judged(name: &str, html: &str) -> Value {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(directory.join(format!("{name}.html")), html).unwrap();
    let path = directory.join(format!("{name}.judged.html"));
    let catching = "<script>window.failures = []; addEventListener('error', (e) => failures.push(e.message));</script>\n<style>";
    let html =
        html.replacen("<style>", catching, 1).replace("</body>", &format!("<script>{JUDGE}</script></body>"));
    std::fs::write(&path, html).unwrap();
    let dom = browser(&["--window-size=1400,1000", "--virtual-time-budget=4000", "--dump-dom"], &path);
    let verdict =
        dom.split("data-verdict=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a verdict");
    serde_json::from_str(&verdict.replace("&quot;", "\"").replace("&amp;", "&")).unwrap()
}

fn browser(arguments: &[&str], page: &Path) -> String {
    let output = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"])
        .args(arguments)
        .arg(format!("file://{}", page.display()))
        .output()
        .expect("chromium is needed (tests/bench/prerequisites)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn assert_readable(verdict: &Value) {
    assert_eq!(verdict["failures"], serde_json::json!([]));
    assert_eq!(verdict["wide_texts"], serde_json::json!([]), "texts stay in their boxes");
    assert_eq!(verdict["overlaps"], serde_json::json!([]), "no box lies on another");
    assert_eq!(verdict["crossed_boxes"], serde_json::json!([]), "no line runs through a box");
    assert_eq!(verdict["keys"], serde_json::json!([]), "the keyboard is enough");
}

#[test]
fn the_samples_page_is_readable_searchable_and_usable_by_keyboard() {
    let sample = sample();
    let html = page("arasul_db", &sample.schema, &sample.attribution);
    for word in ["http:", "https:", "src=", "<link", "url(", "@import"] {
        let found = html.replace("xmlns=\"http://www.w3.org/2000/svg\"", "").contains(word);
        assert!(!found, "the page asks for nothing from elsewhere: {word}");
    }
    let verdict = judged("sample", &html);
    assert_readable(&verdict);
    assert_eq!(verdict["boxes"], 20);
    assert_eq!(verdict["found"], serde_json::json!(["audit_logs"]), "search: audit trail");
    assert_eq!(html, page("arasul_db", &sample.schema, &sample.attribution));
}

#[test]
fn a_page_of_150_tables_is_laid_out_readably() {
    let schema = schema(&database(&large()));
    let html = page("A large schema", &schema, &Attribution::default());
    let verdict = judged("large", &html);
    assert_readable(&verdict);
    assert_eq!(verdict["boxes"], 150);
    let ratio = verdict["ratio"].as_f64().unwrap();
    assert!((0.5..3.0).contains(&ratio), "{ratio}");
}

/// A few tables that many refer to, many that refer to two or three, one that refers to itself, some that stand alone.
fn large() -> String {
    let mut sql = "create schema shop;\n".to_owned();
    for at in 0..150_usize {
        let area = ["account", "order", "stock", "invoice", "shipment", "message"][at % 6];
        let mut columns = "id bigserial primary key".to_owned();
        for extra in 0..at * 7 % 12 {
            let _ = write!(
                columns,
                ", value_{extra} {}",
                ["text", "integer", "timestamptz", "numeric(12, 2)"][extra % 4]
            );
        }
        let parents: &[usize] = if (6..=138).contains(&at) { &[at / 5, at % 6, at * 13 % at] } else { &[] };
        for (number, parent) in parents.iter().take(1 + at % 3).enumerate() {
            let area = ["account", "order", "stock", "invoice", "shipment", "message"][parent % 6];
            let _ = write!(columns, ", {area}_{parent}_ref{number} bigint references shop.{area}_{parent}");
        }
        if at == 50 {
            columns += ", up_id bigint references shop.stock_50";
        }
        let _ = writeln!(sql, "create table shop.{area}_{at} ({columns});");
    }
    sql
}
