//! What is asked for: views of every shape, so that each category is needed by one and only wanted by another; and one
//! that is opened, so that what really opens is compared with what was said to.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;

use domain::{Category, CategorySet, Field, SubjectId, Views, WorkItemId};
use gate::{Asking, Gate, GateError, Grant, Target, Term};
use service::views::FoundPerson;

/// These categories are needed, and those wanted.
struct Wants<const NEEDED: u64, const WANTED: u64>;

impl<const NEEDED: u64, const WANTED: u64> Views for Wants<NEEDED, WANTED> {
    const NEEDED: CategorySet = CategorySet::from_bits(NEEDED);
    const WANTED: CategorySet = CategorySet::from_bits(NEEDED | WANTED);
    fn names() -> String {
        "Something".to_owned()
    }
}

/// Who opens, and what of one whose record was opened.
pub(crate) struct Opened {
    pub(crate) people: BTreeSet<SubjectId>,
    pub(crate) fields: Option<CategorySet>,
}

type Answer<'a> = Pin<Box<dyn Future<Output = Result<Opened, GateError>> + Send + 'a>>;
type One = for<'a> fn(&'a Gate, &'a Asking<'a>, Target) -> Answer<'a>;
type Group = for<'a> fn(&'a Gate, &'a Asking<'a>, &'a [Target]) -> Answer<'a>;
type Search = for<'a> fn(&'a Gate, &'a Asking<'a>, &'a [Term], Option<WorkItemId>) -> Answer<'a>;

/// A view, and the three ways to ask for it.
pub(crate) struct Shape {
    pub(crate) needed: CategorySet,
    pub(crate) wanted: CategorySet,
    pub(crate) one: One,
    pub(crate) group: Group,
    pub(crate) search: Search,
}

fn one<'a, S: Views + 'static>(gate: &'a Gate, asking: &'a Asking<'a>, target: Target) -> Answer<'a> {
    Box::pin(async move { gate.ask::<S>(asking, target).await.map(|grant| people(grant.subjects())) })
}

fn group<'a, S: Views + 'static>(
    gate: &'a Gate,
    asking: &'a Asking<'a>,
    targets: &'a [Target],
) -> Answer<'a> {
    Box::pin(async move { gate.total::<S>(asking, targets).await.map(|total| people(total.subjects())) })
}

fn search<'a, S: Views + 'static>(
    gate: &'a Gate,
    asking: &'a Asking<'a>,
    terms: &'a [Term],
    item: Option<WorkItemId>,
) -> Answer<'a> {
    Box::pin(async move {
        let found = gate.search::<S>(asking, terms, item).await?;
        Ok(people(found.into_iter().map(|(subject, _)| subject)))
    })
}

fn people(subjects: impl Iterator<Item = SubjectId>) -> Opened {
    Opened { people: subjects.collect(), fields: None }
}

/// Asks, fetches the person's record, and opens it.
fn opened<'a>(gate: &'a Gate, asking: &'a Asking<'a>, target: Target) -> Answer<'a> {
    Box::pin(async move {
        let grant: Grant<FoundPerson> = gate.ask(asking, target).await?;
        let people = grant.subjects().collect();
        let Some(sealed) = gate.fetch::<FoundPerson>(target.subject, target.subject).await? else {
            return Ok(Opened { people, fields: None });
        };
        match grant.open::<FoundPerson, _>(&sealed) {
            Ok(person) => Ok(Opened { people, fields: Some(fields(&person)) }),
            // Nothing that was not collected under a supplement opens under its clauses.
            Err(GateError::OtherSupplement) if asking.supplement.is_some() => {
                Ok(Opened { people, fields: None })
            }
            Err(error) => Err(error),
        }
    })
}

/// The categories of which a field is there.
fn fields(person: &FoundPerson) -> CategorySet {
    let is_there = |category, shown: bool| shown.then_some(category);
    let name = is_there(Category::Identity, matches!(person.name, Field::Shown(_)));
    let born = is_there(Category::Identity, matches!(person.birth_date, Field::Shown(_)));
    assert_eq!(name, born, "one category, shown whole or not at all");
    let number = is_there(Category::MemberId, matches!(person.member_number, Field::Shown(_)));
    name.into_iter().chain(number).collect()
}

macro_rules! shapes {
    ($([$($needed:ident)*] [$($wanted:ident)*];)+) => {
        /// Every view of the test. The first is opened.
        pub(crate) const VIEWS: &[Shape] = &[
            Shape {
                needed: <FoundPerson as Views>::NEEDED,
                wanted: <FoundPerson as Views>::WANTED,
                one: opened,
                group: group::<FoundPerson>,
                search: search::<FoundPerson>,
            },
            $({
                const NEEDED: u64 = CategorySet::of(&[$(Category::$needed),*]).bits();
                const WANTED: u64 = CategorySet::of(&[$(Category::$wanted),*]).bits();
                Shape {
                    needed: CategorySet::from_bits(NEEDED),
                    wanted: CategorySet::from_bits(NEEDED | WANTED),
                    one: one::<Wants<NEEDED, WANTED>>,
                    group: group::<Wants<NEEDED, WANTED>>,
                    search: search::<Wants<NEEDED, WANTED>>,
                }
            }),+
        ];
    };
}

shapes! {
    [] [Identity Financial Health PaymentCard MemberId Credentials Claims Plan Eligibility Other Unclassified];
    [Identity] [];
    [Financial] [];
    [Health] [];
    [PaymentCard] [];
    [MemberId] [];
    [Credentials] [];
    [Claims] [];
    [Plan] [];
    [Eligibility] [];
    [Other] [];
    [Unclassified] [];
    [Identity] [MemberId Plan Eligibility Claims Health Financial];
    [Identity Plan] [Eligibility Health];
    [Identity Financial] [Claims PaymentCard];
    [Plan Eligibility] [Claims Health Financial];
    [Claims Health] [Identity];
    [Identity MemberId Plan Eligibility] [Financial];
    [Identity Claims] [Health Financial Other];
    [Identity Other] [Unclassified];
    [] [Health];
    [] [Financial Claims];
    [] [Identity MemberId];
    [Identity Plan Eligibility Claims Health Financial] [];
}
