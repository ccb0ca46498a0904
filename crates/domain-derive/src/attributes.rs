//! Reading the attributes of a derive's input.

use syn::punctuated::Punctuated;
use syn::{Attribute, Data, DeriveInput, Error, Field, Fields, Ident, LitInt, Token};

/// The named fields of a struct.
pub(crate) fn named_fields(input: &DeriveInput) -> syn::Result<&Punctuated<Field, Token![,]>> {
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => Ok(&fields.named),
            _ => Err(Error::new_spanned(&input.ident, "a struct with named fields is needed")),
        },
        _ => Err(Error::new_spanned(&input.ident, "only a struct can be a record or a view")),
    }
}

/// The attribute with this name, if it is there.
pub(crate) fn find<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    attributes.iter().find(|attribute| attribute.path().is_ident(name))
}

/// The category that a field names.
pub(crate) fn category(field: &Field) -> syn::Result<Ident> {
    find(&field.attrs, "category")
        .ok_or_else(|| {
            Error::new_spanned(field, "this field names no category: write #[category(..)] above it")
        })?
        .parse_args()
}

/// The tag that a field names.
pub(crate) fn tag(field: &Field) -> syn::Result<LitInt> {
    find(&field.attrs, "tag")
        .ok_or_else(|| {
            Error::new_spanned(
                field,
                "this field has no tag: write #[tag(n)] with a number never used before",
            )
        })?
        .parse_args()
}
