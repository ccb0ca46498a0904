//! Expands `#[derive(Personal)]`: field table, categories, encoding by category, redacted Debug.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{DeriveInput, Error, GenericArgument, Ident, LitInt, PathArguments, Token, Type};

use crate::attributes::{category, find, named_fields, tag};

pub(crate) fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let name = &input.ident;
    let (kind, retention) = options(input)?;
    let fields = named_fields(input)?;

    let mut table = Vec::new();
    let mut constants = Vec::new();
    let mut by_category: BTreeMap<String, (Ident, Vec<TokenStream>)> = BTreeMap::new();
    let mut tags: Vec<LitInt> = Vec::new();
    for field in fields {
        let ident =
            field.ident.as_ref().ok_or_else(|| Error::new_spanned(field, "a named field is needed"))?;
        let (category, tag) = (category(field)?, tag(field)?);
        refuse_string(&field.ty)?;
        if tags.iter().any(|other| other.base10_digits() == tag.base10_digits()) {
            return Err(Error::new_spanned(&tag, "this tag is used by another field"));
        }
        tags.push(tag.clone());
        let text = ident.to_string();
        table.push(quote! {
            ::domain::FieldInfo { name: #text, tag: #tag, category: ::domain::Category::#category }
        });
        let constant = format_ident!("__CATEGORY_{}", ident);
        let tag_constant = format_ident!("__TAG_{}", ident);
        constants.push(quote! {
            #[doc(hidden)] pub const #constant: ::domain::Category = ::domain::Category::#category;
            #[doc(hidden)] pub const #tag_constant: u32 = #tag;
        });
        by_category.entry(category.to_string()).or_insert_with(|| (category.clone(), Vec::new())).1.push(
            quote! {
                let _ = encoder.u32(#tag);
                let _ = encoder.encode(&self.#ident);
            },
        );
    }
    let categories = by_category.values().map(|(category, _)| category);
    let arms = by_category.values().map(|(category, writes)| encoding_arm(category, writes));
    let debug = redacted_debug(name);
    Ok(quote! {
        #[allow(non_upper_case_globals)]
        impl #name { #(#constants)* }

        impl ::domain::Personal for #name {
            const KIND: ::domain::RecordKind = ::domain::RecordKind::#kind;
            const FIELDS: &'static [::domain::FieldInfo] = &[#(#table),*];
            const CATEGORIES: ::domain::CategorySet = ::domain::CategorySet::of(&[#(::domain::Category::#categories),*]);
            const RETENTION: ::domain::RetentionClass = ::domain::RetentionClass::#retention;

            fn encode(&self, category: ::domain::Category, unknown: &[(u32, &[u8])], out: &mut ::std::vec::Vec<u8>) {
                // Writing to a vector cannot fail.
                let mut encoder = ::domain::derive_support::minicbor::Encoder::new(&mut *out);
                match category {
                    #(#arms)*
                    _ => { let _ = encoder.map(unknown.len() as u64); }
                }
                for (tag, value) in unknown {
                    let mut encoder = ::domain::derive_support::minicbor::Encoder::new(&mut *out);
                    let _ = encoder.u32(*tag);
                    out.extend_from_slice(value);
                }
            }
        }
        #debug
    })
}

/// A text of a record is a leaf type, which says whether it is searched for what has no place in it.
fn refuse_string(ty: &Type) -> syn::Result<()> {
    let Type::Path(path) = ty else { return Ok(()) };
    for segment in &path.path.segments {
        if segment.ident == "String" {
            return Err(Error::new_spanned(
                ty,
                "a text of a record is a leaf type: give it one in `domain/src/leaf.rs`",
            ));
        }
        if let PathArguments::AngleBracketed(arguments) = &segment.arguments {
            for argument in &arguments.args {
                if let GenericArgument::Type(inner) = argument {
                    refuse_string(inner)?;
                }
            }
        }
    }
    Ok(())
}

/// Writes the fields of one category.
fn encoding_arm(category: &Ident, writes: &[TokenStream]) -> TokenStream {
    let count = u64::try_from(writes.len()).unwrap_or(u64::MAX);
    quote! {
        ::domain::Category::#category => {
            let _ = encoder.map(#count + unknown.len() as u64);
            #(#writes)*
        }
    }
}

/// A Debug that names the type and no value.
fn redacted_debug(name: &Ident) -> TokenStream {
    let redacted = format!("{name}(redacted)");
    quote! {
        impl ::std::fmt::Debug for #name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result { f.write_str(#redacted) }
        }
    }
}

/// Reads `#[personal(kind = .., retention = ..)]`.
fn options(input: &DeriveInput) -> syn::Result<(Ident, Ident)> {
    let attribute = find(&input.attrs, "personal").ok_or_else(|| {
        Error::new_spanned(
            &input.ident,
            "a record names its kind and retention: #[personal(kind = .., retention = ..)]",
        )
    })?;
    let (mut kind, mut retention) = (None, None);
    attribute.parse_nested_meta(|meta| {
        meta.input.parse::<Token![=]>()?;
        let value: Ident = meta.input.parse()?;
        match meta.path.get_ident().map(ToString::to_string).as_deref() {
            Some("kind") => kind = Some(value),
            Some("retention") => retention = Some(value),
            _ => return Err(meta.error("only `kind` and `retention` are known here")),
        }
        Ok(())
    })?;
    let missing = |what| Error::new_spanned(attribute, format!("`{what} = ..` is missing"));
    Ok((kind.ok_or_else(|| missing("kind"))?, retention.ok_or_else(|| missing("retention"))?))
}
