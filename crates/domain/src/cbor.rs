//! How the domain's value types are written inside sealed records. Final: stored data depends on it.

use minicbor::decode::Error as DecodeError;
use minicbor::encode::{Error as EncodeError, Write};
use minicbor::{Decode, Decoder, Encode, Encoder};

use crate::{Country, Currency, Date, Money, Timestamp};

macro_rules! cbor {
    ($type:ty, |$value:ident, $e:ident| $encode:expr, |$d:ident| $decode:expr) => {
        impl<C> Encode<C> for $type {
            fn encode<W: Write>(&self, $e: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
                let $value = self;
                $encode?.ok()
            }
        }
        impl<'b, C> Decode<'b, C> for $type {
            fn decode($d: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
                $decode
            }
        }
    };
}

cbor!(Date, |date, e| e.u32(date.number()), |d| Date::from_number(d.u32()?).map_err(DecodeError::custom));
cbor!(Timestamp, |instant, e| e.i64(instant.micros()), |d| d.i64().map(Timestamp::from_micros));
cbor!(Currency, |currency, e| e.u16(currency.number()), |d| Currency::from_number(d.u16()?)
    .ok_or_else(|| DecodeError::message("unknown currency number")));
cbor!(Country, |country, e| e.str(country.code()), |d| d.str()?.parse().map_err(DecodeError::custom));
cbor!(Money, |money, e| e.array(2)?.i64(money.minor())?.u16(money.currency().number()), |d| {
    if d.array()? != Some(2) {
        return Err(DecodeError::message("an amount has two parts"));
    }
    let minor = d.i64()?;
    let currency =
        Currency::from_number(d.u16()?).ok_or_else(|| DecodeError::message("unknown currency number"))?;
    Money::new(minor, currency).map_err(DecodeError::custom)
});
