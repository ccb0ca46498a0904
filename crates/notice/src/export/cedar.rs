//! The clauses as Cedar policies, and the schema that they are valid under. One request asks about one
//! category; `oracle/cedar` asks them beside the table, which must agree.
//!
//! Not exported: which clause a permission rests on where several would do (the table takes the one with
//! the fewest conditions), and `minimum_group`, which no decision about one person can test and which stands
//! as an annotation.

use std::fmt::Write as _;

use domain::{
    Category, Condition, ConditionSet, GoverningLaw, Purpose, Recipient, SubjectKind, TransferSafeguard,
};

use crate::{Clause, Notice, Prohibition};

/// What holds beside every clause.
const DEMANDS: &str = "
@id(\"demands\")
forbid (principal, action, resource)
unless { context.holds.containsAll(context.demands) };

@id(\"transfer\")
forbid (principal, action, resource)
when { context has transfer }
unless { context.holds.contains(Condition::\"transfer-safeguard\") };
";

impl Notice {
    /// The clauses and prohibitions as Cedar policies, each with its id in the annotation `@id`. A request
    /// names the recipient as principal, the purpose as action, the category as resource, and in its context
    /// what the subject is, which law governs their cover, which conditions hold and which are demanded of whoever gets the data, and, where the
    /// data leaves the European Economic Area, under which safeguards, and where it goes to an organisation, the ids of
    /// the clauses that it is registered for.
    #[must_use]
    pub fn cedar_policies(&self) -> String {
        let mut out = heading(self, "The clauses and prohibitions");
        out.push_str(DEMANDS);
        for prohibition in self.prohibitions() {
            forbid(&mut out, prohibition);
        }
        for clause in self.clauses() {
            permit(&mut out, clause);
        }
        out
    }

    /// The Cedar schema of [`Self::cedar_policies`]: every word of the vocabularies, and the tree of purposes.
    #[must_use]
    pub fn cedar_schema(&self) -> String {
        let mut out = heading(self, "The words of the clauses and prohibitions");
        out.push('\n');
        words(&mut out, "Recipient", Recipient::ALL);
        words(&mut out, "Category", Category::ALL);
        words(&mut out, "SubjectKind", SubjectKind::ALL);
        words(&mut out, "Law", GoverningLaw::ALL);
        words(&mut out, "Condition", Condition::ALL);
        words(&mut out, "Safeguard", TransferSafeguard::ALL);
        out.push_str("type Ask = {\n  subject: SubjectKind,\n  law: Law,\n  holds: Set<Condition>,\n");
        out.push_str(
            "  demands: Set<Condition>,\n  transfer?: Set<Safeguard>,\n  registered?: Set<String>,\n};\n\n",
        );
        for purpose in Purpose::ALL {
            let above = purpose.parent().map_or_else(String::new, |parent| format!(" in [\"{parent}\"]"));
            line(&mut out, &format!("action \"{purpose}\"{above} appliesTo {{"));
            out.push_str("  principal: [Recipient],\n  resource: [Category],\n  context: Ask,\n};\n");
        }
        out
    }
}

fn heading(notice: &Notice, what: &str) -> String {
    let hash: String = notice.hash().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("// {what} of the notice {}, SHA-256 {hash}.\n", notice.version())
}

fn words<W: std::fmt::Display>(out: &mut String, name: &str, all: &[W]) {
    let all: Vec<String> = all.iter().map(|word| format!("\"{word}\"")).collect();
    line(out, &format!("entity {name} enum [{}];\n", all.join(", ")));
}

/// A prohibition holds on its purpose and on every purpose below it.
fn forbid(out: &mut String, prohibition: &Prohibition) {
    line(out, &format!("\n@id(\"{}\")", prohibition.id));
    line(out, &format!("forbid (principal, action in Action::\"{}\", resource)", prohibition.purpose));
    if !prohibition.unless.is_empty() {
        line(out, &format!("unless {{ {} }}", holds(prohibition.unless)));
    }
    out.truncate(out.trim_end().len());
    out.push_str(";\n");
}

/// A clause holds on its purposes and on none below them.
fn permit(out: &mut String, clause: &Clause) {
    line(out, &format!("\n@id(\"{}\")", clause.id));
    if let Some(people) = clause.minimum_group {
        line(out, &format!("@minimum_group(\"{people}\")"));
    }
    out.push_str("permit (principal, action, resource)\nwhen {\n");
    let mut tests = vec![
        among("Action", &clause.purposes, "action"),
        among("Recipient", &clause.recipients, "principal"),
        among("Category", &clause.data.iter().collect::<Vec<_>>(), "resource"),
        among(
            "SubjectKind",
            &clause.bases.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(),
            "context.subject",
        ),
    ];
    tests.extend(needs(clause));
    tests.push(match clause.transfers {
        None => "!(context has transfer)".to_owned(),
        // What the Commission found adequate is as good as the safeguard that the clause names.
        Some(safeguard) => format!(
            "(if context has transfer then [Safeguard::\"{safeguard}\", Safeguard::\"{}\"].containsAll(context.transfer) else true)",
            TransferSafeguard::Adequacy
        ),
    });
    // Staff, jobs and persons are in no register.
    if clause.recipients.iter().any(|recipient| recipient.is_organisation()) {
        tests.push(format!(
            "(if context has registered then context.registered.contains(\"{}\") else true)",
            clause.id
        ));
    }
    line(out, &format!("  {}", tests.join(" &&\n  ")));
    out.push_str("};\n");
}

/// What must hold, where that differs by the law that governs the cover: one set of conditions for each set of laws.
fn needs(clause: &Clause) -> Option<String> {
    match clause.needs_by_law().as_slice() {
        [(_, needs)] => (!needs.is_empty()).then(|| holds(*needs)),
        by_law => {
            let each = by_law.iter().map(|(laws, needs)| {
                let governs = among("Law", &laws.iter().collect::<Vec<_>>(), "context.law");
                if needs.is_empty() { governs } else { format!("({governs} && {})", holds(*needs)) }
            });
            Some(format!("({})", each.collect::<Vec<_>>().join(" || ")))
        }
    }
}

fn among<W: std::fmt::Display>(kind: &str, words: &[W], what: &str) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("{kind}::\"{word}\"")).collect();
    format!("[{}].contains({what})", words.join(", "))
}

fn holds(conditions: ConditionSet) -> String {
    let words: Vec<String> = conditions.iter().map(|word| format!("Condition::\"{word}\"")).collect();
    format!("context.holds.containsAll([{}])", words.join(", "))
}

fn line(out: &mut String, text: &str) {
    // Writing to a text cannot fail.
    let _ = writeln!(out, "{text}");
}
