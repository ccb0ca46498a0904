//! Random asks, half of them near a clause so that many are granted, and random notices that are sound. All
//! from one seed.

use domain::{
    Category, CategorySet, Condition, ConditionSet, GoverningLaw, Purpose, Recipient, SubjectKind,
    TransferSafeguard,
};
use notice::{ClauseSet, Notice, Question};

/// A generator of numbers from a seed (SplitMix64).
pub struct Random(u64);

impl Random {
    /// From a seed.
    pub fn of(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// Each member with the same chance, one in `count`.
    fn some<T: Copy>(&mut self, all: &[T], count: usize) -> Vec<T> {
        all.iter().copied().filter(|_| self.one_in(count)).collect()
    }

    /// As [`Self::some`], and at least one.
    fn few<T: Copy + PartialEq>(&mut self, all: &[T], count: usize) -> Vec<T> {
        let first = self.pick(all);
        let mut few = self.some(all, count);
        if !few.contains(&first) {
            few.push(first);
        }
        few
    }
}

/// A random ask.
pub fn question(random: &mut Random, notice: &Notice) -> Question {
    let mut question = Question {
        subject: random.pick(SubjectKind::ALL),
        law: random.pick(LAWS),
        purpose: random.pick(Purpose::ALL),
        recipient: random.pick(Recipient::ALL),
        needed: random.some(Category::ALL, 8).into_iter().collect(),
        wanted: random.some(Category::ALL, 2).into_iter().collect(),
        held: random.some(Condition::ALL, 2).into_iter().collect(),
        demands: ConditionSet::EMPTY,
        transfer: None,
        registered: None,
    };
    if random.one_in(4) {
        question.demands = random.some(Condition::ALL, 12).into_iter().collect();
    }
    if random.one_in(4) {
        question.transfer = Some(random.some(TransferSafeguard::ALL, 4).into_iter().collect());
    }
    if !random.one_in(3) {
        near_a_clause(random, notice, &mut question);
    }
    if !random.one_in(4) {
        question.wanted = question.wanted.union(question.needed);
    }
    // Only organisations are in a register; some for few clauses, some for most.
    if question.recipient.is_organisation() && !random.one_in(4) {
        let all: Vec<u16> = (0..ClauseSet::CAPACITY).take(notice.clauses().len()).collect();
        let (left_out, count) = (random.one_in(2), 3 + random.below(3));
        let some = random.some(&all, count);
        let registered = all.into_iter().filter(|clause| some.contains(clause) != left_out);
        question.registered = Some(registered.fold(ClauseSet::EMPTY, ClauseSet::with));
    }
    question
}

/// Takes what a clause names, most of the time whole.
fn near_a_clause(random: &mut Random, notice: &Notice, question: &mut Question) {
    let clause = &notice.clauses()[random.below(notice.clauses().len())];
    question.purpose = random.pick(&clause.purposes);
    question.recipient = random.pick(&clause.recipients);
    question.subject = random.pick(&clause.bases).0;
    let own: Vec<Category> = clause.data.iter().collect();
    question.needed = random.some(&own, 4).into_iter().collect();
    let mut held: Vec<Condition> = clause.when.iter().collect();
    held.extend(random.some(Condition::ALL, 3));
    if !random.one_in(4) {
        held.push(Condition::Safeguard);
        held.extend(question.demands.iter());
    }
    if random.one_in(3) {
        let dropped = random.pick(Condition::ALL);
        held.retain(|condition| *condition != dropped);
    }
    question.held = held.into_iter().collect();
    // And its neighbours: all but one thing is as the clause says.
    match random.below(8) {
        0 => question.recipient = random.pick(Recipient::ALL),
        1 => question.purpose = random.pick(Purpose::ALL),
        2 => question.subject = random.pick(SubjectKind::ALL),
        _ => {}
    }
}

/// A notice of random clauses and prohibitions that its check finds sound.
pub fn random_notice(random: &mut Random) -> Notice {
    loop {
        let (rules, prose) = sources(random);
        if let Ok(notice) = Notice::read(&[("clauses.toml", &rules), ("en.md", &prose)]) {
            return notice;
        }
    }
}

// Few words, so that clauses meet, overlap and stand above each other in the tree of purposes; recipients
// that need no condition of their own.
const PURPOSES: &[Purpose] = &[
    Purpose::Communications,
    Purpose::Marketing,
    Purpose::Survey,
    Purpose::Quote,
    Purpose::Business,
    Purpose::Audit,
    Purpose::ClaimsProcessing,
];
const RECIPIENTS: &[Recipient] = &[Recipient::ClaimsStaff, Recipient::Auditor, Recipient::Court];
const SUBJECTS: &[SubjectKind] = &[SubjectKind::Member, SubjectKind::Beneficiary, SubjectKind::Employee];
const LAWS: &[GoverningLaw] =
    &[GoverningLaw::Elsewhere, GoverningLaw::Belgium, GoverningLaw::Ireland, GoverningLaw::Netherlands];
const CONDITIONS: &[Condition] =
    &[Condition::ConsentMarketing, Condition::ConsentResearch, Condition::WorkItem, Condition::OrderReviewed];

fn sources(random: &mut Random) -> (String, String) {
    let mut clauses = String::new();
    let mut prose = "# A notice\n\nNobody sees {closed}.\n".to_owned();
    let mut opened = CategorySet::EMPTY;
    for number in 0..=random.below(5) {
        let data: CategorySet = random.few(Category::ALL, 4).into_iter().collect();
        let data = data.minus(CategorySet::of(&[Category::Credentials]));
        if data.is_empty() {
            continue;
        }
        opened = opened.union(data);
        let rule = clause(random, number, data);
        let conditions = if rule.contains("\nwhen = ") { " {conditions}" } else { "" };
        let transfers = if rule.contains("\ntransfers = ") { " {transfers}" } else { "" };
        clauses.push_str(&rule);
        prose.push_str(&format!(
            "\n## Clause {number} {{#use.n{number}}}\n\n{{data}} {{purposes}} {{recipients}} {{basis}} {{retention}}{conditions}{transfers}\n"
        ));
    }
    for number in 0..random.below(3) {
        let unless: ConditionSet = random.some(CONDITIONS, 3).into_iter().collect();
        let purpose = random.pick(PURPOSES);
        clauses.push_str(&format!("[[prohibition]]\nid = \"no.n{number}\"\npurpose = \"{purpose}\"\n"));
        let conditions = if unless.is_empty() { "" } else { " {conditions}" };
        if !unless.is_empty() {
            clauses.push_str(&format!("unless = [{}]\n", quoted(unless.iter())));
        }
        prose.push_str(&format!("\n## Not {number} {{#no.n{number}}}\n\n{{purposes}}{conditions}\n"));
    }
    let closed = Category::ALL.iter().copied().filter(|category| !opened.contains(*category));
    let rules = format!(
        "version = \"random\"\neffective = \"2026-11-01\"\nnotice_period_days = 0\nlanguages = [\"en\"]\nclosed = [{}]\n\
         [[retention]]\nclass = \"claims\"\nyears = 1\nafter = \"record-made\"\n{clauses}",
        quoted(closed)
    );
    (rules, prose)
}

fn clause(random: &mut Random, number: usize, data: CategorySet) -> String {
    let transfers = match random.below(3) {
        0 => format!("transfers = \"{}\"\n", random.pick(TransferSafeguard::ALL)),
        _ => String::new(),
    };
    let when: ConditionSet = random.some(CONDITIONS, 3).into_iter().collect();
    let health = match data.contains(Category::Health) {
        false => "",
        // Consent to health data is asked under some laws and not under others.
        true if when.contains(Condition::ConsentResearch) => {
            "health = { otherwise = \"explicit-consent\", NL = \"health-care\", IE = \"public-interest\" }\n"
        }
        true => "health = \"legal-claims\"\n",
    };
    let when = if when.is_empty() { String::new() } else { format!("when = [{}]\n", quoted(when.iter())) };
    format!(
        "[[clause]]\nid = \"use.n{number}\"\nsubjects = [{}]\npurposes = [{}]\ndata = [{}]\nrecipients = [{}]\n\
         basis = \"legal-obligation\"\n{health}{transfers}retention = \"claims\"\n{when}",
        quoted(random.few(SUBJECTS, 2)),
        quoted(random.few(PURPOSES, 4)),
        quoted(data.iter()),
        quoted(random.few(RECIPIENTS, 3)),
    )
}

fn quoted<W: std::fmt::Display>(words: impl IntoIterator<Item = W>) -> String {
    words.into_iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")
}
