//! Two macros: a closed vocabulary (an enum with a stored number and a written word) and a set of
//! its members as a bit mask. They decide nothing about what the words mean.

/// Defines an enum whose variants have a number (stored; never reused) and a word (written in the
/// notice, in pages and on the command line).
macro_rules! vocabulary {
    ($(#[$meta:meta])* $name:ident, $what:literal { $($(#[$doc:meta])* $variant:ident = $code:literal $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $name { $($(#[$doc])* $variant = $code,)+ }

        impl $name {
            /// Every member, in order of its number.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stored number.
            #[must_use]
            pub const fn code(self) -> u8 { self as u8 }

            /// The member with this stored number.
            #[must_use]
            pub const fn from_code(code: u8) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }

            /// The written word.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.pad(self.word()) }
        }

        impl std::str::FromStr for $name {
            type Err = crate::ParseError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(crate::ParseError::UnknownWord {
                        what: $what,
                        found: text.to_owned(),
                        expected: [$($word),+].join(", "),
                    }),
                }
            }
        }

        impl<C> minicbor::Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self, e: &mut minicbor::Encoder<W>, _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.u8(self.code())?.ok()
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                Self::from_code(d.u8()?)
                    .ok_or_else(|| minicbor::decode::Error::message(concat!("unknown ", $what)))
            }
        }
    };
}

/// Defines a set of a vocabulary's members as a bit mask of 64 bits.
macro_rules! vocabulary_set {
    ($(#[$meta:meta])* $name:ident of $member:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
        pub struct $name(u64);

        impl $name {
            /// The empty set.
            pub const EMPTY: Self = Self(0);

            /// The set of these members.
            #[must_use]
            pub const fn of(members: &[$member]) -> Self {
                let mut bits = 0;
                let mut rest = members;
                while let [first, tail @ ..] = rest {
                    bits |= 1 << first.code();
                    rest = tail;
                }
                Self(bits)
            }
            /// The set with these bits; bits that name no member are kept and match nothing.
            #[must_use]
            pub const fn from_bits(bits: u64) -> Self { Self(bits) }
            /// The mask: bit n is the member with number n.
            #[must_use]
            pub const fn bits(self) -> u64 { self.0 }
            /// Whether nothing is in it.
            #[must_use]
            pub const fn is_empty(self) -> bool { self.0 == 0 }
            /// Whether the member is in it.
            #[must_use]
            pub const fn contains(self, member: $member) -> bool { self.0 & (1 << member.code()) != 0 }
            /// Whether all of the other set is in this one.
            #[must_use]
            pub const fn contains_all(self, other: Self) -> bool { other.0 & !self.0 == 0 }
            /// This set with one more member.
            #[must_use]
            pub const fn with(self, member: $member) -> Self { Self(self.0 | 1 << member.code()) }
            /// What is in either.
            #[must_use]
            pub const fn union(self, other: Self) -> Self { Self(self.0 | other.0) }
            /// What is in both.
            #[must_use]
            pub const fn intersection(self, other: Self) -> Self { Self(self.0 & other.0) }
            /// What is in this one and not in the other.
            #[must_use]
            pub const fn minus(self, other: Self) -> Self { Self(self.0 & !other.0) }
            /// How many members.
            #[must_use]
            pub const fn len(self) -> u32 { self.0.count_ones() }
            /// The members, in order of their number.
            pub fn iter(self) -> impl Iterator<Item = $member> {
                $member::ALL.iter().copied().filter(move |member| self.contains(*member))
            }
        }

        impl FromIterator<$member> for $name {
            fn from_iter<I: IntoIterator<Item = $member>>(members: I) -> Self {
                members.into_iter().fold(Self::EMPTY, Self::with)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                for (index, member) in self.iter().enumerate() {
                    if index > 0 { f.write_str(", ")?; }
                    f.write_str(member.word())?;
                }
                Ok(())
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { write!(f, "{{{self}}}") }
        }

        impl<C> minicbor::Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self, e: &mut minicbor::Encoder<W>, _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.u64(self.0)?.ok()
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                d.u64().map(Self)
            }
        }
    };
}

pub(crate) use {vocabulary, vocabulary_set};
