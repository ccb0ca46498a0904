//! The officer is told of an access in an emergency without asking: by mail, through a mail server that is not ours
//! (aiosmtpd, which files what it takes over in a Maildir). A mail names nobody; it arrives also when the mail server was
//! away, when two servers send, and when one is killed before it could write down that it had sent.

use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;

const OFFICER: &str = "officer.of.the.tests@example.org";
const SENDER: &str = "site@moretus.example";
const REASON: &str = "Her hospital calls: unconscious after a fall, and no card with her.";

/// Files mail; while the third argument's file is there, it has a mail but does not say so.
const SERVER: &str = "
import asyncio, os, sys
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox

class Held(Mailbox):
    async def handle_DATA(self, server, session, envelope):
        answer = await super().handle_DATA(server, session, envelope)
        while os.path.exists(sys.argv[3]):
            await asyncio.sleep(0.02)
        return answer

Controller(Held(sys.argv[1]), hostname='127.0.0.1', port=int(sys.argv[2])).start()
print('ready', flush=True)
sys.stdin.read()
";

/// A place for a mail server: a port, a Maildir and the file that holds its answers up.
struct Post {
    folder: TempDir,
    port: u16,
    server: Option<Child>,
}

impl Post {
    /// A free port, and nobody there yet.
    fn closed() -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        Self { folder: tempfile::tempdir().unwrap(), port, server: None }
    }

    fn open(&mut self) {
        let packages = std::env::var("MORETUS_MAIL_SERVER").expect(
            "MORETUS_MAIL_SERVER is not set: it names the folder with the mail server; `cargo xtask test` fetches it and sets it",
        );
        let mut server = Command::new("python3");
        server.env("PYTHONPATH", packages).args(["-c", SERVER]).arg(self.folder.path().join("mail"));
        server.arg(self.port.to_string()).arg(self.hold());
        let mut server = server.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        self.server = Some(server);
    }

    /// While this file is there, no mail is acknowledged.
    fn hold(&self) -> PathBuf {
        self.folder.path().join("hold")
    }

    /// Sets mail up for a site.
    fn set_up(&self, data: &Path, site: &TestSite) {
        let text = format!(
            "host = \"127.0.0.1\"\nport = {}\nencryption = \"none\"\nsender = \"{SENDER}\"\n\n[officers]\n\"{}\" = \"{OFFICER}\"\n",
            self.port, site.portfolio
        );
        std::fs::write(data.join("mail.toml"), text).unwrap();
    }

    fn mails(&self) -> Vec<String> {
        let Ok(found) = std::fs::read_dir(self.folder.path().join("mail/new")) else { return Vec::new() };
        found.map(|mail| readable(&std::fs::read_to_string(mail.unwrap().path()).unwrap())).collect()
    }

    /// Waits until so many are there.
    #[track_caller]
    fn wait_for(&self, count: usize) -> Vec<String> {
        let begun = Instant::now();
        loop {
            let mails = self.mails();
            if mails.len() >= count {
                return mails;
            }
            assert!(begun.elapsed() < PATIENCE, "{} of {count} mails are there", mails.len());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// A mail with its text as a mail program shows it: quoted-printable (RFC 2045, 6.7) undone.
fn readable(mail: &str) -> String {
    let (head, text) = mail.split_once("\n\n").expect("a head and a text");
    assert_eq!(header(head, "Content-Transfer-Encoding:"), "quoted-printable");
    let joined = text.replace("=\n", "");
    let mut parts = joined.split('=');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).expect("two hexadecimal digits"));
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    format!("{head}\n\n{}", String::from_utf8(bytes).unwrap())
}

impl Drop for Post {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            server.kill().unwrap();
            server.wait().unwrap();
        }
    }
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
    let mut command = Command::new(env!("CARGO_BIN_EXE_moretus"));
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
    assert!(process.terminate().success());
    assert_eq!(messages(data, db), [(first.clone(), "waiting".to_owned())]);
    let (content, _, remarked) = officer(data, db, &["send"]);
    assert!(!content && remarked.contains("no mail is set up"), "{remarked}");

    post.set_up(data, site);
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
    assert!(process.terminate().success());
    assert!(messages(data, db).iter().all(|(_, state)| state == "sent"), "{:?}", messages(data, db));
    assert_eq!(officer(data, db, &["send"]).1, "0 sent, 0 failed\n");
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("was not sent") && log.contains(&second), "{log}");
    assert!(!log.contains("example.org") && !log.contains("officer.of"), "an address is in the log: {log}");
}

/// Two servers send each message once between them; one that is killed after the mail server has a message and before that
/// is written down leaves it to another, and a mail program sees by the id that it is the same.
pub(super) fn is_told_once_by_two_servers_and_again_by_the_same_id(
    data: &Path,
    db: Option<&str>,
    site: &TestSite,
) {
    let mut post = Post::closed();
    post.open();
    post.set_up(data, site);
    let servers = [Process::start(data, db), Process::start(data, db)];
    let mut items: Vec<String> = (0..8).map(|number| break_glass(&servers[number % 2], site)).collect();
    post.wait_for(8);
    let begun = Instant::now();
    while messages(data, db).iter().any(|(_, state)| state != "sent") {
        assert!(begun.elapsed() < PATIENCE, "{:?}", messages(data, db));
    }
    let mails = post.mails();
    let mut told: Vec<&str> = mails.iter().map(|mail| header(mail, "Message-ID:")).collect();
    told.sort_unstable();
    items.sort_unstable();
    let each_once: Vec<String> =
        items.iter().map(|item| format!("<emergency-opened.{item}@moretus.example>")).collect();
    assert_eq!(told, each_once);
    let [mut killed, other] = servers;
    assert!(other.terminate().success());

    std::fs::write(post.hold(), "").unwrap();
    let item = break_glass(&killed, site);
    post.wait_for(9);
    killed.child.kill().unwrap();
    killed.child.wait().unwrap();
    std::fs::remove_file(post.hold()).unwrap();
    assert!(
        messages(data, db).contains(&(item.clone(), "failed".to_owned())),
        "nobody wrote down that it was sent"
    );
    let heir = Process::start(data, db);
    let mails = post.wait_for(10);
    let about: Vec<_> = mails.iter().filter(|mail| mail.contains(&item)).collect();
    assert_eq!(about.len(), 2);
    about.iter().for_each(|mail| is_about(mail, &item, site));
    assert!(heir.terminate().success());
    assert!(messages(data, db).contains(&(item, "sent".to_owned())));
}
