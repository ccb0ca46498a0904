//! What of a person a notice shows to somebody: clause by clause, as they stand in the published file. No clause is
//! compiled, none is left out, and every version that counts is read by itself.

use std::collections::BTreeSet;

use domain::{Category, CategorySet, Condition, Purpose, Recipient, RecipientRole, TransferSafeguard};
use gate::LookupKind;
use notice::{Clause, HealthBasis, Prohibition};

use super::asks::{About, Ask};
use super::judge::{Judge, Receiver, is_staff};
use super::misreadings::Misreading;
use super::model::{Agreed, Fact, Organisation, Person, What, Whose};
use super::views::VIEWS;

/// What is shown of one person, and by what.
#[derive(Default)]
pub(crate) struct Seen {
    /// Nothing where it is refused.
    pub(crate) shown: Option<CategorySet>,
    pub(crate) clauses: BTreeSet<String>,
    pub(crate) transfer: Option<BTreeSet<TransferSafeguard>>,
    /// Whether what the work item is for was found.
    pub(crate) is_for_item: bool,
    pub(crate) weighed: Vec<(Condition, bool)>,
}

/// An ask about one person.
struct Case<'a> {
    ask: &'a Ask,
    person: &'a Person,
    receiver: Receiver<'a>,
    is_group: bool,
    /// Whether whatever can be so of a person is supposed to be.
    is_anybody: bool,
}

/// Somebody who is to read something, and where.
struct Reader<'a> {
    kind: Recipient,
    /// The clauses that an organisation is registered for.
    registered: Option<&'a [String]>,
    /// The safeguards under which it leaves the European Economic Area; none where it stays.
    leaves: Option<BTreeSet<TransferSafeguard>>,
    /// Whether there is one for each country that needs one.
    is_safe: bool,
}

impl Judge<'_> {
    pub(crate) fn seen(&self, ask: &Ask, person: &Person, is_group: bool) -> Seen {
        let receiver = self.receiver(ask);
        self.seen_in(&Case { ask, person, receiver, is_group, is_anybody: false })
    }

    /// The same of somebody of whom all is so that can be so of a person.
    pub(crate) fn seen_of_anybody(&self, ask: &Ask, person: &Person) -> Seen {
        let receiver = self.receiver(ask);
        self.seen_in(&Case { ask, person, receiver, is_group: false, is_anybody: true })
    }

    /// Whether the work item that a search names is about a person, as the task of who asks or whatever else is filed with it.
    pub(crate) fn is_served(&self, ask: &Ask, person: &Person) -> bool {
        let receiver = self.receiver(ask);
        let case = Case { ask, person, receiver, is_group: false, is_anybody: false };
        OF_ITEM.iter().any(|condition| self.holds(*condition, &case))
    }

    fn seen_in(&self, case: &Case<'_>) -> Seen {
        let ask = case.ask;
        let is_task = self.holds(Condition::WorkItem, case);
        let is_sealed = ask.item.is_some_and(|item| self.world.deferred.contains(&item));
        if is_sealed && !is_task && !self.errs(Misreading::HidesBehindMatters) {
            return Seen::default();
        }
        let own = self.as_itself(case);
        let mut seen = match case.receiver {
            Receiver::Unregistered(_) => return Seen::default(),
            Receiver::Asker => self.read(case, &own),
            Receiver::Organisation(organisation) => match self.lacks_agreement(organisation) {
                true => Seen {
                    weighed: self.read(case, &self.as_organisation(case, organisation)).weighed,
                    ..Seen::default()
                },
                false => self.read(case, &self.as_organisation(case, organisation)),
            },
        };
        // Who hands something over needs a clause for it, too.
        if ask.to.is_some() && seen.shown.is_some() && !self.errs(Misreading::HandsOverUnread) {
            let theirs = self.read(case, &own);
            let both = theirs.shown.and_then(|own| Some(own.intersection(seen.shown?)));
            seen.shown = both.filter(|both| !both.is_empty());
            seen.is_for_item |= theirs.is_for_item;
            seen.weighed.extend(theirs.weighed);
            let leaves = seen.transfer.take().into_iter().chain(theirs.transfer);
            seen.transfer = leaves.reduce(|one, other| one.union(&other).copied().collect());
        }
        seen.is_for_item |= is_task;
        if self.errs(Misreading::ShowsOneCategoryTooMany) {
            let wanted = self.wanted(ask);
            seen.shown = seen.shown.map(|shown| shown.with(Category::Identity).intersection(wanted));
        }
        seen
    }

    /// The asker, where they are. Somebody who reads their own data at home, wherever that is, or for whom somebody else
    /// does, takes nothing out of the area.
    fn as_itself(&self, case: &Case<'_>) -> Reader<'_> {
        let asker = &self.world.askers[case.ask.asker];
        let is_the_person = matches!(asker.kind, Recipient::Subject | Recipient::Representative);
        let countries: &[&str] = if is_the_person { &[] } else { &[asker.country] };
        let (leaves, is_safe) = self.crossing(countries, &self.world.staff_abroad);
        Reader { kind: asker.kind, registered: None, leaves, is_safe }
    }

    /// An organisation: where it is, and where those of it are who ask.
    fn as_organisation<'b>(&self, case: &Case<'_>, organisation: &'b Organisation) -> Reader<'b> {
        let asker = &self.world.askers[case.ask.asker];
        let there = (case.ask.to.is_none()).then_some(asker.country);
        let countries: Vec<&str> = std::iter::once(organisation.country).chain(there).collect();
        let (leaves, is_safe) = self.crossing(&countries, &organisation.agreed);
        Reader { kind: organisation.kind, registered: Some(&organisation.clauses), leaves, is_safe }
    }

    /// Under what something goes to these countries, and whether it may at all.
    fn crossing(&self, to: &[&str], agreed: &[Agreed]) -> (Option<BTreeSet<TransferSafeguard>>, bool) {
        let outside: Vec<&str> = to.iter().copied().filter(|one| !AREA.contains(one)).collect();
        if outside.is_empty() || self.errs(Misreading::IgnoresCountries) {
            return (None, true);
        }
        let mut under = BTreeSet::new();
        let others: Vec<&str> = outside.iter().copied().filter(|one| !ADEQUATE.contains(one)).collect();
        if others.len() < outside.len() {
            under.insert(TransferSafeguard::Adequacy);
        }
        let mut standing =
            agreed.iter().filter(|one| one.condition == Condition::Safeguard && self.world.holds(one));
        let safeguard = standing.find_map(|one| one.safeguard).filter(|one| {
            // It was found of some in a country only.
            *one != TransferSafeguard::Adequacy || others.iter().all(|country| PARTLY.contains(country))
        });
        if !others.is_empty() {
            under.extend(safeguard);
        }
        (Some(under), others.is_empty() || safeguard.is_some())
    }

    /// Whether an organisation, or one that it acts for, has not agreed what it must whatever a clause says: who ever had
    /// a contract, or works for or with the administrator, a contract; who acts for another, a mandate.
    fn lacks_agreement(&self, organisation: &Organisation) -> bool {
        let lacks = |one: &Organisation| {
            let had = one.agreed.iter().any(|agreed| agreed.condition == Condition::Contract);
            let is_bound = matches!(one.role, RecipientRole::Processor | RecipientRole::Joint);
            (had || is_bound) && !self.has_agreed(one, Condition::Contract)
                || one.acts_for.is_some() && !self.has_agreed(one, Condition::Mandate)
        };
        let principal = organisation.acts_for.map(|place| &self.world.organisations[place]);
        !self.errs(Misreading::IgnoresContracts) && (lacks(organisation) || principal.is_some_and(lacks))
    }

    fn has_agreed(&self, organisation: &Organisation, condition: Condition) -> bool {
        organisation.agreed.iter().any(|one| one.condition == condition && self.world.holds(one))
    }

    /// What every version shows that counts for the person: the one that binds them, and each newer one.
    fn read(&self, case: &Case<'_>, reader: &Reader<'_>) -> Seen {
        let (needed, wanted) = (self.needed(case.ask), self.wanted(case.ask));
        let bound = case.person.version;
        let last =
            if self.errs(Misreading::ReadsOldVersionsAlone) { bound } else { self.world.versions.len() - 1 };
        let mut seen = Seen::default();
        let mut shown = wanted;
        for place in bound..=last {
            let version = &self.world.versions[place];
            let held_above: Vec<&Prohibition> = match case.ask.travel {
                // A supplement stands under the prohibitions of all of them.
                true => self.world.versions[bound..].iter().flat_map(|one| one.prohibitions()).collect(),
                false => version.prohibitions().iter().collect(),
            };
            let clauses = if case.ask.travel { self.world.travel.1.clauses() } else { version.clauses() };
            let mut here = CategorySet::EMPTY;
            for clause in clauses {
                // Whom the register has for which clause, it says of the version that binds.
                let registered = reader.registered.filter(|_| place == bound);
                let Some(lacks) = self.lacks(case, reader, clause, (&held_above, registered)) else {
                    continue;
                };
                let would_show = !clause.data.intersection(wanted).is_empty();
                if place == bound && would_show {
                    weigh(self.needs(case, clause), &lacks, reader, &mut seen.weighed);
                }
                if lacks.is_empty() && would_show {
                    here = here.union(clause.data);
                    seen.is_for_item |= OF_ITEM.iter().any(|condition| clause.when.contains(*condition));
                    if place == bound {
                        seen.clauses.insert(clause.id.clone());
                    }
                }
            }
            shown = shown.intersection(here);
        }
        let is_whole = shown.contains_all(needed) || self.errs(Misreading::TakesPartForTheWhole);
        seen.shown = (is_whole && !shown.is_empty()).then_some(shown);
        seen.transfer = reader.leaves.clone();
        seen
    }

    /// What a clause lacks to show something; `None` where it is about something else.
    fn lacks(
        &self,
        case: &Case<'_>,
        reader: &Reader<'_>,
        clause: &Clause,
        (prohibitions, registered): (&[&Prohibition], Option<&[String]>),
    ) -> Option<BTreeSet<Condition>> {
        let purpose = case.ask.purpose;
        let is_named = match self.errs(Misreading::ClimbsPurposes) {
            true => clause.purposes.iter().any(|one| lies_within(purpose, *one)),
            false => clause.purposes.contains(&purpose),
        };
        let is_about = clause.bases.iter().any(|(kind, _)| *kind == case.person.kind);
        let is_registered = registered.is_none_or(|ids| ids.contains(&clause.id));
        if !is_named
            || !clause.recipients.contains(&reader.kind)
            || !(is_about || self.errs(Misreading::IgnoresKinds))
            || !(is_registered || self.errs(Misreading::TakesAnyClauseOfTheRegister))
        {
            return None;
        }
        let mut lacks = self.needs(case, clause);
        for prohibition in prohibitions.iter().filter(|one| lies_within(purpose, one.purpose)) {
            if self.errs(Misreading::IgnoresProhibitions) {
                continue;
            }
            if prohibition.unless.is_empty() {
                return None;
            }
            lacks.extend(prohibition.unless.iter());
        }
        lacks.retain(|condition| !self.holds(*condition, case));
        if let Some(under) = &reader.leaves {
            let is_let = clause.transfers.is_some_and(|named| {
                let good = |one: &TransferSafeguard| *one == named || *one == TransferSafeguard::Adequacy;
                under.iter().all(good) || self.errs(Misreading::TakesAnySafeguard)
            });
            if !is_let || !reader.is_safe {
                lacks.insert(Condition::Safeguard);
            }
        }
        Some(lacks)
    }

    /// What a clause asks for, where this law governs the person's cover: where another basis than consent is declared
    /// for health data, no consent to its use.
    fn needs(&self, case: &Case<'_>, clause: &Clause) -> BTreeSet<Condition> {
        let mut needs: BTreeSet<Condition> = clause.when.iter().collect();
        let declared = clause.health_by_law.iter().find(|(law, _)| *law == case.person.law);
        if declared.is_some_and(|(_, basis)| *basis != HealthBasis::ExplicitConsent)
            && !self.errs(Misreading::AsksConsentEverywhere)
        {
            needs.remove(&Condition::ConsentHealth);
        }
        needs
    }

    /// Whether a condition holds of the person, of who asks, and of who gets it.
    fn holds(&self, condition: Condition, case: &Case<'_>) -> bool {
        let stands = |what: &dyn Fn(&What) -> bool| {
            case.person.facts.iter().any(|fact| what(&fact.what) && self.counts(fact))
        };
        let party = self.party(case);
        if case.is_anybody && is_of_person(condition) {
            return match condition {
                Condition::ConsentHealth | Condition::ConsentMarketing | Condition::ConsentResearch => true,
                condition if OF_ITEM.contains(&condition) => case.ask.item.is_some(),
                _ => party.is_some(),
            };
        }
        match condition {
            Condition::ConsentHealth | Condition::ConsentMarketing | Condition::ConsentResearch => {
                stands(&|what| *what == What::Consent(condition))
            }
            Condition::ConsentProgramme | Condition::ConsentApp => {
                party.is_some_and(|party| stands(&|what| *what == What::ConsentToOne(condition, party)))
            }
            Condition::RelationRepresentative if self.errs(Misreading::TakesAnyRepresentative) => {
                self.world.askers[case.ask.asker].kind == Recipient::Representative
            }
            Condition::RelationSponsor
            | Condition::RelationProvider
            | Condition::RelationRepresentative
            | Condition::RelationPayer
            | Condition::RelationProgramme => {
                party.is_some_and(|party| stands(&|what| *what == What::Relation(condition, party)))
            }
            Condition::WorkItem => self.is_task(case),
            Condition::OrderReviewed
            | Condition::OrderAgreement
            | Condition::DisputeReasoned
            | Condition::DutyCited => self.is_filed(condition, case),
            Condition::EmergencyReasoned => case
                .ask
                .item
                .is_some_and(|item| stands(&|what| *what == What::Emergency(item, case.ask.asker))),
            Condition::OwnData => {
                let asker = &self.world.askers[case.ask.asker];
                let is = asker.is.map(|place| self.world.people[place].id);
                is == Some(case.person.id) && case.ask.to.is_none()
            }
            Condition::Contract | Condition::Undertaking | Condition::Mandate => match case.receiver {
                Receiver::Organisation(organisation) => self.has_agreed(organisation, condition),
                _ => false,
            },
            Condition::MinimumGroup => case.is_group,
            Condition::OwnDetails => self.is_by_own_details(case),
            // It is looked at where something leaves; and no ask is about what comes in.
            Condition::Safeguard | Condition::TakingIn => false,
        }
    }

    /// Whether they are sought by details of one person alone, to be told no more than who that is. (By an account, an
    /// e-mail address or a policy nobody is sought here.)
    fn is_by_own_details(&self, case: &Case<'_>) -> bool {
        let About::Sought(terms) = &case.ask.about else { return false };
        let is_by = |kind: LookupKind| terms.iter().any(|(one, _)| *one == kind);
        let is_one = is_by(LookupKind::MemberNumber)
            || (is_by(LookupKind::NamePart) && is_by(LookupKind::BirthDate))
            || self.errs(Misreading::TakesAnyDetails);
        let who = [Category::Identity, Category::MemberId, Category::Plan];
        is_one && VIEWS[case.ask.view].wanted.iter().all(|category| who.contains(&category))
    }

    /// Whether something stands that is noted of a person.
    fn counts(&self, fact: &Fact) -> bool {
        let is_forever = match fact.what {
            What::Consent(_) | What::ConsentToOne(..) => self.errs(Misreading::IgnoresWithdrawal),
            What::Task(..) => self.errs(Misreading::TakesEndedWork),
            What::Emergency(..) => self.errs(Misreading::TakesOldEmergencies),
            What::Relation(..) | What::Filed(..) => false,
        };
        is_forever || self.world.stands(fact)
    }

    /// Whether the work item is the asker's task about this person, or that of the team of the staff that they are in.
    fn is_task(&self, case: &Case<'_>) -> bool {
        let Some(item) = case.ask.item else { return false };
        let asker = &self.world.askers[case.ask.asker];
        let is_theirs = |whose: &Whose| match whose {
            Whose::Asker(place) => *place == case.ask.asker || self.errs(Misreading::TakesColleaguesWork),
            Whose::Team(team) => {
                let is_in_it = is_staff(asker.kind) && self.is_in(case.person.portfolio, case.ask.asker);
                is_in_it && asker.team == *team && !self.errs(Misreading::KnowsNoTeams)
            }
        };
        let is_it =
            |fact: &Fact| matches!(&fact.what, What::Task(of, whose) if *of == item && is_theirs(whose));
        self.errs(Misreading::TakesAnyWorkItem)
            || case.person.facts.iter().any(|fact| is_it(fact) && self.counts(fact))
    }

    /// Whether it is filed with the work item about this person: for the staff's own use, or for who gets it.
    fn is_filed(&self, condition: Condition, case: &Case<'_>) -> bool {
        let Some(item) = case.ask.item else { return false };
        let to = match case.receiver {
            Receiver::Organisation(organisation) => Some(organisation.id),
            _ => None,
        };
        let is_it = |fact: &Fact| match &fact.what {
            What::Filed(kind, of, whose) if *kind == condition && *of == item => {
                *whose == to || self.errs(Misreading::TakesOthersOrders)
            }
            _ => false,
        };
        case.person.facts.iter().any(|fact| is_it(fact) && self.counts(fact))
    }

    /// Whose relation to the person counts.
    fn party(&self, case: &Case<'_>) -> Option<[u8; 16]> {
        let asker = &self.world.askers[case.ask.asker];
        match case.receiver {
            Receiver::Organisation(organisation) => Some(*self.world.party(organisation).bytes()),
            _ if asker.kind == Recipient::Representative => Some(*asker.id.bytes()),
            _ => case.ask.party,
        }
    }
}

/// Notes which conditions a clause that shows something rested on, and which was all that it lacked.
fn weigh(
    mut needs: BTreeSet<Condition>,
    lacks: &BTreeSet<Condition>,
    reader: &Reader<'_>,
    weighed: &mut Vec<(Condition, bool)>,
) {
    if reader.leaves.is_some() {
        needs.insert(Condition::Safeguard);
    }
    if lacks.is_empty() {
        weighed.extend(needs.into_iter().map(|condition| (condition, true)));
    } else if lacks.len() == 1 {
        weighed.extend(lacks.iter().map(|condition| (*condition, false)));
    }
}

/// Whether it is said of a person, and not of who asks, of the ask, or of who gets it.
fn is_of_person(condition: Condition) -> bool {
    !matches!(
        condition,
        Condition::OwnData
            | Condition::OwnDetails
            | Condition::Contract
            | Condition::Undertaking
            | Condition::Mandate
            | Condition::MinimumGroup
            | Condition::Safeguard
            | Condition::TakingIn
    )
}

/// Whether a purpose is another or lies below it.
fn lies_within(purpose: Purpose, above: Purpose) -> bool {
    let mut node = Some(purpose);
    while let Some(one) = node {
        if one == above {
            return true;
        }
        node = one.parent();
    }
    false
}

/// What is filed with a work item.
const OF_ITEM: &[Condition] = &[
    Condition::WorkItem,
    Condition::OrderReviewed,
    Condition::OrderAgreement,
    Condition::DisputeReasoned,
    Condition::DutyCited,
    Condition::EmergencyReasoned,
];

/// The countries of the test: in the European Economic Area; where protection is adequate; where it is for some.
const AREA: &[&str] = &["BE", "NL", "IE", "DE"];
const ADEQUATE: &[&str] = &["CH", "GB"];
const PARTLY: &[&str] = &["US"];
