//! Ways to read the notice wrongly, one at a time. A judge who reads so must be found out by the same asks by which the
//! right one agrees with the gate: what no ask tells apart, the asks do not try.

/// What a judge gets wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Misreading {
    /// Whoever left may ask on.
    TakesLeavers,
    /// Walls between portfolios do not matter.
    SeesNoWall,
    /// Staff need no current training.
    IgnoresTraining,
    /// Everybody handles their own file.
    TakesOwnFiles,
    /// Only whom somebody named is near to them, and not who is covered with them.
    KnowsNoRelatives,
    /// Who works for some sponsors works for all.
    IgnoresSponsors,
    /// There is somebody of every id.
    FindsNobody,
    /// A consent that was taken back stands.
    IgnoresWithdrawal,
    /// Any work item that is named will do.
    TakesAnyWorkItem,
    /// A work item about the person will do, whoever's task it is.
    TakesColleaguesWork,
    /// A task that ended goes on.
    TakesEndedWork,
    /// A team's task is nobody's.
    KnowsNoTeams,
    /// An emergency never ends.
    TakesOldEmergencies,
    /// What is filed for one organisation is filed for all.
    TakesOthersOrders,
    /// Who represents somebody represents everybody.
    TakesAnyRepresentative,
    /// What is asked under a sealed matter need not be its task.
    HidesBehindMatters,
    /// No country is outside the European Economic Area.
    IgnoresCountries,
    /// Any safeguard will do for any clause.
    TakesAnySafeguard,
    /// No contract and no mandate need be in date, unless the clause says so.
    IgnoresContracts,
    /// Who is in the register is so for every clause.
    TakesAnyClauseOfTheRegister,
    /// Who hands something over needs no clause for it.
    HandsOverUnread,
    /// Health data rests on consent whatever law governs the cover.
    AsksConsentEverywhere,
    /// A prohibition forbids nothing.
    IgnoresProhibitions,
    /// A clause on a purpose is on those below it.
    ClimbsPurposes,
    /// A clause is about everybody.
    IgnoresKinds,
    /// A newer version of the notice narrows nothing for who is bound to an older one.
    ReadsOldVersionsAlone,
    /// Who somebody is, is always shown.
    ShowsOneCategoryTooMany,
    /// Something is shown although something needed is not.
    TakesPartForTheWhole,
    /// Any detail leads to one person alone.
    TakesAnyDetails,
    /// Of several whom one set of own details fits it is the first.
    TakesTheFirst,
    /// Ten is any number.
    CountsNoGroups,
}

impl Misreading {
    /// Each of them.
    pub(crate) const ALL: &[Self] = &[
        Self::TakesLeavers,
        Self::SeesNoWall,
        Self::IgnoresTraining,
        Self::TakesOwnFiles,
        Self::KnowsNoRelatives,
        Self::IgnoresSponsors,
        Self::FindsNobody,
        Self::IgnoresWithdrawal,
        Self::TakesAnyWorkItem,
        Self::TakesColleaguesWork,
        Self::TakesEndedWork,
        Self::KnowsNoTeams,
        Self::TakesOldEmergencies,
        Self::TakesOthersOrders,
        Self::TakesAnyRepresentative,
        Self::HidesBehindMatters,
        Self::IgnoresCountries,
        Self::TakesAnySafeguard,
        Self::IgnoresContracts,
        Self::TakesAnyClauseOfTheRegister,
        Self::HandsOverUnread,
        Self::AsksConsentEverywhere,
        Self::IgnoresProhibitions,
        Self::ClimbsPurposes,
        Self::IgnoresKinds,
        Self::ReadsOldVersionsAlone,
        Self::ShowsOneCategoryTooMany,
        Self::TakesPartForTheWhole,
        Self::TakesAnyDetails,
        Self::TakesTheFirst,
        Self::CountsNoGroups,
    ];
}
