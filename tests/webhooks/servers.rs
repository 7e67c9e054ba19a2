//! Several servers on one database, and servers that are killed.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::json;

use super::{by_subject, deliveries, put, rename, webhook};
use crate::support::{
    Backend, Remit, both,
    receiver::{Answer, Received, Receiver},
};

/// A server in a process of its own, on the same database; killed when dropped.
struct Process(Child);

impl Process {
    fn start(remit: &Remit, folder: &std::path::Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_remit"));
        command.arg("serve").current_dir(folder).env("REMIT_DATABASE_URL", remit.database_url());
        command.env("REMIT_LISTEN", "127.0.0.1:0").env("REMIT_DATA_DIR", folder);
        command.env("REMIT_WEBHOOK_PRIVATE_NETWORKS", "127.0.0.0/8").env("REMIT_LOG", "info");
        // The test's changes are of one day, whenever it runs.
        command.env("REMIT_CHANGES_KEPT", "36500d");
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        assert!(lines.any(|line| line.contains("serving")), "it starts");
        std::thread::spawn(move || lines.for_each(drop));
        Self(child)
    }
}

/// Without a chance to put anything down.
impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// Asserts that each subject's messages came first in their order.
async fn assert_order(remit: &Remit, messages: &[Received]) {
    let queue = deliveries(&remit.admin("acme"), "X", &[], "messageId change { subjectId }").await;
    for (subject, ids) in by_subject(messages) {
        let of_subject = queue.iter().filter(|delivery| delivery["change"]["subjectId"] == subject.as_str());
        let expected: Vec<&str> = of_subject.map(|delivery| delivery["messageId"].as_str().unwrap()).collect();
        assert_eq!(ids, expected, "{subject}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_share_the_work_without_doubling_it() {
    let first = Remit::start(Backend::Postgres).await;
    let (second, third) = (first.beside().await, first.beside().await);
    let admin = first.admin("acme");
    let receiver = Receiver::start_as(Answer::Slow(Duration::from_millis(5))).await;
    put(&admin, "X", &receiver, json!({})).await;
    let delivering = [first.deliver(), second.deliver(), third.deliver()];
    for turn in 0..15 {
        for client in 0..10 {
            rename(&admin, &format!("C{client}"), turn).await;
        }
    }
    let taken = receiver.takes(150).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!((taken.len(), receiver.received().len()), (150, 150), "each once");
    assert_order(&first, &taken).await;
    for delivering in delivering {
        delivering.stop().await;
    }
}

both! {
    async fn a_server_that_is_killed_loses_nothing(remit: Remit) {
        let admin = remit.admin("acme");
        let receiver = Receiver::start_as(Answer::Slow(Duration::from_millis(20))).await;
        put(&admin, "X", &receiver, json!({})).await;
        let folder = tempfile::tempdir().unwrap();
        for turn in 0..4 {
            let before = receiver.received().len();
            let server = Process::start(&remit, folder.path());
            for client in 0..10 {
                rename(&admin, &format!("C{client}"), turn).await;
            }
            receiver.until("some messages", move |all| all.len() > before + 3).await;
            drop(server);
        }
        let _server = Process::start(&remit, folder.path());
        let distinct = |messages: &[Received]| by_subject(messages).values().map(Vec::len).sum::<usize>();
        receiver.until("every message", |all| distinct(&all.iter().filter(|m| m.taken).cloned().collect::<Vec<_>>()) == 40).await;
        let received = receiver.received();
        println!("{} messages arrived {} times over four kills", distinct(&received), received.len());
        assert!(received.len() <= 40 + 4 * 8, "only what was on its way when a server was killed came twice");
        assert_order(&remit, &received).await;
        for _ in 0..200 {
            if webhook(&admin, "X", "pending").await == json!({"pending": 0}) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("not everything was put down");
    }
}
