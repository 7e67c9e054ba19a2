//! What a connection may hold, and for how long: by servers on which that is little.

use std::time::Duration;

use remit::http::HttpRules;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    time::{Instant, sleep, timeout},
};

use crate::support::{Backend, Remit, Rules, socket::Socket};

const SOON: Duration = Duration::from_millis(300);
/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

async fn remit(connections: usize) -> Remit {
    remit_that_waits(SOON, connections).await
}

async fn remit_that_waits(time: Duration, connections: usize) -> Remit {
    let http =
        HttpRules { connections, headers_within: time, body_within: time, taken_within: time, ..HttpRules::default() };
    Remit::start_with(Backend::Sqlite, Rules { http, ..Rules::default() }).await
}

/// Whether somebody new is served, who leaves no connection behind.
async fn is_served(remit: &Remit, within: Duration) -> bool {
    let client = reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap();
    let asked = client.get(format!("http://{}/healthz", remit.address)).send();
    timeout(within, asked).await.is_ok_and(|answer| answer.unwrap().status() == StatusCode::OK)
}

/// Whether the server ends a connection.
async fn ends(stream: &mut TcpStream) -> bool {
    let mut rest = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut rest)).await.is_ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_are_bounded_and_who_says_nothing_is_let_go() {
    let remit = remit(2).await;
    let mut half = TcpStream::connect(remit.address).await.unwrap();
    half.write_all(b"POST /graphql HTTP/1.1\r\nhost: a\r\n").await.unwrap();
    let mut silent = TcpStream::connect(remit.address).await.unwrap();
    silent.write_all(b"PRI * HT").await.unwrap();
    let begun = Instant::now();
    assert!(is_served(&remit, PATIENCE).await);
    assert!(begun.elapsed() >= Duration::from_millis(200), "it was let in while two were held");
    assert!(ends(&mut half).await && ends(&mut silent).await, "it is still held");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http_2_without_requests_is_let_go() {
    let remit = remit(1).await;
    // One that answers every ping and keeps its connection for as long as it may.
    let idle = reqwest::Client::builder().http2_prior_knowledge().pool_idle_timeout(None).build().unwrap();
    let answer = idle.get(format!("http://{}/healthz", remit.address)).send().await.unwrap();
    assert_eq!((answer.version(), answer.text().await.unwrap().as_str()), (reqwest::Version::HTTP_2, "ok"));
    assert!(is_served(&remit, PATIENCE).await, "the idle connection keeps its place");
    // One that says how it would speak, and then nothing, whatever it is told.
    let mut deaf = TcpStream::connect(remit.address).await.unwrap();
    let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    deaf.write_all(&[b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".as_slice(), &settings].concat()).await.unwrap();
    assert!(ends(&mut deaf).await, "it is still held");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_takes_nothing_of_the_answers_is_let_go() {
    let remit = remit(1).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let mut greedy = socket.connect(remit.address).await.unwrap();
    // Far more than the buffers of both ends hold.
    let wanted = "GET /editor.js HTTP/1.1\r\nhost: a\r\n\r\n".repeat(4_000);
    drop(timeout(SOON, greedy.write_all(wanted.as_bytes())).await);
    assert!(is_served(&remit, PATIENCE).await, "it keeps its place");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sockets_are_among_them() {
    let remit = remit(2).await;
    let token = remit.admin("acme").token;
    let one = Socket::acknowledged(&remit, &token).await;
    let other = Socket::acknowledged(&remit, &token).await;
    assert!(!is_served(&remit, Duration::from_millis(700)).await, "two sockets hold two places");
    drop(one);
    assert!(is_served(&remit, PATIENCE).await);
    drop(other);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_comes_in_time_wherever_it_goes() {
    let remit = remit(10).await;
    for (path, token) in [
        ("/graphql", format!("authorization: Bearer {}\r\n", remit.admin("acme").token)),
        ("/oauth/token", String::new()),
    ] {
        let mut slow = TcpStream::connect(remit.address).await.unwrap();
        let kind = if token.is_empty() { "application/x-www-form-urlencoded" } else { "application/json" };
        let head =
            format!("POST {path} HTTP/1.1\r\nhost: a\r\ncontent-type: {kind}\r\ncontent-length: 100\r\n{token}\r\n");
        slow.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        timeout(PATIENCE, slow.read_to_end(&mut answer)).await.expect("it is still held").unwrap();
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 408 "), "{path}: {answer}");
        let body: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
        let said = if token.is_empty() { &body["error_description"] } else { &body["errors"][0]["message"] };
        assert_eq!(said, "the body did not come in time");
    }
}

/// Whoever reads along over HTTP/2 is at work for as long as the stream lasts, however little happens.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_over_http_2_is_held() {
    let remit = remit(10).await;
    let client = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    let admin = remit.admin("acme");
    let request = client.request(Method::POST, format!("http://{}/graphql", remit.address)).bearer_auth(&admin.token);
    let query = serde_json::json!({"query": "subscription { changed { node { event } } }"});
    let mut stream = request.header("accept", "text/event-stream").json(&query).send().await.unwrap();
    sleep(SOON * 8).await;
    admin.done("putClient", serde_json::json!({"code": "A", "name": "A"}), "").await;
    let mut told = String::new();
    while !told.contains("client.put") {
        let chunk = timeout(PATIENCE, stream.chunk()).await.expect("nothing comes").unwrap();
        told.push_str(std::str::from_utf8(&chunk.expect("it was let go")).unwrap());
    }
}

/// Whoever takes a large answer little by little over HTTP/2 is given all of it, however long that takes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_answer_over_http_2_may_be_taken_slowly() {
    let time = Duration::from_secs(1);
    let remit = remit_that_waits(time, 10).await;
    // Little is sent before it is taken.
    let client = reqwest::Client::builder().http2_prior_knowledge();
    let client = client.http2_initial_stream_window_size(65_535).http2_initial_connection_window_size(65_535);
    let client = client.build().unwrap();
    let token = remit.admin("acme").token;
    let types = "__schema { types { name description fields { name description args { name description } } } }";
    let query = format!("{{ a: {types} b: {types} c: {types} d: {types} e: {types} f: {types} }}");
    let ask = || {
        let request = client.post(format!("http://{}/graphql", remit.address)).bearer_auth(&token);
        request.json(&serde_json::json!({"query": query})).send()
    };
    let whole = ask().await.unwrap().text().await.unwrap();
    assert!(whole.len() > 900_000, "{}", whole.len());
    let mut slow = ask().await.unwrap();
    let (mut taken, begun) = (Vec::new(), Instant::now());
    while let Some(chunk) = slow.chunk().await.expect("it was let go") {
        taken.extend_from_slice(&chunk);
        sleep(time / 25).await;
    }
    assert!(begun.elapsed() > time * 2, "far longer than a connection may be at rest: {:?}", begun.elapsed());
    assert!(String::from_utf8(taken).unwrap() == whole, "it is cut");
}

/// What was not read of a request is in the way of the next one, so its connection ends, and the answer says so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_says_when_its_connection_ends() {
    let remit = remit(10).await;
    let token = remit.admin("acme").token;
    let query = r#"{"query": "{ viewer { subject } }"}"#;
    let ask = async |head: &str, length: usize| {
        let mut stream = TcpStream::connect(remit.address).await.unwrap();
        let head = format!("POST /graphql HTTP/1.1\r\nhost: a\r\n{head}content-length: {length}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(query.as_bytes()).await.unwrap();
        let mut answer = vec![0; 16 * 1024];
        let read = timeout(PATIENCE, stream.read(&mut answer)).await.unwrap().unwrap();
        let answer = String::from_utf8(answer[..read].to_vec()).unwrap().to_ascii_lowercase();
        (answer[9..12].to_owned(), answer.contains("connection: close"))
    };
    let json = format!("authorization: Bearer {token}\r\ncontent-type: application/json\r\n");
    assert_eq!(ask(&json, query.len()).await, ("200".to_owned(), false));
    assert_eq!(ask("content-type: application/json\r\n", query.len() + 1).await, ("401".to_owned(), true));
    assert_eq!(ask(&format!("authorization: Bearer {token}\r\n"), query.len()).await, ("415".to_owned(), true));
    assert_eq!(ask(&json, 2_000_000).await, ("413".to_owned(), true));
}
