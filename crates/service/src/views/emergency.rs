//! The views of an access in an emergency: who somebody is, how to reach them and what covers them; and why it was opened,
//! for whoever reviews it.

use domain::{
    Country, Coverage, CoverageStatus, Date, Diagnosis, Field, Material, MemberNumber, Person, PersonName,
    PhoneNumber, PlanName, Sex, SuppliedHealth, View,
};

/// A person, to help them.
#[derive(View)]
#[of(Person)]
pub struct PersonInEmergency {
    /// Name.
    #[category(Identity)]
    pub name: PersonName,
    /// Birth date.
    #[category(Identity)]
    pub birth_date: Date,
    /// Sex.
    #[category(Identity)]
    pub sex: Sex,
    /// Country.
    #[category(Identity)]
    pub country: Option<Country>,
    /// Telephone.
    #[category(Identity)]
    pub phone: Option<PhoneNumber>,
    /// The number on the card.
    #[category(MemberId)]
    pub member_number: MemberNumber,
}

/// What covers them.
#[derive(View)]
#[of(Coverage)]
pub struct CoverInEmergency {
    /// The plan.
    #[category(Plan)]
    pub plan_name: PlanName,
    /// First day.
    #[category(Eligibility)]
    pub start: Date,
    /// Last day.
    #[category(Eligibility)]
    pub end: Option<Date>,
    /// Whether it is in force.
    #[category(Eligibility)]
    pub status: CoverageStatus,
    /// What it excludes.
    #[category(Health)]
    pub exclusions: Field<Vec<Diagnosis>>,
}

/// Why somebody's data was opened, for whoever reviews it.
#[derive(View)]
#[of(SuppliedHealth)]
pub struct EmergencyReasons {
    /// As it was written down.
    #[category(Health)]
    pub material: Material,
}
