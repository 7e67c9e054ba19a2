//! Keys that come from an issuer on this machine, which counts how often it is asked; the clock is the test's.

use std::{fs, sync::atomic::AtomicUsize};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    task::{JoinHandle, JoinSet},
};

use super::*;
use crate::auth::SigningKey;

const NOW: i64 = 1_800_000_000;

/// What the issuer answers: status and headers, body, and how long it thinks.
#[derive(Clone)]
struct Answer {
    head: String,
    body: String,
    after: Duration,
}

impl Answer {
    fn new(head: &str, body: impl Into<String>) -> Self {
        Self { head: head.into(), body: body.into(), after: Duration::ZERO }
    }

    /// The public halves of these keys.
    fn keys(keys: &[&SigningKey]) -> Self {
        Self::new("200 OK", set(keys).to_string())
    }
}

fn set(keys: &[&SigningKey]) -> Value {
    json!({"keys": keys.iter().map(|key| key.jwks()["keys"][0].clone()).collect::<Vec<_>>()})
}

/// An issuer, gone when dropped.
struct Issuer {
    url: String,
    asked: Arc<AtomicUsize>,
    answer: Arc<std::sync::Mutex<Answer>>,
    server: JoinHandle<()>,
}

impl Issuer {
    async fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        let (asked, answer) = (Arc::new(AtomicUsize::new(0)), Arc::new(std::sync::Mutex::new(answer)));
        let (counter, current) = (Arc::clone(&asked), Arc::clone(&answer));
        let server = tokio::spawn(async move {
            loop {
                let (mut connection, _) = listener.accept().await.unwrap();
                counter.fetch_add(1, Ordering::SeqCst);
                let answer = current.lock().unwrap().clone();
                tokio::spawn(async move {
                    drop(connection.read(&mut [0; 4096]).await);
                    tokio::time::sleep(answer.after).await;
                    let (head, body) = (answer.head, answer.body);
                    let text = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
                    drop(connection.write_all(text.as_bytes()).await);
                });
            }
        });
        Self { url, asked, answer, server }
    }

    fn keys(&self) -> Arc<OutsideKeys> {
        let source = KeySource::Url(self.url.parse().unwrap());
        OutsideKeys::with_timeout(source, Duration::from_millis(500)).unwrap()
    }

    fn answer(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn key() -> SigningKey {
    SigningKey::generate().unwrap()
}

/// The ids that tokens may name.
fn kids(keys: &OutsideKeys) -> Vec<String> {
    keys.ring().keys().iter().map(|key| key.kid().to_owned()).collect()
}

#[tokio::test]
async fn a_new_key_is_found_when_a_token_names_it() {
    let (old, new) = (key(), key());
    let issuer = Issuer::start(Answer::keys(&[&old])).await;
    let keys = issuer.keys();
    assert!(!keys.are_known() && kids(&keys).is_empty());
    keys.load(NOW).await.unwrap();
    assert!(keys.are_known());
    assert_eq!(kids(&keys), [old.kid()]);
    issuer.answer(Answer::keys(&[&old, &new]));
    assert!(keys.look_again(keys.looks(), NOW + 1).await);
    assert_eq!((kids(&keys), issuer.asked()), (vec![old.kid().to_owned(), new.kid().to_owned()], 2));
    issuer.answer(Answer::keys(&[&new]));
    assert!(keys.look_again(keys.looks(), NOW + 30).await);
    assert_eq!(kids(&keys), [new.kid()], "what was taken out is gone");
    issuer.answer(Answer::new("500 Oops", ""));
    assert!(keys.look_again(keys.looks(), NOW + 60).await);
    assert_eq!(kids(&keys), [new.kid()], "an issuer that is down takes nothing out");
    issuer.answer(Answer::keys(&[]));
    assert!(keys.look_again(keys.looks(), NOW + 90).await);
    assert!(kids(&keys).is_empty() && keys.are_known(), "all were taken out");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_wait_share_one_look() {
    let key = key();
    let issuer = Issuer::start(Answer { after: Duration::from_millis(200), ..Answer::keys(&[&key]) }).await;
    let keys = issuer.keys();
    let mut waiting = JoinSet::new();
    for _ in 0..200 {
        let keys = Arc::clone(&keys);
        waiting.spawn(async move { keys.look_again(0, NOW).await && !kids(&keys).is_empty() });
    }
    assert!(waiting.join_all().await.into_iter().all(|found| found), "each finds the keys that one look brought");
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_unknown_keys_is_not_passed_on() {
    let key = key();
    let issuer = Issuer::start(Answer::keys(&[&key])).await;
    let keys = issuer.keys();
    keys.load(NOW).await.unwrap();
    let mut looks = Vec::new();
    for second in 0..95 {
        let mut flood = JoinSet::new();
        for _ in 0..20 {
            let keys = Arc::clone(&keys);
            flood.spawn(async move { keys.look_again(keys.looks(), NOW + second).await });
        }
        flood.join_all().await;
        keys.tend(NOW + second).await;
        looks.push(issuer.asked());
    }
    assert_eq!((looks[0], looks[29], looks[59], looks[89], looks[94]), (2, 2, 4, 6, 8));
    let most = (30..95).map(|second| looks[second] - looks[second - 30]).max();
    assert_eq!(most, Some(2), "in any 30 seconds");
}

#[tokio::test]
async fn who_hangs_up_does_not_take_the_look_along() {
    let key = key();
    let issuer = Issuer::start(Answer { after: Duration::from_millis(200), ..Answer::keys(&[&key]) }).await;
    let keys = issuer.keys();
    let impatient = tokio::time::timeout(Duration::from_millis(50), keys.look_again(0, NOW)).await;
    assert!(impatient.is_err());
    assert!(keys.look_again(0, NOW).await);
    assert_eq!((kids(&keys), issuer.asked()), (vec![key.kid().to_owned()], 1));
}

#[tokio::test]
async fn keys_are_renewed_when_they_are_due() {
    let (old, new) = (key(), key());
    for (head, seconds) in [
        ("200 OK", 300),
        ("200 OK\r\nCache-Control: no-cache", 300),
        ("200 OK\r\nCache-Control: public, Max-Age=\"900\", must-revalidate", 900),
        ("200 OK\r\nCache-Control: max-age=1", 60),
        ("200 OK\r\nCache-Control: max-age=86400", 3_600),
        ("200 OK\r\nCache-Control: max-age=soon", 300),
    ] {
        let issuer = Issuer::start(Answer { head: head.into(), ..Answer::keys(&[&old]) }).await;
        let keys = issuer.keys();
        keys.tend(NOW).await;
        issuer.answer(Answer::keys(&[&new]));
        keys.tend(NOW + seconds - 1).await;
        assert_eq!((kids(&keys), issuer.asked()), (vec![old.kid().to_owned()], 1), "{head}");
        keys.tend(NOW + seconds).await;
        assert_eq!((kids(&keys), issuer.asked()), (vec![new.kid().to_owned()], 2), "{head}");
    }
}

#[tokio::test]
async fn a_bad_answer_leaves_the_keys_that_are_known() {
    let (known, other) = (key(), key());
    let issuer = Issuer::start(Answer::keys(&[&known])).await;
    let keys = issuer.keys();
    keys.load(NOW).await.unwrap();
    let good = set(&[&other]).to_string();
    let secret = json!({"keys": [other.jwks()["keys"][0], {"kty": "oct", "kid": "k", "k": "AAAA"}]}).to_string();
    let to_itself = format!("302 Found\r\nLocation: {}", issuer.url);
    let after_time = Answer { after: Duration::from_secs(1), ..Answer::keys(&[&other]) };
    let cases = [
        (Answer::new("500 Oops", &good), "the issuer answers 500 Internal Server Error"),
        (Answer::new("404 Not Found", &good), "the issuer answers 404 Not Found"),
        (Answer::new("204 No Content", ""), "the issuer answers 204 No Content"),
        (Answer::new(&to_itself, &good), "the issuer answers 302 Found"),
        (Answer::new("200 OK", "<html>"), "it is not a JSON Web Key Set"),
        (Answer::new("200 OK", secret), "it gives away a secret key"),
        (Answer::new("200 OK", format!("{good}{}", " ".repeat(256 * 1024))), "it is longer than 262144 bytes"),
        (Answer::new("nonsense", &good), "the issuer does not answer: "),
        (after_time, "the issuer does not answer: "),
    ];
    for ((answer, problem), turn) in cases.into_iter().zip(1..) {
        issuer.answer(answer);
        let error = keys.load(NOW + 30 * turn).await.unwrap_err().to_string();
        assert!(error.starts_with(problem) && !error.contains("127.0.0.1"), "{error}");
        assert_eq!((kids(&keys), issuer.asked()), (vec![known.kid().to_owned()], 1 + turn as usize), "{problem}");
        assert!(keys.are_known());
    }
}

#[tokio::test]
async fn an_issuer_that_is_down_is_tried_again() {
    let (known, new) = (key(), key());
    let issuer = Issuer::start(Answer::keys(&[&known])).await;
    let (keys, address) = (issuer.keys(), issuer.url["http://".len()..issuer.url.len() - "/keys".len()].to_owned());
    issuer.server.abort();
    drop(issuer);
    tokio::task::yield_now().await;
    keys.tend(NOW).await;
    assert!(!keys.are_known());
    assert!(keys.look_again(keys.looks(), NOW + 1).await, "it was tried");
    assert!(kids(&keys).is_empty());
    // It comes up, at the same address.
    let listener = TcpListener::bind(&address).await.unwrap();
    tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        drop(connection.read(&mut [0; 4096]).await);
        let body = set(&[&new]).to_string();
        let text = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        connection.write_all(text.as_bytes()).await.unwrap();
    });
    keys.tend(NOW + 15).await;
    assert!(!keys.are_known(), "two turns in 30 seconds, and both are taken");
    keys.tend(NOW + 30).await;
    assert!(keys.are_known());
}

#[tokio::test]
async fn keys_in_a_file_are_read_anew() {
    let (old, new) = (key(), key());
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keys.json");
    let keys = OutsideKeys::new(KeySource::File(path.clone())).unwrap();
    let missing = keys.load(NOW).await.unwrap_err().to_string();
    assert!(missing.starts_with(&format!("the key file {path:?} cannot be read: ")), "{missing}");
    fs::write(&path, set(&[&old]).to_string()).unwrap();
    assert!(keys.look_again(keys.looks(), NOW + 1).await);
    assert_eq!(kids(&keys), [old.kid()]);
    fs::write(&path, set(&[&old, &new]).to_string()).unwrap();
    assert!(!keys.look_again(keys.looks(), NOW + 29).await, "within bounds");
    assert!(keys.look_again(keys.looks(), NOW + 30).await);
    assert_eq!(kids(&keys).len(), 2);
    fs::write(&path, "{").unwrap();
    keys.tend(NOW + 90).await;
    assert_eq!(kids(&keys).len(), 2, "a file that is just being written takes no key away");
    fs::write(&path, set(&[&new]).to_string()).unwrap();
    keys.tend(NOW + 104).await;
    assert_eq!(kids(&keys).len(), 2);
    keys.tend(NOW + 105).await;
    assert_eq!(kids(&keys), [new.kid()]);
    fs::write(&path, " ".repeat(256 * 1024 + 1)).unwrap();
    assert_eq!(keys.load(NOW + 200).await.unwrap_err().to_string(), "it is longer than 262144 bytes");
    let folder = OutsideKeys::new(KeySource::File(dir.path().to_owned())).unwrap();
    assert!(folder.load(NOW).await.unwrap_err().to_string().ends_with("it is not a file"));
}
