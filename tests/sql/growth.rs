//! Scripts of one shape and two sizes: whatever reads them takes no more than its share of time for the larger.

use std::hint::black_box;
use std::time::Duration;

use dbctl::sql::survey::survey;
use rustix::time::{ClockId, clock_gettime};

use super::driver::{self, Outcome};
use super::psql::Server;

/// How many times as large the larger one is.
const LARGER: usize = 8;

/// A shape and the script of it with so many parts.
pub type Shape = (&'static str, fn(usize) -> String);

/// What could lead a reader to look again at what it has read: depth, length, number.
pub const SHAPES: &[Shape] = &[
    ("nested comments", |n| "/*".repeat(n) + &"*/".repeat(n) + ";\n"),
    ("nested comments on many lines", |n| "/* a\n".repeat(n) + &"*/\n".repeat(n) + ";\n"),
    ("comments that never end", |n| "/* ' $$ -- \n".repeat(n)),
    ("dollar quotes with tags of their own", |n| each(n, |i| format!("select $t{i}$ a $ $t $t{i}$;\n"))),
    ("what might end a dollar quote", |n| "select $a$".to_owned() + &"$b$ $a $$ ".repeat(n) + "$a$;\n"),
    ("dollar quotes that never end", |n| each(n, |i| format!("$t{i}$ "))),
    ("parentheses", |n| "(".repeat(n) + "1" + &")".repeat(n) + ";\n"),
    ("parentheses that stay open", |n| "select (\n".repeat(n)),
    ("a line of statements", |n| "select 'ä', 1; ".repeat(n)),
    ("a line that is one statement", |n| "select ".to_owned() + &"'ä', ".repeat(n) + "1;\n"),
    ("a statement of many lines", |n| "select\n".to_owned() + &"'a', -- b\n".repeat(n) + "1;\n"),
    ("statements", |n| "select 1;\n".repeat(n)),
    ("statements joined", |n| "select 1\\; ".repeat(n) + ";\n"),
    ("empty statements", |n| ";".repeat(n)),
    ("empty lines", |n| "\n".repeat(n)),
    ("strings that go on in the next line", |n| "select 'a'\n".to_owned() + &"'b'\n".repeat(n) + ";\n"),
    ("bodies", |n| {
        let body = "select case when true then 1 end;\n".repeat(n);
        format!("create function f() returns int begin atomic {body} end;\n")
    }),
    ("bodies that never end", |n| "create function f() begin atomic case\n".repeat(n)),
    ("nested branches", |n| "\\if true\n".repeat(n) + &"\\endif\n".repeat(n)),
    ("nested branches that are not taken", |n| {
        "\\if false\n".repeat(n) + "select 1;\n" + &"\\else\n\\endif\n".repeat(n)
    }),
    ("nested branches on which a variable decides", |n| "\\if :a\n".repeat(n) + &"\\endif\n".repeat(n)),
    ("branches that never end", |n| "\\if true\n\\else\n".repeat(n)),
    ("branches", |n| "\\if false\nselect\n\\elif 0\n\\else\n\\endif\n".repeat(n)),
    ("branches in a statement", |n| {
        "select\n".to_owned() + &"1,\n\\if false\n2,\n\\endif\n".repeat(n) + "3;\n"
    }),
    ("variables", |n| {
        each(n, |i| format!("\\set v{i} {i}\n")) + &each(n, |i| format!("select :v{i}, :'v{i}';\n"))
    }),
    ("variables that name the one before", |n| {
        "\\set v0 1\n".to_owned()
            + &each(n, |i| format!("\\set v{} ':v{i}'\n", i + 1))
            + &format!("select :v{n};\n")
    }),
    ("a variable that names itself", |n| "\\set v '1 :v'\n".to_owned() + &"select :v;\n".repeat(n)),
    ("references in a line", |n| {
        "\\set v 'a b'\nselect ".to_owned() + &":v, :'v', :\"v\", :{?v}, ".repeat(n)
    }),
    ("a long value", |n| format!("\\set v '{}'\nselect :v, :'v';\n", "a, ".repeat(n))),
    ("arguments", |n| "\\echo".to_owned() + &" a 'b' :c".repeat(n) + "\n"),
    ("an argument", |n| "\\set v ".to_owned() + &"'a'\"b\"c".repeat(n) + "\n"),
    ("escapes", |n| "select E'\\'' \\;\n".repeat(n)),
    ("openings of all kinds", |n| ":'a:{?a$a/ * 1e+ 1..+- ".repeat(n)),
    ("backslashes", |n| "\\\\ ".repeat(n) + "\n"),
    ("resets", |n| "select 1\n\\r\n".repeat(n)),
    ("commands that nobody knows", |n| "select 1 \\nonsense a\n".repeat(n)),
    ("carriage returns", |n| "select 1\r".repeat(n)),
    ("zeros", |n| "select\0 1;\n".repeat(n)),
    ("rows", |n| "copy nothing from stdin;\n".to_owned() + &"1\t2\n".repeat(n) + "\\.\n"),
    ("a row", |n| "copy nothing from stdin;\n".to_owned() + &"1\t2 ".repeat(n) + "\n\\.\n"),
];

fn each(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect()
}

/// The processor time of this thread that the work takes: a busy machine counts little.
pub fn time(work: impl FnOnce()) -> Duration {
    let before = clock();
    work();
    clock().checked_sub(before).expect("clocks go forward")
}

fn clock() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(now).expect("time since the thread began")
}

/// Which of the shapes take more than three times their share where the script is larger: the best of several
/// tries, for each of them may be disturbed. `length`: bytes of the smaller one.
pub fn overgrown(length: usize, read: impl Fn(&str)) -> Vec<String> {
    let is_over = |(name, shape): &Shape| {
        let count = length / shape(1000).len().div_ceil(1000).max(1);
        let (small, large) = (shape(count), shape(LARGER * count));
        let mut told = String::new();
        for _ in 0..4 {
            let (less, more) = (time(|| read(&small)), time(|| read(&large)));
            let share = less.max(Duration::from_millis(1)) * u32::try_from(LARGER).expect("it is small");
            if more < share * 3 {
                return None;
            }
            told = format!("{name}: {less:?}, eight times as much {more:?}");
        }
        Some(told)
    };
    SHAPES.iter().filter_map(is_over).collect()
}

const LENGTH: usize = 60_000;

#[test]
fn the_scanner_takes_no_more_than_its_share_of_time() {
    let read = |script: &str| driver::run(Server::default(), script.as_bytes(), &mut Outcome::default());
    assert_eq!(overgrown(LENGTH, read), [""; 0]);
}

#[test]
fn the_survey_takes_no_more_than_its_share_of_time() {
    let read = |script: &str| drop(black_box(survey(script.as_bytes()).expect("memory can be read")));
    assert_eq!(overgrown(LENGTH, read), [""; 0]);
}
