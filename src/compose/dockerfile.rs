//! The image on which a Dockerfile's result is based.

use std::collections::BTreeMap;

use super::template;

/// The base image of the stage `target`, or of the last one, with build arguments filled in.
#[must_use]
pub fn base_image(text: &str, target: Option<&str>, args: &BTreeMap<String, String>) -> Option<String> {
    let mut reader = Reader { args, defaults: BTreeMap::new(), stages: Vec::new() };
    for line in lines(text) {
        reader.instruction(&line);
    }
    reader.resolve(target)
}

struct Stage {
    name: Option<String>,
    image: String,
}

struct Reader<'a> {
    args: &'a BTreeMap<String, String>,
    defaults: BTreeMap<String, String>,
    stages: Vec<Stage>,
}

impl Reader<'_> {
    fn instruction(&mut self, line: &str) {
        let (keyword, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        // Only arguments before the first stage can name its image.
        if keyword.eq_ignore_ascii_case("ARG") && self.stages.is_empty() {
            for (name, value) in rest.split_whitespace().filter_map(|word| word.split_once('=')) {
                let value = self.filled(value.trim_matches(['"', '\'']));
                self.defaults.insert(name.to_owned(), value);
            }
        }
        if keyword.eq_ignore_ascii_case("FROM") {
            let mut words = rest.split_whitespace().skip_while(|word| word.starts_with("--"));
            let image = self.filled(words.next().unwrap_or_default());
            let name = words.find(|word| !word.eq_ignore_ascii_case("AS")).map(str::to_owned);
            self.stages.push(Stage { name, image });
        }
    }

    fn filled(&self, text: &str) -> String {
        let lookup = |name: &str| self.args.get(name).or_else(|| self.defaults.get(name)).cloned();
        template::substitute(text, &lookup).unwrap_or_else(|_| text.to_owned())
    }

    fn resolve(&self, target: Option<&str>) -> Option<String> {
        let named = |stage: &&Stage, name: &str| {
            stage.name.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name))
        };
        let wanted = target.and_then(|target| self.stages.iter().find(|stage| named(stage, target)));
        let mut stage = wanted.or_else(|| self.stages.last())?;
        // A stage can only build on an earlier one, so this ends.
        for _ in &self.stages {
            match self.stages.iter().find(|earlier| named(earlier, &stage.image)) {
                Some(earlier) => stage = earlier,
                None => break,
            }
        }
        Some(stage.image.clone())
    }
}

/// The instructions of a Dockerfile, continued lines joined, comments left out.
fn lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut open = String::new();
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        match line.strip_suffix('\\') {
            Some(part) => open.extend([part, " "]),
            None => lines.push(std::mem::take(&mut open) + line),
        }
    }
    lines.push(open);
    lines
}

#[cfg(test)]
mod tests {
    use super::base_image;

    fn base(text: &str, target: Option<&str>) -> Option<String> {
        let args = [("VERSION".to_owned(), "17".to_owned())].into();
        base_image(text, target, &args)
    }

    #[test]
    fn the_last_stage_counts_and_arguments_are_filled_in() {
        let text = "# syntax=docker/dockerfile:1\nARG VERSION=16 IMAGE=postgres\nFROM golang AS tools\n\
                    RUN go build \\\n  # a comment\n  ./x\nFROM --platform=linux/amd64 ${IMAGE}:$VERSION\nCOPY --from=tools /x /x\n";
        assert_eq!(base(text, None).as_deref(), Some("postgres:17"));
    }

    #[test]
    fn a_stage_built_on_another_is_followed_and_a_target_chooses() {
        let text = "FROM postgres:16 AS base\nFROM base AS dev\nFROM nginx\n";
        assert_eq!(base(text, Some("dev")).as_deref(), Some("postgres:16"));
        assert_eq!(base(text, None).as_deref(), Some("nginx"));
        assert_eq!(base("", None), None);
    }
}
