//! The plans in force, parsed once. A plan version is immutable: its id is a hash of its
//! name and text, so that a changed text is another version.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use benefits::Plan;
use domain::PlanId;
use store::reference::PlanRow;
use store::{Store, StoreError};

use crate::ServiceError;

/// Plans by id and, for the newest of each name, by name.
#[derive(Clone, Debug, Default)]
pub struct PlanBook {
    plans: Arc<RwLock<Book>>,
}

#[derive(Debug, Default)]
struct Book {
    by_id: BTreeMap<PlanId, Arc<Plan>>,
    by_name: BTreeMap<String, PlanId>,
}

impl PlanBook {
    /// Reads the plans that are stored.
    pub async fn load(store: &Store) -> Result<Self, ServiceError> {
        let book = Self::default();
        for row in store.read(store::reference::plans).await? {
            book.insert(row.plan, &row.name, &row.text)?;
        }
        Ok(book)
    }

    /// Adds a plan version: parsed first, then stored. The same text again changes nothing.
    pub async fn add(&self, store: &Store, name: &str, text: &str) -> Result<PlanId, ServiceError> {
        let plan = Plan::parse(&format!("{name}.toml"), text)?;
        let id = plan_id(plan.id(), text);
        let row = PlanRow {
            plan: id,
            name: plan.id().to_owned(),
            version: plan.version().to_owned(),
            text: text.to_owned(),
        };
        store
            .write(move |unit| match store::reference::insert_plan(unit, &row) {
                Err(StoreError::Duplicate) => Ok(()),
                other => other,
            })
            .await?;
        self.insert(id, plan.id(), text)?;
        Ok(id)
    }

    /// The plan version with this id.
    #[must_use]
    pub fn get(&self, id: PlanId) -> Option<Arc<Plan>> {
        self.plans.read().unwrap_or_else(PoisonError::into_inner).by_id.get(&id).cloned()
    }

    /// The newest version of a plan.
    pub fn named(&self, name: &str) -> Result<PlanId, ServiceError> {
        let book = self.plans.read().unwrap_or_else(PoisonError::into_inner);
        book.by_name.get(name).copied().ok_or_else(|| ServiceError::Unknown {
            what: "plan",
            name: name.to_owned(),
            known: book.by_name.keys().cloned().collect::<Vec<_>>().join(", "),
        })
    }

    /// The newest version of the plan that prints this name.
    #[must_use]
    pub fn newest_with_name(&self, printed: &str) -> Option<Arc<Plan>> {
        let book = self.plans.read().unwrap_or_else(PoisonError::into_inner);
        book.by_name.values().filter_map(|id| book.by_id.get(id)).find(|plan| plan.name() == printed).cloned()
    }

    /// Every plan version, by id.
    #[must_use]
    pub fn all(&self) -> BTreeMap<PlanId, Arc<Plan>> {
        self.plans.read().unwrap_or_else(PoisonError::into_inner).by_id.clone()
    }

    fn insert(&self, id: PlanId, name: &str, text: &str) -> Result<(), ServiceError> {
        let plan = Arc::new(Plan::parse(&format!("{name}.toml"), text)?);
        let mut book = self.plans.write().unwrap_or_else(PoisonError::into_inner);
        let newest = book.by_name.get(name).and_then(|id| book.by_id.get(id)).map(|plan| plan.effective());
        if newest.is_none_or(|effective| plan.effective() >= effective) {
            book.by_name.insert(name.to_owned(), id);
        }
        book.by_id.insert(id, plan);
        Ok(())
    }
}

/// The id of a plan version: the first bytes of SHA-256 over its name and text.
fn plan_id(name: &str, text: &str) -> PlanId {
    use sha2::{Digest, Sha256};
    let digest = Sha256::new().chain_update(name).chain_update([0]).chain_update(text).finalize();
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    PlanId::from_bytes(bytes)
}
