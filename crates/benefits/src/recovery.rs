//! What is recovered from a liable third party: the lien, less a share of the costs of getting it, and
//! never more than the plan paid. It pursues nobody.

use crate::exact::{Ratio, half_up};

/// What the plan gets back of what it paid, when so many parts of so many are the lawyers' (the common
/// fund): in minor units, rounded once, a half up. None for a share of more than the whole, or of nothing.
#[must_use]
pub fn recovery(paid: i64, fee: (u32, u32)) -> Option<i64> {
    let (over, under) = fee;
    if under == 0 || over > under || paid < 0 {
        return None;
    }
    let kept = Ratio::of(over, under).rest();
    i64::try_from(half_up(i128::from(paid) * kept.over(), kept.under())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recovery_is_less_the_share_of_the_costs() {
        assert_eq!(recovery(1_200_000, (1, 3)), Some(800_000));
        assert_eq!(recovery(100, (1, 3)), Some(67));
        assert_eq!([recovery(100, (0, 1)), recovery(100, (1, 1))], [Some(100), Some(0)]);
        assert_eq!([recovery(100, (2, 1)), recovery(100, (0, 0)), recovery(-1, (1, 3))], [None; 3]);
    }
}
