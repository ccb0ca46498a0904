//! The four mixes of GDPRbench, as its paper has them, and the choice of operations and records from a seed.

/// What an operation is, with the share of a hundred that it has in its mix.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Operation {
    Create,
    DeleteByPurpose,
    DeleteByTtl,
    DeleteByUser,
    UpdateMetadataByPurpose,
    UpdateMetadataByUser,
    UpdateMetadataBySharing,
    ReadByUser,
    ReadMetadataByKey,
    UpdateByKey,
    UpdateMetadataByKey,
    DeleteByKey,
    ReadByKey,
    ReadByPurpose,
    ReadByObjection,
    ReadByDecision,
    ReadMetadataByUser,
    ReadLogs,
    VerifyDeletion,
}

/// Whose mix it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mix {
    Controller,
    Customer,
    Processor,
    Regulator,
}

impl Mix {
    pub(crate) const ALL: [Self; 4] = [Self::Controller, Self::Customer, Self::Processor, Self::Regulator];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Controller => "controller",
            Self::Customer => "customer",
            Self::Processor => "processor",
            Self::Regulator => "regulator",
        }
    }

    /// Operations with their weights, of 600; whether records are chosen by zipf.
    fn weights(self) -> &'static [(Operation, u32, bool)] {
        use Operation as O;
        match self {
            // Create 25, delete 25, update metadata 50; each third of the latter by another thing.
            Self::Controller => &[
                (O::Create, 150, false),
                (O::DeleteByPurpose, 50, false),
                (O::DeleteByTtl, 50, false),
                (O::DeleteByUser, 50, false),
                (O::UpdateMetadataByPurpose, 100, false),
                (O::UpdateMetadataByUser, 100, false),
                (O::UpdateMetadataBySharing, 100, false),
            ],
            Self::Customer => &[
                (O::ReadByUser, 120, true),
                (O::ReadMetadataByKey, 120, true),
                (O::UpdateByKey, 120, true),
                (O::UpdateMetadataByKey, 120, true),
                (O::DeleteByKey, 120, true),
            ],
            Self::Processor => &[
                (O::ReadByKey, 480, true),
                (O::ReadByPurpose, 40, false),
                (O::ReadByObjection, 40, false),
                (O::ReadByDecision, 40, false),
            ],
            Self::Regulator => &[
                (O::ReadMetadataByUser, 276, true),
                (O::ReadLogs, 186, true),
                (O::VerifyDeletion, 138, true),
            ],
        }
    }

    /// So many operations, each with a record's rank: the same for the same seed.
    pub(crate) fn operations(self, count: u32, records: u32, seed: u64) -> Vec<(Operation, u32)> {
        let mut random = Random(seed ^ self.word().bytes().fold(0, |seed, byte| seed * 31 + u64::from(byte)));
        let zipf = Zipf::of(records);
        let mut operations = Vec::with_capacity(count as usize);
        for _ in 0..count {
            let mut draw = random.below(600);
            for (operation, weight, is_zipf) in self.weights() {
                if draw < *weight {
                    let rank = if *is_zipf { zipf.draw(&mut random) } else { random.below(records) };
                    operations.push((*operation, rank));
                    break;
                }
                draw -= weight;
            }
        }
        operations
    }
}

/// The record of a rank: the ranks that are chosen often lie anywhere among the keys.
pub(crate) fn scattered(rank: u32, records: u32) -> u32 {
    let step = (0..).map(|more| 2_654_435_761_u64 % u64::from(records.max(1)) + more);
    let step = step.take(1_000).find(|step| coprime(*step, u64::from(records))).unwrap_or(1);
    u32::try_from(u64::from(rank) * step % u64::from(records.max(1))).unwrap_or(0)
}

fn coprime(mut a: u64, mut b: u64) -> bool {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a == 1
}

/// Numbers from a seed (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u32) -> u32 {
        u32::try_from((u128::from(self.next()) * u128::from(bound)) >> 64).unwrap_or(0)
    }
}

/// Ranks of which the n-th is drawn with a likelihood of 1 / n^0.99.
struct Zipf(Vec<f64>);

impl Zipf {
    fn of(records: u32) -> Self {
        let mut sum = 0.0;
        let sums = (1..=records).map(|rank| {
            sum += f64::from(rank).powf(-0.99);
            sum
        });
        Self(sums.collect())
    }

    fn draw(&self, random: &mut Random) -> u32 {
        let all = self.0.last().copied().unwrap_or(0.0);
        let point = all * (random.next() >> 11) as f64 / (1_u64 << 53) as f64;
        u32::try_from(self.0.partition_point(|sum| *sum <= point)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_mix_has_its_shares_and_the_same_seed_gives_the_same() {
        for mix in Mix::ALL {
            assert_eq!(mix.weights().iter().map(|(_, weight, _)| weight).sum::<u32>(), 600, "{mix:?}");
            let all = mix.operations(6_000, 1_000, 7);
            assert_eq!(all, mix.operations(6_000, 1_000, 7));
            assert!(all.iter().all(|(_, rank)| *rank < 1_000));
            for (operation, weight, _) in mix.weights() {
                let count = all.iter().filter(|(one, _)| one == operation).count() as f64;
                let expected = f64::from(*weight) * 10.0;
                assert!((count - expected).abs() < 4.0 * expected.sqrt() + 1.0, "{operation:?}: {count}");
            }
        }
    }

    #[test]
    fn zipf_draws_the_first_rank_most_often_and_uniform_none() {
        let first = |mix: Mix| {
            let all = mix.operations(10_000, 1_000, 3);
            all.iter().filter(|(_, rank)| *rank == 0).count()
        };
        assert!(first(Mix::Customer) > 1_000, "{}", first(Mix::Customer));
        assert!(first(Mix::Controller) < 40, "{}", first(Mix::Controller));
    }

    #[test]
    fn every_rank_has_a_record_of_its_own() {
        for records in [1, 10, 200, 1_000] {
            let all: BTreeSet<u32> = (0..records).map(|rank| scattered(rank, records)).collect();
            assert_eq!(all.len(), records as usize);
        }
    }
}
