//! A database behind a wire that can be cut, held and mended.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::sleep,
};

const WHOLE: u8 = 0;
const CUT: u8 = 1;
const HELD: u8 = 2;

/// A wire to a server on this machine.
pub(super) struct Wire {
    address: SocketAddr,
    state: Arc<AtomicU8>,
}

impl Wire {
    pub(super) async fn to(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(AtomicU8::new(WHOLE));
        let seen = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                if seen.load(Ordering::SeqCst) == CUT {
                    continue;
                }
                let (target, seen) = (target.clone(), Arc::clone(&seen));
                tokio::spawn(async move {
                    let Ok(far) = TcpStream::connect(target).await else { return };
                    let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
                    tokio::join!(carry(near_in, far_out, Arc::clone(&seen)), carry(far_in, near_out, seen));
                });
            }
        });
        Self { address, state }
    }

    /// The database's URL by this wire.
    pub(super) fn url(&self, database: &str) -> String {
        let (head, rest) = database.rsplit_once('@').unwrap();
        let name = rest.split_once('/').unwrap().1;
        format!("{head}@{}/{name}", self.address)
    }

    /// Every connection ends, and none is made.
    pub(super) fn cut(&self) {
        self.state.store(CUT, Ordering::SeqCst);
    }

    /// Nothing comes through, and nobody is told.
    pub(super) fn hold(&self) {
        self.state.store(HELD, Ordering::SeqCst);
    }

    pub(super) fn mend(&self) {
        self.state.store(WHOLE, Ordering::SeqCst);
    }
}

/// Carries bytes one way for as long as the wire is not cut.
async fn carry(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    state: Arc<AtomicU8>,
) {
    let mut bytes = vec![0; 16 * 1024];
    loop {
        let count = tokio::select! {
            read = from.read(&mut bytes) => match read { Ok(count) if count > 0 => count, _ => return },
            () = until_cut(&state) => return,
        };
        while state.load(Ordering::SeqCst) == HELD {
            sleep(Duration::from_millis(5)).await;
        }
        if state.load(Ordering::SeqCst) == CUT || to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}

async fn until_cut(state: &AtomicU8) {
    while state.load(Ordering::SeqCst) != CUT {
        sleep(Duration::from_millis(5)).await;
    }
}
