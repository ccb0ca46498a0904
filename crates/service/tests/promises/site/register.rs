//! The register of recipients of a test's site, as its keeper keeps it.

use domain::{Condition, PortfolioId, Recipient, RecipientId, RecipientRole};
use service::{Agreement, NewRecipient, ServiceError};

use super::{PORTFOLIO, TestSite};

impl TestSite {
    /// Enters an organisation, which decides for itself, in the register of [`PORTFOLIO`], for every clause that names
    /// its kind.
    pub(crate) async fn enter(
        &self,
        kind: Recipient,
        name: &str,
        country: &str,
        agreed: &[Agreement],
    ) -> RecipientId {
        let new = NewRecipient { country: country.parse().unwrap(), ..self.organisation(kind, name) };
        self.enter_as(&new, agreed).await.unwrap()
    }

    /// A bank in the register of [`PORTFOLIO`], entered when it is first asked for.
    pub(crate) async fn bank(&self) -> RecipientId {
        let new = self.organisation(Recipient::Bank, "Test Bank");
        let id = service::recipient_id(&self.app, &new);
        service::enter_recipients(&self.app, &self.keeper, PORTFOLIO, &[(new, Vec::new())]).await.unwrap();
        id
    }

    /// An organisation in Belgium, for every clause of the notice in force that names its kind.
    pub(crate) fn organisation(&self, kind: Recipient, name: &str) -> NewRecipient {
        self.organisation_in(PORTFOLIO, kind, name)
    }

    /// The same for the register of a portfolio.
    pub(crate) fn organisation_in(
        &self,
        portfolio: PortfolioId,
        kind: Recipient,
        name: &str,
    ) -> NewRecipient {
        let (_, notice) = self.app.gate.notice(portfolio).unwrap();
        let naming = notice.clauses().iter().filter(|clause| clause.recipients.contains(&kind));
        NewRecipient {
            portfolio,
            kind,
            name: name.to_owned(),
            country: "BE".parse().unwrap(),
            role: RecipientRole::Controller,
            acts_for: None,
            uses: "tests".to_owned(),
            clauses: naming.map(|clause| clause.id.clone()).collect(),
        }
    }

    pub(crate) async fn enter_as(
        &self,
        new: &NewRecipient,
        agreed: &[Agreement],
    ) -> Result<RecipientId, ServiceError> {
        service::enter_recipient(&self.app, &self.keeper, new, agreed).await
    }

    pub(crate) async fn agree(&self, id: RecipientId, agreed: &[Agreement]) -> Result<(), ServiceError> {
        service::agree(&self.app, &self.keeper, PORTFOLIO, id, agreed).await
    }

    pub(crate) async fn end(&self, id: RecipientId, condition: Condition) -> Result<(), ServiceError> {
        service::end_agreement(&self.app, &self.keeper, PORTFOLIO, id, condition).await
    }
}
