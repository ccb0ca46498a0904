//! A mail server for tests that is not ours (aiosmtpd), with or without TLS and a password, and an authority that vouches for
//! it. What it takes over it files in a Maildir. It relays nothing.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::super::PATIENCE;
use super::{SENDER, header};

/// What the mail server wants to know over TLS, beside the user's name.
pub(super) const PASSWORD: &str = "the password of the tests";

/// Files mail; while the file `hold` is there, it has a mail but does not say so. With a chain it speaks TLS from the first
/// byte and takes mail from who knows the password.
const SERVER: &str = "
import asyncio, os, ssl, sys
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import AuthResult

mails, port, hold, chain, password = sys.argv[1:]

class Held(Mailbox):
    async def handle_DATA(self, server, session, envelope):
        answer = await super().handle_DATA(server, session, envelope)
        while os.path.exists(hold):
            await asyncio.sleep(0.02)
        return answer

def knows(server, session, envelope, mechanism, given):
    is_known = given.login == b'moretus' and given.password == password.encode()
    return AuthResult(success=is_known, handled=False)

settings = {}
if chain:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    # Of TLS it knows what STARTTLS began alone; here nothing comes without.
    settings = dict(ssl_context=context, authenticator=knows, auth_required=True, auth_require_tls=False)
Controller(Held(mails), hostname='127.0.0.1', port=int(port), **settings).start()
print('ready', flush=True)
sys.stdin.read()
";

/// What openssl is told of the certificates.
const CERTIFICATES: &str = "
[req]
distinguished_name = name
prompt = no
[name]
CN = of the tests
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[server]
subjectAltName = IP:127.0.0.1
";

/// An authority, and a mail server's certificate that it signed.
pub(super) struct Authority(TempDir);

impl Authority {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("settings"), CERTIFICATES).unwrap();
        let make = |name: &str, signed_by: &[&str]| {
            let mut openssl = Command::new("openssl");
            openssl.current_dir(&folder).args(["req", "-x509", "-config", "settings", "-extensions", name]);
            openssl.args([
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days",
                "2",
            ]);
            openssl.args(["-keyout", &format!("{name}.key"), "-out", &format!("{name}.pem")]).args(signed_by);
            let made = openssl.output().expect("openssl is there: `cargo xtask test` installs it");
            assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        };
        make("authority", &[]);
        make("server", &["-CA", "authority.pem", "-CAkey", "authority.key"]);
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        std::fs::write(folder.path().join("chain"), read("server.key") + &read("server.pem")).unwrap();
        Self(folder)
    }

    pub(super) fn certificate(&self) -> PathBuf {
        self.0.path().join("authority.pem")
    }

    fn chain(&self) -> PathBuf {
        self.0.path().join("chain")
    }
}

/// A place for a mail server: a port, a Maildir and the file that holds its answers up.
pub(super) struct Post {
    folder: TempDir,
    port: u16,
    server: Option<Child>,
}

impl Post {
    /// A free port, and nobody there yet.
    pub(super) fn closed() -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        Self { folder: tempfile::tempdir().unwrap(), port, server: None }
    }

    pub(super) fn open(&mut self) {
        self.start(Path::new(""));
    }

    pub(super) fn open_over_tls(&mut self, authority: &Authority) {
        self.start(&authority.chain());
    }

    fn start(&mut self, chain: &Path) {
        let packages = std::env::var("MORETUS_MAIL_SERVER").expect(
            "MORETUS_MAIL_SERVER is not set: it names the folder with the mail server; `cargo xtask test` fetches it and sets it",
        );
        let mut server = Command::new("python3");
        server.env("PYTHONPATH", packages).args(["-W", "ignore", "-c", SERVER]);
        server.arg(self.folder.path().join("mail")).arg(self.port.to_string()).arg(self.hold());
        server.arg(chain).arg(PASSWORD);
        let mut server = server.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        self.server = Some(server);
    }

    /// While this file is there, no mail is acknowledged.
    pub(super) fn hold(&self) -> PathBuf {
        self.folder.path().join("hold")
    }

    /// Sets mail without TLS up for a site, to these officers.
    pub(super) fn set_up(&self, data: &Path, officers: &str) {
        self.write(data, "encryption = \"none\"", officers);
    }

    /// Sets mail over TLS up, as whoever knows that password, with an authority in the data directory or the system's.
    pub(super) fn set_up_over_tls(
        &self,
        data: &Path,
        authority: Option<&str>,
        password: &str,
        officers: &str,
    ) {
        use std::os::unix::fs::PermissionsExt;
        let secret = data.join("mail.password");
        std::fs::write(&secret, password).unwrap();
        std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
        let authority = authority.map_or_else(String::new, |file| format!("certificate = \"{file}\"\n"));
        let how = format!("{authority}user = \"moretus\"\npassword = \"file:mail.password\"");
        self.write(data, &how, officers);
    }

    fn write(&self, data: &Path, how: &str, officers: &str) {
        let text = format!(
            "host = \"127.0.0.1\"\nport = {}\n{how}\nsender = \"{SENDER}\"\n\n[officers]\n{officers}\n",
            self.port
        );
        std::fs::write(data.join("mail.toml"), text).unwrap();
    }

    pub(super) fn mails(&self) -> Vec<String> {
        let Ok(found) = std::fs::read_dir(self.folder.path().join("mail/new")) else { return Vec::new() };
        found.map(|mail| readable(&std::fs::read_to_string(mail.unwrap().path()).unwrap())).collect()
    }

    /// Waits until so many are there.
    #[track_caller]
    pub(super) fn wait_for(&self, count: usize) -> Vec<String> {
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

impl Drop for Post {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            server.kill().unwrap();
            server.wait().unwrap();
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
