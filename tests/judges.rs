//! Judges that others wrote, on Node: `cargo xtask test --judges` fetches and runs them, `tests/judges` holds them.
//!
//! A judge is a program that is told where the server is, prints what it finds wrong, and fails if there is anything. To
//! add one: a file in `tests/judges`, its packages in `package.json` there, and a test here.

use std::{path::PathBuf, process::Command};

use crate::support::{NOW, Remit, both};

/// Runs `tests/judges/NAME.mjs` with these variables; what it prints is the failure.
async fn judge(name: &str, variables: Vec<(&'static str, String)>) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/judges");
    let mut node = Command::new("node");
    node.arg(folder.join(format!("{name}.mjs"))).current_dir(folder).envs(variables);
    let done = tokio::task::spawn_blocking(move || node.output().unwrap()).await.unwrap();
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    assert!(done.status.success(), "{name}: {}{}", text(&done.stdout), text(&done.stderr));
}

/// Runs a judge on a server, with a token that may do everything.
async fn judge_server(name: &str, remit: &Remit) {
    let url = format!("http://{}/graphql", remit.address);
    let token = remit.admin("acme").token;
    judge(name, vec![("REMIT_URL", url), ("REMIT_TOKEN", token), ("REMIT_NOW", NOW.to_owned())]).await;
}

both! {
    #[ignore = "needs Node: cargo xtask test --judges"]
    async fn subscriptions_are_understood_by_the_clients_of_the_protocols(remit: Remit) {
        judge_server("subscriptions", &remit).await;
    }

    #[ignore = "needs Node: cargo xtask test --judges"]
    async fn graphql_over_http_is_kept(remit: Remit) {
        judge_server("http", &remit).await;
    }

    #[ignore = "needs Node: cargo xtask test --judges"]
    async fn documents_are_validated_as_graphql_js_does(remit: Remit) {
        judge_server("validation", &remit).await;
    }

    #[ignore = "needs Node: cargo xtask test --judges"]
    async fn webhooks_are_verified_by_standard_webhooks(remit: Remit) {
        let delivery = remit.deliver();
        judge_server("webhooks", &remit).await;
        delivery.stop().await;
    }

    #[ignore = "needs Node: cargo xtask test --judges"]
    async fn the_subgraph_composes_with_others(remit: Remit) {
        judge_server("federation", &remit).await;
    }
}

#[ignore = "needs Node: cargo xtask test --judges"]
#[tokio::test]
async fn the_schema_is_made_as_others_recommend() {
    judge("lint", Vec::new()).await;
}

#[ignore = "needs Node: cargo xtask test --judges"]
#[tokio::test]
async fn the_schema_breaks_nobody_who_was_built_against_the_released_one() {
    judge("changes", Vec::new()).await;
}
