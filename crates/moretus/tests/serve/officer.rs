//! The officer is told of an access in an emergency without asking: by mail, through a mail server that is not ours
//! (aiosmtpd, which files what it takes over in a Maildir). A mail names nobody; it arrives also when the mail server was
//! away, when two servers send, and when one is killed or stopped before it could write down that it had sent.

mod post;

use domain::PortfolioId;
use serde_json::{Value, json};
use store::{Store, StoreError, Unit, officer_message};

use self::post::{Authority, PASSWORD, Post};
use super::*;

const OFFICER: &str = "officer.of.the.tests@example.org";
const SENDER: &str = "site@moretus.example";
const REASON: &str = "Her hospital calls: unconscious after a fall, and no card with her.";

/// The line about the officer of the site's portfolio.
fn of(site: &TestSite) -> String {
    format!("\"{}\" = \"{OFFICER}\"", site.portfolio)
}

/// Opens an access in an emergency over the API, and answers its id.
#[track_caller]
fn break_glass(process: &Process, site: &TestSite) -> String {
    let url =
        format!("{}/api/v1/members/{}/emergencies?portfolio={}", process.base, site.subject, site.portfolio);
    let bearer = format!("Bearer {}", site.staff);
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let answer = ask("POST", &url, &headers, Some(&json!({ "reason": REASON }).to_string())).unwrap();
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.json()["emergency"].as_str().unwrap().to_owned()
}

/// Runs `moretus officer`, and answers whether it was content, what it printed, and what it remarked.
fn officer(data: &Path, db: Option<&str>, arguments: &[&str]) -> (bool, String, String) {
    run(Command::new(env!("CARGO_BIN_EXE_moretus")), data, db, arguments)
}

fn run(mut command: Command, data: &Path, db: Option<&str>, arguments: &[&str]) -> (bool, String, String) {
    command.arg("officer").args(arguments).arg("--data").arg(data);
    if let Some(db) = db {
        command.args(["--db", db]);
    }
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(&output.stdout), text(&output.stderr))
}

/// What became of the messages: about what, and the state.
fn messages(data: &Path, db: Option<&str>) -> Vec<(String, String)> {
    let (content, said, remarked) = officer(data, db, &["messages", "--all", "--json"]);
    assert!(content, "{remarked}");
    let said: Value = serde_json::from_str(&said).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let messages = said["messages"].as_array().unwrap().iter();
    messages.map(|one| (text(&one["about"]), text(&one["state"]))).collect()
}

/// Waits until it is written down that every message was sent.
#[track_caller]
fn all_are_sent(data: &Path, db: Option<&str>) {
    let begun = Instant::now();
    while messages(data, db).iter().any(|(_, state)| state != "sent") {
        assert!(begun.elapsed() < PATIENCE, "{:?}", messages(data, db));
    }
}

/// What comes to pass when the time is over for which what waits is put off, or is one sender's.
async fn let_time_pass(location: &Location, portfolio: PortfolioId) {
    let store = Store::open(location).await.unwrap();
    let write = move |unit: &mut Unit<'_>| {
        let rows = officer_message::of_portfolio(unit, portfolio, false)?;
        rows.iter().try_for_each(|row| officer_message::retry(unit, row, row.at))
    };
    store.write(write).await.map_err(|error: StoreError| error).unwrap();
    store.close().await.unwrap();
}

/// A figure of the server.
fn figure(process: &Process, name: &str) -> f64 {
    let figures = process.get("/metrics", "none").body;
    let line = figures.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {name}: {figures}")).parse().unwrap()
}

const WAITING: &str = "moretus_officer_message_waiting_seconds";

fn header<'a>(mail: &'a str, name: &str) -> &'a str {
    mail.lines()
        .find_map(|line| line.strip_prefix(name))
        .unwrap_or_else(|| panic!("no {name}: {mail}"))
        .trim()
}

/// What no mail may hold of a person, of why, and of who opened it.
fn told_of(mail: &str, site: &TestSite) -> Vec<String> {
    let words = [site.name.as_str(), REASON].into_iter().flat_map(str::split_whitespace);
    let words = words.map(|word| word.trim_matches([',', '.', ':'])).filter(|word| word.len() > 4);
    let ids = [site.subject.to_string(), site.member_source_id.clone(), site.coverage.to_string()];
    let secrets = words.map(str::to_owned).chain(ids).chain([site.staff.clone()]);
    let mail = mail.to_lowercase();
    secrets.filter(|secret| mail.contains(&secret.to_lowercase())).collect()
}

/// A mail that the officer can work with, and that tells of nobody.
#[track_caller]
fn is_about(mail: &str, item: &str, site: &TestSite) {
    assert_eq!(header(mail, "To:"), OFFICER);
    assert_eq!(header(mail, "Message-ID:"), format!("<emergency-opened.{item}@moretus.example>"));
    assert_eq!(header(mail, "Auto-Submitted:"), "auto-generated");
    assert!(header(mail, "Subject:").contains(item), "{mail}");
    for part in ["until", "(UTC)", "moretus emergencies list", "moretus emergencies review"] {
        assert!(mail.contains(part), "{part}: {mail}");
    }
    assert!(mail.contains(&format!("--emergency {item}")), "{mail}");
    assert_eq!(told_of(mail, site), Vec::<String>::new(), "{mail}");
    // The same check finds each of these where it is.
    for secret in [&site.name, &site.member_source_id, REASON, &site.subject.to_string()] {
        assert!(!told_of(&format!("{mail}{secret}"), site).is_empty(), "`{secret}` would not be noticed");
    }
}

/// Without mail it waits; `send` sends it; a server sends by itself, at once; and what a mail server that was away did not
/// take over comes when it is back.
pub(super) fn is_told_at_once_and_when_the_mail_server_is_back(
    data: &Path,
    db: Option<&str>,
    site: &TestSite,
) {
    let mut post = Post::closed();
    let process = Process::start(data, db);
    let first = break_glass(&process, site);
    let begun = Instant::now();
    while figure(&process, WAITING) < 1.0 {
        assert!(begun.elapsed() < PATIENCE, "no figure says that it waits");
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(process.terminate().success());
    assert_eq!(messages(data, db), [(first.clone(), "waiting".to_owned())]);
    let (content, _, remarked) = officer(data, db, &["send"]);
    assert!(!content && remarked.contains("no mail is set up"), "{remarked}");

    post.set_up(data, &format!("\"{}\" = \"{OFFICER}\"", site.other_portfolio));
    let (content, said, remarked) = officer(data, db, &["send"]);
    assert!(!content && said == "0 sent, 0 failed, 1 without an address\n", "{said}{remarked}");
    assert!(remarked.contains("1 waiting, and no address"), "{remarked}");
    let (content, said, _) = officer(data, db, &["send", "--json"]);
    let said: Value = serde_json::from_str(&said).unwrap();
    assert!(!content && said == json!({ "sent": 0, "failed": 0, "unaddressed": 1 }), "{said}");

    post.set_up(data, &of(site));
    let (content, _, remarked) = officer(data, db, &["send"]);
    assert!(!content && remarked.contains("not everything was sent"), "{remarked}");
    assert_eq!(messages(data, db), [(first.clone(), "failed".to_owned())]);
    assert!(post.mails().is_empty());

    let log = data.join("log.txt");
    let process = Process::start_logging(data, db, std::fs::File::create(&log).unwrap().into());
    let second = break_glass(&process, site);
    let begun = Instant::now();
    while messages(data, db) != [(first.clone(), "failed".to_owned()), (second.clone(), "failed".to_owned())]
    {
        assert!(begun.elapsed() < PATIENCE, "{:?}", messages(data, db));
    }
    post.open();
    let mails = post.wait_for(2);
    for item in [&first, &second] {
        let mail = mails.iter().find(|mail| mail.contains(item)).expect("one for each");
        is_about(mail, item, site);
    }

    let asked = Instant::now();
    let third = break_glass(&process, site);
    let mails = post.wait_for(3);
    assert!(asked.elapsed() < Duration::from_secs(4), "the poll alone takes longer: {:?}", asked.elapsed());
    assert!(mails.iter().any(|mail| mail.contains(&third)));
    let begun = Instant::now();
    while figure(&process, WAITING) > 0.0 {
        assert!(begun.elapsed() < PATIENCE, "nothing waits any more");
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(process.terminate().success());
    assert!(messages(data, db).iter().all(|(_, state)| state == "sent"), "{:?}", messages(data, db));
    assert_eq!(officer(data, db, &["send"]).1, "0 sent, 0 failed, 0 without an address\n");
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("was not sent") && log.contains(&second), "{log}");
    assert!(!log.contains("example.org") && !log.contains("officer.of"), "an address is in the log: {log}");
}

/// Two servers send each message once between them; one that is killed or stopped after the mail server has a message and
/// before that is written down leaves it to another, and a mail program sees by the id that it is the same.
pub(super) async fn is_told_once_by_two_servers_and_again_by_the_same_id(
    data: &Path,
    location: &Location,
    site: &TestSite,
) {
    let db = match location {
        Location::Postgres { url } => Some(url.as_str()),
        Location::Sqlite { .. } => None,
    };
    let mut post = Post::closed();
    post.open();
    post.set_up(data, &of(site));
    let servers = [Process::start(data, db), Process::start(data, db)];
    let mut items: Vec<String> = (0..8).map(|number| break_glass(&servers[number % 2], site)).collect();
    post.wait_for(8);
    all_are_sent(data, db);
    let mails = post.mails();
    let mut told: Vec<&str> = mails.iter().map(|mail| header(mail, "Message-ID:")).collect();
    told.sort_unstable();
    items.sort_unstable();
    let each_once: Vec<String> =
        items.iter().map(|item| format!("<emergency-opened.{item}@moretus.example>")).collect();
    assert_eq!(told, each_once);
    let [mut killed, other] = servers;
    assert!(other.terminate().success());

    // One is killed, and one is told to stop, while the mail server has a mail and has not said so.
    std::fs::write(post.hold(), "").unwrap();
    let first = break_glass(&killed, site);
    post.wait_for(9);
    killed.child.kill().unwrap();
    killed.child.wait().unwrap();
    let stopped = Process::start(data, db);
    let second = break_glass(&stopped, site);
    post.wait_for(10);
    let asked = Instant::now();
    assert!(stopped.terminate().success());
    assert!(
        asked.elapsed() < Duration::from_secs(10),
        "it waited for the mail server: {:?}",
        asked.elapsed()
    );
    std::fs::remove_file(post.hold()).unwrap();
    for item in [&first, &second] {
        let failed = (item.clone(), "failed".to_owned());
        assert!(messages(data, db).contains(&failed), "nobody wrote down that it was sent");
    }
    assert!(officer(data, db, &["send"]).1.starts_with("0 sent"), "both may still be somebody's");
    let_time_pass(location, site.portfolio).await;
    let heir = Process::start(data, db);
    let mails = post.wait_for(12);
    for item in [&first, &second] {
        let about: Vec<_> = mails.iter().filter(|mail| mail.contains(item.as_str())).collect();
        assert_eq!(about.len(), 2);
        about.iter().for_each(|mail| is_about(mail, item, site));
    }
    all_are_sent(data, db);
    assert!(heir.terminate().success());
}

/// Over TLS, with a password: to whom the named authority vouches for and to nobody else, whatever the system trusts.
pub(super) async fn is_told_over_tls_by_whom_the_authority_vouches_for(data: &Path, site: &TestSite) {
    let location = Location::Sqlite { directory: data.to_path_buf() };
    let process = Process::start(data, None);
    let item = break_glass(&process, site);
    assert!(process.terminate().success());
    let (ours, other) = (Authority::new(), Authority::new());
    std::fs::copy(ours.certificate(), data.join("ours.pem")).unwrap();
    std::fs::copy(other.certificate(), data.join("other.pem")).unwrap();
    let (mut post, mut plain) = (Post::closed(), Post::closed());
    post.open_over_tls(&ours);
    plain.open();
    let send = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_moretus"));
        // The system trusts our authority: this takes the place of its own list.
        command.env("SSL_CERT_FILE", ours.certificate()).env_remove("SSL_CERT_DIR");
        run(command, data, None, &["send"])
    };
    let (wrong, no_tls, refused) = ("not the password", "no TLS came about", "refused it with code 535");
    for (server, authority, password, problem) in [
        (&post, Some("other.pem"), PASSWORD, no_tls),
        (&plain, Some("ours.pem"), PASSWORD, no_tls),
        (&post, None, wrong, refused),
        (&post, Some("ours.pem"), wrong, refused),
    ] {
        server.set_up_over_tls(data, authority, password, &of(site));
        let (content, said, remarked) = send();
        assert!(!content && said.starts_with("0 sent, 1 failed"), "{said}{remarked}");
        assert!(remarked.contains(problem) && !remarked.contains(password), "{problem}: {remarked}");
        assert!(post.mails().is_empty() && plain.mails().is_empty());
        let_time_pass(&location, site.portfolio).await;
    }
    post.set_up_over_tls(data, Some("ours.pem"), PASSWORD, &of(site));
    let (content, said, remarked) = send();
    assert!(content && said.starts_with("1 sent, 0 failed"), "{said}{remarked}");
    let mails = post.mails();
    assert_eq!(mails.len(), 1);
    is_about(&mails[0], &item, site);
}

/// A portfolio's officer is set up once.
pub(super) fn has_one_address(data: &Path, site: &TestSite) {
    let portfolio = population::PORTFOLIOS[0].name;
    Post::closed().set_up(data, &format!("{}\n\"{portfolio}\" = \"{SENDER}\"", of(site)));
    let (content, _, remarked) = officer(data, None, &["send"]);
    assert!(!content && remarked.contains("twice") && remarked.contains(portfolio), "{remarked}");
    assert!(!remarked.contains("example"), "an address is told: {remarked}");
}
