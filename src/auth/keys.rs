//! The server's own key.

use std::{
    fmt, fs,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use aws_lc_rs::{
    digest, rand,
    signature::{Ed25519KeyPair, KeyPair as _},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::EncodingKey;
use serde_json::{Value, json};

use super::{VerificationKey, key_set::ED_DSA};

/// The key file's name within the data directory: PKCS#8 v1, DER, as `openssl pkey -inform DER` reads it.
const KEY_FILE: &str = "signing-key.der";

/// Why there is no key to work with.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file or its directory cannot be read or written.
    #[error("the signing key {path:?} cannot be read or written: {source}")]
    File {
        /// What was read or written.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others on the machine could sign tokens.
    #[error("the signing key {path:?} is open to others (mode {mode:04o}): chmod 600 it, or remove it for a new one")]
    Exposed {
        /// The key file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file holds something else.
    #[error("{path:?} is not an Ed25519 private key (PKCS#8, DER)")]
    NotAKey {
        /// The key file.
        path: PathBuf,
    },
    /// The system gave no randomness.
    #[error("no key could be made")]
    NotMade,
}

/// The server's own Ed25519 key, which `remit token` signs with.
pub struct SigningKey {
    private: EncodingKey,
    public: Vec<u8>,
    verification: VerificationKey,
}

impl SigningKey {
    /// The key kept in `dir`; the first to ask makes it (and the directory).
    ///
    /// The file appears whole or not at all and is never replaced, so servers that start at once agree on one key.
    ///
    /// # Errors
    /// [`KeyError`] when the file cannot be read or made, holds no Ed25519 key, or (on unix) is open to its group or to
    /// others.
    pub fn open_or_create(dir: &Path) -> Result<Self, KeyError> {
        let path = dir.join(KEY_FILE);
        if !path.try_exists().map_err(|source| file_error(&path, source))? {
            publish(&new_pkcs8()?, dir, &path)?;
        }
        Self::from_pkcs8(&read_private(&path)?).ok_or(KeyError::NotAKey { path })
    }

    /// A new key that is kept nowhere, for a server that is thrown away with its database.
    ///
    /// # Errors
    /// [`KeyError::NotMade`].
    pub fn generate() -> Result<Self, KeyError> {
        Self::from_pkcs8(&new_pkcs8()?).ok_or(KeyError::NotMade)
    }

    fn from_pkcs8(der: &[u8]) -> Option<Self> {
        let public = Ed25519KeyPair::from_pkcs8(der).ok()?.public_key().as_ref().to_vec();
        let kid = thumbprint(&URL_SAFE_NO_PAD.encode(&public));
        let verification = VerificationKey::new(kid, ED_DSA, &public)?;
        Some(Self { private: EncodingKey::from_ed_der(der), public, verification })
    }

    /// The key's id: its RFC 7638 thumbprint, so that it follows from the key alone.
    #[must_use]
    pub fn kid(&self) -> &str {
        self.verification.kid()
    }

    /// The public half as a JSON Web Key Set (RFC 7517, RFC 8037), for `/.well-known/jwks.json`.
    #[must_use]
    pub fn jwks(&self) -> Value {
        let x = URL_SAFE_NO_PAD.encode(&self.public);
        json!({ "keys": [
            { "kty": "OKP", "crv": "Ed25519", "x": x, "use": "sig", "alg": "EdDSA", "kid": self.kid() }
        ] })
    }

    /// The half that verifies what this key signed.
    #[must_use]
    pub fn verification_key(&self) -> VerificationKey {
        self.verification.clone()
    }

    pub(super) const fn private(&self) -> &EncodingKey {
        &self.private
    }
}

/// The id only; never the key.
impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid()).finish_non_exhaustive()
    }
}

/// The RFC 7638 thumbprint of an Ed25519 key whose public half is `x` in base64url.
fn thumbprint(x: &str) -> String {
    let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, members.as_bytes()))
}

fn new_pkcs8() -> Result<Vec<u8>, KeyError> {
    let pair = Ed25519KeyPair::generate().map_err(|_| KeyError::NotMade)?;
    Ok(pair.to_pkcs8v1().map_err(|_| KeyError::NotMade)?.as_ref().to_vec())
}

fn file_error(path: &Path, source: io::Error) -> KeyError {
    KeyError::File { path: path.to_owned(), source }
}

/// Puts a key at `path` unless there is one: written in full beside it, then linked, which replaces nothing.
fn publish(der: &[u8], dir: &Path, path: &Path) -> Result<(), KeyError> {
    let mut random = [0; 12];
    rand::fill(&mut random).map_err(|_| KeyError::NotMade)?;
    fs::create_dir_all(dir).map_err(|source| file_error(dir, source))?;
    let draft = dir.join(format!(".{KEY_FILE}.{}", URL_SAFE_NO_PAD.encode(random)));
    let published = write_private(&draft, der).and_then(|()| link_unless_there(&draft, path));
    let removed = fs::remove_file(&draft);
    published.and(removed).and_then(|()| sync_directory(dir)).map_err(|source| file_error(path, source))
}

fn link_unless_there(draft: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        done => done,
    }
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes the directory's new entry survive a power cut; elsewhere than on unix a directory cannot be opened.
fn sync_directory(dir: &Path) -> io::Result<()> {
    if cfg!(unix) { fs::File::open(dir)?.sync_all() } else { Ok(()) }
}

fn read_private(path: &Path) -> Result<Vec<u8>, KeyError> {
    let failed = |source| file_error(path, source);
    let file = fs::File::open(path).map_err(failed)?;
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata().map_err(failed)?.permissions()) & 0o7777;
        if mode & 0o077 != 0 {
            return Err(KeyError::Exposed { path: path.to_owned(), mode });
        }
    }
    let mut der = Vec::new();
    file.take(4096).read_to_end(&mut der).map_err(failed)?;
    Ok(der)
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn the_thumbprint_is_that_of_rfc_8037() {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        assert_eq!(thumbprint(x), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn a_key_is_made_once_and_found_again() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("not/yet/there");
        let made = SigningKey::open_or_create(&data).unwrap();
        assert_eq!(SigningKey::open_or_create(&data).unwrap().kid(), made.kid());
        assert_eq!(fs::read_dir(&data).unwrap().count(), 1, "no draft is left behind");
        assert_ne!(SigningKey::generate().unwrap().kid(), made.kid());
    }

    #[test]
    fn servers_that_start_at_once_agree_on_one_key() {
        for _ in 0..20 {
            let dir = tempfile::tempdir().unwrap();
            let open = || SigningKey::open_or_create(dir.path()).unwrap().kid().to_owned();
            let kids: Vec<_> = thread::scope(|scope| {
                let servers: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
                servers.into_iter().map(|server| server.join().unwrap()).collect()
            });
            assert!(kids.iter().all(|kid| *kid == kids[0]), "{kids:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_could_use_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(KEY_FILE);
        SigningKey::open_or_create(dir.path()).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        for (mode, opens) in [(0o400, true), (0o640, false), (0o604, false), (0o620, false), (0o644, false)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let opened = SigningKey::open_or_create(dir.path());
            assert_eq!(opened.is_ok(), opens, "{mode:o}");
            assert!(opens || matches!(opened, Err(KeyError::Exposed { mode: seen, .. }) if seen == mode));
        }
    }

    #[test]
    fn a_file_that_is_no_key_is_named_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(KEY_FILE);
        write_private(&path, b"-----BEGIN PRIVATE KEY-----").unwrap();
        let error = SigningKey::open_or_create(dir.path()).unwrap_err();
        assert!(matches!(&error, KeyError::NotAKey { path: named } if *named == path), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"-----BEGIN PRIVATE KEY-----");
    }

    #[test]
    fn the_published_set_has_the_public_half_only() {
        let key = SigningKey::generate().unwrap();
        let jwks = key.jwks();
        let names: Vec<_> = jwks["keys"][0].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["alg", "crv", "kid", "kty", "use", "x"]);
        assert_eq!(jwks["keys"][0]["kid"], thumbprint(jwks["keys"][0]["x"].as_str().unwrap()));
        assert_eq!(format!("{key:?}"), format!("SigningKey {{ kid: {:?}, .. }}", key.kid()));
    }
}
