//! Reads the modules of a plan, and which of them a benefit needs. Which of them a member has is a fact of the claim, and not looked
//! at here.

use toml::Spanned;

use super::Module;
use super::compile::unique;
use super::parts::{Noted, Reader, every};
use super::raw::{RawModule, RawPlan, Word};

/// The modules, if the plan lists them; each that a benefit names must then be there.
pub(super) fn modules(reader: &Reader<'_>, raw: &RawPlan) -> Result<Vec<Module>, Noted> {
    let unique_ids = unique(reader, &raw.module, |module| &module.id);
    let ids = || raw.module.iter().map(|module| module.get_ref().id.get_ref().as_str());
    // What each module requires, as far as it was read.
    let mut required: Vec<Vec<usize>> = vec![Vec::new(); raw.module.len()];
    let module = |(own, item): (usize, &Spanned<RawModule>)| {
        let item = item.get_ref();
        let (id, name) = (reader.id(&item.id), reader.words(&item.name));
        let requires = every(item.requires.iter().map(|word| {
            let needed = reader.place(word, "module", ids())?;
            if reaches(&required, needed, own) {
                return Err(ring(reader, word, &item.id));
            }
            required.get_mut(own).into_iter().for_each(|list| list.push(needed));
            Ok(needed)
        }));
        Ok(Module { id: id?, name: name?, requires: requires? })
    };
    let modules = every(raw.module.iter().enumerate().map(module));
    let named = match raw.module.is_empty() {
        true => Ok(Vec::new()),
        false => every(raw.benefit.iter().map(|item| reader.place(&item.get_ref().module, "module", ids()))),
    };
    unique_ids.and(named).and(modules)
}

/// Refuses what would make a module require itself. A ring is told where it is closed: what stands before that may stay.
fn ring(reader: &Reader<'_>, word: &Word, own: &Word) -> Noted {
    let (needed, own) = (word.get_ref(), own.get_ref());
    let problem = match needed == own {
        true => format!("`{needed}` requires itself: remove it here"),
        false => format!(
            "`{needed}` requires `{own}` already: a module cannot require one that requires it, so remove one of the two"
        ),
    };
    reader.error(word.span(), problem)
}

/// The places of a module and of all that it requires, directly or by way of others; each once, its own first.
fn with_all<'r>(own: usize, requires: impl Fn(usize) -> Option<&'r [usize]>) -> Vec<usize> {
    let mut places = vec![own];
    let mut next = 0;
    while let Some(place) = places.get(next).copied() {
        next += 1;
        for needed in requires(place).unwrap_or_default() {
            if !places.contains(needed) {
                places.push(*needed);
            }
        }
    }
    places
}

/// Whether a module is another, or requires it.
fn reaches(required: &[Vec<usize>], from: usize, to: usize) -> bool {
    with_all(from, |place| required.get(place).map(Vec::as_slice)).contains(&to)
}

/// The ids of a module and of all that it requires; none where the plan lists no modules.
pub(super) fn needed(modules: &[Module], id: &str) -> Vec<String> {
    let Some(own) = modules.iter().position(|module| module.id == id) else { return Vec::new() };
    let all = with_all(own, |place| modules.get(place).map(|module| module.requires.as_slice()));
    all.into_iter().filter_map(|place| modules.get(place)).map(|module| module.id.clone()).collect()
}
