//! What the judge says of a search: whether anybody could be shown at all, and among whom is looked. What a clause shows of whoever
//! is found stands in `reading`.

use domain::{CategorySet, GoverningLaw, SubjectId, SubjectKind};

use super::asks::{About, Ask, Line, Outcome, Told, Verdict};
use super::judge::{Judge, sought_by};
use super::misreadings::Misreading;
use super::model::Person;

const NOBODY: [u8; 16] = [0; 16];

impl Judge<'_> {
    /// A search: what no clause could show of anybody is refused; else the question is on the record, and each whom it found, or
    /// that it found nobody.
    pub(crate) fn sought(&self, ask: &Ask, chain: SubjectId) -> Verdict {
        let line = |wanted| Line {
            item: ask.item,
            to: self.to(ask),
            version: self.newest_version(),
            ..Line::refused(chain, None, wanted)
        };
        if !self.could_be_shown(ask) {
            return Verdict { told: Told::Refused(None), lines: vec![line(self.wanted(ask))] };
        }
        let question = Line { outcome: Outcome::Searched, ..line(CategorySet::EMPTY) };
        let mut found = self.found(ask);
        // Details that fit several are no one person's own: then nobody is looked at.
        if found.len() > 1 && !self.could_be_shown_anyway(ask) {
            found.truncate(usize::from(self.errs(Misreading::TakesTheFirst)));
        }
        if found.is_empty() {
            found.push(SubjectId::from_bytes(NOBODY));
        }
        let (mut lines, mut granted) = (vec![question], Vec::new());
        for subject in found {
            let (line, told) = self.about(ask, subject, false);
            granted.extend(matches!(told, Told::Granted(_)).then_some(subject));
            lines.push(line);
        }
        Verdict { told: Told::Granted(granted.into_iter().collect()), lines }
    }

    /// Whether the newest version shows it of anybody who consented to everything, of whom all is so that can be so of a person:
    /// what is left is what the ask itself lacks.
    fn could_be_shown(&self, ask: &Ask) -> bool {
        let asker = &self.world.askers[ask.asker];
        let anybody = |kind: SubjectKind, law: GoverningLaw| Person {
            // Whoever asks may be one of those who are found.
            id: asker.is.map_or(SubjectId::from_bytes(NOBODY), |place| self.world.people[place].id),
            portfolio: ask.portfolio,
            kind,
            law,
            version: self.world.versions.len() - 1,
            family: None,
            known: None,
            covers: Vec::new(),
            facts: Vec::new(),
        };
        let mut kinds = SubjectKind::ALL.iter();
        kinds.any(|kind| {
            let mut laws = GoverningLaw::ALL.iter();
            laws.any(|law| self.seen_of_anybody(ask, &anybody(*kind, *law)).shown.is_some())
        })
    }

    /// Whether it could be shown of somebody who is not sought by details of one person alone, but known: then it does not matter how
    /// many the details fit.
    fn could_be_shown_anyway(&self, ask: &Ask) -> bool {
        let (about, writes) = (About::One(SubjectId::from_bytes(NOBODY)), ask.writes.union(sought_by(ask)));
        self.could_be_shown(&Ask { about, writes, ..ask.clone() })
    }

    /// Those in the asker's scope whom every term leads to.
    fn found(&self, ask: &Ask) -> Vec<SubjectId> {
        let About::Sought(terms) = &ask.about else { return Vec::new() };
        let is_scoped =
            !self.world.askers[ask.asker].sponsors.is_empty() && !self.errs(Misreading::IgnoresSponsors);
        let matches = |person: &&Person| {
            person.portfolio == ask.portfolio
                && person.known.as_ref().is_some_and(|known| terms.iter().all(|term| known.is_found_by(term)))
                && !(is_scoped && self.is_out_of_scope(ask, person))
                && (ask.item.is_none() || self.is_served(ask, person))
        };
        self.world.people.iter().filter(matches).map(|person| person.id).collect()
    }
}
