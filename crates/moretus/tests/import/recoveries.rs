//! What payees owe back from the command line: listed, shown, and written off by payments staff, and by nobody else.

use std::sync::Arc;

use domain::{ClaimState, PortfolioId, Timestamp};
use gate::{Clock, Gate, Randomness, RootKey};
use service::App;
use store::{Store, StoreError, Unit};

use crate::screen::{asked, staff, text};
use crate::site::{Site, days_from_today};

struct Surroundings;

impl Clock for Surroundings {
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap())
    }
}

impl Randomness for Surroundings {
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).unwrap();
    }
}

/// Does something as the program's own jobs do, in the portfolio of the site.
fn inside<T>(site: &Site, work: impl AsyncFnOnce(&App, PortfolioId) -> T) -> T {
    let root = RootKey::read(&site.path("data").join("root.key")).unwrap();
    let location = site.location();
    let done = async move {
        let store = Store::open(&location).await.unwrap();
        let country = "BE".parse().unwrap();
        let gate =
            Gate::open(&root, store, country, Arc::new(Surroundings), Arc::new(Surroundings)).await.unwrap();
        let app = App::open(gate).await.unwrap();
        let portfolios = app.store().read(store::reference::portfolios).await;
        let portfolios = portfolios.map_err(|error: StoreError| error).unwrap();
        let officina = portfolios.iter().find(|row| row.name == "officina").unwrap().portfolio;
        let done = work(&app, officina).await;
        app.store().close().await.unwrap();
        done
    };
    tokio::runtime::Runtime::new().unwrap().block_on(done)
}

/// Pays what waits to be paid; answers how many claims were settled.
pub(crate) fn pay(site: &Site) -> u64 {
    let day = days_from_today(2);
    let words =
        ["payments", "make", "--data", "DATA", "--portfolio", "officina", "--execution", &day, "--json"];
    let made = site.run(&words).json();
    ["paid", "without_payment"].iter().map(|name| made[name].as_u64().unwrap()).sum()
}

/// Whose claim is in payment, and which.
pub(crate) fn in_payment(site: &Site) -> [String; 2] {
    inside(site, async |app, officina| {
        let state = ClaimState::InPayment;
        let page = move |unit: &mut Unit<'_>| store::claim::page_by_state(unit, officina, state, None, 1);
        let page = app.store().read(page).await.map_err(|error: StoreError| error).unwrap();
        [page[0].subject.to_string(), page[0].claim.to_string()]
    })
}

pub(crate) fn are_listed_shown_and_written_off(site: &Site) {
    let (clerk, desk) = (staff(site, "payments-staff"), staff(site, "customer-service-staff"));
    let recoveries =
        |token: &str, command: &str, more: &[&str]| asked(site, token, &["recoveries", command], more);
    let refused = recoveries(&desk, "list", &[]).refused();
    assert!(refused.contains("written off by payments staff"), "{refused}");
    let listed = recoveries(&clerk, "list", &["--json"]).json();
    let all = listed["recoveries"].as_array().unwrap().len();
    assert!(all > 0, "{listed}");
    let first = &listed["recoveries"][0];
    assert!(recoveries(&clerk, "list", &[]).well().out.contains(text(first, "claim")));
    let one = ["--payee", text(first, "payee"), "--claim", text(first, "claim")];
    let refused = recoveries(&desk, "show", &one).refused();
    assert!(refused.contains("written off by payments staff"), "{refused}");
    let shown = recoveries(&clerk, "show", &[&one[..], &["--json"]].concat()).json();
    let owed = text(&shown["owedBack"][0], "amount").to_owned();
    assert_eq!(text(&shown["movements"][0], "what"), "owed");
    assert!(recoveries(&clerk, "show", &one).well().out.contains(&format!("owed back: {owed} EUR")));
    let off = [&one[..], &["--reason", "our-error", "--json"]].concat();
    assert_eq!(text(&recoveries(&clerk, "write-off", &off).json(), "outcome"), "written-off");
    let again = recoveries(&clerk, "write-off", &off).refused();
    assert!(again.contains("nothing is owed back"), "{again}");
    let left = recoveries(&clerk, "list", &["--json"]).json();
    assert_eq!(left["recoveries"].as_array().unwrap().len(), all - 1);
    let share =
        ["recoveries", "share", "--data", "DATA", "--portfolio", "officina", "--percent", "50", "--json"];
    assert_eq!(site.run(&share).json()["percent"], 50);
    site.run(&["ledger", "verify", "--data", "DATA"]).well();
}
