//! A table that takes nothing in, as if its disk failed in the middle of a unit of work. It changes no row that is there.

use store::testing::tamper;

use crate::site::TestSite;

/// A table that a test may spoil.
#[derive(Clone, Copy)]
pub(crate) struct Spoiled {
    pub(crate) schema: &'static str,
    pub(crate) table: &'static str,
}

impl Spoiled {
    /// From here on each row that is put in fails its unit of work.
    pub(crate) async fn spoil(self, site: &TestSite) {
        let Self { schema, table } = self;
        let name = format!("{table}_spoiled");
        let statements = if is_sqlite(site) {
            vec![format!(
                "CREATE TRIGGER {schema}.{name} BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'spoiled'); END"
            )]
        } else {
            vec![
                format!(
                    "CREATE OR REPLACE FUNCTION {schema}.{name}() RETURNS trigger LANGUAGE plpgsql
                        AS 'BEGIN RAISE EXCEPTION ''spoiled''; END'"
                ),
                format!(
                    "CREATE TRIGGER {name} BEFORE INSERT ON {schema}.{table}
                        FOR EACH ROW EXECUTE FUNCTION {schema}.{name}()"
                ),
            ]
        };
        for sql in statements {
            site.write(move |unit| tamper(unit, &sql)).await;
        }
    }

    /// It takes rows again.
    pub(crate) async fn mend(self, site: &TestSite) {
        let Self { schema, table } = self;
        let sql = if is_sqlite(site) {
            format!("DROP TRIGGER {schema}.{table}_spoiled")
        } else {
            format!("DROP TRIGGER {table}_spoiled ON {schema}.{table}")
        };
        site.write(move |unit| tamper(unit, &sql)).await;
    }
}

fn is_sqlite(site: &TestSite) -> bool {
    format!("{:?}", site.app.store()).contains("sqlite")
}
