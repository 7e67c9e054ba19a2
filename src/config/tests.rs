use clap::Parser;

use super::*;

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
        issuer: "remit".into(),
        audience: "remit".into(),
        log: "info".into(),
    };
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
        ("log", "warn,remit=debug"),
    ];
    let flags = settings.map(|(name, value)| format!("--{}={value}", name.replace('_', "-")));
    let env = settings.map(|(name, value)| format!("REMIT_{}={value}", name.to_uppercase()));
    let file = settings.map(|(name, value)| format!("{name} = \"{value}\"\n")).concat();
    let by_flags = resolve(&flags.each_ref().map(String::as_str), &[], "").unwrap();
    let by_env = resolve(&[], &env.each_ref().map(String::as_str), "").unwrap();
    let by_file = resolve(&[], &[], &file).unwrap();
    assert!(by_flags == by_env && by_env == by_file);
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
    check(&[], &["REMIT_JWKS_URL=https://a"], "", "environment variable REMIT_JWKS_URL is not a setting of Remit");
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
