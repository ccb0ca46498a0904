//! The schema as migrations: forward only, each one transaction, safe to run again. One text for both
//! engines; the few words that differ are translated at the end of this file. What each table and column
//! is *for* is in [`crate::tables`], which a test holds to the live schema.

/// The schemas; on SQLite a file each. A commit makes them durable in this order.
///
/// Keys come first: a crash between two files leaves a key without data, never data without its key. The
/// record of disclosures is apart because it is written at every read of personal data: SQLite's readers keep
/// the pages of a file only until it changes. `moretus` is last, and with it the version of all.
pub(crate) const SCHEMAS: [&str; 3] = ["moretus_keys", "moretus_log", "moretus"];

/// One step of a migration.
pub(crate) enum Step {
    /// `CREATE TABLE`, in the words of both engines.
    Table(&'static str),
    /// An index.
    Index { unique: bool, name: &'static str, table: &'static str, columns: &'static str },
    /// An index of some rows alone: those that its condition holds for.
    IndexWhere { name: &'static str, table: &'static str, columns: &'static str, condition: &'static str },
    /// A number generator: PostgreSQL only; SQLite's one writer counts for itself.
    Sequence(&'static str),
}

const fn index(name: &'static str, table: &'static str, columns: &'static str) -> Step {
    Step::Index { unique: false, name, table, columns }
}

const fn unique(name: &'static str, table: &'static str, columns: &'static str) -> Step {
    Step::Index { unique: true, name, table, columns }
}

/// The migrations: the first brings version 0 (nothing) to version 1, and so on. A published one never changes.
pub(crate) const MIGRATIONS: &[&[Step]] = &[&[
    // People, and what decides about them.
    Step::Table(
        "moretus.subject (subject BLOB NOT NULL, portfolio BLOB NOT NULL, kind BIGINT NOT NULL, notice BIGINT NOT NULL,
         version BIGINT NOT NULL, law BIGINT NOT NULL, taken_up BIGINT NOT NULL, PRIMARY KEY (subject))",
    ),
    // For pages of a portfolio: by the other one, which begins alike, each page would be sorted out of all its people.
    index("subject_portfolio", "moretus.subject", "portfolio, subject"),
    index("subject_taken_up", "moretus.subject", "portfolio, taken_up, subject"),
    Step::Table(
        "moretus.condition (subject BLOB NOT NULL REFERENCES subject (subject), condition BIGINT NOT NULL, object BLOB NOT NULL,
         since BIGINT NOT NULL, until BIGINT NOT NULL, PRIMARY KEY (subject, condition, object))",
    ),
    // What is open is little beside what has ended, which would be in the index for good.
    Step::IndexWhere {
        name: "condition_open_work",
        table: "moretus.condition",
        columns: "subject, object",
        condition: crate::condition::IS_OPEN_WORK,
    },
    Step::Table(
        "moretus.sealed (subject BLOB NOT NULL, kind BIGINT NOT NULL, record BLOB NOT NULL, category BIGINT NOT NULL,
         version BIGINT NOT NULL, class BIGINT NOT NULL, supplement BLOB NOT NULL, blob BLOB NOT NULL,
         PRIMARY KEY (subject, kind, record, category))",
    ),
    Step::Table(
        "moretus.former (subject BLOB NOT NULL, kind BIGINT NOT NULL, record BLOB NOT NULL, version BIGINT NOT NULL,
         category BIGINT NOT NULL, class BIGINT NOT NULL, supplement BLOB NOT NULL, blob BLOB NOT NULL, until BIGINT NOT NULL,
         PRIMARY KEY (subject, kind, record, version, category))",
    ),
    // Members, claims, money: plain columns beside sealed aggregates.
    Step::Table(
        "moretus.coverage (subject BLOB NOT NULL REFERENCES subject (subject), coverage BLOB NOT NULL, portfolio BLOB NOT NULL,
         sponsor BLOB NOT NULL, plan BLOB NOT NULL, holder BLOB NOT NULL, start_day BIGINT NOT NULL, end_day BIGINT NOT NULL,
         version BIGINT NOT NULL, currency BIGINT NOT NULL, recorded BIGINT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (subject, coverage))",
    ),
    index("coverage_sponsor", "moretus.coverage", "sponsor, subject"),
    index("coverage_holder", "moretus.coverage", "holder, subject"),
    index("coverage_end", "moretus.coverage", "portfolio, end_day, subject"),
    Step::Table(
        "moretus.claim (subject BLOB NOT NULL, claim BLOB NOT NULL, portfolio BLOB NOT NULL, state BIGINT NOT NULL,
         received_day BIGINT NOT NULL, outcome_reason BIGINT, content BLOB NOT NULL, batch BLOB NOT NULL, version BIGINT NOT NULL,
         PRIMARY KEY (subject, claim))",
    ),
    index("claim_state", "moretus.claim", "portfolio, state, subject, claim"),
    Step::Table(
        "moretus.guarantee (subject BLOB NOT NULL, guarantee BLOB NOT NULL, portfolio BLOB NOT NULL, state BIGINT NOT NULL,
         requested_day BIGINT NOT NULL, content BLOB NOT NULL, version BIGINT NOT NULL, PRIMARY KEY (subject, guarantee))",
    ),
    index("guarantee_state", "moretus.guarantee", "portfolio, state, requested_day, subject, guarantee"),
    Step::Table(
        "moretus.proposal (subject BLOB NOT NULL, run BLOB NOT NULL, state BIGINT NOT NULL, basis BLOB NOT NULL,
         released BIGINT NOT NULL, releaser BLOB NOT NULL, reason BIGINT NOT NULL, PRIMARY KEY (subject, run))",
    ),
    index("proposal_run", "moretus.proposal", "run, state, subject"),
    Step::Table(
        "moretus.posting (subject BLOB NOT NULL, posting BLOB NOT NULL, claim BLOB NOT NULL, batch BLOB NOT NULL,
         PRIMARY KEY (subject, posting))",
    ),
    index("posting_batch", "moretus.posting", "batch, subject"),
    Step::Table(
        "moretus.payment (subject BLOB NOT NULL, payment BLOB NOT NULL, batch BLOB NOT NULL, state BIGINT NOT NULL,
         currency BIGINT NOT NULL, version BIGINT NOT NULL, PRIMARY KEY (subject, payment))",
    ),
    index("payment_batch", "moretus.payment", "batch, subject"),
    Step::Table(
        "moretus.settlement (subject BLOB NOT NULL, claim BLOB NOT NULL, claimant BLOB NOT NULL, portfolio BLOB NOT NULL,
         state BIGINT NOT NULL, since BIGINT NOT NULL, PRIMARY KEY (subject, claim))",
    ),
    index("settlement_state", "moretus.settlement", "portfolio, state, subject, claim"),
    Step::Table(
        "moretus.lien (subject BLOB NOT NULL, claim BLOB NOT NULL, portfolio BLOB NOT NULL, state BIGINT NOT NULL,
         since BIGINT NOT NULL, PRIMARY KEY (subject, claim))",
    ),
    index("lien_state", "moretus.lien", "portfolio, state, subject, claim"),
    Step::Table(
        "moretus.job (subject BLOB NOT NULL, job BLOB NOT NULL, kind BIGINT NOT NULL, due BIGINT NOT NULL,
         lease_until BIGINT NOT NULL, attempts BIGINT NOT NULL, PRIMARY KEY (kind, due, subject, job))",
    ),
    Step::Table(
        "moretus.idempotency (subject BLOB NOT NULL, client BLOB NOT NULL, key BLOB NOT NULL, request_hash BLOB NOT NULL,
         answer BLOB NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (subject, client, key))",
    ),
    Step::Table(
        "moretus.consent (subject BLOB NOT NULL, condition BIGINT NOT NULL, object BLOB NOT NULL, given BIGINT NOT NULL,
         given_day BIGINT NOT NULL, notice BIGINT NOT NULL, language BIGINT NOT NULL, text_hash BLOB NOT NULL, channel BIGINT NOT NULL, giver BLOB NOT NULL,
         recorder BLOB NOT NULL, withdrawn BIGINT NOT NULL, withdrawal_channel BIGINT NOT NULL, withdrawer BLOB NOT NULL,
         withdrawal_recorder BLOB NOT NULL, withdrawal_shown BLOB NOT NULL,
         PRIMARY KEY (subject, condition, object, given))",
    ),
    index("consent_object", "moretus.consent", "condition, object, withdrawn, subject"),
    Step::Table(
        "moretus.delivery (subject BLOB NOT NULL, notice BIGINT NOT NULL, portfolio BLOB NOT NULL, state BIGINT NOT NULL,
         at BIGINT NOT NULL, delivered BIGINT NOT NULL, done BIGINT NOT NULL, former BIGINT NOT NULL,
         version BIGINT NOT NULL,
         PRIMARY KEY (subject, notice))",
    ),
    Step::Table(
        "moretus.notice_copy (subject BLOB NOT NULL, at BIGINT NOT NULL, notice BIGINT NOT NULL, portfolio BLOB NOT NULL,
         language BIGINT NOT NULL, way BIGINT NOT NULL, giver BLOB NOT NULL,
         PRIMARY KEY (subject, at))",
    ),
    index("delivery_due", "moretus.delivery", "portfolio, notice, done, delivered, subject"),
    Step::Table(
        "moretus.quarantine (subject BLOB NOT NULL, material BLOB NOT NULL, portfolio BLOB NOT NULL, state BIGINT NOT NULL,
         arrived BIGINT NOT NULL, decided BIGINT NOT NULL, decider BLOB NOT NULL, request BLOB NOT NULL, outcome BIGINT NOT NULL,
         PRIMARY KEY (subject, material))",
    ),
    index("quarantine_state", "moretus.quarantine", "portfolio, state, arrived, subject"),
    Step::Table(
        "moretus.matter_task (subject BLOB NOT NULL, matter BLOB NOT NULL, assignee BLOB NOT NULL, opened BIGINT NOT NULL,
         PRIMARY KEY (subject, matter, assignee))",
    ),
    index("matter_task_matter", "moretus.matter_task", "matter, subject"),
    Step::Table("moretus.family (subject BLOB NOT NULL, holder BLOB NOT NULL, moved BIGINT NOT NULL, PRIMARY KEY (subject))"),
    index("family_holder", "moretus.family", "holder, subject"),
    Step::Table(
        "moretus.emergency (subject BLOB NOT NULL, emergency BLOB NOT NULL, portfolio BLOB NOT NULL, actor BLOB NOT NULL,
         opened BIGINT NOT NULL, until BIGINT NOT NULL, reviewed BIGINT NOT NULL, reviewer BLOB NOT NULL, outcome BIGINT NOT NULL,
         PRIMARY KEY (subject, emergency))",
    ),
    index("emergency_opened", "moretus.emergency", "portfolio, reviewed, opened"),
    Step::Table(
        "moretus.work_item (subject BLOB NOT NULL, item BLOB NOT NULL, portfolio BLOB NOT NULL, assignee BLOB NOT NULL,
         team TEXT NOT NULL, since BIGINT NOT NULL, until BIGINT NOT NULL, PRIMARY KEY (subject, item))",
    ),
    Step::Table(
        "moretus.representation (subject BLOB NOT NULL, actor BLOB NOT NULL, portfolio BLOB NOT NULL, ground BIGINT NOT NULL,
         since BIGINT NOT NULL, until BIGINT NOT NULL, PRIMARY KEY (subject, actor))",
    ),
    index("representation_until", "moretus.representation", "portfolio, until, subject, actor"),
    index("work_item_until", "moretus.work_item", "portfolio, until, subject, item"),
    index("work_item_item", "moretus.work_item", "portfolio, item"),
    index("work_item_assignee", "moretus.work_item", "portfolio, assignee, until"),
    // The screen, and appeals.
    Step::Table(
        "moretus.screen_case (subject BLOB NOT NULL, claim BLOB NOT NULL, portfolio BLOB NOT NULL, state BIGINT NOT NULL,
         screened_day BIGINT NOT NULL, assignee BLOB NOT NULL, decider BLOB NOT NULL, determination BIGINT NOT NULL,
         version BIGINT NOT NULL, PRIMARY KEY (subject, claim))",
    ),
    index("screen_case_assignee", "moretus.screen_case", "portfolio, assignee, state, screened_day, subject, claim"),
    index("screen_case_state", "moretus.screen_case", "portfolio, state, subject, claim"),
    Step::Table(
        "moretus.care_mark (provider BLOB NOT NULL, day BLOB NOT NULL, care BLOB NOT NULL, subject BLOB NOT NULL, claim BLOB NOT NULL,
         received_day BIGINT NOT NULL, codes BLOB NOT NULL, PRIMARY KEY (provider, day, care, subject, claim))",
    ),
    index("care_mark_subject", "moretus.care_mark", "subject"),
    Step::Table(
        "moretus.account_mark (account BLOB NOT NULL, subject BLOB NOT NULL, since_day BIGINT NOT NULL,
         PRIMARY KEY (account, subject))",
    ),
    index("account_mark_subject", "moretus.account_mark", "subject, since_day"),
    Step::Table(
        "moretus.provider_mark (provider BLOB NOT NULL, since_day BIGINT NOT NULL, PRIMARY KEY (provider))",
    ),
    Step::Table(
        "moretus.level_count (family BLOB NOT NULL, year_day BIGINT NOT NULL, provider BLOB NOT NULL, lines BIGINT NOT NULL,
         high BIGINT NOT NULL, PRIMARY KEY (family, year_day, provider))",
    ),
    Step::Table(
        "moretus.exclusion (token BLOB NOT NULL, first_day BIGINT NOT NULL, last_day BIGINT NOT NULL, subject BLOB NOT NULL,
         portfolio BLOB NOT NULL, PRIMARY KEY (token, first_day))",
    ),
    index("exclusion_subject", "moretus.exclusion", "subject"),
    index("exclusion_portfolio", "moretus.exclusion", "portfolio, subject, first_day"),
    Step::Table(
        "moretus.appeal (subject BLOB NOT NULL, appeal BLOB NOT NULL, portfolio BLOB NOT NULL, claim BLOB NOT NULL,
         state BIGINT NOT NULL, level BIGINT NOT NULL, received BIGINT NOT NULL, due BIGINT NOT NULL, waiting BIGINT NOT NULL,
         assignee BLOB NOT NULL, determination BIGINT NOT NULL, version BIGINT NOT NULL, PRIMARY KEY (subject, appeal))",
    ),
    index("appeal_state", "moretus.appeal", "portfolio, state, due, subject, appeal"),
    // Claims that wait for a person: a row while they do.
    Step::Table(
        "moretus.pended (subject BLOB NOT NULL, claim BLOB NOT NULL, portfolio BLOB NOT NULL, owner BLOB NOT NULL,
         since BIGINT NOT NULL, due BIGINT NOT NULL, waiting BIGINT NOT NULL, version BIGINT NOT NULL,
         PRIMARY KEY (subject, claim))",
    ),
    index("pended_due", "moretus.pended", "portfolio, due, subject, claim"),
    index("pended_owner", "moretus.pended", "portfolio, owner, due, subject, claim"),
    // People of whom something changed since their claims were decided.
    Step::Table(
        "moretus.decide_anew (subject BLOB NOT NULL, portfolio BLOB NOT NULL, since BIGINT NOT NULL, PRIMARY KEY (subject))",
    ),
    index("decide_anew_portfolio", "moretus.decide_anew", "portfolio, subject"),
    index("decide_anew_since", "moretus.decide_anew", "portfolio, since"),
    // What happened to each claim, in order: never changed, and erased with the claims.
    Step::Table(
        "moretus.claim_step (subject BLOB NOT NULL, claim BLOB NOT NULL, number BIGINT NOT NULL, step BIGINT NOT NULL,
         state BIGINT NOT NULL, actor BLOB NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (subject, claim, number))",
    ),
    // The record of disclosures.
    Step::Table(
        "moretus_log.disclosure (batch BIGINT NOT NULL, position BIGINT NOT NULL, subject BLOB NOT NULL, body BLOB NOT NULL,
         people BLOB NOT NULL, PRIMARY KEY (batch, position, subject))",
    ),
    Step::Sequence("moretus_log.log_batch"),
    Step::Table(
        "moretus_log.disclosure_index (run BIGINT NOT NULL, subject BLOB NOT NULL, entries BLOB NOT NULL, PRIMARY KEY (run, subject))",
    ),
    Step::Table(
        "moretus_log.chain (subject BLOB NOT NULL, kind BIGINT NOT NULL, token BLOB NOT NULL, count BIGINT NOT NULL,
         head BLOB NOT NULL, PRIMARY KEY (subject, kind))",
    ),
    index("chain_token", "moretus_log.chain", "kind, token"),
    Step::Table(
        "moretus_log.deferred (subject BLOB NOT NULL, leaf BIGINT NOT NULL, item BLOB NOT NULL, commitment BLOB NOT NULL,
         joined BIGINT NOT NULL, PRIMARY KEY (subject, leaf))",
    ),
    index("deferred_joined", "moretus_log.deferred", "joined, subject, leaf"),
    // Finding a person without knowing them.
    Step::Table(
        "moretus.lookup (token BLOB NOT NULL, kind BIGINT NOT NULL, slot BLOB NOT NULL, subject BLOB NOT NULL,
         PRIMARY KEY (token, kind, slot))",
    ),
    index("lookup_subject", "moretus.lookup", "subject"),
    Step::Table(
        "moretus.search_count (actor BLOB NOT NULL, minute BIGINT NOT NULL, count BIGINT NOT NULL, PRIMARY KEY (actor))",
    ),
    // Reference tables: about no person.
    Step::Table(
        "moretus.portfolio (portfolio BLOB NOT NULL, name TEXT NOT NULL, currency BIGINT NOT NULL, float_account TEXT NOT NULL,
         law BIGINT NOT NULL, set_off_percent BIGINT NOT NULL, PRIMARY KEY (portfolio))",
    ),
    Step::Table(
        "moretus.notice (portfolio BLOB NOT NULL, number BIGINT NOT NULL, version TEXT NOT NULL, effective_day BIGINT NOT NULL,
         published BIGINT NOT NULL, hash BLOB NOT NULL, files TEXT NOT NULL, author TEXT NOT NULL, publisher TEXT NOT NULL,
         opinion TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (portfolio, document, number))",
    ),
    Step::Table(
        "moretus.plan (plan BLOB NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (plan))",
    ),
    unique("plan_version", "moretus.plan", "name, version"),
    Step::Table(
        "moretus.exchange_rate (currency BIGINT NOT NULL, day BIGINT NOT NULL, units TEXT NOT NULL, number BIGINT NOT NULL,
         PRIMARY KEY (currency, day))",
    ),
    unique("exchange_rate_number", "moretus.exchange_rate", "number"),
    Step::Table(
        "moretus.sponsor (sponsor BLOB NOT NULL, portfolio BLOB NOT NULL, name TEXT NOT NULL, PRIMARY KEY (sponsor))",
    ),
    Step::Table(
        "moretus.recipient (recipient BLOB NOT NULL, portfolio BLOB NOT NULL, kind BIGINT NOT NULL, name TEXT NOT NULL,
         country TEXT NOT NULL, role BIGINT NOT NULL, uses TEXT NOT NULL, clauses TEXT NOT NULL, entered BIGINT NOT NULL,
         acts_for BLOB NOT NULL, PRIMARY KEY (recipient))",
    ),
    unique("recipient_name", "moretus.recipient", "portfolio, kind, name"),
    Step::Table("moretus.register (portfolio BLOB NOT NULL, version BIGINT NOT NULL, PRIMARY KEY (portfolio))"),
    Step::Table(
        "moretus.recipient_condition (recipient BLOB NOT NULL, condition BIGINT NOT NULL, safeguard BIGINT NOT NULL,
         since BIGINT NOT NULL, until BIGINT NOT NULL, PRIMARY KEY (recipient, condition))",
    ),
    Step::Table(
        "moretus.matter (matter BLOB NOT NULL, portfolio BLOB NOT NULL, kind BIGINT NOT NULL, reference TEXT NOT NULL,
         issuer BLOB NOT NULL, issuer_name TEXT NOT NULL, country TEXT NOT NULL, law TEXT NOT NULL, agreement BLOB NOT NULL,
         reasons TEXT NOT NULL, made_day BIGINT NOT NULL, first_day BIGINT NOT NULL, last_day BIGINT NOT NULL,
         registered BIGINT NOT NULL, registrar BLOB NOT NULL, reviewed BIGINT NOT NULL, reviewer BLOB NOT NULL,
         note TEXT NOT NULL, ended BIGINT NOT NULL, PRIMARY KEY (matter))",
    ),
    index("matter_portfolio", "moretus.matter", "portfolio, registered"),
    Step::Table(
        "moretus.deferral (matter BLOB NOT NULL, declared BIGINT NOT NULL, portfolio BLOB NOT NULL, officer BLOB NOT NULL,
         until BIGINT NOT NULL, law TEXT NOT NULL, reasons TEXT NOT NULL, PRIMARY KEY (matter, declared))",
    ),
    Step::Table(
        "moretus.actor (actor BLOB NOT NULL, recipient BIGINT NOT NULL, role TEXT NOT NULL, team TEXT NOT NULL, country TEXT NOT NULL,
         portfolio BLOB NOT NULL, name TEXT NOT NULL, token_hash BLOB NOT NULL, expires BIGINT NOT NULL,
         organisation BLOB NOT NULL, own_files BLOB NOT NULL, sponsors BLOB NOT NULL, trained_day BIGINT NOT NULL,
         ended BIGINT NOT NULL, PRIMARY KEY (actor))",
    ),
    unique("actor_token", "moretus.actor", "token_hash"),
    Step::Table(
        "moretus.readjudication (run BLOB NOT NULL, portfolio BLOB NOT NULL, first_day BIGINT NOT NULL, last_day BIGINT NOT NULL,
         starter BLOB NOT NULL, started BIGINT NOT NULL, reached BLOB NOT NULL, finished BIGINT NOT NULL, people BIGINT NOT NULL,
         claims BIGINT NOT NULL, differing BIGINT NOT NULL, waiting BIGINT NOT NULL, refused BIGINT NOT NULL,
         failed BIGINT NOT NULL, only_changed BIGINT NOT NULL, version BIGINT NOT NULL, PRIMARY KEY (run))",
    ),
    Step::Table(
        "moretus.readjudication_plan (run BLOB NOT NULL, old_plan BLOB NOT NULL, new_plan BLOB NOT NULL,
         from_day BIGINT NOT NULL, before_day BIGINT NOT NULL, PRIMARY KEY (run, old_plan, new_plan))",
    ),
    Step::Table(
        "moretus.authority (actor BLOB NOT NULL, currency TEXT NOT NULL, limit_minor BIGINT NOT NULL,
         PRIMARY KEY (actor, currency))",
    ),
    Step::Table(
        "moretus.batch (batch BLOB NOT NULL, kind BIGINT NOT NULL, portfolio BLOB NOT NULL, state BIGINT NOT NULL,
         created BIGINT NOT NULL, control BLOB NOT NULL, PRIMARY KEY (batch))",
    ),
    // Local tables: small, of this site's servers.
    Step::Table("moretus_log.log_pending (batch BIGINT NOT NULL, count BIGINT NOT NULL, PRIMARY KEY (batch))"),
    Step::Table(
        "moretus_log.log_sealed (first_leaf BIGINT NOT NULL, batch BIGINT NOT NULL, count BIGINT NOT NULL, PRIMARY KEY (first_leaf))",
    ),
    unique("log_sealed_batch", "moretus_log.log_sealed", "batch"),
    Step::Table(
        "moretus_log.log_tile (level BIGINT NOT NULL, tile BIGINT NOT NULL, hashes BLOB NOT NULL, nodes BLOB NOT NULL, PRIMARY KEY (level, tile))",
    ),
    Step::Table("moretus_log.log_run (run BIGINT NOT NULL, tier BIGINT NOT NULL, count BIGINT NOT NULL, PRIMARY KEY (run))"),
    Step::Table("moretus_log.log_state (name TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (name))"),
    Step::Table("moretus_log.checkpoint (size BIGINT NOT NULL, note TEXT NOT NULL, PRIMARY KEY (size))"),
    Step::Table(
        "moretus_log.roll (roll BIGINT NOT NULL, leaf BIGINT NOT NULL, size BIGINT NOT NULL, map_root BLOB NOT NULL, tokens BIGINT NOT NULL,
         at BIGINT NOT NULL, PRIMARY KEY (roll))",
    ),
    // With the log, which is written all the time anyway: on SQLite a commit to a file has every reader of it let go of the whole
    // mapping, and that of the sealer is prolonged every few seconds.
    Step::Table("moretus_log.lease (name TEXT NOT NULL, holder BLOB NOT NULL, until BIGINT NOT NULL, PRIMARY KEY (name))"),
    Step::Table(
        "moretus.officer_message (kind BIGINT NOT NULL, item BLOB NOT NULL, portfolio BLOB NOT NULL, at BIGINT NOT NULL,
         attempts BIGINT NOT NULL, due BIGINT NOT NULL, sent BIGINT NOT NULL, PRIMARY KEY (kind, item))",
    ),
    index("officer_message_due", "moretus.officer_message", "portfolio, sent, due"),
    index("officer_message_waiting", "moretus.officer_message", "sent, at"),
    Step::Table("moretus.meta (name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (name))"),
    // The key store: a file of its own on SQLite, a schema of its own on PostgreSQL.
    Step::Table(
        "moretus_keys.data_key (subject BLOB NOT NULL, category BIGINT NOT NULL, class BIGINT NOT NULL, wrapped BLOB NOT NULL,
         PRIMARY KEY (subject, category, class))",
    ),
    Step::Table(
        "moretus_keys.erasure (subject BLOB NOT NULL, category BIGINT NOT NULL, class BIGINT NOT NULL, at BIGINT NOT NULL,
         PRIMARY KEY (subject, category, class))",
    ),
    Step::Table("moretus_keys.site_key (name TEXT NOT NULL, wrapped BLOB NOT NULL, PRIMARY KEY (name))"),
]];

/// The version that this program writes.
pub(crate) fn known_version() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

impl Step {
    /// The statement for SQLite. Every table is clustered by its key: rows of a subject lie together.
    pub(crate) fn sqlite(&self) -> Option<String> {
        match self {
            Self::Table(text) => Some(format!("CREATE TABLE IF NOT EXISTS {text} WITHOUT ROWID")),
            Self::Index { unique, name, table, columns } => {
                let (schema, table) = table.split_once('.')?;
                let unique = if *unique { "UNIQUE " } else { "" };
                Some(format!("CREATE {unique}INDEX IF NOT EXISTS {schema}.{name} ON {table} ({columns})"))
            }
            Self::IndexWhere { name, table, columns, condition } => {
                let (schema, table) = table.split_once('.')?;
                let on = format!("{schema}.{name} ON {table} ({columns})");
                Some(format!("CREATE INDEX IF NOT EXISTS {on} WHERE {condition}"))
            }
            Self::Sequence(_) => None,
        }
    }

    /// The statement for PostgreSQL.
    pub(crate) fn postgres(&self) -> String {
        match self {
            Self::Table(text) => format!("CREATE TABLE IF NOT EXISTS {text}")
                .replace(" BLOB", " BYTEA")
                .replace("REFERENCES subject", "REFERENCES moretus.subject"),
            Self::Index { unique, name, table, columns } => {
                let unique = if *unique { "UNIQUE " } else { "" };
                format!("CREATE {unique}INDEX IF NOT EXISTS {name} ON {table} ({columns})")
            }
            Self::IndexWhere { name, table, columns, condition } => {
                format!("CREATE INDEX IF NOT EXISTS {name} ON {table} ({columns}) WHERE {condition}")
            }
            Self::Sequence(name) => format!("CREATE SEQUENCE IF NOT EXISTS {name} AS BIGINT"),
        }
    }
}
