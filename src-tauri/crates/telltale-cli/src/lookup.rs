//! `telltale-cli lookup`: what the tables know of names and addresses.

use crate::Failure;
use crate::args::LookupTask;
use crate::audit::write_to;
use std::path::Path;
use telltale_core::enrich::lookup;
use telltale_core::model::Owner;
use telltale_engine::atlas;

pub(crate) fn run(task: &LookupTask) -> Result<(), Failure> {
    let atlas = atlas();
    let rows: Vec<(String, Option<Owner>)> = task.queries.iter().map(|q| (q.clone(), lookup(&atlas, q))).collect();
    if task.json {
        return write_to(Path::new("-"), |writer| telltale_report::lookup_json(&rows, writer));
    }
    for (query, owner) in &rows {
        println!("{query}");
        match owner {
            None => println!("  neither a name nor an address"),
            Some(owner) => print_owner(owner),
        }
    }
    Ok(())
}

fn print_owner(owner: &Owner) {
    let mut line = |what: &str, value: Option<&str>| {
        if let Some(value) = value {
            println!("  {what:<20} {value}");
        }
    };
    line("registrable domain", owner.registrable_domain.as_deref());
    line("company", owner.company.as_deref());
    line("home country", owner.home_country.as_deref());
    line("service", owner.service.as_deref());
    line("what it does", owner.what_en.as_deref());
    line("tracker", Some(if owner.tracker { "yes" } else { "no" }));
    line("network of", owner.organisation.as_deref());
    line("registered in", owner.country.as_deref());
    for claim in &owner.claims {
        println!("  said by              {} ({})", claim.set, claim.matched);
    }
}
