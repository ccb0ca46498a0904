//! Expands `#[derive(View)]`: needed and wanted categories, and building the view from what opened.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{DeriveInput, Error, GenericArgument, Ident, Path, PathArguments, Type};

use crate::attributes::{category, find, named_fields};

struct ViewField<'a> {
    ident: &'a Ident,
    /// The record's type of the field: the inner type of a `Field<_>`.
    of_type: &'a Type,
    category: Ident,
    /// A plain field: without it the ask is refused.
    needed: bool,
}

pub(crate) fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let name = &input.ident;
    let text = name.to_string();
    let of: Path = find(&input.attrs, "of")
        .ok_or_else(|| Error::new_spanned(name, "a view names its record: #[of(Record)]"))?
        .parse_args()?;
    let fields = named_fields(input)?.iter().map(read).collect::<syn::Result<Vec<_>>>()?;

    let needed = fields.iter().filter(|field| field.needed).map(|field| &field.category);
    let wanted = fields.iter().map(|field| &field.category);
    let checks = fields.iter().map(|field| check(field, &of));
    let mut by_category: BTreeMap<String, Vec<&ViewField<'_>>> = BTreeMap::new();
    for field in &fields {
        by_category.entry(field.category.to_string()).or_default().push(field);
    }
    let locals = fields.iter().map(|field| {
        let (local, of_type) = (local(field), field.of_type);
        quote! { let mut #local: ::std::option::Option<#of_type> = ::std::option::Option::None; }
    });
    let reads = by_category.values().map(|fields| read_category(fields, &of));
    let builds = fields.iter().map(|field| build(field, &of));
    Ok(quote! {
        const _: () = { #(#checks)* };

        impl ::domain::View for #name {
            type Of = #of;
            const NAME: &'static str = #text;
            const NEEDED: ::domain::CategorySet = ::domain::CategorySet::of(&[#(::domain::Category::#needed),*]);
            const WANTED: ::domain::CategorySet = ::domain::CategorySet::of(&[#(::domain::Category::#wanted),*]);

            fn build(opened: &::domain::Opened<'_>) -> ::std::result::Result<Self, ::domain::DecodeError> {
                #(#locals)*
                #(#reads)*
                ::std::result::Result::Ok(Self { #(#builds),* })
            }
        }

        impl ::std::fmt::Debug for #name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(concat!(#text, "(redacted)"))
            }
        }
    })
}

fn read(field: &syn::Field) -> syn::Result<ViewField<'_>> {
    let ident = field.ident.as_ref().ok_or_else(|| Error::new_spanned(field, "a named field is needed"))?;
    let inner = inner_of_field(&field.ty);
    Ok(ViewField {
        ident,
        of_type: inner.unwrap_or(&field.ty),
        category: category(field)?,
        needed: inner.is_none(),
    })
}

/// `T` of `Field<T>`; `None` for any other type.
fn inner_of_field(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|segment| segment.ident == "Field")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(inner) => Some(inner),
        _ => None,
    })
}

/// Does not compile when the record lacks the field, or gives it another type or category.
fn check(field: &ViewField<'_>, of: &Path) -> TokenStream {
    let (ident, of_type, category) = (field.ident, field.of_type, &field.category);
    let constant = format_ident!("__CATEGORY_{}", ident);
    let message = format!("the record gives `{ident}` another category than this view does");
    quote! {
        assert!(<#of>::#constant.code() == ::domain::Category::#category.code(), #message);
        fn #ident(record: &#of) -> &#of_type { &record.#ident }
        let _ = #ident;
    }
}

fn local(field: &ViewField<'_>) -> Ident {
    format_ident!("field_{}", field.ident)
}

fn read_category(fields: &[&ViewField<'_>], of: &Path) -> TokenStream {
    let Some(first) = fields.first() else { return TokenStream::new() };
    let category = &first.category;
    let arms = fields.iter().map(|field| {
        let (local, tag, text) =
            (local(field), format_ident!("__TAG_{}", field.ident), field.ident.to_string());
        quote! {
            ::std::option::Option::Some(<#of>::#tag) => #local = ::std::option::Option::Some(
                reader.value().map_err(|_| damaged(#text))?
            ),
        }
    });
    quote! {
        if let ::std::option::Option::Some(reader) = opened.reader(::domain::Category::#category) {
            let damaged = |problem| ::domain::DecodeError { kind: <#of as ::domain::Personal>::KIND, problem };
            let mut reader = reader.map_err(|_| damaged("its map of fields is damaged"))?;
            loop {
                match reader.next_tag().map_err(|_| damaged("its map of fields is damaged"))? {
                    #(#arms)*
                    ::std::option::Option::Some(_) => { reader.skip().map_err(|_| damaged("its map of fields is damaged"))?; }
                    ::std::option::Option::None => break,
                }
            }
        }
    }
}

fn build(field: &ViewField<'_>, of: &Path) -> TokenStream {
    let (ident, local, text, category, of_type) =
        (field.ident, local(field), field.ident.to_string(), &field.category, field.of_type);
    // A field that an older record does not have: absent for an option, an error for anything else.
    let value = quote! {
        match #local.or_else(<#of_type as ::domain::derive_support::minicbor::Decode<'_, ()>>::nil) {
            ::std::option::Option::Some(value) => value,
            ::std::option::Option::None => return ::std::result::Result::Err(
                ::domain::DecodeError { kind: <#of as ::domain::Personal>::KIND, problem: #text }
            ),
        }
    };
    if field.needed {
        quote! { #ident: #value }
    } else {
        quote! {
            #ident: match opened.reader(::domain::Category::#category) {
                ::std::option::Option::Some(_) => ::domain::Field::Shown(#value),
                ::std::option::Option::None => ::domain::Field::Withheld(::domain::Category::#category),
            }
        }
    }
}
