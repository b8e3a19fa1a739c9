//! `syntax`: a statement can be parsed.

use crate::lint::look::Look;
use crate::lint::rule::{Example, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "syntax",
    wants: "every statement parses; no meta-command is unknown to psql",
    why: "The server would refuse it. What follows in the script is checked all the same.",
    example: Example::Sql {
        wrong: "SELECT 1 FORM users;\nSELECT FROM WHERE;",
        right: "SELECT 1 FROM users;",
    },
    init: Severity::Error,
    migrations: Severity::Error,
    fixes: false,
    check,
};

fn check(look: &mut Look) {
    let Some(survey) = &look.reading.survey else { return };
    if let Some(malformed) = &survey.malformed {
        let at =
            usize::try_from(malformed.position.offset).unwrap_or(usize::MAX).min(look.reading.text.len());
        let length = 1 + crate::text::token_length(look.reading.text.get(at + 1..).unwrap_or_default());
        let end = (at + length).min(look.reading.text.len());
        look.report(&(at..end), malformed.error.to_string());
    }
    // What is cut off is told by another rule.
    let whole = look.statements().len() - usize::from(survey.inside.is_some()).min(look.statements().len());
    for statement in &look.statements()[..whole] {
        // What follows the first error of a statement follows from it.
        if let Some(error) = statement.errors.first() {
            let start = error.span.start.min(look.reading.text.len());
            let length = crate::text::token_length(&look.reading.text[start..]);
            let end = error.span.end.max(start + length).min(look.reading.text.len());
            look.report(&(start..end), "this statement does not parse").label(error.message.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::{found, found_in};

    #[test]
    fn the_rest_of_a_broken_script_is_still_checked() {
        let text = "SELEC 1;\nCREATE TABLE t (a timestamp);\nSELECT (;\n\\nonsense\n";
        assert_eq!(found("timestamptz", text), ["timestamp"]);
        let found = found("syntax", "SELEC 1;\nSELECT 2;\nCREATE TABLE t (a int,,);\n\\nonsense\n");
        assert_eq!(found.len(), 3, "{found:?}");
        assert_eq!(found[2], "\\nonsense");
    }

    #[test]
    fn bodies_are_parsed_and_variables_may_be_anything() {
        assert_eq!(found("syntax", "DO $$ BEGIN SELEC 1; END $$;").len(), 1);
        let fine = "SELECT :x, :'y', :\"z\", a[1:2] FROM :t; CREATE TABLE :\"t\" (a int DEFAULT :d);";
        assert_eq!(found("syntax", fine), [""; 0]);
        let rare = "SET NAMES 'utf8'; CREATE OR REPLACE TRUSTED PROCEDURAL LANGUAGE l;";
        assert_eq!(found("syntax", rare), [""; 0]);
        assert_eq!(found_in("syntax", &[("001_a.sh", "if true; then echo; fi")]), [""; 0]);
    }
}
