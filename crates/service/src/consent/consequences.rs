//! What taking back a consent changes, to be shown before anybody does. It is the same whoever it is about, and whether
//! there is anybody: under which law a clause closes is said beside it. The person themself is told what holds for them.
//! It takes nothing back.

use domain::{
    Condition, GoverningLaw, GoverningLawSet, Language, PortfolioId, Purpose, RequestId, SubjectId,
};
use gate::{Actor, Asking};
use notice::{Clause, Document, Prohibition};
use sha2::{Digest, Sha256};

use super::{ConsentTo, hears_people};
use crate::{App, ServiceError};

/// What ends, and what goes on, when somebody takes back a consent: to be shown before they do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consequences {
    pub(super) portfolio: PortfolioId,
    pub(super) subject: SubjectId,
    pub(super) to: ConsentTo,
    digest: [u8; 32],
    /// The clauses that close.
    pub closes: Vec<Effect>,
    /// The clauses for the same purposes that stand without it.
    pub stands: Vec<Effect>,
}

/// What becomes of a clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// Its id.
    pub clause: String,
    /// Its heading.
    pub heading: String,
    /// Where it is so: the laws that may govern the cover.
    pub laws: GoverningLawSet,
}

impl Consequences {
    /// The SHA-256 of the versions that they were taken from and of what was shown: a caller who can name it has
    /// fetched it.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }
}

/// What taking back a consent changes, in a language. To the person: under the law that governs their cover, by the version
/// that binds them and every newer one in force, whichever of them rests on it. To whoever of the staff hears people:
/// under each law, by every version, so that it tells nothing of whom it is about.
///
/// # Errors
/// The actor is neither the person nor hears people, which is on the record; a version is not written in that language.
pub async fn consequences(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    subject: SubjectId,
    to: ConsentTo,
    language: Language,
    request: RequestId,
) -> Result<Consequences, ServiceError> {
    hears_people(app, &Asking::new(actor, portfolio, Purpose::Enrolment, request), subject).await?;
    let (newest, _) = app.gate.notice(portfolio)?;
    let own = if actor.is(subject) { app.person(portfolio, subject).await? } else { None };
    let (first, laws) = own.map_or((1, GoverningLawSet::ALL), |row| {
        (row.notice.clamp(1, newest), GoverningLawSet::of(&[row.law]))
    });
    let mut digest = Sha256::new().chain_update(b"moretus/consequences/1").chain_update(subject.bytes());
    digest.update([to.condition().code()]);
    let (mut closes, mut stands) = (Vec::new(), Vec::new());
    for number in first..=newest {
        let notice = app.gate.published_notice(portfolio, number)?;
        digest.update(notice.hash());
        let prohibitions = notice.prohibitions();
        let mut add = |document: &Document, divided: Vec<Divided<'_>>| -> Result<(), ServiceError> {
            for (clause, closing, standing) in divided {
                insert(&mut closes, document, language, (clause, closing))?;
                insert(&mut stands, document, language, (clause, standing))?;
            }
            Ok(())
        };
        add(&notice, divided(notice.clauses(), prohibitions, (laws, to.condition())))?;
        // What was collected under a supplement closes with it, too, where its clauses rest on the consent.
        for supplement in app.gate.supplements(portfolio) {
            let divided = divided(supplement.clauses(), prohibitions, (laws, to.condition()));
            if divided.iter().any(|(_, closing, _)| !closing.is_empty()) {
                digest.update(supplement.hash());
                add(&supplement, divided)?;
            }
        }
    }
    // What closes by one version stands by none.
    for stands in &mut stands {
        let same = closes.iter().filter(|closes| closes.clause == stands.clause);
        stands.laws = same.fold(stands.laws, |laws, closes| laws.minus(closes.laws));
    }
    stands.retain(|stands| !stands.laws.is_empty());
    digest.update(language.word());
    Ok(Consequences { portfolio, subject, to, digest: digest.finalize().into(), closes, stands })
}

/// A clause, under which laws it closes, and under which it stands beside one that does.
type Divided<'a> = (&'a Clause, GoverningLawSet, GoverningLawSet);

/// Under which of these laws clauses rest on a consent; and under which those for the same purposes as one of them do not.
fn divided<'a>(
    clauses: &'a [Clause],
    prohibitions: &[Prohibition],
    (laws, consent): (GoverningLawSet, Condition),
) -> Vec<Divided<'a>> {
    let closing = |clause: &Clause| -> GoverningLawSet {
        laws.iter().filter(|law| rests_on(clause, prohibitions, (*law, consent))).collect()
    };
    let closing: Vec<(&Clause, GoverningLawSet)> =
        clauses.iter().map(|clause| (clause, closing(clause))).collect();
    let beside = |clause: &Clause| {
        let sharing = closing
            .iter()
            .filter(|(other, _)| clause.purposes.iter().any(|purpose| other.purposes.contains(purpose)));
        sharing.fold(GoverningLawSet::EMPTY, |all, (_, laws)| all.union(*laws))
    };
    closing.iter().copied().map(|(clause, laws)| (clause, laws, beside(clause).minus(laws))).collect()
}

/// Whether a clause rests on a consent where this law governs the cover: by its own conditions, or because a prohibition
/// lifts by it.
pub(super) fn rests_on(
    clause: &Clause,
    prohibitions: &[Prohibition],
    (law, consent): (GoverningLaw, Condition),
) -> bool {
    let lifted = |purpose: &Purpose| {
        let mut above = prohibitions.iter().filter(|one| purpose.is_within(one.purpose));
        above.any(|one| one.unless.contains(consent))
    };
    clause.needs(law).contains(consent) || clause.purposes.iter().all(lifted)
}

/// Puts a clause on a list, under these laws too; under none, nothing.
fn insert(
    list: &mut Vec<Effect>,
    document: &Document,
    language: Language,
    (clause, laws): (&Clause, GoverningLawSet),
) -> Result<(), ServiceError> {
    if laws.is_empty() {
        return Ok(());
    }
    let heading = document.heading(language, &clause.id);
    let heading = heading.ok_or(ServiceError::NotAsShown("the notice is not written in that language"))?;
    match list.iter_mut().find(|one| one.clause == clause.id && one.heading == heading) {
        Some(one) => one.laws = one.laws.union(laws),
        None => list.push(Effect { clause: clause.id.clone(), heading, laws }),
    }
    Ok(())
}
