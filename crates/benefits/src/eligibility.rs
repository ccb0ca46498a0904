//! Which span of cover holds on a day, as it is known now or as it was believed on another day: a span
//! runs from when to when, and stands in the record from when to when. It says nothing of what is covered.

use domain::Date;

/// A span of cover in the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First day of cover.
    pub start: Date,
    /// Last day; none while it is open.
    pub end: Option<Date>,
    /// The day on which it was recorded.
    pub recorded: Date,
    /// The day on which it was taken out of the record: another stands for it, or it never was.
    pub withdrawn: Option<Date>,
}

impl Span {
    /// Whether it stood in the record at the end of a day.
    #[must_use]
    pub fn stood(&self, believed: Date) -> bool {
        self.recorded <= believed && self.withdrawn.is_none_or(|out| believed < out)
    }
}

/// The place of the span that covered a day, as believed at the end of another day: of several the one
/// that began last, and of those the one recorded last.
#[must_use]
pub fn covering(spans: &[Span], day: Date, believed: Date) -> Option<usize> {
    let holds = |span: &Span| span.start <= day && span.end.is_none_or(|end| day <= end);
    let found = spans.iter().enumerate().filter(|(_, span)| span.stood(believed) && holds(span));
    found.max_by_key(|(_, span)| (span.start, span.recorded)).map(|(place, _)| place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_now_and_what_was_believed_then_differ() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let open = Span {
            start: day("2026-01-01"),
            end: None,
            recorded: day("2026-01-05"),
            withdrawn: Some(day("2026-05-02")),
        };
        // Ended in May, back to the end of March.
        let ended =
            Span { end: Some(day("2026-03-31")), recorded: day("2026-05-02"), withdrawn: None, ..open };
        let spans = [open, ended];
        let on = |service: &str, believed: &str| covering(&spans, day(service), day(believed));
        assert_eq!(on("2026-04-10", "2026-04-20"), Some(0));
        assert_eq!(on("2026-04-10", "2026-05-02"), None);
        assert_eq!(on("2026-03-10", "2026-05-02"), Some(1));
        assert_eq!(on("2026-01-10", "2026-01-04"), None);
        assert_eq!(on("2025-12-31", "2026-05-02"), None);
    }
}
