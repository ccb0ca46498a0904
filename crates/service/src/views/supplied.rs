//! The views of payment cards and of supplied material. Where one is only asked for, and nothing of it opened, its name
//! tells on the record what was done.

use domain::{
    CardToken, LastDigits, Material, PaymentCard, PaymentProvider, SuppliedClaims, SuppliedEligibility,
    SuppliedFinancial, SuppliedHealth, SuppliedIdentity, SuppliedOther, SuppliedPlan, Unclassified, View,
};

/// A card, to collect a premium from it.
#[derive(View)]
#[of(PaymentCard)]
pub struct CardToCharge {
    /// Who keeps it.
    #[category(PaymentCard)]
    pub provider: PaymentProvider,
    /// What they gave in place of its number.
    #[category(PaymentCard)]
    pub token: CardToken,
    /// Its last four digits.
    #[category(PaymentCard)]
    pub last_digits: LastDigits,
}

/// A card, as somebody records it: nothing of it opens.
#[derive(View)]
#[of(PaymentCard)]
pub struct CardToRecord {
    /// Its last four digits.
    #[category(PaymentCard)]
    pub last_digits: LastDigits,
}

/// A card, as somebody takes it off: nothing of it opens.
#[derive(View)]
#[of(PaymentCard)]
pub struct CardToRemove {
    /// Its last four digits.
    #[category(PaymentCard)]
    pub last_digits: LastDigits,
}

macro_rules! material {
    ($($(#[$meta:meta])* $name:ident of $record:ident, $category:ident;)+) => { $(
        $(#[$meta])*
        #[derive(View)]
        #[of($record)]
        pub struct $name {
            /// As it came.
            #[category($category)]
            pub material: Material,
        }
    )+ };
}

material! {
    /// Material that waits, to find out what it is.
    MaterialToClassify of Unclassified, Unclassified;
    /// Material that waits, as somebody refuses it: nothing of it opens.
    MaterialToRefuse of Unclassified, Unclassified;
    /// Material that waits, as somebody files it as identity data.
    MaterialFiledAsIdentity of Unclassified, Unclassified;
    /// As somebody files it as financial data.
    MaterialFiledAsFinancial of Unclassified, Unclassified;
    /// As somebody files it as health data.
    MaterialFiledAsHealth of Unclassified, Unclassified;
    /// As somebody files it with the claims.
    MaterialFiledAsClaims of Unclassified, Unclassified;
    /// As somebody files it with the plan.
    MaterialFiledAsPlan of Unclassified, Unclassified;
    /// As somebody files it as a matter of eligibility.
    MaterialFiledAsEligibility of Unclassified, Unclassified;
    /// As somebody files it as none of these.
    MaterialFiledAsOther of Unclassified, Unclassified;
    /// Material that is identity data.
    IdentityMaterial of SuppliedIdentity, Identity;
    /// Material that is financial data.
    FinancialMaterial of SuppliedFinancial, Financial;
    /// Material that is health data.
    HealthMaterial of SuppliedHealth, Health;
    /// Material that belongs to claims.
    ClaimsMaterial of SuppliedClaims, Claims;
    /// Material about the plan.
    PlanMaterial of SuppliedPlan, Plan;
    /// Material about eligibility.
    EligibilityMaterial of SuppliedEligibility, Eligibility;
    /// Material that is none of these.
    OtherMaterial of SuppliedOther, Other;
}
