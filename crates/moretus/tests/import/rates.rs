//! `moretus rates`: taken in from a file or standard input, shown, and never changed.

use crate::site::Site;

pub(crate) fn rates_are_taken_in_once_and_shown(site: Site) {
    let site = site.with(&["officina"]);
    let file =
        site.file("rates.csv", "Date,USD,JPY,RUB\n2026-10-30,1.1172,175.68,N/A\n2026-10-29,1.1190,N/A,N/A\n");
    let import =
        |file: &str, more: &[&str]| site.run(&[&["rates", "import", "--data", "DATA", file], more].concat());
    assert_eq!(import(&file, &[]).well().out.trim(), "3 rates taken, 0 known");
    let again = import(&file, &["--json"]).json();
    assert_eq!((&again["new"], &again["known"]), (&0.into(), &3.into()));
    let show = |currency: &str, on: &str, more: &[&str]| {
        site.run(&[&["rates", "show", "--data", "DATA", "--currency", currency, "--on", on], more].concat())
    };
    // A Sunday has the rate of the Friday before.
    let shown = show("USD", "2026-11-01", &[]).well().out;
    assert_eq!(shown.trim(), "1.1172 USD for one euro, published on 2026-10-30");
    let shown = show("JPY", "2026-10-30", &["--json"]).json();
    assert_eq!((&shown["published"], &shown["units_for_one_euro"]), (&"2026-10-30".into(), &"175.68".into()));
    for (currency, on) in [("CHF", "2026-10-30"), ("USD", "2026-12-01"), ("JPY", "2026-10-29")] {
        let refused = show(currency, on, &[]).refused();
        assert!(
            refused.contains("there is no rate of") && refused.contains("moretus rates import"),
            "{refused}"
        );
    }
    // A rate that is known with another value: nothing of the file is taken.
    let other = site.file("other.csv", "Date,CHF,USD\n2026-10-30,0.9194,1.2\n");
    let refused = import(&other, &[]).refused();
    assert!(refused.contains("USD") && refused.contains("2026-10-30"), "{refused}");
    show("CHF", "2026-10-30", &[]).refused();
    let spoilt = site.file("spoilt.csv", "Date,CHF\n2026-10-30,much\n");
    let refused = import(&spoilt, &[]).refused();
    assert!(refused.contains("spoilt.csv"), "{refused}");
}
