//! What a request for a token says: form and credentials, read strictly (RFC 6749 §2.3.1, §4.4.2).

use std::collections::HashMap;

use axum::http::{HeaderMap, header};
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// What a refusal is called, and why, in words for whoever sent the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// `invalid_request`
    Request(&'static str),
    /// `invalid_client`
    Client(&'static str),
    /// `unsupported_grant_type`
    GrantType,
}

/// A request for a token.
#[derive(PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) client_id: String,
    pub(super) secret: String,
    /// The scopes as they were written; none: all that the client may have.
    pub(super) scope: Option<String>,
}

impl Asked {
    /// Reads a request: its parameters are form-encoded, each at most once; those without a value count as left out and
    /// unknown ones are passed over. The client shows its secret in the header or in the form, never in both.
    pub(super) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, Refusal> {
        if !is_form(headers) {
            return Err(Refusal::Request("the body must be application/x-www-form-urlencoded"));
        }
        let mut form = parameters(body)?;
        match form.remove("grant_type").as_deref() {
            Some("client_credentials") => {}
            Some(_) => return Err(Refusal::GrantType),
            None => return Err(Refusal::Request("grant_type is missing")),
        }
        let (in_form, secret) = (form.remove("client_id"), form.remove("client_secret"));
        let scope = form.remove("scope");
        let (client_id, secret) = match (basic(headers)?, in_form, secret) {
            (Some(_), _, Some(_)) => return Err(Refusal::Request("the secret is given twice")),
            (Some((id, _)), Some(other), None) if id != other => {
                return Err(Refusal::Request("client_id is not the one in the header"));
            }
            (Some(credentials), _, None) => credentials,
            (None, Some(id), Some(secret)) => (id, secret),
            (None, ..) => return Err(Refusal::Client("the client must show its id and secret")),
        };
        Ok(Self { client_id, secret, scope })
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn parameters(body: &[u8]) -> Result<HashMap<String, String>, Refusal> {
    let mut found = HashMap::new();
    for (name, value) in url::form_urlencoded::parse(body) {
        if value.is_empty() {
            continue;
        }
        if found.insert(name.into_owned(), value.into_owned()).is_some() {
            return Err(Refusal::Request("a parameter is given twice"));
        }
    }
    Ok(found)
}

/// The credentials of an `Authorization: Basic` header: each form-encoded, as RFC 6749 asks.
fn basic(headers: &HeaderMap) -> Result<Option<(String, String)>, Refusal> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = given.next() else { return Ok(None) };
    if given.next().is_some() {
        return Err(Refusal::Request("there are two Authorization headers"));
    }
    let refused = Refusal::Client("the Authorization header is not of the form Basic with id and secret");
    let (scheme, encoded) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(refused.clone())?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(refused);
    }
    let decoded = STANDARD.decode(encoded.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let (id, secret) = decoded.as_deref().and_then(|text| text.split_once(':')).ok_or(refused)?;
    Ok(Some((unescaped(id), unescaped(secret))))
}

/// One value as a form would have it.
fn unescaped(text: &str) -> String {
    let pair = format!("v={}", text.replace('&', "%26"));
    url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn read(authorization: Option<&str>, body: &str) -> Result<(String, String, Option<String>), Refusal> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        if let Some(value) = authorization {
            headers.insert(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        Asked::read(&headers, body.as_bytes()).map(|asked| (asked.client_id, asked.secret, asked.scope))
    }

    fn header(text: &str) -> String {
        format!("Basic {}", STANDARD.encode(text))
    }

    const GRANT: &str = "grant_type=client_credentials";

    #[test]
    fn the_client_is_read_from_the_header_or_the_form() {
        let good = |scope: Option<&str>| Ok(("acme.psa".into(), "s&c=r+t".into(), scope.map(str::to_owned)));
        let escaped = header("acme.psa:s%26c%3Dr%2Bt");
        assert_eq!(read(Some(&escaped), GRANT), good(None));
        assert_eq!(read(Some(&escaped.replace("Basic", "bAsIc")), GRANT), good(None));
        assert_eq!(read(Some(&escaped), &format!("{GRANT}&client_id=acme.psa&scope=a+b")), good(Some("a b")));
        let form = format!("client_secret=s%26c%3Dr%2Bt&client_id=acme.psa&{GRANT}&scope=&other=1");
        assert_eq!(read(None, &form), good(None));
        assert_eq!(read(Some(&header("acme.psa:a:b")), GRANT).unwrap().1, "a:b");
        assert_eq!(read(Some(&header("acme.psa:a&b")), GRANT).unwrap().1, "a&b", "not form-encoded, and still itself");
    }

    #[test]
    fn what_is_wrong_with_a_request_is_said() {
        use Refusal::{Client, GrantType, Request};
        let basic = header("acme.psa:secret");
        let both = format!("{GRANT}&client_id=acme.psa&client_secret=secret");
        for (authorization, body, refusal) in [
            (Some(&basic), "", Request("grant_type is missing")),
            (Some(&basic), "grant_type=", Request("grant_type is missing")),
            (Some(&basic), "grant_type=password", GrantType),
            (
                Some(&basic),
                "grant_type=client_credentials&grant_type=client_credentials",
                Request("a parameter is given twice"),
            ),
            (Some(&basic), &both, Request("the secret is given twice")),
            (Some(&basic), &format!("{GRANT}&client_id=acme.crm"), Request("client_id is not the one in the header")),
            (None, GRANT, Client("the client must show its id and secret")),
            (None, &format!("{GRANT}&client_id=acme.psa"), Client("the client must show its id and secret")),
            (None, &format!("{GRANT}&client_secret=secret"), Client("the client must show its id and secret")),
        ] {
            assert_eq!(read(authorization.map(String::as_str), body), Err(refusal), "{authorization:?} {body}");
        }
        for value in ["Basic", "Basic ", "Basic !!!", "Bearer abc", &header("no colon"), "Basic /w=="] {
            assert!(matches!(read(Some(value), GRANT), Err(Client(_))), "{value}");
        }
        let mut json = HeaderMap::new();
        json.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        assert!(matches!(Asked::read(&json, b"{}"), Err(Request(_))));
        assert!(matches!(Asked::read(&HeaderMap::new(), GRANT.as_bytes()), Err(Request(_))));
    }
}
