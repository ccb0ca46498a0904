//! Unwrapping keys and opening sealed rows, as the stored formats say. The formats are final, so this is
//! written out once more here and does not follow the gate.

use std::path::Path;

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use domain::{CoverageStatus, Currency, Date};
use hkdf::Hkdf;
use minicbor::Decoder;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{Key, Row};
use crate::Failure;

/// The category whose rows are fetched and not opened, as the product withholds them: health.
const WITHHELD: u8 = domain::Category::Health.code();

/// Holds the root key's cipher.
pub(crate) struct Opener {
    root: Aes256GcmSiv,
}

/// What a cover's rows say, ready to be written.
#[derive(Default)]
pub(super) struct Cover {
    pub(super) insured: String,
    pub(super) policy_number: String,
    pub(super) plan_name: String,
    pub(super) currency: String,
    pub(super) start: String,
    pub(super) end: Option<String>,
    pub(super) status: &'static str,
}

impl Opener {
    pub(crate) fn new(root_key: &Path) -> Result<Self, Failure> {
        let text = Zeroizing::new(std::fs::read_to_string(root_key)?);
        let mut root = Zeroizing::new([0; 32]);
        for (index, byte) in root.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(index * 2..index * 2 + 2).ok_or("no root key")?, 16)?;
        }
        let mut wrap = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, root.as_slice())
            .expand(b"moretus/wrap/1", wrap.as_mut_slice())
            .map_err(|_| "the root key cannot be expanded")?;
        Ok(Self { root: cipher(&wrap) })
    }

    /// Opens every row but the withheld one.
    pub(super) fn cover(&self, subject: &[u8; 16], rows: &[Row], keys: &[Key]) -> Result<Cover, Failure> {
        let mut cover = Cover::default();
        for row in rows.iter().filter(|row| row.category != WITHHELD) {
            let map = self.open(subject, row, keys)?;
            read(&map, &mut cover)?;
        }
        if cover.insured.is_empty() { Err("there is no such cover".into()) } else { Ok(cover) }
    }

    /// Opens a row.
    pub(crate) fn open(
        &self,
        subject: &[u8; 16],
        row: &Row,
        keys: &[Key],
    ) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let key = self.key(subject, row, keys)?;
        let sealed = row.blob.get(1..).unwrap_or_default();
        Ok(Zeroizing::new(decrypt(&cipher(&key), sealed, &row.associated_data(subject))?))
    }

    /// Unwraps the key of a row.
    pub(crate) fn key(
        &self,
        subject: &[u8; 16],
        row: &Row,
        keys: &[Key],
    ) -> Result<Zeroizing<[u8; 32]>, Failure> {
        let of_row = |key: &&Key| key.category == row.category && key.class == row.class;
        let wrapped = &keys.iter().find(of_row).ok_or("a key is missing")?.wrapped;
        let aad = [b"moretus/data-key/1".as_slice(), subject, &[row.category, row.class]].concat();
        let key = Zeroizing::new(decrypt(&self.root, wrapped.get(4..).unwrap_or_default(), &aad)?);
        Ok(Zeroizing::new(<[u8; 32]>::try_from(key.as_slice())?))
    }
}

impl Row {
    /// What the seal of a row binds.
    pub(crate) fn associated_data(&self, subject: &[u8; 16]) -> Vec<u8> {
        [
            b"moretus/sealed/1\n".as_slice(),
            subject,
            &self.record,
            &self.supplement,
            &self.version.to_be_bytes(),
            &[self.kind, self.category, self.class],
        ]
        .concat()
    }
}

fn cipher(key: &[u8; 32]) -> Aes256GcmSiv {
    Aes256GcmSiv::new(key.into())
}

/// Opens a nonce and what follows it.
fn decrypt(cipher: &Aes256GcmSiv, sealed: &[u8], aad: &[u8]) -> Result<Vec<u8>, Failure> {
    let (nonce, msg) = sealed.split_first_chunk::<12>().ok_or("too short")?;
    let opened = cipher.decrypt(&Nonce::from(*nonce), Payload { msg, aad });
    opened.map_err(|_| "a stored value does not open".into())
}

/// Reads one category's map of fields by their tags.
fn read(map: &[u8], cover: &mut Cover) -> Result<(), Failure> {
    let mut decoder = Decoder::new(map);
    for _ in 0..decoder.map()?.unwrap_or(0) {
        match decoder.u32()? {
            1 => cover.insured = decoder.str()?.to_owned(),
            2 => cover.policy_number = decoder.str()?.to_owned(),
            3 => cover.plan_name = decoder.str()?.to_owned(),
            4 => {
                cover.currency = Currency::from_number(decoder.u16()?).ok_or("no such currency")?.to_string();
            }
            5 => cover.start = Date::from_number(decoder.u32()?)?.to_string(),
            6 => cover.end = decoder.decode::<Option<Date>>()?.map(|end| end.to_string()),
            7 => cover.status = decoder.decode::<CoverageStatus>()?.word(),
            _ => decoder.skip()?,
        }
    }
    Ok(())
}
