//! The judge: what the gate must say of an ask, step by step, by the clauses as they were published and by what the test
//! knows of its own world. It shares nothing with the gate: no table, no supposition, no rounds, and no conditions under
//! hashed names. What a clause shows stands in `reading`.

use domain::{CategorySet, PortfolioId, Recipient, RecipientId, SubjectId};
use gate::{Bar, portfolio_chain};

use super::asks::{About, Ask, Line, Outcome, To, Told, Verdict};
use super::misreadings::Misreading;
use super::model::{Organisation, Person, World, end_of};
use super::views::VIEWS;

/// The smallest group of the shipped notice.
pub(crate) const GROUP: usize = 10;

/// Reads the notice, rightly or not.
pub(crate) struct Judge<'a> {
    pub(crate) world: &'a World,
    pub(crate) misreading: Option<Misreading>,
}

/// Who gets what is asked for.
#[derive(Clone, Copy)]
pub(crate) enum Receiver<'a> {
    /// Who asks.
    Asker,
    /// An organisation of the register of the portfolio that is asked.
    Organisation(&'a Organisation),
    /// One that is not in it, or not as what it asks.
    Unregistered(RecipientId),
}

impl<'a> Judge<'a> {
    pub(crate) fn errs(&self, misreading: Misreading) -> bool {
        self.misreading == Some(misreading)
    }

    pub(crate) fn judge(&self, ask: &Ask) -> Verdict {
        let asker = &self.world.askers[ask.asker];
        if !self.world.works(asker) && !self.errs(Misreading::TakesLeavers) {
            return Verdict { told: Told::NotKnown, lines: Vec::new() };
        }
        let wanted = self.wanted(ask);
        let chain = portfolio_chain(ask.portfolio);
        let newest = self.newest_version();
        let barred = |chain, bar| Line { version: newest.clone(), ..Line::refused(chain, Some(bar), wanted) };
        let wall = asker.portfolio.filter(|own| *own != ask.portfolio);
        if let Some(own) = wall.filter(|_| !self.errs(Misreading::SeesNoWall)) {
            let lines = [chain, portfolio_chain(own)].map(|chain| barred(chain, Bar::StaffWall)).to_vec();
            return Verdict { told: Told::Refused(None), lines };
        }
        if ask.to.is_some() && !hands_over(asker.kind) {
            return Verdict { told: Told::Refused(None), lines: vec![barred(chain, Bar::HandingOn)] };
        }
        match &ask.about {
            About::One(subject) => {
                let (line, told) = self.about(ask, *subject, false);
                Verdict { told, lines: vec![line] }
            }
            About::Group(group) => self.group(ask, group),
            About::Sought(_) if self.is_untrained(ask) => {
                let lines = vec![barred(chain, Bar::Untrained)];
                Verdict { told: Told::Refused(Some(Bar::Untrained)), lines }
            }
            About::Sought(_) => self.sought(ask, chain),
        }
    }

    /// Sums: each of the group has a line of their own, and enough of them must be shown.
    fn group(&self, ask: &Ask, group: &[SubjectId]) -> Verdict {
        let enough = if self.errs(Misreading::CountsNoGroups) { 1 } else { GROUP };
        let is_group = group.len() >= enough;
        let (mut lines, mut granted, mut refused) = (Vec::new(), Vec::new(), None);
        for subject in group {
            let (line, told) = self.about(ask, *subject, is_group);
            match told {
                Told::Granted(_) => granted.push(*subject),
                Told::Refused(bar) => refused = bar,
                Told::NotKnown => {}
            }
            lines.push(line);
        }
        let told = match granted.len() >= enough {
            true => Told::Granted(granted.into_iter().collect()),
            false => Told::Refused(refused),
        };
        Verdict { told, lines }
    }

    /// What is on the record of one person, and what is told.
    pub(crate) fn about(&self, ask: &Ask, subject: SubjectId, is_group: bool) -> (Line, Told) {
        let refused = |chain, bar, version: String| Line {
            item: ask.item,
            to: self.to(ask),
            version,
            ..Line::refused(chain, bar, self.wanted(ask))
        };
        let found = self.world.person(subject).filter(|(_, person)| person.portfolio == ask.portfolio);
        let own = found.is_some_and(|(_, person)| self.is_own_file(ask, person));
        let bar = if own {
            Some(Bar::OwnFile)
        } else if self.is_untrained(ask) {
            Some(Bar::Untrained)
        } else {
            // Nobody is covered by no sponsor.
            let elsewhere =
                self.world.person(subject).is_none_or(|(_, person)| self.is_out_of_scope(ask, person));
            let is_scoped = !self.world.askers[ask.asker].sponsors.is_empty();
            (is_scoped && elsewhere && !self.errs(Misreading::IgnoresSponsors)).then_some(Bar::OutOfScope)
        };
        let found = found.or_else(|| self.errs(Misreading::FindsNobody).then(|| (0, &self.world.people[0])));
        let Some((_, person)) = found else {
            let chain = portfolio_chain(ask.portfolio);
            return (refused(chain, Some(Bar::NotThere), self.newest_version()), Told::Refused(bar));
        };
        let version = self.world.versions[person.version].version().to_owned();
        if bar.is_some() {
            return (refused(subject, bar, version), Told::Refused(bar));
        }
        let seen = self.seen(ask, person, is_group);
        let weighed = seen.weighed;
        let Some(shown) = seen.shown else {
            // What held is no reason for a refusal.
            let weighed = weighed.into_iter().filter(|(_, held)| !held).collect();
            return (Line { weighed, ..refused(subject, None, version) }, Told::Refused(None));
        };
        let line = Line {
            outcome: Outcome::Granted,
            shown,
            withheld: self.wanted(ask).minus(shown),
            transfer: seen.transfer,
            clauses: seen.clauses,
            // Whatever a clause asked for: a work item that is no task is not named.
            item: ask.item.filter(|_| seen.is_for_item),
            weighed,
            ..refused(subject, None, version)
        };
        (line, Told::Granted([subject].into()))
    }

    pub(crate) fn needed(&self, ask: &Ask) -> CategorySet {
        VIEWS[ask.view].needed.union(ask.writes).union(sought_by(ask))
    }

    pub(crate) fn wanted(&self, ask: &Ask) -> CategorySet {
        VIEWS[ask.view].wanted.union(ask.writes).union(sought_by(ask))
    }

    pub(crate) fn newest_version(&self) -> String {
        self.world.versions.last().unwrap().version().to_owned()
    }

    /// Who gets it: whom it is handed to, or an organisation that asks itself, as far as the register has them.
    pub(crate) fn receiver(&self, ask: &Ask) -> Receiver<'a> {
        let asker = &self.world.askers[ask.asker];
        let (place, must_be) = match (ask.to, asker.organisation) {
            (Some(To::Nobody(id)), _) => return Receiver::Unregistered(id),
            (Some(To::Organisation(place)), _) => (place, None),
            (None, Some(place)) => (place, Some(asker.kind)),
            (None, None) => return Receiver::Asker,
        };
        let organisation = &self.world.organisations[place];
        let is_it = must_be.is_none_or(|kind| kind == organisation.kind);
        if organisation.portfolio == ask.portfolio && is_it {
            Receiver::Organisation(organisation)
        } else {
            Receiver::Unregistered(organisation.id)
        }
    }

    /// The organisation that a line names, in the register or not.
    pub(crate) fn to(&self, ask: &Ask) -> Option<RecipientId> {
        match self.receiver(ask) {
            Receiver::Asker => None,
            Receiver::Organisation(organisation) => Some(organisation.id),
            Receiver::Unregistered(id) => Some(id),
        }
    }

    /// Staff without current training; the person, jobs and organisations are not staff.
    fn is_untrained(&self, ask: &Ask) -> bool {
        let asker = &self.world.askers[ask.asker];
        let is_current = asker.trained.is_some_and(|last| self.world.now < end_of(last));
        is_staff(asker.kind) && !is_current && !self.errs(Misreading::IgnoresTraining)
    }

    /// Whether it is the file of whoever is behind the asker, or of somebody covered with them.
    fn is_own_file(&self, ask: &Ask, person: &Person) -> bool {
        let asker = &self.world.askers[ask.asker];
        if self.errs(Misreading::TakesOwnFiles) {
            return false;
        }
        asker.own.iter().any(|place| {
            let named = &self.world.people[*place];
            let is_relative = named.family.is_some() && named.family == person.family;
            named.id == person.id || is_relative && !self.errs(Misreading::KnowsNoRelatives)
        })
    }

    /// Whether none of the asker's sponsors covers the person: today, or where nobody does today, last.
    pub(crate) fn is_out_of_scope(&self, ask: &Ask, person: &Person) -> bool {
        let (asker, today) = (&self.world.askers[ask.asker], self.world.today());
        let mut counted: Vec<_> = person
            .covers
            .iter()
            .filter(|cover| cover.first <= today && cover.last.is_none_or(|last| today <= last))
            .collect();
        if counted.is_empty() {
            let begun = person.covers.iter().filter(|cover| cover.first <= today);
            counted.extend(begun.max_by_key(|cover| cover.first));
        }
        !counted.iter().any(|cover| cover.sponsor.is_some_and(|sponsor| asker.sponsors.contains(&sponsor)))
    }

    pub(crate) fn is_in(&self, portfolio: PortfolioId, asker: usize) -> bool {
        self.world.askers[asker].portfolio == Some(portfolio)
    }
}

/// Searching by something is reading it.
pub(crate) fn sought_by(ask: &Ask) -> CategorySet {
    let About::Sought(terms) = &ask.about else { return CategorySet::EMPTY };
    let category = |kind: &gate::LookupKind| match kind {
        gate::LookupKind::MemberNumber => domain::Category::MemberId,
        _ => domain::Category::Identity,
    };
    terms.iter().map(|(kind, _)| category(kind)).collect()
}

/// Who works for the administrator, each with a record of their own.
pub(crate) fn is_staff(kind: Recipient) -> bool {
    matches!(
        kind,
        Recipient::ClaimsStaff
            | Recipient::CustomerService
            | Recipient::EnrolmentStaff
            | Recipient::PaymentsStaff
            | Recipient::Auditor
            | Recipient::DataProtectionOfficer
            | Recipient::Analyst
            | Recipient::ClinicalStaff
            | Recipient::LegalStaff
    )
}

/// Who may hand to others what they see: staff but those who only look at the work of others, and the jobs that write
/// to people and pay them.
fn hands_over(kind: Recipient) -> bool {
    let is_a_writing_job = matches!(kind, Recipient::StatementJob | Recipient::PaymentJob);
    is_a_writing_job || is_staff(kind) && kind != Recipient::Auditor
}
