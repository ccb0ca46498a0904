//! Placeholders: `{data}` in the prose of a clause becomes that clause's own list, in the reader's
//! words. Prose that renders its rule cannot say something else than the rule.

use std::fmt::Write as _;

use domain::{ConditionSet, Language, Purpose};

use crate::cookie::{self, Cookie};
use crate::language::{Spoken, Wording};
use crate::rules::Rules;
use crate::terms::Terms;
use crate::{Clause, HealthBasis, LegalBasis, Prohibition, Retention};

/// The rule that a section is about.
#[derive(Clone, Copy)]
pub(crate) enum Rule<'a> {
    Clause(&'a Clause),
    Prohibition(&'a Prohibition),
    /// The list of a cookie notice.
    Cookies(&'a [Cookie]),
    /// What a supplement lets the notice do.
    NoticePurposes(&'a [Purpose]),
    None,
}

impl<'a> Rule<'a> {
    /// The rule with this id.
    pub(crate) fn of(rules: &'a Rules, id: &str) -> Self {
        if rules.terms.section().is_some_and(|(anchor, _)| anchor == id) {
            return match &rules.terms {
                Terms::Notice { .. } => Self::None,
                Terms::Related { cookies, .. } => Self::Cookies(cookies),
                Terms::Supplement { notice_purposes, .. } => Self::NoticePurposes(notice_purposes),
            };
        }
        let clause = rules.clauses.iter().find(|clause| clause.id == id).map(Self::Clause);
        let prohibition = || rules.prohibitions.iter().find(|one| one.id == id).map(Self::Prohibition);
        clause.or_else(prohibition).unwrap_or(Self::None)
    }

    /// The placeholders that its prose must have.
    pub(crate) fn required(self) -> Vec<&'static str> {
        match self {
            Self::Clause(clause) => {
                let mut names = vec!["data", "purposes", "recipients", "basis", "retention"];
                names.extend((!clause.when.is_empty()).then_some("conditions"));
                names.extend(clause.transfers.map(|_| "transfers"));
                names.extend(clause.minimum_group.map(|_| "minimum_group"));
                names
            }
            Self::Prohibition(prohibition) => {
                let mut names = vec!["purposes"];
                names.extend((!prohibition.unless.is_empty()).then_some("conditions"));
                names
            }
            Self::Cookies(_) => vec!["cookies"],
            Self::NoticePurposes(_) => vec!["notice_purposes"],
            Self::None => Vec::new(),
        }
    }
}

/// The placeholders of a text, each with its offset; an unfinished or misspelt one as `None`.
pub(crate) fn find(text: &str) -> impl Iterator<Item = (usize, Option<&str>)> {
    text.match_indices('{').map(|(offset, _)| {
        let name = text.get(offset + 1..).and_then(|rest| rest.split_once('}')).map(|(name, _)| name);
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        (offset, name.filter(|name| !name.is_empty() && name.bytes().all(allowed)))
    })
}

/// The text with every placeholder replaced; one without a value stays as it is.
pub(crate) fn fill(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut done = 0;
    for (offset, name) in find(text) {
        let Some((name, replacement)) = name.and_then(|name| value(name).map(|value| (name, value))) else {
            continue;
        };
        filled.push_str(text.get(done..offset).unwrap_or_default());
        filled.push_str(&replacement);
        done = offset + name.len() + 2;
    }
    filled.push_str(text.get(done..).unwrap_or_default());
    filled
}

/// The value of a placeholder as plain text; `None` when it has none here.
pub(crate) fn value(rules: &Rules, rule: Rule<'_>, language: Language, name: &str) -> Option<String> {
    if let Some(key) = name.strip_prefix("organisation.") {
        return organisation(rules, language, key);
    }
    match name {
        "version" => return Some(rules.version.clone()),
        "effective" => return Some(rules.effective.to_string()),
        "notice_period_days" => return Some(rules.notice_period_days.to_string()),
        "retention.all" => return Some(all_retentions(rules, language)),
        "closed" => return closed(rules, language),
        _ => {}
    }
    match rule {
        Rule::Clause(clause) => clause_value(rules, clause, language, name),
        Rule::Prohibition(prohibition) => match name {
            "purposes" => Some(purposes(&[prohibition.purpose], language)),
            "conditions" => conditions(prohibition.unless, language),
            _ => None,
        },
        Rule::Cookies(cookies) => (name == "cookies").then(|| cookie::list(cookies, language, str::to_owned)),
        Rule::NoticePurposes(of_notice) => (name == "notice_purposes").then(|| purposes(of_notice, language)),
        Rule::None => None,
    }
}

/// What may be written in a section of this rule, for a message.
pub(crate) fn names(rules: &Rules, rule: Rule<'_>) -> Vec<String> {
    let own: &[&str] = match rule {
        Rule::Clause(_) => &[
            "data",
            "purposes",
            "recipients",
            "subjects",
            "basis",
            "retention",
            "conditions",
            "transfers",
            "minimum_group",
        ],
        Rule::Prohibition(_) => &["purposes", "conditions"],
        Rule::Cookies(_) => &["cookies"],
        Rule::NoticePurposes(_) => &["notice_purposes"],
        Rule::None => &[],
    };
    let everywhere = &["version", "effective", "notice_period_days", "retention.all", "closed"];
    let organisation = rules.organisation.keys().map(|key| format!("organisation.{key}"));
    let has_value = |name: &&str| value(rules, rule, Language::English, name).is_some();
    own.iter().chain(everywhere).copied().filter(has_value).map(str::to_owned).chain(organisation).collect()
}

fn organisation(rules: &Rules, language: Language, key: &str) -> Option<String> {
    let value = rules.organisation.get(key)?;
    if !value.text.is_empty() {
        return Some(value.text.clone());
    }
    let unfilled = language.pick(["to be filled in", "in te vullen", "à compléter", "noch einzutragen"]);
    // No-break spaces, so that it can stand in the target of a link until it is filled in.
    Some(format!("[{key}: {unfilled}]").replace(' ', "\u{a0}"))
}

/// What nobody sees; `None` when there is nothing of the kind.
fn closed(rules: &Rules, language: Language) -> Option<String> {
    let words = rules.closed.iter().map(|word| word.spoken_in(language));
    (!rules.closed.is_empty()).then(|| language.items(words))
}

fn clause_value(rules: &Rules, clause: &Clause, language: Language, name: &str) -> Option<String> {
    match name {
        "data" => Some(language.items(clause.data.iter().map(|word| word.spoken_in(language)))),
        "purposes" => Some(purposes(&clause.purposes, language)),
        "recipients" => Some(language.items(clause.recipients.iter().map(|word| word.spoken_in(language)))),
        "subjects" => Some(language.list(clause.bases.iter().map(|(kind, _)| kind.spoken_in(language)))),
        "basis" => Some(bases(clause, language)),
        "retention" => rules
            .retentions
            .iter()
            .find(|retention| retention.class == clause.retention)
            .map(|retention| period(retention, language)),
        "conditions" => clause_conditions(clause, language),
        "transfers" => clause.transfers.map(|safeguard| safeguard.spoken_in(language)),
        "minimum_group" => clause.minimum_group.map(|people| people.to_string()),
        _ => None,
    }
}

fn purposes(purposes: &[Purpose], language: Language) -> String {
    language.items(purposes.iter().map(|word| word.spoken_in(language)))
}

fn conditions(conditions: ConditionSet, language: Language) -> Option<String> {
    let words = conditions.iter().map(|word| word.spoken_in(language));
    (!conditions.is_empty()).then(|| language.all_of(words))
}

/// "a; and b; where Irish law governs the cover: b". What differs by law stands with the law.
fn clause_conditions(clause: &Clause, language: Language) -> Option<String> {
    let otherwise = clause.needs_otherwise();
    let mut by_law: Vec<(Vec<String>, ConditionSet)> = Vec::new();
    for (law, _) in &clause.health_by_law {
        let (words, needs) = (law.spoken_in(language), clause.needs(*law));
        match by_law.iter_mut().find(|(_, same)| *same == needs) {
            _ if needs == otherwise => {}
            Some((laws, _)) => laws.push(words),
            None => by_law.push((vec![words], needs)),
        }
    }
    let nothing = language.pick(["nothing more", "niets meer", "rien de plus", "nichts weiter"]);
    let words = |needs| conditions(needs, language).unwrap_or_else(|| nothing.to_owned());
    let mut text = if by_law.is_empty() { conditions(otherwise, language)? } else { words(otherwise) };
    for (laws, needs) in by_law {
        let (laws, needs) = (language.either(&laws), words(needs));
        text.push_str(&language.pick([
            format!("; where {laws} governs the cover, only: {needs}"),
            format!("; waar {laws} de dekking beheerst, alleen: {needs}"),
            format!(" ; lorsque {laws} régit la couverture, seulement : {needs}"),
            format!("; wo {laws} für die Deckung gilt, nur: {needs}"),
        ]));
    }
    Some(text)
}

/// "declared by the controller: a contract with you (GDPR article 6(1)(b)) for members; ...".
fn bases(clause: &Clause, language: Language) -> String {
    let mut text = language
        .pick([
            "declared by the controller: ",
            "zoals opgegeven door de verwerkingsverantwoordelijke: ",
            "déclarée par le responsable du traitement : ",
            "vom Verantwortlichen angegeben: ",
        ])
        .to_owned();
    let used = LegalBasis::ALL.iter().filter(|basis| clause.bases.iter().any(|(_, used)| used == *basis));
    for (index, basis) in used.enumerate() {
        let kinds = clause.bases.iter().filter(|(_, used)| used == basis);
        let kinds = language.list(kinds.map(|(kind, _)| kind.spoken_in(language)));
        let (words, point) = (basis.spoken_in(language), basis.point());
        let article = language.pick([
            format!("GDPR article 6(1)({point})"),
            format!("AVG artikel 6, lid 1, onder {point}"),
            format!("RGPD, article 6, paragraphe 1, point {point}"),
            format!("DSGVO Art. 6 Abs. 1 Buchst. {point}"),
        ]);
        let whom = language.pick(["for", "voor", "pour", "für"]);
        let separator = if index > 0 { language.semicolon() } else { "" };
        // Writing to a text cannot fail.
        let _ = write!(text, "{separator}{words} ({article}) {whom} {kinds}");
    }
    text.push_str(&health_bases(clause, language));
    text
}

/// "; for health data: explicit consent (GDPR article 9(2)(a)); where Irish law governs the cover: ...".
fn health_bases(clause: &Clause, language: Language) -> String {
    let Some(otherwise) = clause.health else { return String::new() };
    let declared = |basis: HealthBasis| {
        let (words, point) = (basis.spoken_in(language), basis.point());
        language.pick([
            format!("{words} (GDPR article 9(2)({point}))"),
            format!("{words} (AVG artikel 9, lid 2, onder {point})"),
            format!("{words} (RGPD, article 9, paragraphe 2, point {point})"),
            format!("{words} (DSGVO Art. 9 Abs. 2 Buchst. {point})"),
        ])
    };
    let mut text = language
        .pick([
            "; for health data: ",
            "; voor gezondheidsgegevens: ",
            " ; pour les données de santé : ",
            "; für Gesundheitsdaten: ",
        ])
        .to_owned();
    text.push_str(&declared(otherwise));
    for (law, basis) in &clause.health_by_law {
        let (law_words, basis) = (law.spoken_in(language), declared(*basis));
        text.push_str(&language.pick([
            format!("; where {law_words} governs the cover: {basis}"),
            format!("; waar {law_words} de dekking beheerst: {basis}"),
            format!(" ; lorsque {law_words} régit la couverture : {basis}"),
            format!("; wo {law_words} für die Deckung gilt: {basis}"),
        ]));
        if clause.needs(*law) != clause.when {
            text.push_str(language.pick([
                ", and no consent to the use of health data is asked",
                ", en er wordt geen toestemming voor het gebruik van gezondheidsgegevens gevraagd",
                ", sans que le consentement à l'utilisation des données de santé soit demandé",
                ", und eine Einwilligung in die Verwendung von Gesundheitsdaten wird nicht verlangt",
            ]));
        }
    }
    text
}

/// "10 years after the end of cover".
fn period(retention: &Retention, language: Language) -> String {
    let (years, start) = (retention.years, retention.after.spoken_in(language));
    let unit = match (years, language) {
        (1, Language::English) => "year",
        (_, Language::English) => "years",
        (_, Language::Dutch) => "jaar",
        (1, Language::French) => "an",
        (_, Language::French) => "ans",
        (1, Language::German) => "Jahr",
        (_, Language::German) => "Jahre",
    };
    let after = language.pick(["after", "na", "après", "nach"]);
    format!("{years} {unit} {after} {start}")
}

fn all_retentions(rules: &Rules, language: Language) -> String {
    let colon = language.pick([":", ":", " :", ":"]);
    let each = rules.retentions.iter().map(|retention| {
        format!("{}{colon} {}", retention.class.spoken_in(language), period(retention, language))
    });
    each.collect::<Vec<_>>().join(language.semicolon())
}
