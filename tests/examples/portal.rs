//! The TypeScript example: a page of a client portal.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::Once,
};

use serde_json::json;

use super::folder;
use crate::support::{Remit, both, fixtures};

/// The page's server, on a port of its own.
struct Portal {
    child: Child,
    url: String,
}

/// Builds the example, types from the schema included.
fn build() {
    let built = Command::new("npm").args(["run", "--silent", "build"]).current_dir(folder("typescript")).output();
    let built = built.unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(built.status.success(), "{}{}", text(&built.stdout), text(&built.stderr));
}

impl Portal {
    /// Starts the example, which the first one builds.
    async fn start(remit: &Remit, token: &str) -> Self {
        let (url, token) = (format!("http://{}", remit.address), token.to_owned());
        let start = move || {
            static BUILT: Once = Once::new();
            BUILT.call_once(build);
            let mut node = Command::new("node");
            node.arg("dist/main.js").current_dir(folder("typescript")).env("PORT", "0");
            node.env("REMIT_URL", url).env("REMIT_TOKEN", token).stdout(Stdio::piped()).stderr(Stdio::null());
            let mut child = node.spawn().unwrap();
            let url = BufReader::new(child.stdout.take().unwrap()).lines().next().unwrap().unwrap();
            Self { child, url }
        };
        tokio::task::spawn_blocking(start).await.unwrap()
    }

    /// The page; its status and text.
    async fn page(&self) -> (u16, String) {
        let response = reqwest::get(&self.url).await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

both! {
    #[ignore = "needs Node: cargo xtask test --judges"]
    async fn a_client_sees_what_it_was_promised_and_how_it_is_going(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        let ticket = json!({"ref": {"system": "psa", "id": "1"}, "agreement": {"code": "MSA-1"}, "title": "<b>Mail</b> & calendar",
            "priority": "P2", "openedAt": "2026-11-20T21:00:00Z"});
        admin.done("recordTickets", json!({"tickets": [ticket]}), "").await;
        admin.done("putClient", json!({"code": "FABRIKAM", "name": "Fabrikam"}), "").await;
        let scopes = "agreements:read clients:read catalogue:read tickets:read";
        let portal = Portal::start(&remit, &remit.portal("acme", "NORTHWIND", scopes).token).await;
        let (status, page) = portal.page().await;
        assert_eq!(status, 200, "{page}");
        for part in [
            "What we promised Northwind", "<h2>MSA-1: Managed services</h2>", "<p>ACTIVE, open-ended.</p>", "<li>helpdesk <small>1.1.1",
            "Spilled coffee: Damage by users is not covered.", "<td>P2<td>RESPONSE<td>PT1H<td>TARGET", "SYSTEM_FAILURE within PT8H",
            "Servers every PT24H", "A backup disk: UNKNOWN.", "&#60;b&#62;Mail&#60;/b&#62; &#38; calendar", "RESOLUTION: due 2026-11-23T20:00:00Z",
        ] {
            assert!(page.contains(part), "{part}\n{page}");
        }
        // One that has ended says so.
        admin.done("createAgreement", json!({"number": "MSA-0", "title": "Before", "client": {"code": "NORTHWIND"}, "currency": "USD"}), "").await;
        let mut before = fixtures::draft("MSA-0");
        (before["effectiveFrom"], before["effectiveUntil"]) = (json!("2025-01-01"), json!("2025-12-31"));
        admin.done("draftTerms", before, "").await;
        admin.done("offerTerms", json!({"agreement": {"code": "MSA-0"}}), "").await;
        admin.done("activateTerms", json!({"agreement": {"code": "MSA-0"}, "acceptedBy": "Northwind"}), "").await;
        let (_, page) = portal.page().await;
        assert!(page.contains("<p>EXPIRED.</p><p>It has ended.</p>"), "{page}");
        // Another client has nothing there, and nobody is told why a page cannot be shown.
        let other = Portal::start(&remit, &remit.portal("acme", "FABRIKAM", scopes).token).await.page().await;
        assert!(other.1.contains("What we promised Fabrikam") && !other.1.contains("MSA-1"), "{other:?}");
        let (status, page) = Portal::start(&remit, "no token").await.page().await;
        assert_eq!((status, page.as_str()), (502, "The portal cannot be shown now. Try again in a while."));
    }
}
