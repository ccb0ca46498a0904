//! FHIR files, streamed: a first time to find what cannot be read, then once each for people, cover and
//! claims, so that a claim may stand before its patient. Memory is one resource, and one part of drafts.

use std::collections::BTreeSet;
use std::path::PathBuf;

use intake::fhir::{self, Found};
use intake::{DraftKind, ErrorList, Mapping, Problem};

use super::account::Account;
use super::other_files::{of_import, uncovered};
use super::own_files::{name, open, stop_at};
use super::taking::{PART, Taking};
use crate::report::{Error, progress};

/// Takes in files of resources.
pub(crate) async fn import(
    taking: &Taking<'_>,
    files: &[PathBuf],
    mapping: &Mapping,
    account: &mut Account,
) -> Result<(), Error> {
    let count = check(taking, files, mapping, account)?;
    let bar = progress("taking in resources", count * Stage::ALL.len() as u64);
    for stage in Stage::ALL {
        let mut waiting = Waiting::default();
        for file in files {
            for found in fhir::resources(&name(file), open(file)?, mapping)? {
                bar.inc(1);
                waiting.add(stage, found?);
                if waiting.len() >= PART {
                    waiting.give(taking, account).await?;
                }
            }
        }
        waiting.give(taking, account).await?;
    }
    bar.finish_and_clear();
    Ok(())
}

/// Reads every file to its end, enters what the files themselves give as refused or left out, and
/// returns how many resources there are; or all that is wrong.
fn check(
    taking: &Taking<'_>,
    files: &[PathBuf],
    mapping: &Mapping,
    account: &mut Account,
) -> Result<u64, Error> {
    let (mut count, mut drafts, mut errors) = (0, 0, ErrorList::default());
    let (mut kinds, mut wrong_cover) = (BTreeSet::new(), None);
    for file in files {
        for found in fhir::resources(&name(file), open(file)?, mapping)? {
            count += 1;
            match found {
                Err(error) => errors.push(error),
                Ok(Found::Refused(refused)) => {
                    account.read(&format!("{}, refused", refused.kind), 1);
                    account.refused_by_file(&refused);
                }
                Ok(Found::LeftOut(kind)) => account.note(&format!("{kind}: not taken in")),
                Ok(Found::Coverage(draft)) => {
                    drafts += 1;
                    account.read("Coverage", 1);
                    kinds.insert(DraftKind::Coverage);
                    wrong_cover = wrong_cover.or_else(|| wrong_plan(taking, mapping, &draft));
                }
                Ok(Found::Member(_)) => {
                    drafts += 1;
                    account.read("Patient", 1);
                    kinds.insert(DraftKind::Member);
                }
                Ok(Found::Provider(_)) => {
                    drafts += 1;
                    account.read("Organization or Practitioner", 1);
                    kinds.insert(DraftKind::Provider);
                }
                Ok(Found::Claim(_)) => {
                    drafts += 1;
                    account.read("Claim", 1);
                    kinds.insert(DraftKind::Claim);
                }
            }
        }
    }
    kinds.into_iter().filter_map(|kind| uncovered(taking, kind)).for_each(|error| errors.push(error));
    wrong_cover.into_iter().for_each(|problem| errors.push(of_import(problem)));
    stop_at(&errors)?;
    account.will_take(drafts);
    Ok(count)
}

/// Every span has the same plan: the one that the operator states.
fn wrong_plan(taking: &Taking<'_>, mapping: &Mapping, draft: &intake::CoverageDraft) -> Option<Problem> {
    if mapping.plan.is_empty() {
        return Some(Problem::Rule("the files hold Coverage: say with --plan what plan it is under"));
    }
    taking.wrong_coverage(draft).map(|(_, problem)| problem)
}

/// What is taken in on one reading of the files; later stages refer to earlier ones.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    People,
    Cover,
    Claims,
}

impl Stage {
    const ALL: [Self; 3] = [Self::People, Self::Cover, Self::Claims];
}

/// Drafts that wait until there is a part of them.
#[derive(Default)]
struct Waiting {
    members: Vec<intake::MemberDraft>,
    providers: Vec<intake::ProviderDraft>,
    coverages: Vec<intake::CoverageDraft>,
    claims: Vec<intake::ClaimDraft>,
}

impl Waiting {
    fn add(&mut self, stage: Stage, found: Found) {
        match (stage, found) {
            (Stage::People, Found::Member(draft)) => self.members.push(draft),
            (Stage::People, Found::Provider(draft)) => self.providers.push(draft),
            (Stage::Cover, Found::Coverage(draft)) => self.coverages.push(draft),
            (Stage::Claims, Found::Claim(draft)) => self.claims.push(draft),
            // Another stage's, or entered by the check before.
            _ => {}
        }
    }

    fn len(&self) -> usize {
        self.members.len() + self.providers.len() + self.coverages.len() + self.claims.len()
    }

    async fn give(&mut self, taking: &Taking<'_>, account: &mut Account) -> Result<(), Error> {
        let Self { members, providers, coverages, claims } = std::mem::take(self);
        if !providers.is_empty() {
            taking.providers(&providers, account).await?;
        }
        if !members.is_empty() {
            taking.members(members, false, account).await?;
        }
        if !coverages.is_empty() {
            taking.coverages(&coverages, account).await?;
        }
        if !claims.is_empty() {
            taking.claims(&claims, account).await?;
        }
        Ok(())
    }
}
