//! A just-in-time notice: one clause or a few on top of the notice, published with the form that collects the data.
//! What was collected under a version of it obeys that version: it opens under its clauses, and under the notice's
//! for the purposes that it names, and for nothing else. Which data was collected under which is the gate's to know.

use std::ops::Deref;

use domain::{CategorySet, Purpose, RetentionClass};

use crate::problem::Problems;
use crate::rules::{RULES_FILE, Rules};
use crate::terms::{DocumentKind, Terms};
use crate::{Document, Notice, Problem, Prohibition, Table};

/// A version of a supplement.
#[derive(Debug, Clone)]
pub struct Supplement(Document);

impl Deref for Supplement {
    type Target = Document;

    fn deref(&self) -> &Document {
        &self.0
    }
}

impl Supplement {
    /// Reads and checks a version from its files, as [`Notice::read`] takes them. How it stands beside a notice is
    /// [`Self::check_beside`]'s.
    ///
    /// # Errors
    /// Every fault found, by file and line, with what to write instead.
    pub fn read(files: &[(&str, &str)]) -> Result<Self, Vec<Problem>> {
        Document::read(DocumentKind::Supplement, files).map(Self)
    }

    /// Its name among the published documents: that of its form.
    #[must_use]
    pub fn name(&self) -> &str {
        match self.terms() {
            Terms::Supplement { name, .. } => name,
            // INVARIANT: it was read as a supplement.
            _ => "",
        }
    }

    /// The purposes for which the notice's own clauses open, too, what was collected under it.
    #[must_use]
    pub fn notice_purposes(&self) -> &[Purpose] {
        match self.terms() {
            Terms::Supplement { notice_purposes, .. } => notice_purposes,
            _ => &[],
        }
    }

    /// The table that decides about what was collected under it, for somebody about whom these versions of the
    /// notice hold: its clauses under the prohibitions of all of them. A prohibition wins over a supplement's
    /// clause as over the notice's own.
    #[must_use]
    pub fn compile(&self, notices: &[&Notice]) -> Table {
        let prohibitions: Vec<Prohibition> =
            notices.iter().flat_map(|notice| notice.prohibitions()).cloned().collect();
        Table::compile(self.clauses(), &prohibitions)
    }

    /// Whether it can stand beside a version of the notice.
    ///
    /// # Errors
    /// A clause that the notice forbids, or whose id it uses; data that the notice says nobody sees; another
    /// retention than the notice's; a language that the notice has and the supplement does not.
    pub fn check_beside(&self, notice: &Notice) -> Result<(), Vec<Problem>> {
        let mut problems = Problems::default();
        for (clause, line) in self.clauses().iter().zip(&self.rules().lines.clauses) {
            let mut refuse = |message: String| {
                problems.add(RULES_FILE, *line, format!("clause `{}`: {message}", clause.id))
            };
            if notice.rules().lines.ids.iter().any(|(id, _)| *id == clause.id) {
                refuse("the notice has a rule of this id: give this one another".to_owned());
            }
            for category in clause.data.intersection(notice.closed()).iter() {
                refuse(format!("the notice says that nobody sees `{category}`: remove it"));
            }
            for purpose in &clause.purposes {
                let absolute = notice
                    .prohibitions()
                    .iter()
                    .find(|one| one.unless.is_empty() && purpose.is_within(one.purpose));
                if let Some(prohibition) = absolute {
                    refuse(format!(
                        "it can never apply to purpose `{purpose}`: prohibition `{}` of the notice forbids it; remove the purpose",
                        prohibition.id
                    ));
                }
            }
        }
        self.check_retention(notice, &mut problems);
        for language in notice.languages().iter().filter(|one| !self.languages().contains(one)) {
            let message = format!(
                "the notice is written in `{language}` too: write {language}.md, and add it to `languages`"
            );
            problems.add(RULES_FILE, 1, message);
        }
        problems.so_far()
    }

    /// What a class is kept for is one period in a portfolio: a key is destroyed once.
    fn check_retention(&self, notice: &Notice, problems: &mut Problems) {
        for (retention, line) in self.rules().retentions.iter().zip(&self.rules().lines.retentions) {
            let class: RetentionClass = retention.class;
            let message = match notice.retention(class) {
                Some(same) if same == retention => continue,
                Some(other) => format!(
                    "retention class `{class}` is kept for years = {} after = \"{}\" by the notice: write the same",
                    other.years, other.after
                ),
                None => format!("the notice defines no retention class `{class}`: use one that it defines"),
            };
            problems.add(RULES_FILE, *line, message);
        }
    }
}

/// Whether a supplement's clauses can do what a supplement is for. For other documents there is nothing to look at.
pub(crate) fn check(rules: &Rules, problems: &mut Problems) {
    let Terms::Supplement { name, notice_purposes } = &rules.terms else { return };
    let prefix = format!("{name}.");
    if rules.clauses.is_empty() {
        problems.add(RULES_FILE, 1, "a supplement without a clause says nothing: add a [[clause]]");
    }
    if !notice_purposes.contains(&Purpose::AccessRequest) {
        let message = "`notice_purposes` leaves out `access-request`: whoever answered may see what they answered, so name it";
        problems.add(RULES_FILE, 1, message);
    }
    // What is taken in rests on nothing that would have to hold before.
    let collected = rules
        .clauses
        .iter()
        .filter(|clause| clause.when.is_empty())
        .fold(CategorySet::EMPTY, |all, clause| all.union(clause.data));
    for (clause, line) in rules.clauses.iter().zip(&rules.lines.clauses) {
        let mut refuse =
            |message: String| problems.add(RULES_FILE, *line, format!("clause `{}`: {message}", clause.id));
        if !clause.id.starts_with(&prefix) {
            refuse(format!("the id of a supplement's clause begins with its name: write `{prefix}...`"));
        }
        if clause.minimum_group.is_some() {
            refuse(
                "no sums are made of what is collected under a supplement: remove `minimum_group`".to_owned(),
            );
        }
        for category in clause.data.minus(collected).iter() {
            refuse(format!(
                "no clause of the supplement takes in `{category}`: add one without `when` that does, or remove it here"
            ));
        }
    }
}
