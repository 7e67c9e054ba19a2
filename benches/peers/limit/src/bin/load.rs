//! Asks a server for some seconds over keep-alive connections and says how that went, as one line of JSON.
//!
//! `load ADDRESS CONNECTIONS SECONDS FILE`: the file has the headers and the requests, which are sent in their order, over
//! and over. `%%%%%%%%%%%%%%%%` in a body becomes a number that no other request has.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::{Duration, Instant, SystemTime},
};

use http_body_util::{BodyExt, Full};
use hyper::{Request, body::Bytes, client::conn::http1::SendRequest};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::{net::TcpStream, task::LocalSet};

type Failure = Box<dyn std::error::Error>;

/// Where a body has a number of its own.
const NUMBER: &[u8] = b"%%%%%%%%%%%%%%%%";
/// What says that a GraphQL server has not done it.
const REFUSED: &[u8] = b"\"errors\":[{";

#[derive(Deserialize)]
struct Plan {
    headers: Vec<(String, String)>,
    requests: Vec<Asked>,
}

#[derive(Deserialize)]
struct Asked {
    path: String,
    /// None: a GET.
    body: Option<String>,
}

/// What all connections share.
struct Run {
    address: String,
    plan: Plan,
    next: Cell<usize>,
    number: Cell<u64>,
    until: Instant,
    times: RefCell<Vec<Duration>>,
    bytes: Cell<usize>,
    failed: Cell<usize>,
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, connections, seconds, file] = arguments.as_slice() else {
        return Err("usage: load ADDRESS CONNECTIONS SECONDS FILE".into());
    };
    let begun = Instant::now();
    let run = Rc::new(Run {
        address: address.clone(),
        plan: serde_json::from_slice(&std::fs::read(file)?)?,
        next: Cell::new(0),
        number: Cell::new(u64::try_from(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_micros())?),
        until: begun + Duration::from_secs_f64(seconds.parse()?),
        times: RefCell::default(),
        bytes: Cell::new(0),
        failed: Cell::new(0),
    });
    let connections: usize = connections.parse()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let tasks = LocalSet::new();
    runtime.block_on(tasks.run_until(async {
        let asking: Vec<_> = (0..connections).map(|_| tokio::task::spawn_local(keep_asking(run.clone()))).collect();
        for connection in asking {
            connection.await??;
        }
        Ok::<_, Failure>(())
    }))?;
    said(&run, begun.elapsed());
    Ok(())
}

/// One connection, until the time is over.
async fn keep_asking(run: Rc<Run>) -> Result<(), hyper::Error> {
    let stream = TcpStream::connect(&run.address).await.expect("the server listens");
    stream.set_nodelay(true).expect("a socket");
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::task::spawn_local(connection);
    while Instant::now() < run.until {
        let begun = Instant::now();
        let (done, length) = ask(&run, &mut sender).await?;
        run.times.borrow_mut().push(begun.elapsed());
        run.bytes.set(run.bytes.get() + length);
        if !done {
            run.failed.set(run.failed.get() + 1);
        }
    }
    Ok(())
}

/// One request: whether it was done, and how long the answer is.
async fn ask(run: &Run, sender: &mut SendRequest<Full<Bytes>>) -> Result<(bool, usize), hyper::Error> {
    let asked = &run.plan.requests[run.next.get() % run.plan.requests.len()];
    run.next.set(run.next.get() + 1);
    let mut request = Request::builder().uri(&asked.path).header("host", &run.address);
    for (name, value) in &run.plan.headers {
        request = request.header(name, value);
    }
    let request = match &asked.body {
        Some(body) => request.method("POST").header("content-type", "application/json").body(numbered(run, body)),
        None => request.body(Full::default()),
    };
    let response = sender.send_request(request.expect("a request")).await?;
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    Ok((status == 200 && memchr::memmem::find(&body, REFUSED).is_none(), body.len()))
}

fn numbered(run: &Run, body: &str) -> Full<Bytes> {
    let mut bytes = body.as_bytes().to_vec();
    if let Some(place) = memchr::memmem::find(&bytes, NUMBER) {
        run.number.set(run.number.get() + 1);
        bytes[place..place + NUMBER.len()].copy_from_slice(format!("{:016}", run.number.get()).as_bytes());
    }
    Full::new(bytes.into())
}

fn said(run: &Run, took: Duration) {
    let mut times = run.times.take();
    times.sort();
    let at = |share: f64| {
        let place = (times.len() as f64 * share) as usize;
        times.get(place).map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
    };
    println!(
        "{}",
        serde_json::json!({"requests": times.len(), "failed": run.failed.get(), "bytes": run.bytes.get(),
            "seconds": took.as_secs_f64(), "p50": at(0.5), "p95": at(0.95)})
    );
}
