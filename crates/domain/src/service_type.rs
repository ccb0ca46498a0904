//! Types of service: what kind of care a line was for, whatever its code. They are those of FHIR's benefit categories that
//! name a kind of care and not a whole cover; who knows a line's type says so, and nothing is guessed from its code.

use minicbor::{Decode, Encode};

use crate::redacted::redacted;
use crate::vocabulary::{vocabulary, vocabulary_set};

vocabulary! {
    /// A type of service.
    ServiceType, "service type" {
        /// Medical care.
        MedicalCare = 0 "medical-care",
        /// Surgery.
        Surgery = 1 "surgery",
        /// A consultation.
        Consultation = 2 "consultation",
        /// Diagnosis by X-ray.
        XRay = 3 "x-ray",
        /// Diagnosis by magnetic resonance.
        MriScan = 4 "mri-scan",
        /// Diagnosis in a laboratory.
        Laboratory = 5 "laboratory",
        /// What a pharmacy gives.
        Pharmacy = 6 "pharmacy",
        /// Room and board in hospital.
        RoomAndBoard = 7 "room-and-board",
        /// Transport for medical reasons.
        Transport = 8 "transport",
        /// Maternity.
        Maternity = 9 "maternity",
        /// In-vitro fertilisation.
        InVitroFertilisation = 10 "in-vitro-fertilisation",
        /// Dialysis.
        Dialysis = 11 "dialysis",
        /// Renal supplies without dialysis.
        RenalSupplies = 12 "renal-supplies",
        /// What a donor undergoes.
        DonorProcedures = 13 "donor-procedures",
        /// Dental care.
        DentalCare = 14 "dental-care",
        /// Dental diagnosis.
        DentalDiagnosis = 15 "dental-diagnosis",
        /// Care of what holds teeth.
        Periodontics = 16 "periodontics",
        /// Fillings and the like.
        DentalRestoration = 17 "dental-restoration",
        /// Care of roots.
        Endodontics = 18 "endodontics",
        /// Prostheses of jaw and face.
        MaxillofacialProsthetics = 19 "maxillofacial-prosthetics",
        /// Services beside other dental care.
        DentalAdjunct = 20 "dental-adjunct",
        /// Crowns.
        DentalCrowns = 21 "dental-crowns",
        /// Dental care after an accident.
        DentalAccident = 22 "dental-accident",
        /// Hearing.
        Hearing = 23 "hearing",
        /// Vision.
        Vision = 24 "vision",
    }
}

vocabulary_set! {
    /// A set of types of service.
    ServiceTypes of ServiceType
}

/// The type of service of one line.
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LineType {
    /// The line's number.
    #[n(0)]
    pub line: u32,
    /// Its type.
    #[n(1)]
    pub service_type: ServiceType,
}

redacted!(LineType);
