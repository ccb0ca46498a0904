//! Portfolios, sponsors, and which of the shipped plans people have: all names invented.

/// The business of one principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortfolioDraft {
    /// The short name that [`intake::MemberDraft::portfolio`] holds.
    pub id: &'static str,
    /// The name as printed.
    pub name: &'static str,
}

/// An employer or fund that sponsors cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SponsorDraft {
    /// The name that [`intake::CoverageDraft::sponsor`] holds.
    pub name: &'static str,
    /// The portfolio whose plan it sponsors.
    pub portfolio: &'static str,
}

/// The portfolios.
pub const PORTFOLIOS: &[PortfolioDraft] = &[
    PortfolioDraft { id: OFFICINA, name: "Officina Mutual Fund" },
    PortfolioDraft { id: COMPASSES, name: "Golden Compasses Staff Scheme" },
];

const OFFICINA: &str = "officina";
const COMPASSES: &str = "compasses";

/// The sponsors.
pub const SPONSORS: &[SponsorDraft] = &[
    SponsorDraft { name: "Drukkerij De Passer", portfolio: OFFICINA },
    SponsorDraft { name: "Meridian Relief International", portfolio: OFFICINA },
    SponsorDraft { name: "Caslon & Daughters Shipping", portfolio: OFFICINA },
    SponsorDraft { name: "Observatoire du Fleuve", portfolio: OFFICINA },
    SponsorDraft { name: "Golden Compasses Works", portfolio: COMPASSES },
    SponsorDraft { name: "Golden Compasses Research", portfolio: COMPASSES },
];

/// A plan that is shipped, as the generator uses it.
pub(crate) struct PlanUse {
    /// The plan's id.
    pub(crate) id: &'static str,
    /// Its name as printed.
    pub(crate) name: &'static str,
    /// The portfolio.
    pub(crate) portfolio: &'static str,
    /// The currencies of its table of amounts, by weight.
    pub(crate) currencies: &'static [(u32, &'static str)],
    /// How many families in 10,000 have a sponsor.
    pub(crate) sponsored_in_10_000: u32,
}

/// The plans, by weight.
pub(crate) const PLANS: &[(u32, &PlanUse)] = &[
    (
        55,
        &PlanUse {
            id: "worldwide-plus",
            name: "Worldwide Plus",
            portfolio: OFFICINA,
            currencies: &[(40, "EUR"), (30, "USD"), (15, "GBP"), (15, "CHF")],
            sponsored_in_10_000: 7_000,
        },
    ),
    (
        25,
        &PlanUse {
            id: "self-funded-basic",
            name: "Self-Funded Basic",
            portfolio: COMPASSES,
            currencies: &[(65, "EUR"), (35, "USD")],
            sponsored_in_10_000: 10_000,
        },
    ),
    (
        20,
        &PlanUse {
            id: "community",
            name: "Community",
            portfolio: OFFICINA,
            currencies: &[(80, "EUR"), (20, "USD")],
            sponsored_in_10_000: 0,
        },
    ),
];
