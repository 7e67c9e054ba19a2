//! What is sent: a body, and the headers that say which message it is and whose.

use super::WebhookKey;

/// A message as one attempt sends it.
#[derive(Clone, Debug)]
pub struct Message<'a> {
    /// The same in every attempt, and every time that it is replayed. Without a full stop in it.
    pub id: &'a str,
    /// When the attempt is made, in unix seconds.
    pub timestamp: i64,
    /// What is sent, to the byte.
    pub body: &'a str,
}

/// The headers of a message, signed by each of the keys.
#[must_use]
pub fn signed_headers(message: &Message<'_>, keys: &[WebhookKey]) -> Vec<(&'static str, String)> {
    let Message { id, timestamp, body } = message;
    let signed = format!("{id}.{timestamp}.{body}");
    let signatures: Vec<String> = keys.iter().map(|key| key.sign(signed.as_bytes())).collect();
    vec![
        ("content-type", "application/json".to_owned()),
        ("webhook-id", (*id).to_owned()),
        ("webhook-timestamp", timestamp.to_string()),
        ("webhook-signature", signatures.join(" ")),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhooks::SignatureKind;

    #[test]
    fn every_key_signs_id_time_and_body() {
        let keys = [SignatureKind::Hmac, SignatureKind::Ed25519].map(|kind| WebhookKey::generate(kind).unwrap());
        let message = Message { id: "msg_1", timestamp: 1_674_087_231, body: "{\"a\":\"ü\"}" };
        let headers = signed_headers(&message, &keys);
        let signed = "msg_1.1674087231.{\"a\":\"ü\"}".as_bytes();
        let signatures = format!("{} {}", keys[0].sign(signed), keys[1].sign(signed));
        assert_eq!(
            headers,
            [
                ("content-type", "application/json".to_owned()),
                ("webhook-id", "msg_1".to_owned()),
                ("webhook-timestamp", "1674087231".to_owned()),
                ("webhook-signature", signatures),
            ]
        );
    }
}
