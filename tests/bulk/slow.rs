//! A reader that is slow: what it has not taken is not read, and what it may see is asked anew.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
};

use super::url;
use crate::support::{Remit, User, both, fixtures};

const PAGES: u64 = 30;

/// A provider's agreements, each about half a megabyte as it is exported; where the export is.
async fn wide(remit: &Remit, user: &User<'_>) -> String {
    let admin = remit.admin("acme");
    fixtures::catalogue(&admin).await;
    fixtures::agreement_in_force(&admin, "MSA-00").await;
    for n in 1..PAGES {
        let create =
            json!({"number": format!("MSA-{n:02}"), "title": "T", "client": {"code": "NORTHWIND"}, "currency": "USD"});
        admin.done("createAgreement", create, "").await;
        admin.done("draftTerms", fixtures::draft(&format!("MSA-{n:02}")), "").await;
    }
    let documents: Vec<String> = (0..45).map(|n| format!("d{n}: document(format: HTML)")).collect();
    url(user, &format!("{{ agreements {{ nodes {{ number versions {{ {} }} }} }} }}", documents.join(" ")), 1).await
}

/// Begins to read, with as little room for what is on its way as there can be.
async fn begin(user: &User<'_>, url: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let mut stream = socket.connect(user.remit.address).await.unwrap();
    let head =
        format!("GET {url} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\r\n", user.token);
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.read_exact(&mut [0; 1_000]).await.unwrap();
    stream
}

/// Reads to the end; the last line.
async fn end(mut stream: TcpStream) -> Value {
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    let rest = String::from_utf8_lossy(&rest);
    let last = rest.lines().rfind(|line| line.starts_with('{') && line.ends_with('}')).unwrap();
    serde_json::from_str(last).unwrap()
}

/// Waits until nothing more is asked of the database; how many statements there were since.
async fn stalled(remit: &Remit, since: u64) -> u64 {
    let mut before = remit.store.statements();
    loop {
        tokio::time::sleep(Duration::from_millis(700)).await;
        let now = remit.store.statements();
        if now == before {
            return now - since;
        }
        before = now;
    }
}

both! {
    async fn pages_that_nobody_takes_are_not_read(remit: Remit) {
        let admin = remit.admin("acme");
        let url = wide(&remit, &admin).await;
        let since = remit.store.statements();
        let stream = begin(&admin, &url).await;
        let stalled = stalled(&remit, since).await;
        assert_eq!(end(stream).await, json!({"end": true}));
        let whole = remit.store.statements() - since;
        println!("{stalled} of {whole} statements were sent for a reader that had stopped");
        assert!(stalled * 3 < whole, "{stalled} of {whole} statements");
    }

    async fn a_token_that_is_revoked_ends_its_export_with_the_page(remit: Remit) {
        let reader = remit.user("acme", "agreements:read catalogue:read clients:read");
        let url = wide(&remit, &reader).await;
        let stream = begin(&reader, &url).await;
        stalled(&remit, 0).await;
        let token = crate::support::claims(&reader.token);
        let tokens = json!({"tokens": {"jti": token["jti"]}, "reason": "Lost."});
        remit.admin("acme").done("revokeTokens", tokens, "").await;
        let last = end(stream).await;
        assert_eq!(last["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{last}");
    }
}
