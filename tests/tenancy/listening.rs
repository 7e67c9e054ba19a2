//! Who listens hears nothing foreign, whatever they name.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{NOW, Remit, User, both, fixtures, socket::Socket};

/// Every subscription: its document, and what of the world it may name.
pub(super) const SUBSCRIPTIONS: &[(&str, &str, &[&str])] = &[
    ("changed", "subscription { changed { node { event } } }", &[]),
    ("agreementChanged", "subscription ($client: Ref) { agreementChanged(client: $client) { number } }", &["client"]),
    (
        "slaClockChanged",
        "subscription ($client: Ref, $agreement: Ref) { slaClockChanged(client: $client, agreement: $agreement) { kind } }",
        &["client", "agreement"],
    ),
];

/// Every subscription, each naming nothing and each of these names.
async fn listen(remit: &Remit, token: &str, names: &Value, without: &[&str]) -> Socket {
    let mut socket = Socket::acknowledged(remit, token).await;
    for (name, document, takes) in SUBSCRIPTIONS.iter().filter(|(name, ..)| !without.contains(name)) {
        socket.subscribe(name, document, json!({})).await;
        for taken in *takes {
            socket.subscribe(&format!("{name} of {taken}"), document, json!({(*taken): names[taken]})).await;
        }
    }
    socket.silent().await;
    socket
}

/// Something for each subscription to tell.
async fn happen(admin: &User<'_>, round: usize) {
    let title = format!("Title {round}");
    admin.done("updateAgreement", json!({"agreement": {"code": "MSA-1"}, "title": title}), "").await;
    let reference = json!({"system": "psa", "id": round.to_string()});
    let ticket =
        json!({"ref": reference, "agreement": {"code": "MSA-1"}, "title": "Down", "priority": "P1", "openedAt": NOW});
    admin.done("recordTickets", json!({"tickets": [ticket]}), "").await;
}

both! {
    async fn who_listens_hears_nothing_foreign(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        admin.done("putClient", json!({"code": "CONTOSO", "name": "Contoso"}), "").await;
        let stranger = remit.admin("zenith");
        fixtures::catalogue(&stranger).await;
        let ids = admin.ask("{ agreement(by: {code: \"MSA-1\"}) { id client { id } } }").await["agreement"].take();
        let names = json!({"client": {"id": ids["client"]["id"]}, "agreement": {"id": ids["id"]}});
        let portal = remit.portal("acme", "CONTOSO", &remit::auth::ScopeSet::all().to_string());
        let mut own = listen(&remit, &admin.token, &names, &[]).await;
        let mut foreign = [
            listen(&remit, &stranger.token, &names, &[]).await,
            // The feed is not for clients.
            listen(&remit, &portal.token, &names, &["changed"]).await,
        ];
        // Whose it is hears all of it; what happens before a subscription has begun is not for it, so it happens again.
        let all = SUBSCRIPTIONS.iter().flat_map(|(name, _, takes)| {
            std::iter::once((*name).to_owned()).chain(takes.iter().map(move |taken| format!("{name} of {taken}")))
        });
        let mut awaited: Vec<String> = all.collect();
        for round in 0..20 {
            happen(&admin, round).await;
            while let Some(told) = own.within(Duration::from_secs(1)).await {
                assert_eq!(told["type"], "next", "{told:#}");
                awaited.retain(|id| told["id"] != **id);
            }
            for listener in &mut foreign {
                listener.silent().await;
            }
            if awaited.is_empty() {
                return;
            }
        }
        panic!("these hear nothing: {awaited:?}");
    }
}
