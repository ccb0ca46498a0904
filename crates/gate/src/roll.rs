//! Rolls: the map of all chains, committed as a leaf of the log. The sealer makes them; which chains a map holds and what joins a
//! person's with it is the chains' to say.

use domain::{Condition, GoverningLawSet, PortfolioId, SubjectKind, SubjectKindSet};
use store::condition::{self, ConditionRow};
use store::{Appended, ConditionTest, NewDisclosure, StoreError, Unit};
use transparency::Roll;

use crate::GateError;
use crate::sealer::{SITE, Sealer, number};

impl Sealer {
    /// Seals, brings every chain up to date, commits the map of chains as a leaf, and seals that. Refused while
    /// another sealer is at work: that one rolls.
    pub async fn roll(&self) -> Result<(), GateError> {
        if !self.lease().await? {
            return Err(GateError::SealedElsewhere);
        }
        let turn = self.take_turn().await?;
        self.seal().await?;
        if !self.lease().await? {
            return Err(GateError::SealedElsewhere);
        }
        self.index(1).await?;
        self.chain(1).await?;
        let at = self.gate().now();
        let (size, index) = self.map(at).await?;
        let roll = Roll::of_map(size, &index, number(at.micros()));
        let disclosure = NewDisclosure {
            subject: SITE,
            portfolio: PortfolioId::from_bytes([0; 16]),
            notice: 0,
            kinds: SubjectKindSet::of(&[SubjectKind::Employee]),
            laws: GoverningLawSet::ALL,
            tests: vec![turn],
            recipient_tests: Vec::new(),
            register: None,
            body: roll.to_body(),
            people: Vec::new(),
        };
        let store = &self.gate().inner.store;
        match store.append(vec![disclosure], self.gate().now()).await?.as_slice() {
            [Appended::At(_)] => self.seal().await.map(drop),
            // Its map is older than what another sealer has begun since.
            [Appended::NotLive(_)] => Err(GateError::SealedElsewhere),
            _ => Err(GateError::Log { problem: "the roll could not be appended".to_owned() }),
        }
    }

    /// Makes it this sealer's turn to roll, until another takes it: a roll goes in only while it is, so that none comes late whose
    /// map was made before another roll. Whoever takes it seals after that: what went in before is in the map.
    async fn take_turn(&self) -> Result<ConditionTest, GateError> {
        let (object, turn) = (*self.holder().bytes(), Condition::WorkItem);
        let row =
            ConditionRow { subject: SITE, condition: turn, object, since: self.gate().now(), until: None };
        // Also when it is its turn already: whoever took it may not have waited yet for what was under way.
        let take = move |unit: &mut Unit<'_>| condition::set_alone(unit, &row);
        self.gate().inner.store.write(take).await.map_err(|error: StoreError| error)?;
        Ok(ConditionTest::of(turn, object))
    }
}
