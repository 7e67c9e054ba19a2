//! What the demo says when it is ready: where it is, a token for each kind of user, a query to paste.

use std::net::SocketAddr;

use remit_domain::{Date, Timestamp};

use super::{PROVIDER, data};
use crate::{
    auth::{ClientCode, ProviderCode, Scope, ScopeSet, SignError, SigningKey, TokenRequest, Ttl},
    config::Settings,
};

/// The client that the portal's token is bound to.
const PORTAL_CLIENT: &str = "NORTHWIND";

/// A question that shows what Remit is for: a server fails on Saturday evening.
fn query(saturday: Date) -> String {
    format!(
        r#"{{ coverage(input: {{client: {{code: "{PORTAL_CLIENT}"}}, service: {{code: "MONITORING"}}, priority: P1, scenario: HARDWARE_FAILURE, component: SERVER, at: "{saturday}T23:30:00Z"}}) {{ verdict responsible liable hoursClass chargeable hourlyRate {{ amount currency }} costs {{ item party }} deadlines {{ milestone due }} reasons {{ code clause text }} }} }}"#
    )
}

/// The last Saturday before a date.
fn saturday_before(today: Date) -> Date {
    let before = |date: Date| date.yesterday().unwrap_or(date);
    let days = std::iter::successors(Some(before(today)), |date| Some(before(*date)));
    days.take(7).find(|date| date.weekday().to_monday_zero_offset() == 5).unwrap_or(today)
}

/// The kinds of users, and what each may do.
const USERS: [(&str, Option<&str>, &[Scope]); 5] = [
    (
        "PSA",
        None,
        &[
            Scope::CoverageRead,
            Scope::AgreementsRead,
            Scope::ClientsRead,
            Scope::CatalogueRead,
            Scope::TicketsRead,
            Scope::TicketsWrite,
            Scope::TimeRead,
            Scope::TimeWrite,
            Scope::ChangesRead,
        ],
    ),
    (
        "billing",
        None,
        &[
            Scope::AgreementsRead,
            Scope::ClientsRead,
            Scope::CatalogueRead,
            Scope::CoverageRead,
            Scope::TimeRead,
            Scope::ChargesRead,
            Scope::ChargesWrite,
        ],
    ),
    (
        "CRM",
        None,
        &[Scope::AgreementsRead, Scope::ClientsRead, Scope::CatalogueRead, Scope::CoverageRead, Scope::CapabilityRead],
    ),
    ("administrator", None, Scope::ALL),
    (
        "portal",
        Some(PORTAL_CLIENT),
        &[
            Scope::AgreementsRead,
            Scope::ClientsRead,
            Scope::CatalogueRead,
            Scope::CoverageRead,
            Scope::TicketsRead,
            Scope::TimeRead,
            Scope::ChargesRead,
            Scope::ObligationsWrite,
        ],
    ),
];

/// What to say, but for the address, which is known when it is listened on.
#[derive(Debug)]
pub struct Welcome {
    query: String,
    tokens: Vec<(&'static str, Option<&'static str>, String)>,
}

/// Signs a token for each kind of user.
///
/// # Errors
/// When a token cannot be signed.
pub fn welcome(
    key: &SigningKey,
    settings: &Settings,
    now: Timestamp,
) -> Result<Welcome, Box<dyn std::error::Error + Send + Sync>> {
    let mut tokens = Vec::new();
    for (user, client, scopes) in USERS {
        let request = TokenRequest {
            provider: ProviderCode::new(PROVIDER)?,
            scopes: ScopeSet::from_iter(scopes.iter().copied()),
            client: client.map(ClientCode::new).transpose()?,
            subject: user.to_lowercase(),
            client_id: format!("demo-{}", user.to_lowercase()),
            ttl: "7d".parse::<Ttl>()?,
            cut: None,
        };
        let token: Result<String, SignError> = request.sign(key, &settings.issuer, &settings.audience, now.as_second());
        tokens.push((user, client, token?));
    }
    Ok(Welcome { query: query(saturday_before(data::today(now))), tokens })
}

impl Welcome {
    /// The text, for a server at an address.
    #[must_use]
    pub fn at(&self, address: SocketAddr) -> String {
        let mut text = format!(
            "\nRemit is at http://{address}/ with the demo's provider {PROVIDER}. Its database goes when it stops.\n"
        );
        for (user, client, token) in &self.tokens {
            let bound = client.map_or(String::new(), |client| format!(", bound to the client {client}"));
            text.push_str(&format!("\nA token for the {user}{bound}:\n{token}\n"));
        }
        let psa = self.tokens.first().map_or("", |(_, _, token)| token);
        let body = serde_json::json!({ "query": self.query });
        text.push_str(&format!(
            "\nA query to paste at http://{address}/ beside a token:\n\n{}\n\nThe same by curl, as the PSA:\n\ncurl -s http://{address}/graphql \
             -H 'authorization: Bearer {psa}' \\\n  -H 'content-type: application/json' -d '{body}'\n\n",
            self.query
        ));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_user_may_do_what_the_guide_of_that_name_does() {
        for (user, _, scopes) in USERS {
            let path = format!("{}/docs/guide/{}.md", env!("CARGO_MANIFEST_DIR"), user.to_lowercase());
            let guide = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
            let command = guide.lines().find(|line| line.starts_with("remit token ")).expect("a command");
            let asked: ScopeSet = command.split('"').nth(1).and_then(|scopes| scopes.parse().ok()).expect("scopes");
            let granted = ScopeSet::from_iter(scopes.iter().copied());
            assert!(granted.contains_all(asked), "the {user} has {granted}");
        }
    }
}
