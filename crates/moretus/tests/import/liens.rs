//! Liens from the command line: asserted on a claim that was paid, listed, shown, received and released by staff, and by nobody else.

use crate::recoveries;
use crate::screen::{asked, staff, text};
use crate::site::Site;

/// On a site of which some claims are in payment.
pub(crate) fn are_asserted_received_and_released(site: &Site) {
    let (clerk, cashier) = (staff(site, "claims-staff"), staff(site, "payments-staff"));
    let liens = |token: &str, command: &str, more: &[&str]| asked(site, token, &["liens", command], more);
    let liable = site.file("liable.txt", "Assurantia,\nfile 123\n");
    let [person, claim] = recoveries::in_payment(site);
    let one = ["--person", &person, "--claim", &claim];
    let asserted = [&one[..], &["--liable-file", &liable, "--costs", "1/3", "--json"]].concat();
    liens(&clerk, "assert", &asserted).well();
    assert!(liens(&clerk, "assert", &asserted).refused().contains("already"));

    let refused = liens(&staff(site, "customer-service-staff"), "show", &one).refused();
    assert!(refused.contains("claims staff and payments staff"), "{refused}");
    let listed = liens(&clerk, "list", &["--json"]).json();
    assert_eq!(text(&listed["liens"][0], "claim"), one[3]);
    assert!(liens(&clerk, "list", &[]).well().out.contains(one[3]));
    let shown = liens(&cashier, "show", &[&one[..], &["--json"]].concat()).json();
    assert_eq!(text(&shown, "liable"), "Assurantia, file 123");
    let left = text(&shown["standing"]["left"], "amount").to_owned();
    assert_eq!(text(&shown, "costs"), "1/3");

    let receive = |amount: &str| {
        let received = ["--amount", amount, "--currency", "EUR", "--reference", amount, "--json"];
        liens(&cashier, "receive", &[&one[..], &received].concat())
    };
    let refused = receive(&format!("9{left}")).refused();
    assert!(refused.contains("no more than is left"), "{refused}");
    assert!(receive("eight").refused().contains("--amount"));
    assert_eq!(text(&receive("0.01").json()["received"], "amount"), "0.01");
    assert_eq!(text(&receive("0.01").json()["received"], "amount"), "0.01", "told once more");
    assert!(liens(&clerk, "show", &one).well().out.contains("costs: 1/3"));
    let reason = [&one[..], &["--reason", "compromise"]].concat();
    liens(&clerk, "release", &reason).well();
    assert!(receive("0.02").refused().contains("it was released"));
    assert!(liens(&clerk, "show", &one).well().out.contains("compromise"));
    site.run(&["ledger", "verify", "--data", "DATA"]).well();
}
