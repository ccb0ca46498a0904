//! What one ask covers: a view, or several views of one subject's records taken together.

use crate::{CategorySet, View};

/// One view or a tuple of up to nine: what one ask, and so one log entry, covers.
pub trait Views {
    /// Without these categories the ask is refused.
    const NEEDED: CategorySet;
    /// The categories of every field.
    const WANTED: CategorySet;
    /// The views' names, as the log shows them.
    fn names() -> String;
}

/// That a set of views includes `V`. `Place` only tells the compiler where; it is always inferred.
pub trait Includes<V: View, Place>: Views {}

/// The view itself is the set.
pub struct Itself;
/// A place in a tuple.
pub struct Place<const N: usize>;

impl<V: View> Views for V {
    const NEEDED: CategorySet = V::NEEDED;
    const WANTED: CategorySet = V::WANTED;
    fn names() -> String {
        V::NAME.to_owned()
    }
}

impl<V: View> Includes<V, Itself> for V {}

macro_rules! tuples {
    ($(($($view:ident),+);)+) => { $(
        impl<$($view: View),+> Views for ($($view,)+) {
            const NEEDED: CategorySet = CategorySet::EMPTY$(.union($view::NEEDED))+;
            const WANTED: CategorySet = CategorySet::EMPTY$(.union($view::WANTED))+;
            fn names() -> String {
                [$($view::NAME),+].join(" + ")
            }
        }
    )+ };
}

tuples! {
    (A, B);
    (A, B, C);
    (A, B, C, D);
    (A, B, C, D, E);
    (A, B, C, D, E, F);
    (A, B, C, D, E, F, G);
    (A, B, C, D, E, F, G, H);
    (A, B, C, D, E, F, G, H, I);
}

impl<A: View, B: View> Includes<A, Place<0>> for (A, B) {}
impl<A: View, B: View> Includes<B, Place<1>> for (A, B) {}
impl<A: View, B: View, C: View> Includes<A, Place<0>> for (A, B, C) {}
impl<A: View, B: View, C: View> Includes<B, Place<1>> for (A, B, C) {}
impl<A: View, B: View, C: View> Includes<C, Place<2>> for (A, B, C) {}
impl<A: View, B: View, C: View, D: View> Includes<A, Place<0>> for (A, B, C, D) {}
impl<A: View, B: View, C: View, D: View> Includes<B, Place<1>> for (A, B, C, D) {}
impl<A: View, B: View, C: View, D: View> Includes<C, Place<2>> for (A, B, C, D) {}
impl<A: View, B: View, C: View, D: View> Includes<D, Place<3>> for (A, B, C, D) {}
impl<A: View, B: View, C: View, D: View, E: View> Includes<A, Place<0>> for (A, B, C, D, E) {}
impl<A: View, B: View, C: View, D: View, E: View> Includes<B, Place<1>> for (A, B, C, D, E) {}
impl<A: View, B: View, C: View, D: View, E: View> Includes<C, Place<2>> for (A, B, C, D, E) {}
impl<A: View, B: View, C: View, D: View, E: View> Includes<D, Place<3>> for (A, B, C, D, E) {}
impl<A: View, B: View, C: View, D: View, E: View> Includes<E, Place<4>> for (A, B, C, D, E) {}
impl<A: View, B: View, C: View, D: View, E: View, F: View> Includes<A, Place<0>> for (A, B, C, D, E, F) {}
impl<A: View, B: View, C: View, D: View, E: View, F: View> Includes<B, Place<1>> for (A, B, C, D, E, F) {}
impl<A: View, B: View, C: View, D: View, E: View, F: View> Includes<C, Place<2>> for (A, B, C, D, E, F) {}
impl<A: View, B: View, C: View, D: View, E: View, F: View> Includes<D, Place<3>> for (A, B, C, D, E, F) {}
impl<A: View, B: View, C: View, D: View, E: View, F: View> Includes<E, Place<4>> for (A, B, C, D, E, F) {}
impl<A: View, B: View, C: View, D: View, E: View, F: View> Includes<F, Place<5>> for (A, B, C, D, E, F) {}
impl<A: View, B: View, C: View, D: View, E: View, F: View, G: View> Includes<A, Place<0>>
    for (A, B, C, D, E, F, G)
{
}
impl<A: View, B: View, C: View, D: View, E: View, F: View, G: View> Includes<B, Place<1>>
    for (A, B, C, D, E, F, G)
{
}
impl<A: View, B: View, C: View, D: View, E: View, F: View, G: View> Includes<C, Place<2>>
    for (A, B, C, D, E, F, G)
{
}
impl<A: View, B: View, C: View, D: View, E: View, F: View, G: View> Includes<D, Place<3>>
    for (A, B, C, D, E, F, G)
{
}
impl<A: View, B: View, C: View, D: View, E: View, F: View, G: View> Includes<E, Place<4>>
    for (A, B, C, D, E, F, G)
{
}
impl<A: View, B: View, C: View, D: View, E: View, F: View, G: View> Includes<F, Place<5>>
    for (A, B, C, D, E, F, G)
{
}
impl<A: View, B: View, C: View, D: View, E: View, F: View, G: View> Includes<G, Place<6>>
    for (A, B, C, D, E, F, G)
{
}
impl<A: View, B: View, C: View, D: View, E: View, F: View, G: View, H: View> Includes<A, Place<0>>
    for (A, B, C, D, E, F, G, H)
{
}
impl<A: View, B: View, C: View, D: View, E: View, F: View, G: View, H: View> Includes<B, Place<1>>
    for (A, B, C, D, E, F, G, H)
{
}
impl<A: View, B: View, C: View, D: View, E: View, F: View, G: View, H: View> Includes<C, Place<2>>
    for (A, B, C, D, E, F, G, H)
{
}
impl<A: View, B: View, C: View, D: View, E: View, F: View, G: View, H: View> Includes<D, Place<3>>
    for (A, B, C, D, E, F, G, H)
{
}
impl<A: View, B: View, C: View, D: View, E: View, F: View, G: View, H: View> Includes<E, Place<4>>
    for (A, B, C, D, E, F, G, H)
{
}
impl<A: View, B: View, C: View, D: View, E: View, F: View, G: View, H: View> Includes<F, Place<5>>
    for (A, B, C, D, E, F, G, H)
{
}
impl<A: View, B: View, C: View, D: View, E: View, F: View, G: View, H: View> Includes<G, Place<6>>
    for (A, B, C, D, E, F, G, H)
{
}
impl<A: View, B: View, C: View, D: View, E: View, F: View, G: View, H: View> Includes<H, Place<7>>
    for (A, B, C, D, E, F, G, H)
{
}
impl<A: View, B: View, C: View, D: View, E: View, F: View, G: View, H: View, I: View> Includes<A, Place<0>>
    for (A, B, C, D, E, F, G, H, I)
{
}
impl<A: View, B: View, C: View, D: View, E: View, F: View, G: View, H: View, I: View> Includes<B, Place<1>>
    for (A, B, C, D, E, F, G, H, I)
{
}
impl<A: View, B: View, C: View, D: View, E: View, F: View, G: View, H: View, I: View> Includes<C, Place<2>>
    for (A, B, C, D, E, F, G, H, I)
{
}
impl<A: View, B: View, C: View, D: View, E: View, F: View, G: View, H: View, I: View> Includes<D, Place<3>>
    for (A, B, C, D, E, F, G, H, I)
{
}
impl<A: View, B: View, C: View, D: View, E: View, F: View, G: View, H: View, I: View> Includes<E, Place<4>>
    for (A, B, C, D, E, F, G, H, I)
{
}
impl<A: View, B: View, C: View, D: View, E: View, F: View, G: View, H: View, I: View> Includes<F, Place<5>>
    for (A, B, C, D, E, F, G, H, I)
{
}
impl<A: View, B: View, C: View, D: View, E: View, F: View, G: View, H: View, I: View> Includes<G, Place<6>>
    for (A, B, C, D, E, F, G, H, I)
{
}
impl<A: View, B: View, C: View, D: View, E: View, F: View, G: View, H: View, I: View> Includes<H, Place<7>>
    for (A, B, C, D, E, F, G, H, I)
{
}
impl<A: View, B: View, C: View, D: View, E: View, F: View, G: View, H: View, I: View> Includes<I, Place<8>>
    for (A, B, C, D, E, F, G, H, I)
{
}
