//! The files of a notice, a related notice or a supplement: it is refused file by file and line by line, or it
//! compiles, renders and exports; and no markup of the prose becomes a script.

use domain::Language;
use notice::{Edition, Notice, Related, Supplement};

use crate::parts;

pub(crate) fn check(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else { return };
    let files = parts::of(text);
    for problem in Edition::read(&files).err().into_iter().flatten() {
        assert!(!problem.message.is_empty());
    }
    for problem in Related::read(&files).err().into_iter().flatten() {
        assert!(!problem.message.is_empty());
    }
    match Notice::read(&files) {
        Err(problems) => assert!(!problems.is_empty(), "a notice is refused for a reason"),
        Ok(notice) => usable(&notice),
    }
    if let Ok(supplement) = Supplement::read(&files) {
        assert!(!supplement.name().is_empty());
    }
}

fn usable(notice: &Notice) {
    let _ = notice.compile();
    for language in Language::ALL {
        let page = notice.render_html(*language);
        assert!(!page.contains("<script") && !page.contains("javascript:"), "a script in the page");
        assert!(!notice.render_text(*language).is_empty() && !notice.record(*language).csv().is_empty());
    }
    assert!(notice.difference(notice).is_empty(), "a notice differs from itself in nothing");
    assert!(!notice.cedar_policies().is_empty() && notice.dpv().is_object());
}
