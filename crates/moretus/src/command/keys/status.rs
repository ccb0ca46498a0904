//! `moretus keys status`: where the root key comes from, what it wraps, and whether it is being changed. It says so of
//! a site whose root key is lost or wrong, too, and shows no key.

use clap::Args;
use gate::RootKeyId;
use serde_json::{Value, json};
use store::Store;

use crate::output::say;
use crate::report::{Error, grouped};
use crate::root_key::{Source, Sources};
use crate::site::SiteArguments;
use crate::wrapped::Wrapped;

/// Say what the root key wraps.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus keys status --data moretus-data\n  moretus keys status --data moretus-data --json\n\nIt reads the whole table of keys. It ends with 1 when a root key that is needed is not given."
)]
pub(crate) struct Status {
    #[command(flatten)]
    site: SiteArguments,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

/// A source, and the root key that it gives or why it gives none.
struct Given {
    source: Source,
    id: Result<RootKeyId, String>,
}

impl Status {
    pub(crate) async fn run(self) -> Result<(), Error> {
        self.site.must_be_a_site()?;
        let sources = self.site.sources()?;
        let given = given(&sources)?;
        let store = Store::open(&self.site.location()?).await?;
        let wrapped = Wrapped::read(&store).await?;
        store.close().await?;
        let is_begun = wrapped.left() > 0 || sources.is_rotation_begun()?;
        if self.json {
            say!("{:#}", as_json(&given, &wrapped, is_begun));
        } else {
            print(&given, &wrapped, is_begun);
        }
        let has = |id: RootKeyId| given.iter().any(|given| given.id.as_ref() == Ok(&id));
        match wrapped.needed().find(|id| !has(*id)) {
            Some(id) => {
                Err(format!("root key `{id}` is needed, and none of the sources gives it: see above").into())
            }
            None => Ok(()),
        }
    }
}

fn given(sources: &Sources) -> Result<Vec<Given>, Error> {
    let one = |source: Source| {
        let id = sources.open_one(&source).map(|key| key.id()).map_err(|error| error.to_string());
        Given { source, id }
    };
    Ok(sources.list()?.into_iter().map(one).collect())
}

fn print(given: &[Given], wrapped: &Wrapped, is_begun: bool) {
    for given in given {
        match &given.id {
            Ok(id) => say!("root key {id} from {}", short(&given.source)),
            Err(error) => say!("no root key from {}: {error}", short(&given.source)),
        }
    }
    if let Some(id) = wrapped.site {
        say!("{id} wraps {} keys of the site, and new ones", grouped(wrapped.site_keys));
    }
    for (id, count) in &wrapped.data_keys {
        say!("{id} wraps {} data keys", grouped(*count));
    }
    if wrapped.left() > 0 {
        say!(
            "a rotation is under way, {} keys are left: run `moretus keys rotate` to its end",
            grouped(wrapped.left())
        );
    } else if is_begun {
        say!("a rotation was begun: run `moretus keys rotate` to its end");
    }
}

fn as_json(given: &[Given], wrapped: &Wrapped, is_begun: bool) -> Value {
    let source = |given: &Given| {
        json!({
            "source": short(&given.source),
            "root_key": given.id.as_ref().ok().map(ToString::to_string),
            "problem": given.id.as_ref().err(),
        })
    };
    let count = |(id, count): &(RootKeyId, u64)| json!({ "root_key": id.to_string(), "count": count });
    json!({
        "sources": given.iter().map(source).collect::<Vec<_>>(),
        "site_keys": { "root_key": wrapped.site.map(|id| id.to_string()), "count": wrapped.site_keys },
        "data_keys": wrapped.data_keys.iter().map(count).collect::<Vec<_>>(),
        "rotation_under_way": is_begun,
        "left": wrapped.left(),
    })
}

/// Without how a key is made of a passphrase, which says nothing to a person.
fn short(source: &Source) -> String {
    match source {
        Source::Passphrase(_) => "passphrase".to_owned(),
        other => other.to_string(),
    }
}
