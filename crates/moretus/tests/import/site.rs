//! A site for a test, driven as a person drives it: by the built program. Only what no command does is done past
//! it, in the database.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;
use store::Location;
use store::testing::Scratch;
use tempfile::TempDir;

use crate::exports::{Ran, look_through};

/// A day until which training can be current, on whatever day the tests run.
pub(crate) static TRAINED: LazyLock<String> = LazyLock::new(|| days_from_today(300));

/// The day so many days after the one on which the tests run.
pub(crate) fn days_from_today(days: i64) -> String {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = domain::Timestamp::from_micros(i64::try_from(since_1970.as_micros()).unwrap());
    now.plus_seconds(days * 86_400).date().unwrap().to_string()
}

/// A data directory, on a database of its own.
pub(crate) struct Site {
    folder: TempDir,
    database: Option<Scratch>,
    ran: RefCell<Ran>,
}

/// What a run of the program gave.
pub(crate) struct Run {
    pub(crate) ok: bool,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    /// The run, when it ended well.
    pub(crate) fn well(self) -> Self {
        assert!(self.ok, "{}{}", self.out, self.err);
        self
    }

    /// What a run that was refused says.
    pub(crate) fn refused(self) -> String {
        assert!(!self.ok, "this should have been refused:\n{}", self.out);
        assert_eq!(self.out, "", "a refusal prints no result");
        self.err
    }

    /// The account that it printed.
    pub(crate) fn json(self) -> Value {
        serde_json::from_str(&self.well().out).unwrap()
    }
}

/// The repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A shipped sample.
pub(crate) fn sample(name: &str) -> String {
    repository().join("docs/examples/import").join(name).display().to_string()
}

/// The folder of a related notice that ships.
pub(crate) fn related(name: &str) -> String {
    repository().join("notices").join(name).join("2026-11-01").display().to_string()
}

impl Site {
    /// On SQLite, in the data directory.
    pub(crate) fn sqlite() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), database: None, ran: RefCell::default() }
    }

    /// On a new database of the test server.
    pub(crate) fn postgres() -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let database = runtime.block_on(Scratch::postgres()).unwrap_or_else(|error| panic!("{error}"));
        Self { folder: tempfile::tempdir().unwrap(), database: Some(database), ran: RefCell::default() }
    }

    /// With these portfolios and the shipped notice and plans.
    pub(crate) fn with(self, portfolios: &[&str]) -> Self {
        let notice = self.notice(|text| text);
        for portfolio in portfolios {
            self.init(portfolio, &notice).well();
        }
        self
    }

    /// A path in the test's folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file of the test's folder, and gives its path.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name).display().to_string()
    }

    /// A copy of the shipped notice, in force since long ago, with its rules changed.
    pub(crate) fn notice(&self, change: impl Fn(String) -> String) -> PathBuf {
        let copy = self.path("notice");
        std::fs::create_dir_all(&copy).unwrap();
        let shipped = repository().join("notices/2026-11-01");
        for entry in std::fs::read_dir(shipped).unwrap() {
            let path = entry.unwrap().path();
            let mut text = std::fs::read_to_string(&path).unwrap();
            if path.ends_with("clauses.toml") {
                let lines = text.lines().map(|line| match line.starts_with("effective = ") {
                    true => "effective = \"2000-01-01\"",
                    false => line,
                });
                text = change(lines.collect::<Vec<_>>().join("\n"));
            }
            std::fs::write(copy.join(path.file_name().unwrap()), text).unwrap();
        }
        copy
    }

    /// Makes the site, or opens a portfolio in it.
    pub(crate) fn init(&self, portfolio: &str, notice: &Path) -> Run {
        self.init_with(portfolio, notice, "EUR", "BE68539007547034")
    }

    /// Makes the site, or opens a portfolio in it, with more words.
    pub(crate) fn init_more(&self, portfolio: &str, more: &[&str]) -> Run {
        let (notice, plans) = (self.notice(|text| text), repository().join("plans"));
        let words = [&["EUR", "BE68539007547034"], more].concat();
        self.init_words(portfolio, &notice, &plans, &words)
    }

    /// Opens a portfolio in the site, and prints JSON.
    pub(crate) fn init_json(&self, portfolio: &str) -> Run {
        let (notice, plans) = (self.path("notice"), repository().join("plans"));
        self.init_words(portfolio, &notice, &plans, &["EUR", "BE68539007547034", "--json"])
    }

    /// The same with this currency and float account.
    pub(crate) fn init_with(&self, portfolio: &str, notice: &Path, currency: &str, account: &str) -> Run {
        self.init_words(portfolio, notice, &repository().join("plans"), &[currency, account])
    }

    /// The same with the plans of a folder.
    pub(crate) fn init_with_plans(&self, portfolio: &str, notice: &Path, plans: &Path) -> Run {
        self.init_words(portfolio, notice, plans, &["EUR", "BE68539007547034"])
    }

    /// `[currency, account, more words...]`.
    fn init_words(&self, portfolio: &str, notice: &Path, plans: &Path, rest: &[&str]) -> Run {
        let [currency, account, more @ ..] = rest else { panic!("a currency and an account") };
        let organisation = self.file(
            "organisation.toml",
            "name = \"Fund\"\naddress = \"Street 1\"\nemail = \"fund@example.org\"\nofficer = \"the officer\"\n\
             officer-email = \"officer@example.org\"\nauthority = \"the authority\"\n\
             telephone = \"+32 2 000 00 00\"\nenterprise-number = \"0000.000.000\"\nregulator = \"the regulator\"\n\
             regulator-number = \"00000\"\nofficer-address = \"1 Street\"\naffiliates = \"https://example.org/affiliates\"\n",
        );
        let plans = plans.display().to_string();
        let notice = notice.display().to_string();
        let opinion = self.file("opinion.txt", "Sound.");
        let mut words = vec!["init", "--data", "DATA", "--portfolio", portfolio, "--currency", currency];
        words.extend(["--author", "An Author", "--publisher", "A Publisher", "--opinion", &opinion]);
        words.extend(["--float-account", account, "--notice", &notice]);
        let related = ["online", "cookies"].map(related);
        words.extend(related.iter().flat_map(|folder| ["--related", folder.as_str()]));
        words.extend(["--organisation", &organisation, "--plans", &plans]);
        words.extend(more.iter().copied());
        let url = self.url();
        words.extend(url.iter().flat_map(|url| ["--db", url.as_str()]));
        self.run(&words)
    }

    /// The address of its database, on PostgreSQL.
    pub(crate) fn url(&self) -> Option<String> {
        match self.database.as_ref().map(Scratch::location) {
            Some(Location::Postgres { url }) => Some(url.clone()),
            _ => None,
        }
    }

    /// Publishes a version of a portfolio's notice that the program cannot read.
    pub(crate) fn publish_unreadable(&self, portfolio: &str) {
        let name = portfolio.to_owned();
        self.past_the_program(move |unit| {
            let rows = store::reference::portfolios(unit)?;
            let named = rows.into_iter().find(|row| row.name == name).unwrap().portfolio;
            let first = store::reference::notice(unit, named, 1)?.unwrap();
            let files = "{}".to_owned();
            store::reference::insert_notice(unit, &store::reference::NoticeRow { number: 2, files, ..first })
        });
    }

    /// The id of somebody of a portfolio.
    pub(crate) fn someone(&self, portfolio: &str) -> String {
        let everyone = self.everyone(portfolio).into_iter();
        everyone.filter(|(kind, _)| *kind == domain::SubjectKind::Member).map(|(_, id)| id).next().unwrap()
    }

    /// The ids of everybody of a portfolio, with what they are.
    pub(crate) fn everyone(&self, portfolio: &str) -> Vec<(domain::SubjectKind, String)> {
        let name = portfolio.to_owned();
        let found = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let to = std::sync::Arc::clone(&found);
        self.past_the_program(move |unit| {
            let rows = store::reference::portfolios(unit)?;
            let named = rows.into_iter().find(|row| row.name == name).unwrap().portfolio;
            let page = store::subject::page(unit, named, None, 1_000)?;
            *to.lock().unwrap() = page.iter().map(|row| (row.kind, row.subject.to_string())).collect();
            Ok(())
        });
        found.lock().unwrap().clone()
    }

    /// Erases everybody of a portfolio, as a sweep does in the end.
    pub(crate) fn erase_everyone(&self, portfolio: &str) {
        let name = portfolio.to_owned();
        self.past_the_program(move |unit| {
            let rows = store::reference::portfolios(unit)?;
            let named = rows.into_iter().find(|row| row.name == name).unwrap().portfolio;
            for row in store::subject::page(unit, named, None, 1_000)? {
                store::lookup::delete_of_subject(unit, row.subject)?;
                for key in store::key::of_subject(unit, row.subject)? {
                    let now = domain::Timestamp::from_micros(1);
                    store::key::erase(unit, row.subject, key.category, key.class, now)?;
                    store::sealed::delete_class(unit, row.subject, key.category, key.class)?;
                }
            }
            Ok(())
        });
    }

    /// How many deliveries there are of a version of a portfolio's notice, just now.
    pub(crate) fn deliveries(&self, portfolio: &str, number: i64) -> u64 {
        let (name, directory) = (portfolio.to_owned(), self.path("data"));
        let location = self.url().map_or(Location::Sqlite { directory }, |url| Location::Postgres { url });
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let store = store::Store::open(&location).await.unwrap();
            let counts = store.read(move |unit| {
                let rows = store::reference::portfolios(unit)?;
                let named = rows.into_iter().find(|row| row.name == name).unwrap().portfolio;
                store::delivery::count(unit, named, number)
            });
            let counts: Result<_, store::StoreError> = counts.await;
            counts.unwrap().iter().map(|(_, count, _)| u64::try_from(*count).unwrap()).sum()
        })
    }

    /// Where its database is.
    pub(crate) fn location(&self) -> Location {
        let directory = self.path("data");
        self.url().map_or(Location::Sqlite { directory }, |url| Location::Postgres { url })
    }

    /// Changes the database while no program has it open.
    pub(crate) fn past_the_program(
        &self,
        change: impl FnMut(&mut store::Unit<'_>) -> Result<(), store::StoreError> + Send + 'static,
    ) {
        let directory = self.path("data");
        let location = self.url().map_or(Location::Sqlite { directory }, |url| Location::Postgres { url });
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let store = store::Store::open(&location).await.unwrap();
            store.write(change).await.unwrap();
            store.close().await.unwrap();
        });
    }

    /// Imports into a portfolio and prints JSON.
    pub(crate) fn import(&self, portfolio: &str, source: &str, words: &[&str]) -> Run {
        let mut all =
            vec!["import", "--data", "DATA", "--portfolio", portfolio, "--source", source, "--json"];
        all.extend(words);
        self.run(&all)
    }

    /// Starts the program; what it says goes nowhere.
    pub(crate) fn spawn(&self, words: &[&str]) -> std::process::Child {
        let nowhere = std::process::Stdio::null;
        self.command(words).stdin(nowhere()).stdout(nowhere()).stderr(nowhere()).spawn().unwrap()
    }

    /// Runs the program. Nobody is at its terminal.
    pub(crate) fn run(&self, words: &[&str]) -> Run {
        self.run_with(words, &[])
    }

    /// The same with variables in its environment.
    pub(crate) fn run_with(&self, words: &[&str], variables: &[(&str, &str)]) -> Run {
        let output = self.command(words).envs(variables.iter().copied()).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let run = Run { ok: output.status.success(), out: text(output.stdout), err: text(output.stderr) };
        look_through(&mut self.ran.borrow_mut(), words, [&run.out, &run.err]);
        run
    }

    /// What was run until now.
    pub(crate) fn ran(&self) -> std::cell::Ref<'_, Ran> {
        self.ran.borrow()
    }

    /// The program with these words; `DATA` stands for the data directory. Its own log is on, so that what
    /// is looked at for values holds that too.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let data = self.path("data");
        let mut command = Command::new(env!("CARGO_BIN_EXE_moretus"));
        for word in words {
            if *word == "DATA" {
                command.arg(&data)
            } else {
                command.arg(word)
            };
        }
        command
            .env_remove("MORETUS_DATA")
            .env_remove("MORETUS_DB")
            .env_remove("MORETUS_ROOT_KEY")
            .env_remove("MORETUS_OTHER_ROOT_KEY")
            .env_remove("MORETUS_PASSPHRASE_FROM")
            .env("RUST_LOG", "info,gate=trace,service=trace,store=trace,moretus=trace");
        command
    }
}

/// The claims of the portfolio, by state, summed.
pub(crate) fn total(states: &Value) -> u64 {
    states.as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum()
}
