//! A receiver that does not do well holds up nobody but itself.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{attempted, put, rename, types, webhook};
use crate::support::{
    both,
    receiver::{Answer, Receiver},
};

both! {
    async fn a_receiver_that_hangs_fails_is_slow_or_redirects_holds_up_no_other(remit: Remit) {
        let admin = remit.admin("acme");
        let good = Receiver::start().await;
        put(&admin, "GOOD", &good, json!({})).await;
        let delivery = remit.deliver();
        // How long a change takes to arrive, the middle of some.
        let mut count = 0;
        let mut measure = async || {
            let mut times = Vec::new();
            for _ in 0..15 {
                let begun = Instant::now();
                // A client of its own each time, so that the bad receivers have ever more waiting for them.
                rename(&admin, &format!("C{count}"), count).await;
                count += 1;
                good.takes(count).await;
                times.push(begun.elapsed());
            }
            times.sort_unstable();
            times[times.len() / 2]
        };
        let alone = measure().await;
        let hanging = [Receiver::start_as(Answer::Silence).await, Receiver::start_as(Answer::Silence).await];
        let failing = Receiver::start_as(Answer::Status(500, vec![])).await;
        let slow = Receiver::start_as(Answer::Slow(Duration::from_secs(5))).await;
        let redirecting = Receiver::start_as(Answer::Status(307, vec![("location", good.url())])).await;
        for (code, receiver) in [("A", &hanging[0]), ("Z", &hanging[1]), ("F", &failing), ("S", &slow), ("R", &redirecting)] {
            put(&admin, code, receiver, json!({})).await;
        }
        let beside_others = measure().await;
        assert!(beside_others < alone + Duration::from_secs(1), "{alone:?} alone, {beside_others:?} beside others");
        println!("a change takes {alone:?} to arrive alone, {beside_others:?} beside receivers that do not do well");
        // The others were called, no more at once than is their due, and the redirect was not followed.
        let called = hanging[0].until("the hanging one", |all| !all.is_empty()).await.len();
        assert!(called <= 8, "{called} at once");
        assert_eq!(types(&good.received()).len(), count);
        redirecting.until("the redirecting one", |all| all.len() >= 5).await;
        delivery.stop().await;
    }

    async fn one_message_that_is_never_taken_holds_up_its_subject_alone(remit: Remit) {
        let admin = remit.admin("acme");
        let receiver = Receiver::start().await;
        put(&admin, "X", &receiver, json!({})).await;
        let delivery = remit.deliver();
        let poisoned = admin.done("putClient", json!({"code": "P", "name": "P"}), "client { id }").await["client"]["id"].clone();
        receiver.takes(1).await;
        receiver.answer_about(poisoned.as_str().unwrap(), Answer::Status(400, vec![]));
        rename(&admin, "P", 1).await;
        rename(&admin, "P", 2).await;
        for client in 0..10 {
            rename(&admin, &format!("C{client}"), 1).await;
        }
        receiver.takes(11).await;
        attempted(&admin, "X", 12).await;
        assert_eq!(webhook(&admin, "X", "pending dead").await, json!({"pending": 2, "dead": 0}));
        delivery.stop().await;
    }
}
