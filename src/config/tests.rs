use clap::Parser;

use super::*;
use crate::auth::{Dialect, JtiRule, ScopeForm};

/// The settings of flags, variables (`NAME=value`) and a file's text.
fn resolve(flags: &[&str], env: &[&str], file: &str) -> Result<Settings, String> {
    let flags = Line::try_parse_from([&["remit"], flags].concat()).map_err(|error| error.to_string())?.flags;
    let env = env.iter().filter_map(|pair| pair.split_once('=')).map(|(name, value)| (name.into(), value.into()));
    Settings::resolve(flags, env, Some(("remit.toml".into(), file.into()))).map_err(|error| error.to_string())
}

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    flags: Flags,
}

#[test]
fn nothing_given_is_enough() {
    let settings = Settings::resolve(Flags::default(), [], None).unwrap();
    let expected = Settings {
        database_url: "sqlite://remit.db".parse().unwrap(),
        listen: "127.0.0.1:8080".parse().unwrap(),
        data_dir: ".".into(),
        data_dir_is_given: false,
        issuer: "remit".into(),
        audience: "remit".into(),
        clock_leeway: "30s".parse().unwrap(),
        outside: None,
        api: ApiRules::default(),
        http: HttpRules::default(),
        changes_kept: "90d".parse().unwrap(),
        webhooks: Webhooks::Delivered,
        webhook_private_networks: Networks::default(),
        clock_warnings: "50,75,90".parse().unwrap(),
        log: "info".into(),
    };
    assert_eq!(expected.own_issuer(), Some("remit"));
    assert_eq!(settings, expected);
    assert_eq!(resolve(&[], &["PATH=/bin", "REMIT_TEST_DATABASE_URL=x", "REMITX=1"], "# nothing\n"), Ok(expected));
}

#[test]
fn flags_go_before_the_environment_and_that_before_the_file() {
    let check = |flags: &[&str], env: &[&str], file, issuer: &str| {
        assert_eq!(resolve(flags, env, file).map(|settings| settings.issuer).as_deref(), Ok(issuer));
    };
    check(&[], &[], "issuer = 'file'", "file");
    check(&[], &["REMIT_ISSUER=env"], "issuer = 'file'", "env");
    check(&["--issuer", "flag"], &["REMIT_ISSUER=env"], "issuer = 'file'", "flag");
    check(&["--issuer=flag"], &[], "", "flag");
}

#[test]
fn every_setting_can_be_given_everywhere() {
    let settings = [
        ("database_url", "postgres://u:p@db/remit"),
        ("listen", "[::]:80"),
        ("data_dir", "/keys"),
        ("issuer", "https://issuer.example"),
        ("audience", "https://remit.example"),
        ("clock_leeway", "1m"),
        ("jwks_url", "https://issuer.example/keys"),
        ("own_issuer", "remit"),
        ("claim_provider", "https://remit.example/tenant"),
        ("claim_client", "customer"),
        ("claim_scope", "scp"),
        ("claim_client_id", "azp"),
        ("accept_typ", "at+jwt,JWT"),
        ("require_jti", "false"),
        ("changes_kept", "30d"),
        ("webhooks", "false"),
        ("webhook_private_networks", "10.20.0.0/16,::1"),
        ("clock_warnings", "80"),
        ("log", "warn,remit=debug"),
    ];
    let flags = settings.map(|(name, value)| format!("--{}={value}", name.replace('_', "-")));
    let env = settings.map(|(name, value)| format!("REMIT_{}={value}", name.to_uppercase()));
    let file = settings.map(|(name, value)| format!("{name} = \"{value}\"\n")).concat();
    let by_flags = resolve(&flags.each_ref().map(String::as_str), &[], "").unwrap();
    let by_env = resolve(&[], &env.each_ref().map(String::as_str), "").unwrap();
    let by_file = resolve(&[], &[], &file).unwrap();
    assert!(by_flags == by_env && by_env == by_file);
    assert_eq!((by_file.clock_leeway.seconds(), by_file.own_issuer()), (60, Some("remit")));
    let outside = by_file.outside.unwrap();
    assert_eq!(outside.keys, KeySource::Url("https://issuer.example/keys".parse().unwrap()));
    assert_eq!((outside.dialect.types, outside.dialect.jti), ("at+jwt,JWT".parse().unwrap(), JtiRule::Optional));
    let names = outside.dialect.claims;
    let names = [names.provider, names.client, names.scope, names.client_id];
    assert_eq!(names, ["https://remit.example/tenant", "customer", "scp", "azp"]);
    assert!(by_file.data_dir_is_given);
    assert_eq!((by_file.listen.port(), by_file.data_dir), (80, PathBuf::from("/keys")));
    assert_eq!(by_flags.database_url.expose(), "postgres://u:p@db/remit");
    assert_eq!(by_flags.database_url_redacted(), "postgres://db/remit");
    assert!(!format!("{by_flags:?}").contains("u:p"));
}

#[test]
fn keys_are_kept_beside_the_database() {
    let check = |url: &str, dir: &str| {
        let settings = resolve(&["--database-url", url], &[], "").unwrap();
        assert_eq!(settings.data_dir, PathBuf::from(dir));
    };
    check("sqlite:///var/lib/remit/remit.db", "/var/lib/remit");
    check("sqlite::memory:", ".");
    check("postgres://db/remit", ".");
}

#[test]
fn a_mistake_is_named_in_one_line() {
    let check = |flags: &[&str], env: &[&str], file: &str, line: &str| {
        assert_eq!(resolve(flags, env, file), Err(line.into()));
    };
    check(&[], &["REMIT_PORT=80"], "", "environment variable REMIT_PORT is not a setting of Remit");
    check(&[], &["REMIT_issuer=a"], "", "environment variable REMIT_issuer is not a setting of Remit");
    check(&[], &["REMIT_A\nB=1"], "", r"environment variable REMIT_A\nB is not a setting of Remit");
    check(&[], &[], "port = '80'", "key port in \"remit.toml\" is not a setting of Remit");
    check(&[], &[], "[server]\nlisten = '[::]:80'", "key server in \"remit.toml\" is not a setting of Remit");
    check(&["--listen=[::]:80"], &[], "listne = ''", "key listne in \"remit.toml\" is not a setting of Remit");
    check(&[], &[], "listen = 8080", "key listen in \"remit.toml\": it is not text in quotes");
    let not_an_address = "is not an address and a port such as 127.0.0.1:8080";
    check(&["--listen=8080"], &[], "", &format!("flag --listen: \"8080\" {not_an_address}"));
    check(&[], &["REMIT_LISTEN="], "", &format!("environment variable REMIT_LISTEN: \"\" {not_an_address}"));
    check(&[], &[], "listen = 'a\\nb'", &format!("key listen in \"remit.toml\": \"a\\\\nb\" {not_an_address}"));
    check(&["--issuer="], &[], "", "flag --issuer: it is empty");
    check(&["--data-dir="], &[], "", "flag --data-dir: it is empty");
    check(&[], &["REMIT_AUDIENCE="], "", "environment variable REMIT_AUDIENCE: it is empty");
    let spaced = "flag --audience: it has spaces around it or control characters in it";
    check(&["--audience= remit"], &[], "", spaced);
    check(&["--audience=re\nmit"], &[], "", spaced);
}

#[test]
fn a_log_filter_is_understood_or_refused() {
    for filter in ["info", "OFF", "warn,remit=debug", "remit::auth=trace", "info,[request{id=7}]=debug"] {
        assert_eq!(resolve(&["--log", filter], &[], "").map(|settings| settings.log).as_deref(), Ok(filter));
    }
    for filter in ["", "inof", "info,remit", "remit=loud", "info,", "a=b=c"] {
        let line = format!("flag --log: {filter:?} is not a log filter such as info or warn,remit=debug");
        assert_eq!(resolve(&["--log", filter], &[], ""), Err(line));
    }
}

#[test]
fn a_password_is_never_told() {
    let check = |flags: &[&str], env: &[&str], file: &str| {
        let line = resolve(flags, env, file).unwrap_err();
        assert!(!line.contains("s3cret") && !line.contains('\n'), "{line}");
    };
    for url in ["mysql://u:s3cret@db/remit", "s3cret", "postgres://u:s3cret/x@db/remit", "postgres://u:5#s3cret@db"] {
        check(&["--database-url", url], &[], "");
        check(&[], &[&format!("REMIT_DATABASE_URL={url}")], "");
        check(&[], &[], &format!("database_url = '{url}'"));
    }
    check(&[], &[], "listen = '[::]:80'\ndatabase_url = 'postgres://u:s3cret@db\n");
    check(&[], &[], "database_url = postgres://u:s3cret@db");
    check(&[], &[], "database_url = ['s3cret']");
    check(&[], &[], "database_url = 'sqlite://a'\ndatabase_url = 's3cret'");
}

#[test]
fn a_broken_file_is_named_with_its_line() {
    let line = resolve(&[], &[], "issuer = 'a'\n\nlisten = \n").unwrap_err();
    assert_eq!(line, "the settings file \"remit.toml\" cannot be read: line 3 is not TOML");
}

#[test]
fn a_named_file_must_be_there() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("other.toml");
    assert!(matches!(read_file(Some(&path)), Err(SettingError::File { .. })));
    fs::write(&path, "issuer = 'a'").unwrap();
    assert_eq!(read_file(Some(&path)), Ok(Some((path, "issuer = 'a'".into()))));
}

#[test]
fn the_help_tells_variable_and_default() {
    let help = <Line as clap::CommandFactory>::command().term_width(400).render_help().to_string();
    for text in [
        "--database-url <URL>",
        "[env: REMIT_LISTEN] [default: 127.0.0.1:8080]",
        "[env: REMIT_DATA_DIR] [default: beside the SQLite database",
        "--config <FILE>",
    ] {
        assert!(help.contains(text), "{text} is not in\n{help}");
    }
}

#[test]
fn an_outside_issuer_writes_as_rfc_9068_says_unless_told_otherwise() {
    let settings = resolve(&["--jwks-file=keys.json"], &[], "issuer = 'https://issuer.example'").unwrap();
    assert_eq!((settings.issuer.as_str(), settings.own_issuer()), ("https://issuer.example", None));
    let dialect = Dialect { scope: ScopeForm::TextOrList, ..Dialect::default() };
    let keys = KeySource::File("keys.json".into());
    assert_eq!(settings.outside, Some(OutsideIssuer { keys, dialect, own_issuer: None }));
    let both = resolve(&["--jwks-file=k", "--own-issuer=ours"], &[], "").unwrap();
    assert_eq!((both.issuer.as_str(), both.own_issuer()), ("remit", Some("ours")));
}

#[test]
fn an_outside_issuer_is_said_in_full_and_without_contradiction() {
    let check = |flags: &[&str], env: &[&str], line: &str| assert_eq!(resolve(flags, env, ""), Err(line.into()));
    let both = "environment variable REMIT_JWKS_FILE: it cannot be given beside flag --jwks-url";
    check(&["--jwks-url=https://a/k"], &["REMIT_JWKS_FILE=k"], both);
    let idle = "it is about an outside issuer, and neither jwks_url nor jwks_file is given";
    for flag in ["own-issuer=a", "claim-provider=a", "claim-client=a", "claim-scope=a", "claim-client-id=a"] {
        let name = flag.split('=').next().unwrap();
        check(&[&format!("--{flag}")], &[], &format!("flag --{name}: {idle}"));
    }
    check(&["--accept-typ=JWT"], &[], &format!("flag --accept-typ: {idle}"));
    check(&[], &["REMIT_REQUIRE_JTI=false"], &format!("environment variable REMIT_REQUIRE_JTI: {idle}"));
    let with = |flag: &str, problem: &str| {
        let name = flag.split('=').next().unwrap();
        check(&["--jwks-file=k", &format!("--{flag}")], &[], &format!("flag --{name}: {problem}"));
    };
    with(
        "own-issuer=remit",
        "it is the name of the outside issuer, whose tokens could not be told from the server's own",
    );
    with("own-issuer=", "it is empty");
    with("claim-provider=", "it is empty");
    with("claim-provider=aud", "the claim aud has a meaning of its own");
    with("claim-client=provider", "the claim \"provider\" is named for something else already");
    with("claim-scope= scp", "it has spaces around it or control characters in it");
    with("accept-typ=any", "the types of tokens are at+jwt, JWT and none, with commas between");
    with("require-jti=no", "\"no\" is neither true nor false");
    check(&["--jwks-file="], &[], "flag --jwks-file: it is empty");
    let kept = "a time is a whole number with s, m, h or d, such as 90d, and at most 36500d";
    check(&["--changes-kept=90"], &[], &format!("flag --changes-kept: {kept}"));
    check(&["--clock-leeway=10m"], &[], "flag --clock-leeway: a leeway is a whole number with s or m, from 0s to 5m");
    let insecure = "it does not begin with https://, and only a loopback address may be asked by http://";
    check(&["--jwks-url=http://issuer.example/keys"], &[], &format!("flag --jwks-url: {insecure}"));
}
