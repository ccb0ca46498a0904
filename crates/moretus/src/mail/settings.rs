//! `mail.toml`: the mail server, the sender, and per portfolio the address of its data protection officer. A problem in it
//! is told by its line or its key, never with what stands there, which may be an address or a password.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::report::Error;

/// What stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Settings {
    host: String,
    port: Option<u16>,
    #[serde(default)]
    encryption: Encryption,
    /// The certificates of an authority of one's own, in PEM: it alone vouches for the mail server then.
    certificate: Option<String>,
    user: Option<String>,
    /// `file:PATH` or `env:NAME`.
    password: Option<String>,
    sender: Mailbox,
    #[serde(default)]
    officers: BTreeMap<String, Mailbox>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Default)]
#[serde(rename_all = "kebab-case")]
enum Encryption {
    /// TLS from the first byte.
    #[default]
    Tls,
    /// None, to a server on the same machine.
    None,
    /// Begun in clear: refused. The client believes what it got before the encryption began, whoever put that in.
    Starttls,
}

/// What stands before a certificate in PEM (RFC 7468).
const CERTIFICATE_BEGINS: &str = "-----BEGIN CERTIFICATE-----";

impl Settings {
    /// Reads the file's text. Errors say the line, and nothing of what stands there.
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let settings: Self = toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            format!(
                "line {} cannot be read: a key, an address or a word is wrong or missing (docs/operations.md says what belongs there)",
                before.matches('\n').count() + 1
            )
        })?;
        if settings.encryption == Encryption::Starttls {
            return Err("`encryption = \"starttls\"` is not done, since it begins in clear: write \"tls\" and the port on which the mail server speaks TLS at once (465), or \"none\" to one on this machine that passes mail on".into());
        }
        if settings.encryption == Encryption::None && !settings.is_on_this_machine() {
            return Err(
                "`encryption = \"none\"` is for a mail server on the loopback address alone: write \"tls\""
                    .into(),
            );
        }
        if settings.user.is_some() != settings.password.is_some() {
            return Err("`user` and `password` go together: write both or neither".into());
        }
        if settings.user.is_some() && settings.encryption == Encryption::None {
            return Err("a password is not sent in clear: write `encryption = \"tls\"`".into());
        }
        Ok(settings)
    }

    fn is_on_this_machine(&self) -> bool {
        self.host == "localhost" || self.host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
    }

    /// Whom messages come from.
    pub(super) fn sender(&self) -> &Mailbox {
        &self.sender
    }

    /// Whom they go to, by name or id of the portfolio.
    pub(super) fn officers(&self) -> &BTreeMap<String, Mailbox> {
        &self.officers
    }

    /// What speaks with the mail server, which is reached within that time or not at all. Paths are relative to the file's folder.
    pub(super) fn transport(
        &self,
        folder: &Path,
        reach: Duration,
    ) -> Result<AsyncSmtpTransport<Tokio1Executor>, Error> {
        let (tls, port) = match self.encryption {
            Encryption::Tls | Encryption::Starttls => (Tls::Wrapper(self.tls(folder)?), 465),
            Encryption::None => (Tls::None, 25),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(self.host.as_str())
            .port(self.port.unwrap_or(port))
            .tls(tls)
            .timeout(Some(reach));
        if let (Some(user), Some(source)) = (&self.user, &self.password) {
            let password = password(source, folder)?;
            builder = builder.credentials(Credentials::new(user.clone(), password.as_str().to_owned()));
        }
        Ok(builder.build())
    }

    /// TLS as the system's authorities vouch for it, or the one that is named and no other.
    fn tls(&self, folder: &Path) -> Result<TlsParameters, Error> {
        let parameters = TlsParameters::builder(self.host.clone());
        let Some(file) = &self.certificate else {
            return parameters.build_rustls().map_err(|_| {
                "no TLS can be made: check `host`, and the certificates of the system's authorities".into()
            });
        };
        let no_certificate =
            || format!("`{file}` holds no certificate: name a file in PEM under `certificate`");
        let pem = crate::files::read_text(&folder.join(file))?;
        // What has none would be taken for an authority that vouches for nobody.
        if !pem.lines().any(|line| line.starts_with(CERTIFICATE_BEGINS)) {
            return Err(no_certificate().into());
        }
        let certificate = Certificate::from_pem(pem.as_bytes()).map_err(|_| no_certificate())?;
        let parameters =
            parameters.certificate_store(CertificateStore::None).add_root_certificate(certificate);
        parameters.build_rustls().map_err(|_| no_certificate().into())
    }
}

/// The password from where it is.
#[allow(clippy::disallowed_methods, reason = "the variable's name is a setting, so clap cannot read it")]
fn password(source: &str, folder: &Path) -> Result<Zeroizing<String>, Error> {
    let text = match source.split_once(':') {
        Some(("file", path)) if !path.is_empty() => {
            let path = folder.join(path);
            let text = Zeroizing::new(crate::files::read_text(&path)?);
            if crate::files::is_open_to_others(&path) {
                let file = path.display();
                return Err(
                    format!("others can read the password in `{file}`: run `chmod 600 {file}`").into()
                );
            }
            text
        }
        Some(("env", name)) if !name.is_empty() => Zeroizing::new(
            std::env::var(name)
                .map_err(|_| format!("the environment has no variable `{name}` with the password"))?,
        ),
        // It may be the password itself.
        _ => return Err("`password` says where the password is: write \"file:PATH\" or \"env:NAME\"".into()),
    };
    Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "host = \"mail.example.org\"\nsender = \"site@example.org\"\n[officers]\nofficina = \"officer@example.org\"\n";

    fn refusal(text: &str) -> String {
        match Settings::parse(text) {
            Err(error) => error.to_string(),
            Ok(_) => panic!("it was read"),
        }
    }

    #[test]
    fn what_is_wrong_is_told_without_what_stands_there() {
        assert!(Settings::parse(GOOD).is_ok());
        let line = refusal(&GOOD.replace("officer@example.org", "officer at example.org"));
        assert!(line.starts_with("line 4 ") || line.starts_with("line 3 "), "{line}");
        for wrong in [
            GOOD.replace("officer@example.org", "officer at example.org"),
            GOOD.replace("site@example.org", "Grace Hopper"),
            GOOD.replace("[officers]", "secret = \"hunter2\"\n[officers]"),
            format!("port = \"hunter2\"\n{GOOD}"),
        ] {
            let said = refusal(&wrong);
            for value in ["officer", "example.org", "Grace", "hunter2"] {
                assert!(!said.contains(value), "{said}");
            }
        }
    }

    #[test]
    fn nothing_goes_in_clear_beyond_this_machine_and_no_password_at_all() {
        assert!(refusal(&format!("encryption = \"none\"\n{GOOD}")).contains("loopback"));
        for host in ["localhost", "127.0.0.1", "::1"] {
            let local = format!("encryption = \"none\"\n{}", GOOD.replace("mail.example.org", host));
            assert!(Settings::parse(&local).is_ok(), "{host}");
            let with_password = format!("user = \"u\"\npassword = \"env:P\"\n{local}");
            assert!(refusal(&with_password).contains("in clear"));
        }
        assert!(refusal(&format!("user = \"u\"\n{GOOD}")).contains("both or neither"));
    }

    #[test]
    fn nothing_begins_in_clear_and_tls_is_what_holds_where_nothing_is_said() {
        let refused = refusal(&format!("encryption = \"starttls\"\n{GOOD}"));
        assert!(refused.contains("\"tls\"") && refused.contains("465"), "{refused}");
        assert!(Settings::parse(GOOD).unwrap().encryption == Encryption::Tls);
    }

    #[test]
    fn a_file_without_a_certificate_is_refused_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings::parse(&format!("certificate = \"authority.pem\"\n{GOOD}")).unwrap();
        let refused =
            || settings.transport(folder.path(), Duration::from_secs(1)).map(drop).unwrap_err().to_string();
        assert!(refused().contains("authority.pem"), "it is not there: {}", refused());
        let key = "-----BEGIN PRIVATE KEY-----\nMC4CAQ==\n-----END PRIVATE KEY-----\n";
        let cut = format!("{CERTIFICATE_BEGINS}\nMC4CAQ==\n");
        let other = format!("{cut}-----END CERTIFICATE-----\n");
        for text in ["", "authority", key, &cut, &other] {
            std::fs::write(folder.path().join("authority.pem"), text).unwrap();
            assert!(refused().contains("`authority.pem` holds no certificate"), "{text}: {}", refused());
        }
    }

    #[test]
    fn a_password_comes_from_a_file_of_the_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mail.password");
        std::fs::write(&file, "a secret\n").unwrap();
        crate::files::set_rights(&file, 0o644).unwrap();
        let open = password("file:mail.password", folder.path()).unwrap_err().to_string();
        assert!(open.contains("chmod 600") && !open.contains("a secret"), "{open}");
        crate::files::set_rights(&file, 0o600).unwrap();
        assert_eq!(password("file:mail.password", folder.path()).unwrap().as_str(), "a secret");
        let itself = password("hunter2", folder.path()).unwrap_err().to_string();
        assert!(!itself.contains("hunter2"), "{itself}");
        assert!(password("env:MORETUS_TESTS_HAVE_NO_SUCH", folder.path()).is_err());
    }
}
