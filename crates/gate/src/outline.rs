//! What the log must know of a body without reading it as an entry: whom it is about, and whether it means anything for
//! others. One pass tells all of it, in the time that stepping over the fields takes; whoever verifies a log does it for
//! every entry. It checks nothing else of a body.

use domain::{SubjectId, WorkItemId};
use minicbor::Decoder;
use minicbor::data::Type;
use transparency::{Hash, Roll};

use crate::Reopened;
use crate::bulk::chain_of_run;
use crate::sealer::SITE;

/// The numbers of [`Entry::salt`](crate::Entry::salt), [`subject`](crate::Entry::subject), [`run`](crate::Entry::run) and
/// [`many`](crate::Entry::many) among an entry's fields.
const SALT: u64 = 0;
const SUBJECT: u64 = 15;
const RUN: u64 = 22;
const MANY: u64 = 38;
/// The same of [`deferred`](crate::Entry::deferred), [`defers`](crate::Entry::defers) and [`lapse`](crate::Entry::lapse).
const MARKS: [u64; 3] = [28, 29, 39];

/// What one pass over a body tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outline {
    pub(crate) whom: Whom,
    /// Whether it has a field that means something for other entries.
    pub(crate) is_marked: bool,
}

/// Whom an entry is about, as its body says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whom {
    /// This subject: a person, or a chain that is nobody's.
    One(SubjectId),
    /// Many people; and it stands in the chain of its run.
    Many { chain: SubjectId, salt: [u8; 16], root: Hash },
    /// Many people, and this one alone.
    Contradictory(SubjectId),
}

impl Whom {
    /// In whose list it stands by itself.
    pub(crate) fn subject(self) -> SubjectId {
        match self {
            Self::One(subject) | Self::Many { chain: subject, .. } | Self::Contradictory(subject) => subject,
        }
    }
}

impl Outline {
    /// Reads a body, whatever its kind; `None` when it does not read as anybody's.
    pub(crate) fn of(body: &[u8]) -> Option<Self> {
        // Entries are maps; the log's own begin with words.
        if body.first().is_none_or(|first| first >> 5 != 5) {
            let is_own = Roll::from_body(body).is_some() || Reopened::from_body(body).is_some();
            return is_own.then_some(Self { whom: Whom::One(SITE), is_marked: false });
        }
        let mut decoder = Decoder::new(body);
        let (mut salt, mut subject, mut run, mut root) = (None, None, None, None::<Option<Hash>>);
        let mut is_marked = false;
        for _ in 0..decoder.map().ok()?? {
            match decoder.u64().ok()? {
                SALT => once(salt.replace(decoder.bytes().ok()?))?,
                SUBJECT => once(subject.replace(decoder.decode().ok()?))?,
                RUN => once(run.replace(decoder.decode::<Option<WorkItemId>>().ok()?))?,
                MANY if decoder.datatype().ok()? == Type::Bytes => {
                    once(root.replace(Some(decoder.bytes().ok()?.try_into().ok()?)))?;
                }
                field => {
                    is_marked |= MARKS.contains(&field);
                    if field == MANY {
                        once(root.replace(None))?;
                    }
                    step_over(&mut decoder)?;
                }
            }
        }
        let (subject, Some(root)) = (subject?, root.flatten()) else {
            return Some(Self { whom: Whom::One(subject?), is_marked });
        };
        let salt: Option<[u8; 16]> = salt.and_then(|salt| salt.try_into().ok());
        let whom = match salt.filter(|_| run.flatten().map(chain_of_run) == Some(subject)) {
            Some(salt) => Whom::Many { chain: subject, salt, root },
            None => Whom::Contradictory(subject),
        };
        Some(Self { whom, is_marked })
    }
}

/// `None` for a field that stood there before: whoever reads the first would read another entry than who reads the last.
fn once<T>(before: Option<T>) -> Option<()> {
    before.is_none().then_some(())
}

/// Steps over a value. Small numbers, short bytes and short texts say their length in their first byte, and are nearly all
/// that an entry has (RFC 8949, section 3).
fn step_over(decoder: &mut Decoder<'_>) -> Option<()> {
    let length = match decoder.input().get(decoder.position())? {
        0x00..=0x17 => 0,
        head @ (0x40..=0x57 | 0x60..=0x77) => usize::from(head & 0x1f),
        _ => return decoder.skip().ok(),
    };
    let end = decoder.position() + 1 + length;
    (end <= decoder.input().len()).then(|| decoder.set_position(end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::tests::entry;
    use crate::{Entry, Lapse};
    use domain::Timestamp;

    fn outline(entry: &Entry) -> Outline {
        Outline::of(&entry.to_bytes()).unwrap()
    }

    #[test]
    fn whose_an_entry_is_is_read_without_reading_it_as_one() {
        let entry = entry();
        let body = entry.to_bytes();
        assert_eq!(outline(&entry), Outline { whom: Whom::One(entry.subject), is_marked: false });
        assert_eq!(Entry::from_bytes(&body), Some(entry));
        for end in 0..body.len() {
            assert_eq!(Outline::of(&body[..end]), None, "cut to {end} bytes");
        }
        assert_eq!(Outline::of(b"moretus/roll/2\n"), None);
    }

    #[test]
    fn one_that_says_twice_whose_it_is_is_nobodys() {
        let many = Entry { many: Some([5; 32]), run: Some(WorkItemId::from_bytes([6; 16])), ..entry() };
        let body = many.to_bytes();
        let fields = Decoder::new(&body).map().unwrap().unwrap();
        // One field more in the same map, at its end; the head says how many there are.
        let head = if fields < 24 { 1 } else { 2 };
        let twice = |part: &[u8]| {
            let count = u8::try_from(fields).unwrap() + 1;
            [&[0xb8, count][..], &body[head..], part].concat()
        };
        let id = |key: &[u8], length: usize| {
            [key, &[0x40 + u8::try_from(length).unwrap()], &vec![9; length]].concat()
        };
        let root = [&[0x18, 38, 0x58, 32][..], &[9; 32]].concat();
        for field in
            [id(&[0x00], 16), id(&[0x0f], 16), id(&[0x16], 16), root, vec![0x18, 38, 0xf6], vec![0x16, 0xf6]]
        {
            assert_eq!(Outline::of(&twice(&field)), None, "{field:x?}");
        }
        // Another one is nobody's concern here.
        assert!(Outline::of(&twice(&[0x18, 99, 0x00])).is_some());
    }

    #[test]
    fn one_about_many_stands_in_the_chain_of_its_run() {
        let run = WorkItemId::from_bytes([6; 16]);
        let many = Entry { run: Some(run), subject: chain_of_run(run), many: Some([5; 32]), ..entry() };
        let whom = Whom::Many { chain: many.subject, salt: many.salt, root: [5; 32] };
        assert_eq!(outline(&many).whom, whom);
        let other = Entry { subject: SubjectId::from_bytes([7; 16]), ..many };
        assert_eq!(outline(&other).whom, Whom::Contradictory(other.subject));
    }

    #[test]
    fn each_field_that_means_something_for_others_marks_an_entry() {
        let at = Timestamp::from_micros(7);
        let marked = [
            Entry { deferred: Some(at), ..entry() },
            Entry { defers: Some(at), ..entry() },
            Entry { lapse: Some(Lapse { before: at, end: 1, years: 10 }), ..entry() },
        ];
        for entry in marked {
            assert!(outline(&entry).is_marked, "{entry:?}");
        }
    }
}
