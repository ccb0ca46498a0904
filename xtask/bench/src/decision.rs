//! The row of decisions: from the handler's ask to what would be granted, with the version in force and the
//! conditions looked up; nothing is written, so this is what the notice itself costs.

use std::hint::black_box;

use domain::{Purpose, SubjectId, SubjectKind};
use gate::{Asking, Target};
use service::views::CoverPage;

use crate::database::Engine;
use crate::fill;
use crate::measure::{CoreClock, Row};
use crate::site::Site;
use crate::{Failure, Run};

const DECISIONS: u32 = 1_000_000;

pub(crate) async fn measure(run: &Run, engine: &Engine) -> Result<Row, Failure> {
    let targets = fill::targets(run, engine).await?;
    let site = Site::open(engine, fill::SITE).await?;
    let gate = &site.app.gate;
    let actor = gate.authenticate(&targets.token).await?;
    let request = gate.request();
    let mut product = Vec::new();
    for _ in 0..run.rounds.max(5) {
        let clock = CoreClock::start()?;
        for number in 0..DECISIONS {
            let subject = SubjectId::from_bytes(u128::from(number).to_be_bytes());
            let target = Target { subject, item: Some(fill::item(subject)) };
            let asking = Asking::new(&actor, site.portfolio, Purpose::PlanInformation, request);
            black_box(gate.preview::<CoverPage>(black_box(&asking), target, SubjectKind::Member)?);
        }
        product.push(clock.nanoseconds()? / f64::from(DECISIONS));
    }
    site.close().await?;
    Ok(Row {
        what: "decision from the handler's ask".to_owned(),
        database: "",
        product,
        floor: Vec::new(),
        unit: "ns",
        aim: "<= 1,000 ns",
        remark:
            "version in force and conditions looked up; before anything is written; by the time on the core"
                .to_owned(),
    })
}
