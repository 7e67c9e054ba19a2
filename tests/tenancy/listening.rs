//! Who listens hears nothing foreign, whatever they name.

use serde_json::{Value, json};

use crate::support::{Remit, both, fixtures, socket::Socket};

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
    // All have begun once this is answered.
    socket.silent().await;
    socket
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
        admin.done("updateAgreement", json!({"agreement": {"code": "MSA-1"}, "title": "Other"}), "").await;
        let ticket = json!({"ref": {"system": "psa", "id": "1"}, "agreement": {"code": "MSA-1"}, "title": "Down", "priority": "P1", "openedAt": crate::support::NOW});
        admin.done("recordTickets", json!({"tickets": [ticket]}), "").await;
        for listener in &mut foreign {
            listener.silent().await;
        }
        // Whose it is has heard all of it.
        let all = SUBSCRIPTIONS.iter().flat_map(|(name, _, takes)| {
            std::iter::once((*name).to_owned()).chain(takes.iter().map(move |taken| format!("{name} of {taken}")))
        });
        let mut awaited: Vec<String> = all.collect();
        while !awaited.is_empty() {
            let told = own.hear().await;
            assert_eq!(told["type"], "next", "{told:#}");
            awaited.retain(|id| told["id"] != **id);
        }
    }
}
