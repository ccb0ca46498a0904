//! The kinds of record that material becomes: for each category the record, the view to file it, whose name tells on the
//! record what was decided, and the view to read it. A category without a row here is none that material can be filed as.

use domain::{
    Category, Material, Personal, RecordId, RecordKind, SuppliedClaims, SuppliedEligibility,
    SuppliedFinancial, SuppliedHealth, SuppliedIdentity, SuppliedOther, SuppliedPlan,
};
use gate::{Asking, Collection, Target};
use store::key::WrappedKey;
use store::sealed::SealedRow;

use super::{NO_MATERIAL, Piece};
use crate::views::{
    ClaimsMaterial, EligibilityMaterial, FinancialMaterial, HealthMaterial, IdentityMaterial,
    MaterialFiledAsClaims, MaterialFiledAsEligibility, MaterialFiledAsFinancial, MaterialFiledAsHealth,
    MaterialFiledAsIdentity, MaterialFiledAsOther, MaterialFiledAsPlan, OtherMaterial, PlanMaterial,
};
use crate::{App, ServiceError};

macro_rules! kinds {
    ($($category:ident: $record:ident, $filed:ident, $read:ident;)+) => {
        /// The categories that material can be filed as.
        pub const CLASSES: &[Category] = &[$(Category::$category),+];

        /// The kinds of record that material becomes.
        pub(super) const RECORDS: &[RecordKind] = &[$($record::KIND),+];

        /// Opens what waits and seals it as a record of the category; answers it with the person's keys, one of which sealed it.
        pub(super) async fn file(
            app: &App,
            asking: &Asking<'_>,
            collection: &Collection,
            piece: Piece,
            category: Category,
        ) -> Result<(Vec<SealedRow>, Vec<WrappedKey>), ServiceError> {
            match category {
                $(Category::$category => {
                    let grant = app.gate.ask::<$filed>(asking, piece.target()).await?;
                    let sealed = app.gate.fetch::<$filed>(piece.subject, piece.material).await?;
                    let keys = app.keys_for::<$record>(piece.subject).await?;
                    let record = $record { material: grant.open(&sealed.ok_or(NO_MATERIAL)?)?.material };
                    Ok((collection.seal(piece.subject, piece.material, 1, &record, &keys)?, keys))
                })+
                _ => Err(ServiceError::NotFound("category that material can be filed as")),
            }
        }

        /// Reads a record of a category; of none, it asks as of other supplied data.
        pub(super) async fn read(
            app: &App,
            asking: &Asking<'_>,
            target: Target,
            material: RecordId,
            category: Option<Category>,
        ) -> Result<Material, ServiceError> {
            match category.unwrap_or(Category::Other) {
                $(Category::$category => {
                    let grant = app.gate.ask::<$read>(asking, target).await?;
                    let sealed = app.gate.fetch::<$read>(target.subject, material).await?;
                    Ok(grant.open(&sealed.ok_or(NO_MATERIAL)?)?.material)
                })+
                _ => Err(NO_MATERIAL),
            }
        }
    };
}

kinds! {
    Identity: SuppliedIdentity, MaterialFiledAsIdentity, IdentityMaterial;
    Financial: SuppliedFinancial, MaterialFiledAsFinancial, FinancialMaterial;
    Health: SuppliedHealth, MaterialFiledAsHealth, HealthMaterial;
    Claims: SuppliedClaims, MaterialFiledAsClaims, ClaimsMaterial;
    Plan: SuppliedPlan, MaterialFiledAsPlan, PlanMaterial;
    Eligibility: SuppliedEligibility, MaterialFiledAsEligibility, EligibilityMaterial;
    Other: SuppliedOther, MaterialFiledAsOther, OtherMaterial;
}
