//! Derive macros: `Personal` (a record whose every field names its category) and `View` (the fields
//! that one use needs). They generate plain code; they decide nothing and encrypt nothing.

mod attributes;
mod personal;
mod view;

use proc_macro::TokenStream;

/// Derives `domain::Personal`. Each field needs `#[category(..)]` and `#[tag(n)]`.
#[proc_macro_derive(Personal, attributes(personal, category, tag))]
pub fn derive_personal(input: TokenStream) -> TokenStream {
    expand(input, personal::expand)
}

/// Derives `domain::View`. Needs `#[of(Record)]`; each field needs `#[category(..)]`, and its name,
/// type and category must be the record's.
#[proc_macro_derive(View, attributes(of, category))]
pub fn derive_view(input: TokenStream) -> TokenStream {
    expand(input, view::expand)
}

fn expand(
    input: TokenStream,
    with: fn(&syn::DeriveInput) -> syn::Result<proc_macro2::TokenStream>,
) -> TokenStream {
    syn::parse(input).and_then(|input| with(&input)).unwrap_or_else(|error| error.to_compile_error()).into()
}
