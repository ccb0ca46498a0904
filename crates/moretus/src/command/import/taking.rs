//! Giving drafts to the use cases, as the intake job, and entering what became of them. It reads no
//! file.

use std::cell::Cell;

use domain::{PortfolioId, Recipient};
use gate::Actor;
use intake::{ClaimDraft, CoverageDraft, DraftKind, MemberDraft, Problem, ProviderDraft};
use service::{App, Covered, SaidOfCover, ServiceError};
use store::reference::PortfolioRow;

use super::account::Account;
use crate::report::Error;

/// Drafts that are given to a use case at a time.
pub(crate) const PART: usize = 1_000;

/// Who takes in, into which portfolio, from which source.
pub(crate) struct Taking<'a> {
    pub(crate) app: &'a App,
    actor: Actor,
    portfolio: PortfolioRow,
    /// The names of all portfolios of the site.
    names: Vec<String>,
    source: String,
    /// What clauses of the notice in force let in.
    pub(crate) covered: Covered,
    /// What its rows said of cover so far.
    said: Cell<SaidOfCover>,
}

impl<'a> Taking<'a> {
    /// Finds the portfolio, by name or id, and asks what may be taken in there.
    pub(crate) async fn new(app: &'a App, portfolio: &str, source: &str) -> Result<Self, Error> {
        let source = source.trim();
        if source.is_empty() || source.chars().count() > 100 || source.chars().any(char::is_control) {
            return Err("the source's name is empty, too long or holds a control character".into());
        }
        let rows: Vec<PortfolioRow> = app.store().read(store::reference::portfolios).await?;
        let names: Vec<String> = rows.iter().map(|row| row.name.clone()).collect();
        let row = crate::site::find_portfolio(&rows, portfolio)?;
        let actor = app.gate.job(Recipient::IntakeJob)?;
        let covered = service::covered(app, &actor, row.portfolio).await?;
        Ok(Self {
            app,
            actor,
            portfolio: row,
            names,
            source: source.to_owned(),
            covered,
            said: Cell::default(),
        })
    }

    /// The portfolio's id.
    pub(crate) fn portfolio(&self) -> PortfolioId {
        self.portfolio.portfolio
    }

    /// The portfolio's name.
    pub(crate) fn name(&self) -> &str {
        &self.portfolio.name
    }

    /// What the site knows to be wrong with a member: the column, and why.
    pub(crate) fn wrong_member(&self, draft: &MemberDraft) -> Option<(&'static str, Problem)> {
        let named = draft.portfolio.as_ref()?;
        if self.names.contains(named) {
            return None;
        }
        let problem = format!("the site has no portfolio of this name: use one of {}", self.names.join(", "));
        Some(("portfolio", Problem::Value(problem)))
    }

    /// What the site knows to be wrong with cover: the column, and why.
    pub(crate) fn wrong_coverage(&self, draft: &CoverageDraft) -> Option<(&'static str, Problem)> {
        let book = &self.app.plans;
        let plan = match book.named(&draft.plan, draft.coverage.start) {
            Ok(id) => book.get(id)?,
            Err(ServiceError::NotYetEffective { from, .. }) => {
                let problem = format!(
                    "the plan does not apply yet on the first day of this cover: it applies from {from}"
                );
                return Some(("plan", Problem::Value(problem)));
            }
            Err(_) => {
                let known: std::collections::BTreeSet<String> =
                    book.all().values().map(|plan| plan.id().to_owned()).collect();
                let known: Vec<String> = known.into_iter().collect();
                let problem = format!("the site has no such plan: use one of {}", known.join(", "));
                return Some(("plan", Problem::Value(problem)));
            }
        };
        if plan.currencies().contains(&draft.coverage.currency) {
            return None;
        }
        let currencies: Vec<String> = plan.currencies().iter().map(ToString::to_string).collect();
        let problem =
            format!("the plan has no amounts in this currency: use one of {}", currencies.join(", "));
        Some(("currency", Problem::Value(problem)))
    }

    /// Takes up members. Those of another portfolio are that portfolio's to take up, under its notice.
    /// `anew` says that those who were erased come back.
    pub(crate) async fn members(
        &self,
        drafts: Vec<MemberDraft>,
        anew: bool,
        account: &mut Account,
    ) -> Result<(), Error> {
        account.given(DraftKind::Member, drafts.len());
        let mut own = Vec::with_capacity(drafts.len());
        for draft in drafts {
            match draft.portfolio.as_ref().filter(|name| **name != self.portfolio.name) {
                None => own.push(draft),
                Some(name) => {
                    let reason = format!("of portfolio `{name}`: import the file there too");
                    account.refused(DraftKind::Member, 1, &reason);
                }
            }
        }
        let (app, actor, portfolio, source) = (self.app, &self.actor, self.portfolio(), &self.source);
        let enrolled = match anew {
            true => service::enrol_members_anew(app, actor, portfolio, source, &own).await?,
            false => service::enrol_members(app, actor, portfolio, source, &own).await?,
        };
        account.enrolled(DraftKind::Member, enrolled);
        account.refused(DraftKind::Member, enrolled.refused, NUMBER_TAKEN);
        account.refused(DraftKind::Member, enrolled.erased, ERASED_MEMBER);
        account.refused(DraftKind::Member, enrolled.other_law, OTHER_LAW);
        Ok(())
    }

    /// Takes up cover.
    pub(crate) async fn coverages(
        &self,
        drafts: &[CoverageDraft],
        account: &mut Account,
    ) -> Result<(), Error> {
        account.given(DraftKind::Coverage, drafts.len());
        let (app, actor, portfolio, source) = (self.app, &self.actor, self.portfolio(), &self.source);
        let mut said = self.said.take();
        let enrolled = service::enrol_coverage(app, actor, portfolio, source, drafts, &mut said).await;
        self.said.set(said);
        let enrolled = enrolled?;
        account.enrolled(DraftKind::Coverage, enrolled);
        account.refused(DraftKind::Coverage, enrolled.refused, NOBODY_TO_COVER);
        account.refused(DraftKind::Coverage, enrolled.erased, ERASED);
        account.refused(DraftKind::Coverage, enrolled.another_span, ANOTHER_SPAN);
        account.refused(DraftKind::Coverage, enrolled.contradictory, CONTRADICTORY);
        Ok(())
    }

    /// Takes up providers.
    pub(crate) async fn providers(
        &self,
        drafts: &[ProviderDraft],
        account: &mut Account,
    ) -> Result<(), Error> {
        account.given(DraftKind::Provider, drafts.len());
        let enrolled =
            service::enrol_providers(self.app, &self.actor, self.portfolio(), &self.source, drafts).await?;
        account.enrolled(DraftKind::Provider, enrolled);
        account.refused(DraftKind::Provider, enrolled.erased, ERASED_PROVIDER);
        Ok(())
    }

    /// Submits claims.
    pub(crate) async fn claims(&self, drafts: &[ClaimDraft], account: &mut Account) -> Result<(), Error> {
        account.given(DraftKind::Claim, drafts.len());
        for draft in drafts {
            account.charged(draft.currency, draft.charged_minor());
        }
        let submitted =
            service::submit_claims(self.app, &self.actor, self.portfolio(), &self.source, drafts).await?;
        account.taken(DraftKind::Claim, submitted.new.len() as u64, submitted.known);
        for draft in submitted.other_content.iter().filter_map(|place| drafts.get(*place)) {
            account.refused_at(DraftKind::Claim, OTHER_CONTENT, &draft.origin);
        }
        account.refused(DraftKind::Claim, submitted.unknown_member, UNKNOWN_MEMBER);
        account.refused(DraftKind::Claim, submitted.unknown_provider, UNKNOWN_PROVIDER);
        account.refused(DraftKind::Claim, submitted.erased, ERASED);
        Ok(())
    }
}

const NUMBER_TAKEN: &str = "its member number belongs to another member of the site: correct it, or import under the source that the other came from";
const OTHER_CONTENT: &str =
    "its id came before with other content, which stands: a correction is a claim with an id of its own";
const UNKNOWN_MEMBER: &str =
    "for someone who is not a member of this portfolio from this source: import the member first";
const NOBODY_TO_COVER: &str = UNKNOWN_MEMBER;
const ERASED: &str = "for someone whose records were erased: if they come back, import the member with `--take-up-erased` first";
const ANOTHER_SPAN: &str = "it is here under another plan, in another currency or from another first day: end it, and give what differs an id of its own";
const CONTRADICTORY: &str = "another row before it says something else of the same span";
const OTHER_LAW: &str = "its governing law is another than the member is here under, and no command changes that yet: what may be opened follows it";
const ERASED_MEMBER: &str =
    "its records were erased: if they come back, import a file of those who do with `--take-up-erased`";
const ERASED_PROVIDER: &str = "its records were erased";
const UNKNOWN_PROVIDER: &str =
    "from a provider who is not known in this portfolio from this source: import the provider first";
