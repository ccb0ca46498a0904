//! `moretus matters`: the register of legal matters. It says what was ordered, disputed or demanded, and names no
//! person; for whom a matter is opened, ids say. Who gets what the notice decides by it.

mod changes;
mod defer;
mod list;

use clap::{Args, Subcommand};
use domain::{ActorId, Country, Date, MatterId, MatterKind, PortfolioId, SubjectId};
use gate::Actor;
use serde_json::json;
use service::{Issuer, NewMatter};

use super::recipients::{Days, InPortfolio};
use crate::output::say;
use crate::report::Error;
use crate::site::Site;

/// The register of legal matters.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus matters list --data moretus-data --portfolio officina\n  moretus matters end --data moretus-data --portfolio officina --operator 'An Officer' --matter 00000000-0000-0000-0000-000000000000\n\nOne person registers a matter (add), another reviews it (review), and it is opened for named people as somebody's task\n(open). It names no person: the register lies open."
)]
pub(crate) struct Matters {
    #[command(subcommand)]
    command: MattersCommand,
}

#[derive(Subcommand)]
enum MattersCommand {
    /// Register a matter. It gives nothing until somebody else has reviewed it.
    Add(Add),
    /// Review a matter, as somebody else than who registered it.
    Review(Review),
    /// Open a reviewed matter for people, as the task of somebody of the staff.
    Open(Open),
    /// Declare, as the data protection officer, that a law defers showing people what is asked under a reviewed matter.
    Defer(defer::Defer),
    /// End such a deferral, now: what was deferred joins people's lists at the next roll.
    EndDeferral(defer::EndDeferral),
    /// End a matter, now, and with an agreement the orders that rest on it: the next ask that relies on it is refused.
    End(End),
    /// The matters in the register, all or of one kind.
    List(list::List),
    /// What was changed in the register, from the log.
    Changes(changes::Changes),
}

impl Matters {
    pub(crate) async fn run(self) -> Result<(), Error> {
        match self.command {
            MattersCommand::Add(command) => command.run().await,
            MattersCommand::Review(command) => command.run().await,
            MattersCommand::Open(command) => command.run().await,
            MattersCommand::Defer(command) => command.run().await,
            MattersCommand::EndDeferral(command) => command.run().await,
            MattersCommand::End(command) => command.run().await,
            MattersCommand::List(command) => command.run().await,
            MattersCommand::Changes(command) => command.run().await,
        }
    }
}

/// A portfolio whose register somebody changes. Who, is always said: two people stand for a matter.
#[derive(Args)]
struct Keeping {
    #[command(flatten)]
    place: InPortfolio,
    /// Who changes it, the holder of the root key; register and log keep a keyed hash of the name.
    #[arg(long, value_name = "NAME")]
    operator: String,
}

impl Keeping {
    async fn open(&self) -> Result<(Site, PortfolioId, Actor), Error> {
        self.place.open_as(&self.operator).await
    }
}

/// Register a matter.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus matters add --data moretus-data --portfolio officina --operator 'An Author' --kind order --reference '2026/AR/17' \\\n    --issuer 'Labour Court' --made 2026-11-01 --days 2026-11-01..2027-04-30\n  moretus matters add --portfolio officina --operator 'An Author' --kind agreement --reference 'Treaty on legal assistance' \\\n    --country US --law 'Treaty of 28 January 1988, article 7' --days 2000-01-01..\n  moretus matters add --portfolio officina --operator 'An Author' --kind order --reference '17-cv-42' --issued-by 'District Court' \\\n    --country US --made 2026-11-01 --days 2026-11-01..2027-04-30 --agreement 00000000-0000-0000-0000-000000000000\n  moretus matters add --portfolio officina --operator 'An Author' --kind dispute --reference 'double payments of May' \\\n    --reasons 'Recovery of what was paid twice under article 9 of the terms.' --days 2026-11-01..2027-10-31\n  moretus matters add --portfolio officina --operator 'An Author' --kind duty --reference 'yearly control' --issuer 'Health Authority' \\\n    --law 'Act on health insurance, article 12' --country BE --days 2026-11-01..2026-12-31\n\nNo text names a person. An order from outside the European Economic Area opens nothing without the agreement that it\nrests on (GDPR article 48)."
)]
struct Add {
    #[command(flatten)]
    keeping: Keeping,
    /// What kind of matter: order, dispute, duty or agreement.
    #[arg(long)]
    kind: MatterKind,
    /// Its reference or name, never of a person.
    #[arg(long, value_name = "TEXT")]
    reference: String,
    /// The court or authority that issued an order, or watches over a duty, in the register of recipients, by its name or
    /// id: data may be handed to it under the matter.
    #[arg(long, value_name = "NAME", conflicts_with = "issued_by")]
    issuer: Option<String>,
    /// One that is not in the register, by its name: staff work under the matter, and nothing is handed to it.
    #[arg(long, value_name = "NAME", requires = "country")]
    issued_by: Option<String>,
    /// Whose order, law or agreement it is; of an issuer in the register, the register says it.
    #[arg(long)]
    country: Option<Country>,
    /// The law or agreement that is cited, with its article.
    #[arg(long, value_name = "TEXT", default_value = "")]
    law: String,
    /// The agreement in the register that an order from outside the European Economic Area rests on.
    #[arg(long, value_name = "ID")]
    agreement: Option<MatterId>,
    /// Why data is needed, without the name of a person; of a dispute it is required.
    #[arg(long, value_name = "TEXT", default_value = "")]
    reasons: String,
    /// The day on which an order was made.
    #[arg(long, value_name = "DAY")]
    made: Option<Date>,
    /// Its first and last day; only an agreement may have no last one.
    #[arg(long, value_name = "FIRST..LAST")]
    days: Days,
    /// Print its id as JSON.
    #[arg(long)]
    json: bool,
}

impl Add {
    async fn run(self) -> Result<(), Error> {
        let (site, portfolio, keeper) = self.keeping.open().await?;
        let issuer = match (self.issuer, self.issued_by) {
            (Some(wanted), _) => {
                let row = super::recipients::find(&site, portfolio, &wanted).await?;
                Some(Issuer::Registered(row.recipient))
            }
            (None, named) => named.map(Issuer::Named),
        };
        let new = NewMatter {
            portfolio,
            kind: self.kind,
            reference: self.reference,
            issuer,
            country: self.country,
            law: self.law,
            agreement: self.agreement,
            reasons: self.reasons,
            made: self.made,
            first: self.days.first,
            last: self.days.last,
        };
        let id = service::register_matter(&site.app, &keeper, &new).await?;
        match self.json {
            true => say!("{:#}", json!({ "matter": id.to_string() })),
            false => say!("{id}"),
        }
        site.close().await
    }
}

/// Review a matter.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus matters review --data moretus-data --portfolio officina --operator 'A Reviewer' \\\n    --matter 00000000-0000-0000-0000-000000000000 --note 'Competent court, within its powers.'\n\nWhoever finds a matter wanting ends it instead."
)]
struct Review {
    #[command(flatten)]
    keeping: Keeping,
    /// The matter.
    #[arg(long, value_name = "ID")]
    matter: MatterId,
    /// What was found, without the name of a person.
    #[arg(long, value_name = "TEXT")]
    note: String,
}

impl Review {
    async fn run(self) -> Result<(), Error> {
        let (site, portfolio, keeper) = self.keeping.open().await?;
        service::review_matter(&site.app, &keeper, portfolio, self.matter, &self.note).await?;
        site.close().await
    }
}

/// Open a matter for people.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus matters open --data moretus-data --portfolio officina --operator 'An Officer' --matter 00000000-0000-0000-0000-000000000000 \\\n    --assignee 00000000-0000-0000-0000-000000000001 --subject 00000000-0000-0000-0000-000000000002\n\nThe matter is then a work item of the assignee about these people, until its last day or until it is ended. That it was\nopened stands in the list that each of them may ask for, at once or, where that is deferred, when it is over."
)]
struct Open {
    #[command(flatten)]
    keeping: Keeping,
    /// The matter.
    #[arg(long, value_name = "ID")]
    matter: MatterId,
    /// Whose task it is: the actor that `moretus token` names.
    #[arg(long, value_name = "ID")]
    assignee: ActorId,
    /// About whom; may be given several times.
    #[arg(long = "subject", value_name = "ID", required = true)]
    subjects: Vec<SubjectId>,
}

impl Open {
    async fn run(self) -> Result<(), Error> {
        let (site, portfolio, keeper) = self.keeping.open().await?;
        service::open_matter(&site.app, &keeper, portfolio, self.matter, self.assignee, &self.subjects)
            .await?;
        site.close().await
    }
}

/// End a matter, now.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus matters end --data moretus-data --portfolio officina --operator 'An Officer' --matter 00000000-0000-0000-0000-000000000000"
)]
struct End {
    #[command(flatten)]
    keeping: Keeping,
    /// The matter.
    #[arg(long, value_name = "ID")]
    matter: MatterId,
}

impl End {
    async fn run(self) -> Result<(), Error> {
        let (site, portfolio, keeper) = self.keeping.open().await?;
        service::end_matter(&site.app, &keeper, portfolio, self.matter).await?;
        site.close().await
    }
}
