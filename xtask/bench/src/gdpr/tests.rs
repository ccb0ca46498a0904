//! The mixes at small counts: every answer is right on both sides, with one client and with several, and the check bites.

use super::*;

const SMALL: Size = Size { records: 200, operations: 200 };

async fn every_answer_is_right(engine: &Engine, clients: &[usize]) {
    load(engine, SMALL).await.unwrap();
    for mix in Mix::ALL {
        for (clients, ours) in clients.iter().flat_map(|clients| [(*clients, true), (*clients, false)]) {
            let done = turn(engine, mix, SMALL, clients, ours).await.unwrap();
            assert_eq!(done.wrong, None, "{mix:?}, {clients} clients, product: {ours}");
            assert_eq!(done.right, SMALL.operations, "{mix:?}, {clients} clients, product: {ours}");
            assert!(done.space > 1.0, "{mix:?}: {}", done.space);
        }
    }
}

/// What the driver believes is made wrong, and each side's answers are found to differ from it.
async fn a_wrong_answer_is_found(engine: &Engine) {
    load(engine, SMALL).await.unwrap();
    for mix in [Mix::Customer, Mix::Regulator] {
        for ours in [true, false] {
            let model = Model::new(SMALL.records, SMALL.operations, mix == Mix::Regulator, ours);
            model.lie().await;
            let done = turn_with(engine, mix, SMALL, 1, (ours, model)).await.unwrap();
            assert!(done.wrong.is_some() && done.right < SMALL.operations, "{mix:?}, product: {ours}");
            assert!(row(engine, mix, SMALL, 1, (&[done], &[])).is_err(), "it fails the run");
        }
    }
}

fn sqlite_in(folder: &tempfile::TempDir) -> Engine {
    Engine::Sqlite { folder: folder.path().to_path_buf() }
}

mod sqlite {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn every_answer_is_right() {
        let folder = tempfile::tempdir().unwrap();
        super::every_answer_is_right(&sqlite_in(&folder), &[1, 4]).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_wrong_answer_is_found() {
        let folder = tempfile::tempdir().unwrap();
        super::a_wrong_answer_is_found(&sqlite_in(&folder)).await;
    }
}

mod postgres {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn every_answer_is_right() {
        let folder = tempfile::tempdir().unwrap();
        let url = std::env::var("MORETUS_TEST_POSTGRES").expect("run `cargo xtask test`");
        let engine = Engine::Postgres { folder: folder.path().to_path_buf(), url };
        super::every_answer_is_right(&engine, &[4]).await;
    }
}
