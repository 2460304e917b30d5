//! `telltale-cli lookup`: what the tables know of names and addresses.

use crate::Failure;
use crate::args::LookupTask;
use crate::audit::write_to;
use std::io::Write;
use std::path::Path;
use telltale_core::enrich::lookup;
use telltale_core::model::Owner;
use telltale_engine::atlas;
use telltale_report::ReportError;

pub(crate) fn run(task: &LookupTask) -> Result<(), Failure> {
    let atlas = atlas();
    let rows: Vec<(String, Option<Owner>)> = task.queries.iter().map(|q| (q.clone(), lookup(&atlas, q))).collect();
    write_to(Path::new("-"), |writer| {
        if task.json {
            return telltale_report::lookup_json(&rows, writer);
        }
        for (query, owner) in &rows {
            writeln!(writer, "{query}")?;
            match owner {
                None => writeln!(writer, "  neither a name nor an address")?,
                Some(owner) => print_owner(owner, writer)?,
            }
        }
        Ok(())
    })
}

fn print_owner(owner: &Owner, writer: &mut dyn Write) -> Result<(), ReportError> {
    let lines = [
        ("registrable domain", owner.registrable_domain.as_deref()),
        ("company", owner.company.as_deref()),
        ("home country", owner.home_country.as_deref()),
        ("service", owner.service.as_deref()),
        ("what it does", owner.what_en.as_deref()),
        ("tracker", Some(if owner.tracker { "yes" } else { "no" })),
        ("network of", owner.organisation.as_deref()),
        ("registered in", owner.country.as_deref()),
    ];
    for (what, value) in lines {
        if let Some(value) = value {
            writeln!(writer, "  {what:<20} {value}")?;
        }
    }
    for claim in &owner.claims {
        writeln!(writer, "  {:<20} {} ({})", "said by", claim.set, claim.matched)?;
    }
    Ok(())
}
