//! `remit export connection`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::json;

use super::{lines, nodes};

use crate::support::{Remit, both, command, turns::settle};

/// The file that an export has begun and not ended, if there is one.
fn part(folder: &Path) -> Option<PathBuf> {
    let mut files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.find(|file| file.extension().is_some_and(|extension| extension == "part"))
}

async fn clients(remit: &Remit, count: usize) {
    let admin = remit.admin("acme");
    for from in (0..count).step_by(50) {
        let put = (from..count.min(from + 50))
            .map(|n| format!("c{n}: putClient(input: {{code: \"C{n:04}\", name: \"{n}\"}}) {{ client {{ id }} }}"));
        admin.ask(&format!("mutation {{ {} }}", put.collect::<Vec<_>>().join(" "))).await;
    }
    settle(remit).await;
}

both! {
    async fn a_list_is_written_to_a_file_and_gone_on_with_after_a_kill(remit: Remit) {
        clients(&remit, 600).await;
        let folder = tempfile::tempdir().unwrap();
        let export = |file: &str| command::words(&format!("export connection clients --page-size 1 --out {file}"));
        let said = command::run(&remit, folder.path().to_owned(), export("whole.jsonl")).await;
        assert!(said.well, "{said:?}");
        let whole = fs::read_to_string(folder.path().join("whole.jsonl")).unwrap();
        assert_eq!(nodes(&lines(&whole)).len(), 600);
        for round in 0..3 {
            let mut running = Command::new(env!("CARGO_BIN_EXE_remit"));
            running.args(export("cut.jsonl")).current_dir(folder.path()).env("REMIT_DATABASE_URL", remit.database_url());
            let before = part(folder.path()).map_or(0, |part| fs::metadata(part).unwrap().len());
            let mut running = running.stderr(Stdio::null()).spawn().unwrap();
            let until = Instant::now() + Duration::from_secs(60);
            while part(folder.path()).is_none_or(|part| fs::metadata(part).is_ok_and(|of| of.len() < before + 500)) {
                let has_ended = running.try_wait().unwrap().is_some();
                assert!(!has_ended && Instant::now() < until, "it ended before it was killed, in round {round}");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            running.kill().unwrap();
            running.wait().unwrap();
            assert!(!folder.path().join("cut.jsonl").exists(), "a file is there once it is whole");
        }
        let said = command::run(&remit, folder.path().to_owned(), export("cut.jsonl")).await;
        assert!(said.well && said.error.contains("going on with"), "{said:?}");
        assert_eq!(fs::read_to_string(folder.path().join("cut.jsonl")).unwrap(), whole);
        assert_eq!(part(folder.path()), None);
    }

    async fn a_query_in_a_file_is_written_to_the_standard_output(remit: Remit) {
        clients(&remit, 3).await;
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("one.graphql"), "query ($code: String!) { client(by: {code: $code}) { agreements { nodes { number } } } }").unwrap();
        let admin = remit.admin("acme");
        admin.done("createAgreement", json!({"number": "MSA-9", "title": "T", "client": {"code": "C0001"}, "currency": "USD"}), "").await;
        let run = |line: &str| command::run(&remit, folder.path().to_owned(), command::words(line));
        let said = run("export connection one.graphql --variables '{\"code\": \"C0001\"}'").await;
        assert!(said.well, "{said:?}");
        assert_eq!(nodes(&lines(&said.out)), [json!({"number": "MSA-9"})]);
        for (line, expected) in [
            ("export connection nothing", "\"nothing\" is no list of the API, and as a file: "),
            ("export connection one.graphql", "`$code` was not given"),
            ("export connection one.graphql --variables '[]'", "it is no JSON object"),
            ("export connection clients --page-size 501", "501"),
            ("export connection clients --out missing/folder.jsonl", "missing/folder.jsonl"),
            ("export connection clients --provider zenith --out zenith.jsonl", ""),
        ] {
            let said = run(line).await;
            assert!(said.error.contains(expected) && said.well == expected.is_empty(), "{line}: {said:?}");
        }
        let zenith = fs::read_to_string(folder.path().join("zenith.jsonl")).unwrap();
        assert_eq!(nodes(&lines(&zenith)).len(), 0, "another provider's");
    }
}
