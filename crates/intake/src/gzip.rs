//! Files may come compressed: gzip is recognised by its first two bytes, not by a file's name.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use flate2::bufread::MultiGzDecoder;

/// The text of a reader, decompressed if it is gzip. It streams: memory does not grow with the text.
///
/// # Errors
/// When the first bytes cannot be read. Damaged gzip shows as a read error further on.
pub fn decompressed<'a>(reader: impl Read + Send + 'a) -> io::Result<Box<dyn Read + Send + 'a>> {
    let mut buffered = BufReader::new(reader);
    let mut start = Vec::with_capacity(2);
    buffered.by_ref().take(2).read_to_end(&mut start)?;
    let whole: Box<dyn BufRead + Send + 'a> = Box::new(Cursor::new(start.clone()).chain(buffered));
    Ok(if start == [0x1f, 0x8b] { Box::new(MultiGzDecoder::new(whole)) } else { Box::new(whole) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn both_kinds_read_the_same() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(b"id,name\n").unwrap();
        for bytes in [encoder.finish().unwrap(), b"id,name\n".to_vec()] {
            let mut text = String::new();
            decompressed(bytes.as_slice()).unwrap().read_to_string(&mut text).unwrap();
            assert_eq!(text, "id,name\n");
        }
        for short in [&b""[..], b"x", &[0x1f, 0x8b]] {
            let mut bytes = Vec::new();
            let _ = decompressed(short).unwrap().read_to_end(&mut bytes);
            assert!(bytes.len() <= 1);
        }
    }
}
