//! Calls to servers on this machine, and names that lead where the test says.

use std::{
    net::IpAddr,
    sync::atomic::{AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    task::JoinHandle,
};

use super::*;

const TIMEOUT: Duration = Duration::from_millis(500);

/// A server that counts its connections and answers each with the same text.
struct Peer {
    port: u16,
    asked: Arc<AtomicUsize>,
    server: JoinHandle<()>,
}

impl Peer {
    async fn start(answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, asked) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
        let counter = Arc::clone(&asked);
        let server = tokio::spawn(async move {
            loop {
                let (mut connection, _) = listener.accept().await.unwrap();
                counter.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    drop(connection.read(&mut [0; 4096]).await);
                    drop(connection.write_all(answer.as_bytes()).await);
                    drop(connection.read(&mut [0; 4096]).await);
                });
            }
        });
        Self { port, asked, server }
    }

    fn url(&self, host: &str) -> Url {
        format!("http://{host}:{}/hook", self.port).parse().unwrap()
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn client(networks: &str) -> GuardedClient {
    let networks = if networks.is_empty() { Networks::default() } else { networks.parse().unwrap() };
    GuardedClient::with_lookup(networks, TIMEOUT, names).unwrap()
}

/// Leads names to where the test wants them.
fn names(name: &str) -> Found {
    static TURNS: AtomicUsize = AtomicUsize::new(0);
    let addresses: Vec<IpAddr> = match name {
        "inside.test" => vec!["127.0.0.1".parse().unwrap()],
        "mapped.test" => vec!["::ffff:127.0.0.1".parse().unwrap()],
        "metadata.test" => vec!["169.254.169.254".parse().unwrap()],
        "mixed.test" => vec!["203.0.113.1".parse().unwrap(), "1.1.1.1".parse().unwrap(), "127.0.0.1".parse().unwrap()],
        "public.test" => vec!["1.1.1.1".parse().unwrap()],
        // At first where it may lead, then elsewhere.
        "rebinding.test" if TURNS.fetch_add(1, Ordering::SeqCst) == 0 => vec!["127.0.0.1".parse().unwrap()],
        "rebinding.test" => vec!["10.0.0.1".parse().unwrap()],
        _ => vec![],
    };
    Box::pin(async move { Ok(addresses) })
}

async fn post(client: &GuardedClient, url: &Url) -> Result<u16, String> {
    let answer = client.post(url, &[("x-test", "1".into())], b"{}".to_vec(), 10).await.outcome;
    answer.map(|answer| answer.status()).map_err(|error| error.to_string())
}

const OK: &str = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";

#[tokio::test]
async fn nothing_private_is_called_unless_it_is_named() {
    let peer = Peer::start(OK).await;
    let (shut, open) = (client(""), client("127.0.0.0/8"));
    for host in ["127.0.0.1", "0x7f000001", "2130706433", "127.1", "[::ffff:127.0.0.1]", "inside.test", "mapped.test"] {
        let url = peer.url(host);
        assert_eq!(post(&shut, &url).await, Err(Refused::Insecure.to_string()), "{host}");
        let secure: Url = format!("https://{host}:{}/", peer.port).parse().unwrap();
        assert_eq!(post(&shut, &secure).await, Err(Refused::NotPublic.to_string()), "{host}");
        assert_eq!(peer.asked(), 0, "{host}");
    }
    for (called, host) in ["127.0.0.1", "127.1", "inside.test", "mapped.test"].into_iter().enumerate() {
        assert_eq!(post(&open, &peer.url(host)).await, Ok(200), "{host}");
        assert_eq!(peer.asked(), called + 1, "{host}");
    }
    let called = peer.asked();
    for (host, refused) in [
        ("metadata.test", Refused::NotPublic),
        ("mixed.test", Refused::NotPublic),
        ("nowhere.test", Refused::Unknown),
        ("169.254.169.254", Refused::NotPublic),
        ("[::1]", Refused::NotPublic),
        ("[fd00:ec2::254]", Refused::NotPublic),
        ("10.0.0.1", Refused::NotPublic),
        // Public, but without TLS.
        ("public.test", Refused::Insecure),
        ("1.1.1.1", Refused::Insecure),
    ] {
        assert_eq!(post(&open, &peer.url(host)).await, Err(refused.to_string()), "{host}");
    }
    assert_eq!(peer.asked(), called);
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_a_moment_later_is_looked_at_again() {
    let peer = Peer::start("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").await;
    let (client, url) = (client("127.0.0.0/8"), peer.url("rebinding.test"));
    assert_eq!(post(&client, &url).await, Ok(200));
    assert_eq!(post(&client, &url).await, Err(Refused::NotPublic.to_string()));
    assert_eq!(peer.asked(), 1);
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let inner = Peer::start(OK).await;
    let to_inner =
        format!("HTTP/1.1 307 Temporary Redirect\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", inner.url("127.0.0.1"));
    let peer = Peer::start(Box::leak(to_inner.into_boxed_str())).await;
    assert_eq!(post(&client("127.0.0.0/8"), &peer.url("127.0.0.1")).await, Ok(307));
    assert_eq!((peer.asked(), inner.asked()), (1, 0));
}

#[tokio::test]
async fn a_server_that_hangs_or_answers_for_ever_is_left() {
    let client = client("127.0.0.0/8");
    let silent = Peer::start("").await;
    assert_eq!(post(&client, &silent.url("127.0.0.1")).await, Err("there was no answer within 0.5 seconds".into()));
    let endless = Peer::start("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n0123456789and so on").await;
    let answer = client.post(&endless.url("127.0.0.1"), &[], Vec::new(), 10).await.outcome.unwrap();
    assert_eq!((answer.status(), answer.body.as_slice()), (200, b"0123456789".as_slice()));
    let short = Peer::start("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n0").await;
    assert!(post(&client, &short.url("127.0.0.1")).await.is_err(), "an answer that is not finished is none");
    let nobody: Url = "http://127.0.0.1:1/".parse().unwrap();
    let error = post(&client, &nobody).await.unwrap_err();
    assert!(error.contains("refused") && !error.contains("127.0.0.1"), "{error}");
}
