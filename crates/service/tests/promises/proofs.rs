//! Promise 4, in a person's hands: their list with its proof, made through the gate, checked without a database by
//! our reader and by another's, and refused by both once anything of it is not as it was.

use domain::Recipient;
use gate::{Actor, GateError, Witness, check_list};
use service::{ServiceError, prove_disclosures};
use transparency::VerifierKey;

use crate::log::reads;
use crate::on_both;
use crate::other_reader;
use crate::site::{Member, PORTFOLIO, SystemRandomness, TestSite, item};

on_both! {
    a_member_takes_their_list_away_and_two_readers_check_it,
    whatever_is_done_to_a_list_both_readers_refuse_it,
    a_list_is_proven_to_nobody_without_a_clause,
    a_list_that_was_cut_in_the_database_is_not_proven,
    the_sealer_at_work_rolls_when_somebody_asks,
}

/// A site with a witness.
struct Watched {
    site: TestSite,
    folder: tempfile::TempDir,
}

impl Watched {
    fn new(site: TestSite) -> Self {
        Self { site, folder: tempfile::tempdir().unwrap() }
    }

    fn witness(&self) -> Witness {
        Witness::open(self.folder.path(), "test-witness", &SystemRandomness).unwrap()
    }

    async fn keys(&self) -> (VerifierKey, VerifierKey) {
        let site = self.site.app.gate.log_head().await.unwrap().verifier;
        (site.parse().unwrap(), self.witness().verifier().parse().unwrap())
    }

    /// Themselves.
    async fn own(&self, member: &Member) -> Actor {
        self.site.member_abroad(member.subject, "BE").await
    }

    /// The list of a member, to themselves.
    async fn list(&self, member: &Member, actor: &Actor) -> String {
        let witness = Some(self.witness());
        let proof = prove_disclosures(&self.site.app, actor, PORTFOLIO, member.subject, None, witness).await;
        proof.unwrap().to_string()
    }

    /// What our reader says is wrong; the other one must refuse it too.
    async fn refused(&self, text: &str) -> String {
        let (site, witness) = self.keys().await;
        let other = other_reader::entries(text, &site.to_string(), &witness.to_string());
        assert!(other.is_err(), "the other reader takes it");
        check_list(text, &site, &witness).unwrap_err().to_string()
    }
}

async fn a_member_takes_their_list_away_and_two_readers_check_it(site: TestSite) {
    let watched = Watched::new(site);
    let site = &watched.site;
    let (ada, eve) = (site.member("ada", true).await, site.member("eve", true).await);
    reads(site, &ada, 3).await;
    reads(site, &eve, 2).await;
    // Twice, so that there is an earlier roll too.
    let own = watched.own(&ada).await;
    watched.list(&ada, &own).await;
    reads(site, &ada, 1).await;
    let text = watched.list(&ada, &own).await;
    let (site_key, witness_key) = watched.keys().await;
    let list = check_list(&text, &site_key, &witness_key).unwrap();
    assert_eq!(list.subject, ada.subject);
    // Three reads, her first request, one more read, and this request.
    let purposes: Vec<&str> = list.lines.iter().map(|(_, line)| line.purpose.word()).collect();
    assert_eq!(purposes.len(), 6, "{purposes:?}");
    assert_eq!((purposes[3], purposes[5]), ("access-request", "access-request"));
    assert_eq!(list.complete_to.date().unwrap(), site.app.gate.now().date().unwrap());
    let others = other_reader::entries(&text, &site_key.to_string(), &witness_key.to_string()).unwrap();
    let leaves: Vec<u64> = list.lines.iter().map(|(leaf, _)| *leaf).collect();
    assert_eq!(others.iter().map(|(leaf, _)| *leaf).collect::<Vec<_>>(), leaves);
    site.app.gate.verify_log(None).await.unwrap();
}

/// The text with one line altered.
fn with_line(text: &str, kind: &str, place: usize, alter: impl Fn(&str) -> String) -> String {
    let mut seen = 0;
    let mut lines = Vec::new();
    for line in text.split('\n') {
        let is_meant = line.starts_with(kind) && seen == place;
        seen += usize::from(line.starts_with(kind));
        match is_meant {
            true => lines.extend(Some(alter(line)).filter(|line| !line.is_empty())),
            false => lines.push(line.to_owned()),
        }
    }
    lines.join("\n")
}

async fn whatever_is_done_to_a_list_both_readers_refuse_it(site: TestSite) {
    let watched = Watched::new(site);
    let site = &watched.site;
    let (ada, eve) = (site.member("ada", true).await, site.member("eve", true).await);
    reads(site, &ada, 3).await;
    reads(site, &eve, 3).await;
    let (own, eves_own) = (watched.own(&ada).await, watched.own(&eve).await);
    let (earlier, of_eve) = (watched.list(&ada, &own).await, watched.list(&eve, &eves_own).await);
    reads(site, &ada, 1).await;
    let text = watched.list(&ada, &own).await;
    let said = watched.refused(&with_line(&text, "entry ", 1, |_| String::new())).await;
    assert!(
        said.contains("commits 6 entries about the person and the list has 5: entries were left out"),
        "{said}"
    );
    let said = watched.refused(&with_line(&text, "entry ", 5, |_| String::new())).await;
    assert!(said.contains("entries were left out"), "{said}");
    let edited = with_line(&text, "entry ", 2, |line| {
        let words: Vec<&str> = line.split(' ').collect();
        let (start, end) = words[2].split_at(200);
        let other = if end.starts_with('A') { "B" } else { "A" };
        format!("entry {} {start}{other}{} {}", words[1], &end[1..], words[3])
    });
    let said = watched.refused(&edited).await;
    assert!(said.contains("entry 2 is not in the log as it stands here"), "{said}");
    let owner = text.lines().find(|line| line.starts_with("owner ")).unwrap().to_owned();
    let said = watched.refused(&with_line(&of_eve, "owner ", 0, |_| owner.clone())).await;
    assert!(said.contains("it is of another's chain"), "{said}");
    let (list, _) = text.split_once("\n\n").unwrap();
    let (_, older) = earlier.split_once("\n\n").unwrap();
    let said = watched.refused(&format!("{list}\n\n{older}")).await;
    assert!(said.contains("an older checkpoint was put in the place of theirs"), "{said}");
    // The earlier list is a proof still, of what there was then.
    let (site_key, witness_key) = watched.keys().await;
    let earlier = check_list(&earlier, &site_key, &witness_key).unwrap();
    let now = check_list(&text, &site_key, &witness_key).unwrap();
    assert_eq!(earlier.lines[..], now.lines[..4]);
    assert!(earlier.complete_to < now.complete_to);
}

async fn a_list_is_proven_to_nobody_without_a_clause(site: TestSite) {
    let watched = Watched::new(site);
    let site = &watched.site;
    let (ada, eve) = (site.member("ada", true).await, site.member("eve", true).await);
    reads(site, &ada, 1).await;
    let officer = site.actor(Recipient::DataProtectionOfficer, PORTFOLIO).await;
    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    let other_member = site.member_abroad(eve.subject, "BE").await;
    site.assign(ada.subject, item(40), &staff).await;
    let asks = [(&officer, None), (&staff, Some(item(40))), (&other_member, None)];
    let before = site.entries(ada.subject).await;
    for (actor, item) in asks {
        let refused = prove_disclosures(&site.app, actor, PORTFOLIO, ada.subject, item, None).await;
        assert!(matches!(refused, Err(ServiceError::Gate(GateError::Refused(_)))), "{:?}", refused.err());
    }
    assert_eq!(site.entries(ada.subject).await, before + 3, "each refusal is on the record");
    site.assign(ada.subject, item(41), &officer).await;
    let asked = prove_disclosures(&site.app, &officer, PORTFOLIO, ada.subject, Some(item(41)), None).await;
    // The read, the three refusals, the officer's answer.
    assert_eq!(asked.unwrap().entries.len(), 5);
}

async fn a_list_that_was_cut_in_the_database_is_not_proven(site: TestSite) {
    let watched = Watched::new(site);
    let site = &watched.site;
    let ada = site.member("ada", true).await;
    reads(site, &ada, 3).await;
    let actor = watched.own(&ada).await;
    watched.list(&ada, &actor).await;
    let subject = ada.subject;
    site.write(move |unit| {
        let (run, places) = store::log::index::of_subject(unit, subject)?.remove(0);
        // Both engines know `substr` on bytes. She is the only one with more than one entry.
        let sql = format!(
            "UPDATE moretus_log.disclosure_index SET entries = substr(entries, 1, {}) WHERE run = {run}
            AND subject IN (SELECT subject FROM moretus_log.chain WHERE count > 1)",
            places.len() - 24
        );
        store::testing::tamper(unit, &sql)
    })
    .await;
    let cut = prove_disclosures(&site.app, &actor, PORTFOLIO, ada.subject, None, None).await;
    assert!(cut.is_err(), "a cut list was proven");
    let told = service::answer_access_request(&site.app, &actor, PORTFOLIO, ada.subject, None).await;
    assert!(told.is_err(), "a cut list was told as all there is");
    let fault = site.app.gate.verify_log(None).await.unwrap_err().to_string();
    assert!(fault.contains("does not lead to each of their entries"), "{fault}");
}

async fn the_sealer_at_work_rolls_when_somebody_asks(site: TestSite) {
    let watched = Watched::new(site);
    let site = &watched.site;
    let ada = site.member("ada", true).await;
    reads(site, &ada, 2).await;
    let sealer = site.app.gate.sealer(Some(watched.witness())).await.unwrap();
    sealer.seal().await.unwrap();
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let work = tokio::spawn(sealer.run(stopped));
    let text = watched.list(&ada, &watched.own(&ada).await).await;
    stop.send(true).unwrap();
    work.await.unwrap();
    let (site_key, witness_key) = watched.keys().await;
    assert_eq!(check_list(&text, &site_key, &witness_key).unwrap().lines.len(), 3);
}
