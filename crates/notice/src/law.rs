//! The words of the law that a clause uses: bases under the General Data Protection Regulation
//! (GDPR, Regulation (EU) 2016/679), and what a retention period runs from. Each is *declared by* the
//! controller; nothing here judges whether it is right. Safeguards for transfers stand in `domain`, since the
//! register of recipients names them too.

macro_rules! words {
    ($(#[$meta:meta])* $name:ident, $what:literal { $($(#[$doc:meta])* $variant:ident $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// Every member.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word written in `clauses.toml`.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.pad(self.word()) }
        }

        impl std::str::FromStr for $name {
            type Err = domain::ParseError;
            fn from_str(text: &str) -> Result<Self, domain::ParseError> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(domain::ParseError::UnknownWord {
                        what: $what,
                        found: text.to_owned(),
                        expected: [$($word),+].join(", "),
                    }),
                }
            }
        }
    };
}

words! {
    /// A legal basis, GDPR article 6(1).
    LegalBasis, "legal basis" {
        /// Point (a): the person agreed.
        Consent "consent",
        /// Point (b): needed for a contract with the person.
        Contract "contract",
        /// Point (c): the law demands it.
        LegalObligation "legal-obligation",
        /// Point (d): needed to protect a life.
        VitalInterest "vital-interest",
        /// Point (e): a task in the public interest.
        PublicTask "public-task",
        /// Point (f): a legitimate interest that the person's own do not outweigh.
        LegitimateInterest "legitimate-interest",
    }
}

impl LegalBasis {
    /// The point of article 6(1).
    #[must_use]
    pub const fn point(self) -> char {
        match self {
            Self::Consent => 'a',
            Self::Contract => 'b',
            Self::LegalObligation => 'c',
            Self::VitalInterest => 'd',
            Self::PublicTask => 'e',
            Self::LegitimateInterest => 'f',
        }
    }
}

words! {
    /// What permits the use of health data, GDPR article 9(2). Points (d) and (e) are left out: no
    /// administrator of benefits is a political or religious body, and none relies on data that
    /// someone made public.
    HealthBasis, "basis for health data" {
        /// Point (a): explicit consent.
        ExplicitConsent "explicit-consent",
        /// Point (b): employment, social security and social protection law.
        SocialProtection "social-protection",
        /// Point (c): a life, where the person cannot consent.
        VitalInterest "vital-interest",
        /// Point (f): establishing, exercising or defending legal claims.
        LegalClaims "legal-claims",
        /// Point (g): substantial public interest, under a law.
        PublicInterest "public-interest",
        /// Point (h): providing care, or managing health care systems and services.
        HealthCare "health-care",
        /// Point (i): public health.
        PublicHealth "public-health",
        /// Point (j): research and statistics.
        Research "research",
    }
}

impl HealthBasis {
    /// The point of article 9(2).
    #[must_use]
    pub const fn point(self) -> char {
        match self {
            Self::ExplicitConsent => 'a',
            Self::SocialProtection => 'b',
            Self::VitalInterest => 'c',
            Self::LegalClaims => 'f',
            Self::PublicInterest => 'g',
            Self::HealthCare => 'h',
            Self::PublicHealth => 'i',
            Self::Research => 'j',
        }
    }
}

words! {
    /// The day that a retention period runs from.
    RetentionStart, "start of a retention period" {
        /// The end of the person's last cover.
        CoverEnd "cover-end",
        /// The end of the relationship: of cover, employment, or dealings with a provider.
        RelationEnd "relation-end",
        /// The day the record was made.
        RecordMade "record-made",
        /// The end of the financial year in which the record was made.
        FinancialYearEnd "financial-year-end",
    }
}
