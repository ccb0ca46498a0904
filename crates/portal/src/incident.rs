//! An incident, as JSON and as the draft of a notification to the authority (GDPR article 33(3)), in Markdown. It counts
//! people and names none; what only a person knows is a blank. It says nothing of how likely harm is.

mod words;

use domain::{Category, Language};
use notice::{Notice, Spoken};
use serde_json::{Value, json};
use service::Incident;

use self::words::Words;

/// An incident as JSON.
#[must_use]
pub fn incident_value(incident: &Incident) -> Value {
    let count = |(word, people): (&str, usize)| json!({ "what": word, "people": people });
    let recipients: Vec<Value> = incident
        .recipients
        .iter()
        .map(|(kind, name, country)| json!({ "kind": kind.word(), "name": name, "country": country.code() }))
        .collect();
    json!({
        "actor": incident.actor.to_string(),
        "portfolio": incident.portfolio.to_string(),
        "from": incident.from.to_string(),
        "to": incident.to.to_string(),
        "roles": incident.roles,
        "people": incident.people(),
        "people_by_law": incident.people_by_law().map(|(law, people)| count((law.word(), people))).collect::<Vec<_>>(),
        "people_by_category":
            incident.people_by_category().map(|(one, people)| count((one.word(), people))).collect::<Vec<_>>(),
        "uses": incident.uses,
        "refused": incident.refused,
        "searches": incident.searches,
        "clauses": incident.clauses,
        "purposes": incident.purposes.iter().map(|purpose| purpose.word()).collect::<Vec<_>>(),
        "recipients": recipients,
        "read_from": incident.read_from.iter().map(domain::Country::code).collect::<Vec<_>>(),
        "first": incident.span.map(|(first, _)| first.to_string()),
        "last": incident.span.map(|(_, last)| last.to_string()),
    })
}

/// The draft of the notification in one language. `notice` says who notifies and how the officer is reached.
#[must_use]
pub fn incident_draft(incident: &Incident, notice: &Notice, language: Language) -> String {
    let words = Words::of(language);
    let draft = Draft { incident, notice, language, words };
    let parts = [draft.head(), draft.nature(), draft.whom(), draft.where_to(), draft.judged()];
    parts.concat()
}

struct Draft<'a> {
    incident: &'a Incident,
    notice: &'a Notice,
    language: Language,
    words: &'static Words,
}

impl Draft<'_> {
    /// A value of the organisation, or a blank for it.
    fn organisation(&self, key: &str) -> String {
        self.notice.organisation(key).map_or_else(|| self.blank(key), ToOwned::to_owned)
    }

    /// What a person fills in.
    fn blank(&self, what: &str) -> String {
        format!("[{}: {what}]", self.words.blank)
    }

    fn section(&self, title: &str, lines: &[String]) -> String {
        let lines: String = lines.iter().map(|line| format!("- {line}\n")).collect();
        format!("## {title}\n\n{lines}\n")
    }

    fn head(&self) -> String {
        let words = self.words;
        let title = format!("# {}\n\n{}\n\n", words.title, words.lead);
        let who = [
            format!("{}: {}", words.to, self.organisation("authority")),
            format!(
                "{}: {}, {}. {}",
                words.organisation,
                self.organisation("name"),
                self.organisation("address"),
                self.blank(words.role)
            ),
            format!(
                "{}: {}, {}, {}",
                words.officer,
                self.organisation("officer"),
                self.organisation("officer-address"),
                self.organisation("officer-email")
            ),
            format!("{}: {}", words.aware, self.blank(words.moment)),
        ];
        title + &self.section(words.who, &who)
    }

    fn nature(&self) -> String {
        let (words, incident) = (self.words, self.incident);
        let roles: Vec<&str> = incident.roles.iter().map(String::as_str).collect();
        let mut lines = vec![
            self.blank(words.what_happened),
            format!("{}: {} – {}", words.time, incident.from, incident.to),
            format!("{}: {} ({})", words.by, incident.actor, roles.join(", ")),
        ];
        if let Some((first, last)) = incident.span {
            lines.push(format!("{}: {first} – {last}", words.first_and_last));
        }
        lines.push(format!("{}: {}", words.refused, incident.refused));
        lines.push(format!("{}: {}", words.searches, incident.searches));
        self.section(words.nature, &lines)
    }

    fn whom(&self) -> String {
        let (words, incident) = (self.words, self.incident);
        let laws: Vec<String> = incident
            .people_by_law()
            .map(|(law, people)| format!("{} {people}", law.spoken_in(self.language)))
            .collect();
        let mut lines = vec![
            format!("{}: {}", words.people, incident.people()),
            format!("{}: {}", words.by_law, or_none(&laws)),
            self.blank(words.groups),
            format!("{}: {}", words.records, incident.uses),
        ];
        for (category, people) in incident.people_by_category() {
            let special = if category == Category::Health { words.special } else { "" };
            lines.push(format!("{}: {people}{special}", category.spoken_in(self.language)));
        }
        self.section(words.whom, &lines)
    }

    fn where_to(&self) -> String {
        let (words, incident) = (self.words, self.incident);
        let recipients: Vec<String> = incident
            .recipients
            .iter()
            .map(|(kind, name, country)| format!("{name} ({}, {country})", kind.spoken_in(self.language)))
            .collect();
        let countries: Vec<String> = incident.read_from.iter().map(ToString::to_string).collect();
        let purposes: Vec<String> =
            incident.purposes.iter().map(|purpose| purpose.spoken_in(self.language)).collect();
        let clauses: Vec<String> =
            incident.clauses.iter().map(|(clause, uses)| format!("`{clause}` {uses}")).collect();
        let lines = [
            format!("{}: {}", words.recipients, or_none(&recipients)),
            format!("{}: {}", words.read_from, or_none(&countries)),
            format!("{}: {}", words.purposes, or_none(&purposes)),
            format!("{}: {}", words.clauses, or_none(&clauses)),
            self.blank(words.member_states),
        ];
        self.section(words.where_to, &lines)
    }

    fn judged(&self) -> String {
        let words = self.words;
        let blanks = [
            self.section(words.consequences, &[self.blank(words.likely)]),
            self.section(words.measures, &[self.blank(words.taken), self.blank(words.told)]),
            self.section(words.late, &[self.blank(words.why_late)]),
        ];
        format!("{}{}\n", blanks.concat(), words.foot)
    }
}

fn or_none(all: &[String]) -> String {
    if all.is_empty() { "–".to_owned() } else { all.join("; ") }
}
