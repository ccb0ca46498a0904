//! What an import may take in: for each kind of draft, the categories that clauses of the notice in
//! force let in. It reads no file and takes nothing in.

use domain::{Category, CategorySet, PortfolioId, Purpose, SubjectKind};
use gate::{Actor, Asking};
use intake::DraftKind;

use crate::{App, ServiceError};

/// The categories that may be taken in, by what they are taken in for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Covered {
    people: CategorySet,
    providers: CategorySet,
    claims: CategorySet,
    guarantees: CategorySet,
}

impl Covered {
    /// The categories that a draft of this kind may hold.
    #[must_use]
    pub fn of(&self, kind: DraftKind) -> CategorySet {
        match kind {
            DraftKind::Member | DraftKind::Coverage => self.people,
            DraftKind::Provider => self.providers,
            DraftKind::Claim => self.claims,
        }
    }

    /// The categories that a request for a guarantee of payment may hold.
    #[must_use]
    pub fn of_guarantees(&self) -> CategorySet {
        self.guarantees
    }

    /// The first category of this kind of draft that no clause covers.
    #[must_use]
    pub fn lacks(&self, kind: DraftKind) -> Option<Category> {
        kind.categories().minus(self.of(kind)).iter().next()
    }
}

/// Asks what this actor may take in. What holds for members and not for dependants counts as not
/// covered, since a file holds both.
pub async fn covered(app: &App, actor: &Actor, portfolio: PortfolioId) -> Result<Covered, ServiceError> {
    let both = async |purpose| {
        let asking = Asking::new(actor, portfolio, purpose, app.gate.request());
        let members = app.gate.collectable(&asking, SubjectKind::Member).await?;
        Ok::<_, ServiceError>(
            members.intersection(app.gate.collectable(&asking, SubjectKind::Beneficiary).await?),
        )
    };
    let people = both(Purpose::Enrolment).await?;
    // A claim, or what is asked before one, names its person by the id of their enrolment. It is read to find them and kept nowhere
    // else, so the clause under which it was taken in at enrolment covers it.
    let member_id = people.intersection(CategorySet::of(&[Category::MemberId]));
    let enrolment = Asking::new(actor, portfolio, Purpose::Enrolment, app.gate.request());
    Ok(Covered {
        people,
        providers: app.gate.collectable(&enrolment, SubjectKind::Practitioner).await?,
        claims: both(Purpose::ClaimsProcessing).await?.union(member_id),
        guarantees: both(Purpose::CareAccess).await?.union(member_id),
    })
}
