//! Reads `clauses.toml` (and `organisation.toml`): the rules of one version, each with its line.
//! Whether the rules make sense together is `rule_check`'s to say.

use std::collections::BTreeMap;

use domain::{
    Category, CategorySet, ConditionSet, Date, GoverningLaw, Language, Purpose, Recipient, SubjectKind,
};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::problem::{LineEnds, Problems};
use crate::terms::{self, DocumentKind, Terms};
use crate::toml_entry::{At, Entry, Source, tables, unknown};
use crate::{Clause, HealthBasis, LegalBasis, Prohibition, Retention};

/// The file of the rules.
pub(crate) const RULES_FILE: &str = "clauses.toml";
/// The file with the organisation's own values, laid beside the rules when a version is published.
pub(crate) const ORGANISATION_FILE: &str = "organisation.toml";

/// The key of the basis for health data under every law that is not named.
const OTHERWISE: &str = "otherwise";

/// The rules of a version.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(crate) version: String,
    pub(crate) effective: Date,
    pub(crate) notice_period_days: u32,
    pub(crate) languages: Vec<Language>,
    /// What nobody sees: the categories that no clause names.
    pub(crate) closed: CategorySet,
    pub(crate) organisation: BTreeMap<String, OrganisationValue>,
    pub(crate) retentions: Vec<Retention>,
    pub(crate) prohibitions: Vec<Prohibition>,
    pub(crate) clauses: Vec<Clause>,
    /// What the document is, with what only its kind has.
    pub(crate) terms: Terms,
    /// Lines of what was read, in the order of the lists above.
    pub(crate) lines: Lines,
}

/// Where rules stand in the file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lines {
    /// Where `closed` stands; the first line when it is left out.
    pub(crate) closed: u32,
    pub(crate) retentions: Vec<u32>,
    pub(crate) prohibitions: Vec<u32>,
    pub(crate) clauses: Vec<u32>,
    /// Every id of a clause or prohibition, also of one that could not be read.
    pub(crate) ids: Vec<(String, u32)>,
}

/// A value that the prose takes from the organisation: empty until it is filled in.
#[derive(Debug, Clone)]
pub(crate) struct OrganisationValue {
    pub(crate) text: String,
    pub(crate) file: &'static str,
    pub(crate) line: u32,
}

/// Reads the rules. `None` when too little could be read to go on; the problems say why.
pub(crate) fn read(
    kind: DocumentKind,
    text: &str,
    organisation: Option<&str>,
    problems: &mut Problems,
) -> Option<Rules> {
    let lines = LineEnds::of(text);
    let source = Source { name: RULES_FILE, text, lines: &lines };
    let parsed = source.parse(problems)?;
    let root = Entry { source, table: parsed.get_ref(), what: kind.noun().to_owned(), line: 1 };
    let found = DocumentKind::of(&root);
    if found != kind {
        let message =
            format!("these are the rules of {}, where those of {} are wanted", found.noun(), kind.noun());
        problems.add(RULES_FILE, 1, message);
        return None;
    }
    let keys = [&["version", "effective", "languages", "organisation"], kind.keys()].concat();
    root.only(&keys, problems);
    let version = version(&root, problems);
    let effective = root
        .required("effective", "\"2026-11-01\"", problems)
        .and_then(|value| root.word::<Date>(value, "effective", problems));
    let period = match kind {
        DocumentKind::Notice => root
            .required("notice_period_days", "30", problems)
            .and_then(|value| root.number(value, "notice_period_days", 0..=3_650, problems)),
        // It binds nobody to anything but what is collected under it.
        DocumentKind::Related | DocumentKind::Supplement => Some(0),
    };
    let languages = root
        .required("languages", "[\"en\"]", problems)
        .and_then(|value| root.words::<Language>(value, "languages", false, problems));
    let closed = maybe(&root, "closed", |value| root.words::<Category>(value, "closed", false, problems));
    let mut values = BTreeMap::new();
    read_organisation(kind, &root, organisation, &mut values, problems);
    let languages: Vec<Language> = languages?.into_iter().map(|language| language.value).collect();
    let mut rules = Rules {
        version: version?,
        effective: effective?.value,
        notice_period_days: period?,
        terms: terms::read(kind, &root, &languages, problems)?,
        languages,
        closed: closed?.into_iter().flatten().map(|word| word.value).collect(),
        organisation: values,
        retentions: Vec::new(),
        prohibitions: Vec::new(),
        clauses: Vec::new(),
        lines: Lines {
            closed: root.optional("closed").map_or(1, |value| root.line_of(value)),
            ..Lines::default()
        },
    };
    read_retentions(&root, &mut rules, problems);
    read_prohibitions(&root, &mut rules, problems);
    read_clauses(&root, &mut rules, problems);
    Some(rules)
}

fn version(root: &Entry<'_>, problems: &mut Problems) -> Option<String> {
    let value = root.required("version", "\"2026-11-01\"", problems)?;
    let text = root.text(value, "version", problems)?;
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
    if text.value.is_empty() || text.value.len() > 32 || !text.value.bytes().all(allowed) {
        root.refuse(value, "`version`: write 1 to 32 lower-case letters, digits, `.` or `-`", problems);
        return None;
    }
    Some(text.value.to_owned())
}

fn read_organisation(
    kind: DocumentKind,
    root: &Entry<'_>,
    own: Option<&str>,
    values: &mut BTreeMap<String, OrganisationValue>,
    problems: &mut Problems,
) {
    if let Some(value) = root.optional("organisation") {
        match value.get_ref().as_table() {
            Some(table) => add_values(&Entry { table, ..entry_like(root) }, RULES_FILE, values, problems),
            None => root.refuse(value, "`organisation` is not a table: write [organisation]", problems),
        }
    }
    let Some(text) = own else { return };
    let lines = LineEnds::of(text);
    let source = Source { name: ORGANISATION_FILE, text, lines: &lines };
    let Some(parsed) = source.parse(problems) else { return };
    let entry = Entry { source, table: parsed.get_ref(), what: "the organisation".to_owned(), line: 1 };
    let known: Vec<String> = values.keys().cloned().collect();
    if kind == DocumentKind::Notice {
        entry.only(&known.iter().map(String::as_str).collect::<Vec<_>>(), problems);
        return add_values(&entry, ORGANISATION_FILE, values, problems);
    }
    // One file serves every document of an organisation, and each takes what it names.
    let mut all = BTreeMap::new();
    add_values(&entry, ORGANISATION_FILE, &mut all, problems);
    values.extend(all.into_iter().filter(|(key, _)| known.contains(key)));
}

fn entry_like<'a>(root: &Entry<'a>) -> Entry<'a> {
    Entry { source: root.source, table: root.table, what: "the organisation".to_owned(), line: root.line }
}

fn add_values(
    entry: &Entry<'_>,
    file: &'static str,
    values: &mut BTreeMap<String, OrganisationValue>,
    problems: &mut Problems,
) {
    for (key, value) in entry.table.iter() {
        let Some(text) = entry.text(value, key.get_ref(), problems) else { continue };
        if text.value.chars().any(char::is_control) {
            entry.refuse(
                value,
                &format!("`{}` has a line break or control character", key.get_ref()),
                problems,
            );
            continue;
        }
        let own = OrganisationValue { text: text.value.trim().to_owned(), file, line: text.line };
        values.insert(key.get_ref().clone().into_owned(), own);
    }
}

fn read_retentions(root: &Entry<'_>, rules: &mut Rules, problems: &mut Problems) {
    for (line, table) in tables(root, "retention", problems) {
        let entry = Entry { source: root.source, table, what: "a retention".to_owned(), line };
        entry.only(&["class", "years", "after"], problems);
        let class = entry
            .required("class", "\"claims\"", problems)
            .and_then(|value| entry.word(value, "class", problems));
        let years = entry
            .required("years", "10", problems)
            .and_then(|value| entry.number(value, "years", 1..=150, problems));
        let after = entry
            .required("after", "\"cover-end\"", problems)
            .and_then(|value| entry.word(value, "after", problems));
        if let (Some(class), Some(years), Some(after)) = (class, years, after) {
            rules.retentions.push(Retention { class: class.value, years, after: after.value });
            rules.lines.retentions.push(class.line);
        }
    }
}

/// The id of a clause or prohibition; it becomes the entry's name and line in messages.
fn read_id(kind: &str, entry: &mut Entry<'_>, rules: &mut Rules, problems: &mut Problems) -> Option<String> {
    let value = entry.required("id", "\"use.claims\"", problems)?;
    let id = entry.text(value, "id", problems)?;
    entry.what = format!("{kind} `{}`", id.value);
    entry.line = id.line;
    rules.lines.ids.push((id.value.to_owned(), id.line));
    Some(id.value.to_owned())
}

fn read_prohibitions(root: &Entry<'_>, rules: &mut Rules, problems: &mut Problems) {
    for (line, table) in tables(root, "prohibition", problems) {
        let mut entry = Entry { source: root.source, table, what: "a prohibition".to_owned(), line };
        let id = read_id("prohibition", &mut entry, rules, problems);
        entry.only(&["id", "purpose", "unless"], problems);
        let purpose = entry
            .required("purpose", "\"marketing\"", problems)
            .and_then(|value| entry.word::<Purpose>(value, "purpose", problems));
        let unless = conditions(&entry, "unless", problems);
        if let (Some(id), Some(purpose), Some(unless)) = (id, purpose, unless) {
            rules.prohibitions.push(Prohibition { id, purpose: purpose.value, unless });
            rules.lines.prohibitions.push(entry.line);
        }
    }
}

/// A list of conditions that may be left out, which is the empty set. `None` when it is faulty.
fn conditions(entry: &Entry<'_>, key: &str, problems: &mut Problems) -> Option<ConditionSet> {
    match entry.optional(key) {
        None => Some(ConditionSet::EMPTY),
        Some(value) => entry
            .words(value, key, false, problems)
            .map(|words| words.into_iter().map(|word| word.value).collect()),
    }
}

fn read_clauses(root: &Entry<'_>, rules: &mut Rules, problems: &mut Problems) {
    for (line, table) in tables(root, "clause", problems) {
        let mut entry = Entry { source: root.source, table, what: "a clause".to_owned(), line };
        if let Some(clause) = clause(&mut entry, rules, problems) {
            rules.clauses.push(clause);
            rules.lines.clauses.push(entry.line);
        }
    }
}

fn clause(entry: &mut Entry<'_>, rules: &mut Rules, problems: &mut Problems) -> Option<Clause> {
    let keys = [
        "id",
        "subjects",
        "purposes",
        "data",
        "recipients",
        "basis",
        "health",
        "when",
        "retention",
        "transfers",
        "minimum_group",
    ];
    let id = read_id("clause", entry, rules, problems);
    entry.only(&keys, problems);
    let entry = &*entry;
    let bases = bases(entry, problems);
    let purposes = list::<Purpose>(entry, "purposes", "[\"claims-processing\"]", problems);
    let data = list::<Category>(entry, "data", "[\"identity\"]", problems);
    let recipients = list::<Recipient>(entry, "recipients", "[\"claims-staff\"]", problems);
    let when = conditions(entry, "when", problems);
    let retention = entry
        .required("retention", "\"claims\"", problems)
        .and_then(|value| entry.word(value, "retention", problems));
    let health = health(entry, problems);
    let transfers = maybe(entry, "transfers", |value| entry.word(value, "transfers", problems));
    let group =
        maybe(entry, "minimum_group", |value| entry.number(value, "minimum_group", 2..=1_000_000, problems));
    let (health, health_by_law) = health?;
    Some(Clause {
        id: id?,
        bases: bases?,
        purposes: purposes?,
        data: data?.into_iter().collect(),
        recipients: recipients?,
        health,
        health_by_law,
        when: when?,
        retention: retention?.value,
        transfers: transfers?.map(|word| word.value),
        minimum_group: group?,
    })
}

/// `Some(None)` when the key is left out, `None` when its value is faulty.
fn maybe<'a, T>(
    entry: &Entry<'a>,
    key: &str,
    read: impl FnOnce(&'a Spanned<DeValue<'a>>) -> Option<T>,
) -> Option<Option<T>> {
    match entry.optional(key) {
        None => Some(None),
        Some(value) => read(value).map(Some),
    }
}

fn list<T: std::str::FromStr<Err = domain::ParseError> + Copy + PartialEq + std::fmt::Display>(
    entry: &Entry<'_>,
    key: &str,
    example: &str,
    problems: &mut Problems,
) -> Option<Vec<T>> {
    let value = entry.required(key, example, problems)?;
    let words = entry.words(value, key, false, problems)?;
    Some(words.into_iter().map(|word: At<T>| word.value).collect())
}

/// The basis for health data that is declared whatever law governs the cover, and where that is another one.
type Health = (Option<HealthBasis>, Vec<(GoverningLaw, HealthBasis)>);

/// One basis for all, or a table with one for each law that differs and one `otherwise`.
fn health(entry: &Entry<'_>, problems: &mut Problems) -> Option<Health> {
    let Some(value) = entry.optional("health") else { return Some((None, Vec::new())) };
    let Some(table) = value.get_ref().as_table() else {
        return Some((Some(entry.word(value, "health", problems)?.value), Vec::new()));
    };
    let (mut otherwise, mut by_law, mut whole) = (None, Vec::new(), true);
    for (key, value) in table.iter() {
        let basis = entry.word::<HealthBasis>(value, "health", problems).map(|word| word.value);
        match key.get_ref().parse::<GoverningLaw>() {
            _ if key.get_ref() == OTHERWISE => otherwise = basis,
            Ok(law) => by_law.extend(basis.map(|basis| (law, basis))),
            Err(error) => {
                entry.refuse(key, &format!("`health`: {}, {OTHERWISE}", unknown(&error)), problems);
                whole = false;
            }
        }
        whole &= basis.is_some();
    }
    if table.get(OTHERWISE).is_none() {
        let message =
            format!("`health` declares nothing {OTHERWISE}: add {OTHERWISE} = \"explicit-consent\"");
        entry.refuse(value, &message, problems);
        whole = false;
    }
    by_law.sort_unstable();
    whole.then_some((otherwise, by_law))
}

/// The subjects, each with its basis: one basis for all, or a table with one for each.
fn bases(entry: &Entry<'_>, problems: &mut Problems) -> Option<Vec<(SubjectKind, LegalBasis)>> {
    let subjects = list::<SubjectKind>(entry, "subjects", "[\"member\"]", problems)?;
    let value = entry.required("basis", "\"contract\" or { member = \"contract\" }", problems)?;
    let Some(table) = value.get_ref().as_table() else {
        let basis = entry.word::<LegalBasis>(value, "basis", problems)?.value;
        return Some(subjects.into_iter().map(|subject| (subject, basis)).collect());
    };
    let names: Vec<&str> = subjects.iter().map(|subject| subject.word()).collect();
    for key in table.keys().filter(|key| !names.contains(&key.get_ref().as_ref())) {
        let message = format!("`basis` names `{}`, which is not in `subjects`", key.get_ref());
        entry.refuse(key, &message, problems);
    }
    subjects.into_iter().map(|subject| basis_of(entry, value, table, subject, problems)).collect()
}

fn basis_of(
    entry: &Entry<'_>,
    basis: &Spanned<DeValue<'_>>,
    table: &DeTable<'_>,
    subject: SubjectKind,
    problems: &mut Problems,
) -> Option<(SubjectKind, LegalBasis)> {
    let Some(value) = table.get(subject.word()) else {
        let message = format!("no basis for `{subject}`: add {subject} = \"...\" to `basis`");
        entry.refuse(basis, &message, problems);
        return None;
    };
    let word = value.get_ref().as_str().unwrap_or_default();
    match word.parse() {
        Ok(word) => Some((subject, word)),
        Err(error) => {
            entry.refuse(value, &format!("`basis`: {}", unknown(&error)), problems);
            None
        }
    }
}
