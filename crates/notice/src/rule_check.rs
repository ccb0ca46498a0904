//! Whether the rules of a version make sense together: ids, retention, health data, consent, and
//! clauses that could never apply. Prose is `prose_check`'s.

use std::collections::BTreeMap;

use domain::{Category, CategorySet, Condition, Recipient};

use crate::clause::covers_health;
use crate::problem::Problems;
use crate::rules::{RULES_FILE, Rules};
use crate::{Clause, ClauseSet, HealthBasis, LegalBasis};

/// The categories for which GDPR article 9 asks a basis of its own.
const HEALTH: CategorySet = CategorySet::of(&[Category::Health]);

/// What a search by somebody's own details is made by, and shows.
const DETAILS: CategorySet =
    CategorySet::of(&[Category::Identity, Category::MemberId, Category::Plan, Category::Financial]);

/// Anchors of prose without a rule begin with this; no rule's id may.
pub(crate) const ABOUT: &str = "about.";

/// Recipients that are somebody only in relation to the person, with the condition that tests it.
const BOUND: &[(Recipient, Condition)] = &[
    (Recipient::Subject, Condition::OwnData),
    (Recipient::Representative, Condition::RelationRepresentative),
    (Recipient::PlanSponsor, Condition::RelationSponsor),
    (Recipient::SponsorAgent, Condition::Mandate),
    (Recipient::App, Condition::ConsentApp),
];

/// Recipients that are organisations.
const OUTSIDE: &[Recipient] = &[
    Recipient::PlanSponsor,
    Recipient::Partner,
    Recipient::ServiceProvider,
    Recipient::Affiliate,
    Recipient::Payer,
    Recipient::Bank,
    Recipient::Authority,
    Recipient::Court,
    Recipient::ForeignAuthority,
    Recipient::SponsorAgent,
    Recipient::App,
];

pub(crate) fn check(rules: &Rules, problems: &mut Problems) {
    check_ids(rules, problems);
    check_retentions(rules, problems);
    if rules.clauses.len() > usize::from(ClauseSet::CAPACITY) {
        let message =
            format!("{} clauses: a version has at most {}", rules.clauses.len(), ClauseSet::CAPACITY);
        problems.add(RULES_FILE, 1, message);
    }
    for (clause, line) in rules.clauses.iter().zip(&rules.lines.clauses) {
        let mut refuse =
            |message: String| problems.add(RULES_FILE, *line, format!("clause `{}`: {message}", clause.id));
        check_health(clause, &mut refuse);
        check_prohibitions(rules, clause, &mut refuse);
        check_consent(rules, clause, &mut refuse);
        check_recipients(clause, &mut refuse);
        check_group(clause, &mut refuse);
        check_details(clause, &mut refuse);
        if rules.retentions.iter().all(|retention| retention.class != clause.retention) {
            let class = clause.retention;
            refuse(format!(
                "retention class `{class}` is not defined: add [[retention]] with class = \"{class}\""
            ));
        }
    }
}

fn check_ids(rules: &Rules, problems: &mut Problems) {
    let mut first: BTreeMap<&str, u32> = BTreeMap::new();
    for (id, line) in &rules.lines.ids {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let shaped = id.len() <= 64
            && id.split('.').all(|part| !part.is_empty() && part.bytes().all(allowed))
            && !id.starts_with(ABOUT);
        if !shaped {
            let message = format!(
                "id `{id}`: write at most 64 lower-case letters, digits and `-` in parts divided by `.`, not beginning with `{ABOUT}`"
            );
            problems.add(RULES_FILE, *line, message);
        }
        if let Some(earlier) = first.insert(id, *line) {
            let message = format!("id `{id}` was used on line {earlier}: give each rule an id of its own");
            problems.add(RULES_FILE, *line, message);
        }
    }
}

fn check_retentions(rules: &Rules, problems: &mut Problems) {
    for (index, (retention, line)) in rules.retentions.iter().zip(&rules.lines.retentions).enumerate() {
        if rules.retentions.iter().take(index).any(|earlier| earlier.class == retention.class) {
            let message = format!("retention class `{}` is defined twice: keep one", retention.class);
            problems.add(RULES_FILE, *line, message);
        }
    }
}

fn check_health(clause: &Clause, refuse: &mut impl FnMut(String)) {
    let has_health = !clause.data.intersection(HEALTH).is_empty();
    match (has_health, clause.health) {
        (true, None) => refuse(
            "`data` has health data and there is no `health`: declare its basis (GDPR article 9), for instance health = \"explicit-consent\"".to_owned(),
        ),
        (false, Some(_)) => {
            refuse("`health` is declared and `data` has no health data: remove one or add the other".to_owned());
        }
        _ => {}
    }
    for (law, basis) in &clause.health_by_law {
        if clause.health == Some(*basis) {
            refuse(format!("`health` declares `{basis}` for `{law}` and `otherwise` alike: remove `{law}`"));
        }
    }
    let mut declared = clause.health_by_law.iter().map(|(_, basis)| Some(*basis)).chain([clause.health]);
    let is_consent_somewhere = declared.any(|basis| basis == Some(HealthBasis::ExplicitConsent));
    let other = clause
        .when
        .iter()
        .find(|condition| covers_health(*condition) && *condition != Condition::ConsentHealth);
    if let Some(other) = other.filter(|_| !clause.health_by_law.is_empty() && is_consent_somewhere) {
        refuse(format!(
            "`when` asks for \"{other}\" whatever law governs the cover, and `health` declares by law where it rests on consent: declare one basis in `health`"
        ));
    }
    if clause.when.contains(Condition::TakingIn) && !clause.health_by_law.is_empty() {
        refuse("`when` asks for \"taking-in\", and what is taken in rests on the same whatever law governs the cover: declare one basis in `health`".to_owned());
    }
    let rests_on_consent = clause.bases.iter().any(|(_, basis)| *basis == LegalBasis::Consent);
    if rests_on_consent && !clause.health_by_law.is_empty() {
        refuse("`basis` is consent, which is asked whatever law governs the cover: declare one basis in `health`".to_owned());
    }
}

/// A clause that names a forbidden purpose would promise, in its prose, what can never be.
fn check_prohibitions(rules: &Rules, clause: &Clause, refuse: &mut impl FnMut(String)) {
    for purpose in &clause.purposes {
        let asking = rules.prohibitions.iter().find(|prohibition| {
            prohibition.unless.contains(Condition::ConsentHealth) && purpose.is_within(prohibition.purpose)
        });
        if let Some(prohibition) = asking.filter(|_| !clause.health_by_law.is_empty()) {
            refuse(format!(
                "`health` declares by law where consent is asked, and prohibition `{}` asks for it whatever law governs the cover: declare one basis in `health`",
                prohibition.id
            ));
        }
        let forbidding = rules
            .prohibitions
            .iter()
            .find(|prohibition| prohibition.unless.is_empty() && purpose.is_within(prohibition.purpose));
        if let Some(prohibition) = forbidding {
            refuse(format!(
                "it can never apply to purpose `{purpose}`: prohibition `{}` forbids it and has no `unless`; remove the purpose or give the prohibition an `unless`",
                prohibition.id
            ));
        }
    }
}

/// Who is named for what they are to the person must be asked to be that, and nobody else can be.
fn check_recipients(clause: &Clause, refuse: &mut impl FnMut(String)) {
    for (recipient, condition) in BOUND {
        if clause.recipients.contains(recipient) && !clause.when.contains(*condition) {
            refuse(format!(
                "recipient `{recipient}` without `{condition}` in `when` would be anybody of that kind: add \"{condition}\" to `when`"
            ));
        }
    }
    let outside = clause.recipients.iter().find(|recipient| OUTSIDE.contains(recipient));
    if let Some(recipient) = outside.filter(|_| clause.when.contains(Condition::OwnData)) {
        refuse(format!(
            "it can never apply to recipient `{recipient}`: `when` asks for \"own-data\", and an organisation is nobody's own person; remove one of the two"
        ));
    }
}

/// A smallest group without the condition would open single people, and the condition without a size any group.
fn check_group(clause: &Clause, refuse: &mut impl FnMut(String)) {
    match (clause.minimum_group, clause.when.contains(Condition::MinimumGroup)) {
        (Some(_), false) => refuse(
            "`minimum_group` without `minimum-group` in `when` would open one person alone: add \"minimum-group\" to `when`".to_owned(),
        ),
        (None, true) => refuse(
            "`when` asks for \"minimum-group\" and there is no `minimum_group`: say how many people a sum is about at least, for instance minimum_group = 10".to_owned(),
        ),
        _ => {}
    }
}

/// By somebody's own details it is found out who they are: a clause that names more would promise what never opens.
fn check_details(clause: &Clause, refuse: &mut impl FnMut(String)) {
    let more = clause.data.minus(DETAILS);
    if clause.when.contains(Condition::OwnDetails) && !more.is_empty() {
        refuse(format!(
            "`when` asks for \"own-details\", by which nobody is shown or searched for by {more}: remove it from `data`"
        ));
    }
}

/// What rests on consent must stop when consent is withdrawn, so it must have it as a condition.
fn check_consent(rules: &Rules, clause: &Clause, refuse: &mut impl FnMut(String)) {
    for purpose in &clause.purposes {
        let needs = rules
            .prohibitions
            .iter()
            .filter(|prohibition| purpose.is_within(prohibition.purpose))
            .fold(clause.when, |needs, prohibition| needs.union(prohibition.unless));
        let rests_on_consent = clause.bases.iter().any(|(_, basis)| *basis == LegalBasis::Consent);
        if rests_on_consent && !needs.iter().any(Condition::is_consent) {
            refuse("`basis` is consent and `when` has no consent, so that withdrawing it would change nothing: add the consent, for instance \"consent.marketing\", to `when`".to_owned());
        }
        let mut by_law =
            clause.health_by_law.iter().filter(|(_, basis)| *basis == HealthBasis::ExplicitConsent);
        let place = match clause.health {
            Some(HealthBasis::ExplicitConsent) => Some(String::new()),
            _ => by_law.next().map(|(law, _)| format!(" where `{law}` governs")),
        };
        if let Some(place) = place.filter(|_| !needs.iter().any(covers_health)) {
            refuse(format!(
                "`health` is explicit consent{place} and `when` has none, so that withdrawing it would change nothing: add the consent, for instance \"consent.health\", to `when`"
            ));
        }
    }
}
