//! Which of two covers of one person pays first, and what is known of what the first one paid. The
//! amounts are worked out in `adjudicate`; the rules are those of the NAIC model regulation on
//! coordination of benefits, with statutory schemes before voluntary cover.

use domain::Date;

/// Another cover of the same care.
#[derive(Clone, Copy)]
pub struct OtherCover<'a> {
    /// When it pays.
    pub order: Order,
    /// What it paid, line by line; a line that is not there is one of which nothing is known.
    pub paid: &'a [OtherPayment],
}

/// What another payer made of a line, in minor units of the currency of the cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherPayment {
    /// The line's number.
    pub line: u32,
    /// What it paid.
    pub paid: i64,
    /// What it allowed; for a statutory scheme, its base of reimbursement.
    pub allowed: Option<i64>,
    /// A flat contribution that stays with the member whatever other cover there is.
    pub contribution: i64,
}

/// When this cover pays, beside another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Before the other.
    First,
    /// After it.
    Second,
    /// Both pay half.
    Split,
}

/// What decides the order between two covers of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its rules coordinate with other payers. Cover without such a clause pays first.
    pub coordinates: bool,
    /// It is a statutory scheme.
    pub statutory: bool,
    /// Whose cover it is.
    pub through: Through,
    /// The work that it came with has ended (laid off, retired).
    pub former_work: bool,
    /// It goes on after it would have ended, by right of continuation.
    pub continuation: bool,
    /// First day.
    pub since: Date,
}

/// Through whom a person is covered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Through {
    /// Themselves: as employee, policyholder or pensioner.
    Themselves,
    /// A spouse or partner.
    Partner,
    /// A parent who lives with the other parent: month and day of the parent's birthday.
    Parent {
        /// Month and day.
        birthday: (i8, i8),
        /// Since when the parent has been covered.
        parent_since: Date,
    },
    /// One side of parents who live apart.
    Separated(Side),
}

/// Sides of parents who live apart, in the order in which they pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The parent whom a court made responsible.
    Decreed,
    /// The parent with whom the child lives.
    Custodial,
    /// The partner of that parent.
    CustodialPartner,
    /// The other parent.
    NonCustodial,
    /// The partner of the other parent.
    NonCustodialPartner,
}

/// The rule that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// Cover without rules of coordination pays first.
    NoClause,
    /// A statutory scheme pays before voluntary cover.
    Statutory,
    /// Cover of one's own pays before cover as somebody's dependant.
    OwnBeforeDependant,
    /// The parent whose birthday comes first in the year; the year does not matter.
    Birthday,
    /// Equal birthdays: the parent who has been covered longer.
    ParentCoveredLonger,
    /// Parents who live apart: court decree, custody.
    Separated,
    /// Cover that comes with present work pays before cover from former work.
    ActiveWork,
    /// Continued cover pays last.
    Continuation,
    /// The cover that has run longer.
    Longer,
    /// Nothing tells them apart: both pay half.
    Equal,
}

/// When `own` pays beside `other`, and why.
#[must_use]
pub fn who_pays_first(own: &Standing, other: &Standing) -> (Order, Ground) {
    let rules: [(Ground, Option<bool>); 8] = [
        (Ground::NoClause, before(!own.coordinates, !other.coordinates)),
        (Ground::Statutory, before(own.statutory, other.statutory)),
        (Ground::OwnBeforeDependant, dependants(&own.through, &other.through)),
        (Ground::Birthday, birthday(&own.through, &other.through)),
        (Ground::ParentCoveredLonger, parent_longer(&own.through, &other.through)),
        (Ground::Separated, separated(&own.through, &other.through)),
        (Ground::ActiveWork, before(!own.former_work, !other.former_work)),
        (Ground::Continuation, before(!own.continuation, !other.continuation)),
    ];
    let decided = rules.into_iter().find_map(|(ground, first)| first.map(|first| (ground, first)));
    let (ground, first) = match decided {
        Some(decided) => decided,
        None if own.since != other.since => (Ground::Longer, own.since < other.since),
        None => return (Order::Split, Ground::Equal),
    };
    (if first { Order::First } else { Order::Second }, ground)
}

/// Whether the first is before the second; nothing when both are alike.
fn before(own: bool, other: bool) -> Option<bool> {
    (own != other).then_some(own)
}

fn dependants(own: &Through, other: &Through) -> Option<bool> {
    before(*own == Through::Themselves, *other == Through::Themselves)
}

fn birthday(own: &Through, other: &Through) -> Option<bool> {
    match (own, other) {
        (Through::Parent { birthday: own, .. }, Through::Parent { birthday: other, .. }) => {
            (own != other).then_some(own < other)
        }
        _ => None,
    }
}

fn parent_longer(own: &Through, other: &Through) -> Option<bool> {
    match (own, other) {
        (Through::Parent { parent_since: own, .. }, Through::Parent { parent_since: other, .. }) => {
            (own != other).then_some(own < other)
        }
        _ => None,
    }
}

fn separated(own: &Through, other: &Through) -> Option<bool> {
    match (own, other) {
        (Through::Separated(own), Through::Separated(other)) => (own != other).then_some(own < other),
        // A decree binds also against a parent of whom nothing else is known.
        (Through::Separated(Side::Decreed), _) => Some(true),
        (_, Through::Separated(Side::Decreed)) => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing() -> Standing {
        Standing {
            coordinates: true,
            statutory: false,
            through: Through::Themselves,
            former_work: false,
            continuation: false,
            since: Date::new(2020, 1, 1).unwrap(),
        }
    }

    fn parent(month: i8, day: i8, since: i16) -> Standing {
        let parent_since = Date::new(since, 1, 1).unwrap();
        Standing { through: Through::Parent { birthday: (month, day), parent_since }, ..standing() }
    }

    fn side(side: Side) -> Standing {
        Standing { through: Through::Separated(side), ..standing() }
    }

    #[test]
    fn each_rule_decides_where_those_before_it_do_not() {
        let plain = standing;
        let later = Date::new(2021, 1, 1).unwrap();
        let partner = Standing { through: Through::Partner, ..plain() };
        let cases = [
            (Standing { coordinates: false, ..partner.clone() }, plain(), Ground::NoClause),
            (Standing { statutory: true, ..partner.clone() }, plain(), Ground::Statutory),
            (Standing { former_work: true, ..plain() }, partner, Ground::OwnBeforeDependant),
            (parent(3, 31, 2015), parent(4, 1, 2001), Ground::Birthday),
            (parent(4, 1, 2001), parent(4, 1, 2015), Ground::ParentCoveredLonger),
            (side(Side::Decreed), side(Side::Custodial), Ground::Separated),
            (side(Side::Custodial), side(Side::CustodialPartner), Ground::Separated),
            (side(Side::CustodialPartner), side(Side::NonCustodial), Ground::Separated),
            (side(Side::NonCustodial), side(Side::NonCustodialPartner), Ground::Separated),
            (side(Side::Decreed), parent(1, 1, 2001), Ground::Separated),
            (
                Standing { continuation: true, ..plain() },
                Standing { former_work: true, ..plain() },
                Ground::ActiveWork,
            ),
            (plain(), Standing { continuation: true, ..plain() }, Ground::Continuation),
            (plain(), Standing { since: later, ..plain() }, Ground::Longer),
        ];
        for (first, second, ground) in cases {
            assert_eq!(who_pays_first(&first, &second), (Order::First, ground));
            assert_eq!(who_pays_first(&second, &first), (Order::Second, ground));
        }
        assert_eq!(who_pays_first(&plain(), &plain()), (Order::Split, Ground::Equal));
    }
}
