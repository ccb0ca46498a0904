//! What each table and each column is for: how a table is spread when the database is sharded, and why a
//! column may be plain. A test holds the live schema of both engines to this list; it makes nothing.

pub use crate::unit::Type;

/// How a table is spread over the shards of a large database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spread {
    /// By this column, which is in the primary key and in every unique index and foreign key.
    By(&'static str),
    /// Whole, on every shard: about no member.
    Reference,
    /// Whole, in one place: small, of the site's own working.
    Local,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Bytes that the gate has sealed: the store cannot tell what is in them.
    Sealed,
    /// Something that may lie open, and why.
    Plain(Why),
}

/// Why a column may lie open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// A pseudonymous id: random, or a keyed hash.
    Id,
    /// A number of a closed vocabulary that says nothing about health or money.
    Code,
    /// A civil date that is needed to decide without opening: of cover, of receipt, of effect.
    Day,
    /// When the server did something, or will.
    Instant,
    /// A version, a counter, a position.
    Count,
    /// A keyed hash, or a hash over salted or public bytes.
    Hash,
    /// About an organisation, the site, a legal matter or a published text; no person.
    Public,
    /// An entry of the log: pseudonymous ids, words and codes; never a value.
    Entry,
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: Type,
    /// What it holds.
    pub holds: Holds,
}

/// A table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// `moretus`, `moretus_log` for the record of disclosures, or `moretus_keys` for the key store.
    pub schema: &'static str,
    /// Its name.
    pub name: &'static str,
    /// How it is spread.
    pub spread: Spread,
    /// The columns of its primary key, in order.
    pub key: &'static [&'static str],
    /// Its columns, in order.
    pub columns: &'static [Column],
}

macro_rules! holds {
    (Sealed) => {
        Holds::Sealed
    };
    ($why:ident) => {
        Holds::Plain(Why::$why)
    };
}

macro_rules! tables {
    ($($schema:ident.$name:ident [$spread:expr] ($($key:ident),+) { $($column:ident $kind:ident $holds:ident,)+ })+) => {
        &[$(Table {
            schema: stringify!($schema),
            name: stringify!($name),
            spread: $spread,
            key: &[$(stringify!($key)),+],
            columns: &[$(Column { name: stringify!($column), kind: Type::$kind, holds: holds!($holds) }),+],
        }),+]
    };
}

use Spread::{By, Local, Reference};

/// Every table.
pub const TABLES: &[Table] = tables! {
    moretus.subject [By("subject")] (subject) {
        subject Bytes Id, portfolio Bytes Id, kind Int Code, notice Int Count, version Int Count, law Int Code,
        taken_up Int Instant,
    }
    moretus.condition [By("subject")] (subject, condition, object) {
        subject Bytes Id, condition Int Code, object Bytes Id, since Int Instant, until Int Instant,
    }
    moretus.sealed [By("subject")] (subject, kind, record, category) {
        subject Bytes Id, kind Int Code, record Bytes Id, category Int Code, version Int Count, class Int Code,
        supplement Bytes Id, blob Bytes Sealed,
    }
    moretus.former [By("subject")] (subject, kind, record, version, category) {
        subject Bytes Id, kind Int Code, record Bytes Id, version Int Count, category Int Code, class Int Code,
        supplement Bytes Id, blob Bytes Sealed, until Int Instant,
    }
    moretus.coverage [By("subject")] (subject, coverage) {
        subject Bytes Id, coverage Bytes Id, portfolio Bytes Id, sponsor Bytes Id, plan Bytes Id, holder Bytes Id,
        start_day Int Day, end_day Int Day, version Int Count, currency Int Code, recorded Int Instant, content Bytes Hash,
    }
    moretus.claim [By("subject")] (subject, claim) {
        subject Bytes Id, claim Bytes Id, portfolio Bytes Id, state Int Code, received_day Int Day,
        outcome_reason Int Code, content Bytes Hash, batch Bytes Id, version Int Count,
    }
    moretus.guarantee [By("subject")] (subject, guarantee) {
        subject Bytes Id, guarantee Bytes Id, portfolio Bytes Id, state Int Code, requested_day Int Day,
        content Bytes Hash, version Int Count,
    }
    moretus.proposal [By("subject")] (subject, run) {
        subject Bytes Id, run Bytes Id, state Int Code, basis Bytes Hash, released Int Instant, releaser Bytes Id,
        reason Int Code,
    }
    moretus.posting [By("subject")] (subject, posting) {
        subject Bytes Id, posting Bytes Id, claim Bytes Id, batch Bytes Id,
    }
    moretus.payment [By("subject")] (subject, payment) {
        subject Bytes Id, payment Bytes Id, batch Bytes Id, state Int Code, currency Int Code, version Int Count,
    }
    moretus.settlement [By("subject")] (subject, claim) {
        subject Bytes Id, claim Bytes Id, claimant Bytes Id, portfolio Bytes Id, state Int Code, since Int Instant,
    }
    moretus.lien [By("subject")] (subject, claim) {
        subject Bytes Id, claim Bytes Id, portfolio Bytes Id, state Int Code, since Int Instant,
    }
    moretus.job [By("subject")] (kind, due, subject, job) {
        subject Bytes Id, job Bytes Id, kind Int Code, due Int Instant, lease_until Int Instant, attempts Int Count,
    }
    moretus.idempotency [By("subject")] (subject, client, key) {
        subject Bytes Id, client Bytes Id, key Bytes Hash, request_hash Bytes Hash, answer Bytes Id, at Int Instant,
    }
    moretus.consent [By("subject")] (subject, condition, object, given) {
        subject Bytes Id, condition Int Code, object Bytes Id, given Int Instant, given_day Int Day, notice Int Count,
        language Int Code, text_hash Bytes Hash, channel Int Code, giver Bytes Id, recorder Bytes Id,
        withdrawn Int Instant, withdrawal_channel Int Code, withdrawer Bytes Id, withdrawal_recorder Bytes Id,
        withdrawal_shown Bytes Hash,
    }
    moretus.delivery [By("subject")] (subject, notice) {
        subject Bytes Id, notice Int Count, portfolio Bytes Id, state Int Code, at Int Instant, delivered Int Instant,
        done Int Code, former Int Count, version Int Count,
    }
    moretus.quarantine [By("subject")] (subject, material) {
        subject Bytes Id, material Bytes Id, portfolio Bytes Id, state Int Code, arrived Int Instant,
        decided Int Instant, decider Bytes Id, request Bytes Id, outcome Int Code,
    }
    moretus.matter_task [By("subject")] (subject, matter, assignee) {
        subject Bytes Id, matter Bytes Id, assignee Bytes Id, opened Int Instant,
    }
    moretus.family [By("subject")] (subject) { subject Bytes Id, holder Bytes Id, moved Int Count, }
    moretus.emergency [By("subject")] (subject, emergency) {
        subject Bytes Id, emergency Bytes Id, portfolio Bytes Id, actor Bytes Id, opened Int Instant,
        until Int Instant, reviewed Int Instant, reviewer Bytes Id, outcome Int Code,
    }
    moretus.work_item [By("subject")] (subject, item) {
        subject Bytes Id, item Bytes Id, portfolio Bytes Id, assignee Bytes Id, team Text Public, since Int Instant,
        until Int Instant,
    }
    moretus.representation [By("subject")] (subject, actor) {
        subject Bytes Id, actor Bytes Id, portfolio Bytes Id, ground Int Code, since Int Instant, until Int Instant,
    }
    moretus.notice_copy [By("subject")] (subject, at) {
        subject Bytes Id, at Int Instant, notice Int Count, portfolio Bytes Id, language Int Code, way Int Code,
        giver Bytes Id,
    }
    moretus.screen_case [By("subject")] (subject, claim) {
        subject Bytes Id, claim Bytes Id, portfolio Bytes Id, state Int Code, screened_day Int Day, assignee Bytes Id,
        decider Bytes Id, determination Int Count, version Int Count,
    }
    moretus.appeal [By("subject")] (subject, appeal) {
        subject Bytes Id, appeal Bytes Id, portfolio Bytes Id, claim Bytes Id, state Int Code, level Int Count,
        received Int Instant, due Int Instant, waiting Int Instant, assignee Bytes Id, determination Int Count,
        version Int Count,
    }
    moretus.pended [By("subject")] (subject, claim) {
        subject Bytes Id, claim Bytes Id, portfolio Bytes Id, owner Bytes Id, since Int Instant, due Int Instant,
        waiting Int Instant, version Int Count,
    }
    moretus.decide_anew [By("subject")] (subject) { subject Bytes Id, portfolio Bytes Id, since Int Instant, }
    moretus.claim_step [By("subject")] (subject, claim, number) {
        subject Bytes Id, claim Bytes Id, number Int Count, step Int Code, state Int Code, actor Bytes Id,
        at Int Instant,
    }
    moretus_log.disclosure [By("subject")] (batch, position, subject) {
        batch Int Count, position Int Count, subject Bytes Id, body Bytes Entry, people Bytes Id,
    }
    moretus_log.disclosure_index [By("subject")] (run, subject) {
        run Int Count, subject Bytes Id, entries Bytes Count,
    }
    moretus_log.chain [By("subject")] (subject, kind) {
        subject Bytes Id, kind Int Code, token Bytes Hash, count Int Count, head Bytes Hash,
    }
    moretus_log.deferred [By("subject")] (subject, leaf) {
        subject Bytes Id, leaf Int Count, item Bytes Id, commitment Bytes Hash, joined Int Count,
    }
    moretus.lookup [By("token")] (token, kind, slot) {
        token Bytes Hash, kind Int Code, slot Bytes Id, subject Bytes Id,
    }
    moretus.care_mark [By("provider")] (provider, day, care, subject, claim) {
        provider Bytes Hash, day Bytes Hash, care Bytes Hash, subject Bytes Id, claim Bytes Id,
        received_day Int Day, codes Bytes Hash,
    }
    moretus.account_mark [By("account")] (account, subject) {
        account Bytes Hash, subject Bytes Id, since_day Int Day,
    }
    moretus.provider_mark [By("provider")] (provider) {
        provider Bytes Hash, since_day Int Day,
    }
    moretus.level_count [By("family")] (family, year_day, provider) {
        family Bytes Hash, year_day Int Day, provider Bytes Hash, lines Int Count, high Int Count,
    }
    moretus.exclusion [By("token")] (token, first_day) {
        token Bytes Hash, first_day Int Day, last_day Int Day, subject Bytes Id, portfolio Bytes Id,
    }
    moretus.portfolio [Reference] (portfolio) {
        portfolio Bytes Id, name Text Public, currency Int Code, float_account Text Public, law Int Code,
        set_off_percent Int Count,
    }
    moretus.notice [Reference] (portfolio, document, number) {
        portfolio Bytes Id, number Int Count, version Text Public, effective_day Int Day, published Int Instant,
        hash Bytes Hash, files Text Public, author Text Public, publisher Text Public, opinion Text Public, document Text Public,
    }
    moretus.plan [Reference] (plan) { plan Bytes Id, name Text Public, version Text Public, text Text Public, }
    moretus.exchange_rate [Reference] (currency, day) { currency Int Code, day Int Day, units Text Public, number Int Count, }
    moretus.sponsor [Reference] (sponsor) { sponsor Bytes Id, portfolio Bytes Id, name Text Public, }
    moretus.recipient [Reference] (recipient) {
        recipient Bytes Id, portfolio Bytes Id, kind Int Code, name Text Public, country Text Public, role Int Code,
        uses Text Public, clauses Text Public, entered Int Instant, acts_for Bytes Id,
    }
    moretus.register [Reference] (portfolio) { portfolio Bytes Id, version Int Count, }
    moretus.recipient_condition [Reference] (recipient, condition) {
        recipient Bytes Id, condition Int Code, safeguard Int Code, since Int Instant, until Int Instant,
    }
    moretus.matter [Reference] (matter) {
        matter Bytes Id, portfolio Bytes Id, kind Int Code, reference Text Public, issuer Bytes Id,
        issuer_name Text Public, country Text Public, law Text Public, agreement Bytes Id, reasons Text Public,
        made_day Int Day, first_day Int Day, last_day Int Day, registered Int Instant, registrar Bytes Id,
        reviewed Int Instant, reviewer Bytes Id, note Text Public, ended Int Instant,
    }
    moretus.deferral [Reference] (matter, declared) {
        matter Bytes Id, declared Int Instant, portfolio Bytes Id, officer Bytes Id, until Int Instant,
        law Text Public, reasons Text Public,
    }
    moretus.actor [Reference] (actor) {
        actor Bytes Id, recipient Int Code, role Text Public, team Text Public, country Text Public,
        portfolio Bytes Id, name Text Public, token_hash Bytes Hash, expires Int Instant, organisation Bytes Id,
        own_files Bytes Id, sponsors Bytes Id, trained_day Int Day, ended Int Instant,
    }
    moretus.readjudication [Reference] (run) {
        run Bytes Id, portfolio Bytes Id, first_day Int Day, last_day Int Day, starter Bytes Id, started Int Instant,
        reached Bytes Id, finished Int Instant, people Int Count, claims Int Count, differing Int Count,
        waiting Int Count, refused Int Count, failed Int Count, only_changed Int Code, version Int Count,
    }
    moretus.readjudication_plan [Reference] (run, old_plan, new_plan) {
        run Bytes Id, old_plan Bytes Id, new_plan Bytes Id, from_day Int Day, before_day Int Day,
    }
    moretus.authority [Reference] (actor, currency) { actor Bytes Id, currency Text Public, limit_minor Int Public, }
    moretus.batch [Reference] (batch) {
        batch Bytes Id, kind Int Code, portfolio Bytes Id, state Int Code, created Int Instant,
        control Bytes Hash,
    }
    moretus_log.log_pending [Local] (batch) { batch Int Count, count Int Count, }
    moretus_log.log_sealed [Local] (first_leaf) { first_leaf Int Count, batch Int Count, count Int Count, }
    moretus_log.log_tile [Local] (level, tile) { level Int Count, tile Int Count, hashes Bytes Hash, nodes Bytes Hash, }
    moretus_log.log_run [Local] (run) { run Int Count, tier Int Count, count Int Count, }
    moretus_log.log_state [Local] (name) { name Text Public, value Bytes Hash, }
    moretus_log.checkpoint [Local] (size) { size Int Count, note Text Public, }
    moretus_log.roll [Local] (roll) {
        roll Int Count, leaf Int Count, size Int Count, map_root Bytes Hash, tokens Int Count, at Int Instant,
    }
    moretus_log.lease [Local] (name) { name Text Public, holder Bytes Id, until Int Instant, }
    moretus.search_count [Local] (actor) { actor Bytes Id, minute Int Count, count Int Count, }
    moretus.officer_message [Local] (kind, item) {
        kind Int Code, item Bytes Id, portfolio Bytes Id, at Int Instant, attempts Int Count, due Int Instant,
        sent Int Instant,
    }
    moretus.meta [Local] (name) { name Text Public, value Text Public, }
    moretus_keys.data_key [By("subject")] (subject, category, class) {
        subject Bytes Id, category Int Code, class Int Code, wrapped Bytes Sealed,
    }
    moretus_keys.erasure [By("subject")] (subject, category, class) {
        subject Bytes Id, category Int Code, class Int Code, at Int Instant,
    }
    moretus_keys.site_key [Local] (name) { name Text Public, wrapped Bytes Sealed, }
};
