//! The pictures: up and down over time, companies, purposes, countries, each with the table behind it.

use super::bits::{Pen, figure, fill, group_class, group_tag, inline, key, name, purpose_tag, section};
use crate::{
    ReportError,
    chart::{self, Look, bars},
    text::{month_and_day, time_of_day},
};
use maud::{Markup, html};
use telltale_core::model::{Company, PurposeGroup, Summary, Timestamp};

/// Rows of a table behind a chart.
const MAX_ROWS: usize = 100;
/// Purposes named of one company.
const MAX_PURPOSES: usize = 4;

pub(super) fn timeline(pen: Pen, summary: &Summary) -> Result<Markup, ReportError> {
    let t = &pen.text.time;
    let (bars, seconds) = bars(&summary.timeline);
    if bars.iter().all(|b| b.sent == 0 && b.received == 0) {
        return Ok(section("time", t.title, t.none, &html! {}));
    }
    let width = pen.language.duration(i64::from(seconds).saturating_mul(1_000_000_000));
    let long = seconds >= 3_600;
    let moment = |at: Timestamp| {
        let clock = time_of_day(at);
        if long {
            format!("{} {clock}", month_and_day(at))
        } else {
            clock
        }
    };
    let keys = html! { p class="keys" { (key("sent", pen.text.sent)) (key("received", pen.text.received)) } };
    let table = html! {
        div class="scroll" { table {
            thead { tr {
                th scope="col" { (t.column) }
                th scope="col" class="num" { (pen.text.sent) }
                th scope="col" class="num" { (pen.text.received) }
            } }
            tbody { @for bar in &bars { tr {
                th scope="row" { (moment(bar.at)) }
                td class="num" { (pen.language.octets(bar.sent)) }
                td class="num" { (pen.language.octets(bar.received)) }
            } } }
        } }
    };
    let svg = chart::timeline(&summary.timeline, pen.language, Look::Page)?;
    let body = figure(pen, t.title, svg, &keys, &table);
    Ok(section("time", t.title, &fill(t.text, &[&width]), &body))
}

pub(super) fn companies(pen: Pen, summary: &Summary) -> Result<Markup, ReportError> {
    let t = &pen.text.parties;
    if summary.companies.is_empty() {
        return Ok(section("companies", t.companies, pen.text.time.none, &html! {}));
    }
    let keys = html! { p class="keys" { (key("sent", pen.text.sent)) (key("received", pen.text.received)) } };
    let svg = chart::companies(&summary.companies, pen.language, Look::Page)?;
    let body = figure(pen, t.companies, svg, &keys, &company_table(pen, &summary.companies));
    let count = summary.company_count;
    let lead = if summary.companies.len() > chart::MAX_COMPANIES {
        fill(
            t.companies_text,
            &[&pen.language.counted(count.into(), pen.text.company)],
        )
    } else {
        t.companies_all.to_owned()
    };
    Ok(section("companies", t.companies, &lead, &body))
}

fn company_table(pen: Pen, companies: &[Company]) -> Markup {
    let t = &pen.text.parties;
    html! {
        div class="scroll" { table {
            thead { tr {
                th scope="col" { (t.company) }
                th scope="col" { (t.purpose) }
                th scope="col" { (t.home) }
                th scope="col" class="num" { (pen.text.servers) }
                th scope="col" class="num" { (pen.text.sent) }
                th scope="col" class="num" { (pen.text.received) }
            } }
            tbody { @for company in companies.iter().take(MAX_ROWS) { (company_row(pen, company)) } }
        } }
        @if companies.len() > MAX_ROWS {
            p class="small soft" { (fill(pen.text.more_rows, &[&(companies.len() - MAX_ROWS).to_string()])) }
        }
    }
}

fn company_row(pen: Pen, company: &Company) -> Markup {
    let t = &pen.text.parties;
    html! {
        tr {
            th scope="row" {
                @match &company.name {
                    Some(known) => { (name(known)) }
                    None => { span class="soft" { (t.nobody) } }
                }
                @if company.by_network { span class="sub" title=(t.by_network_text) { (t.by_network) } }
            }
            td { @for purpose in company.purposes.iter().take(MAX_PURPOSES) { (purpose_tag(pen, *purpose)) " " } }
            td { @if let Some(home) = &company.home_country { (pen.language.country(home)) } }
            td class="num" { (pen.language.whole(company.servers.into())) }
            td class="num" { (pen.language.octets(company.sent_bytes)) }
            td class="num" { (pen.language.octets(company.received_bytes)) }
        }
    }
}

pub(super) fn purposes(pen: Pen, summary: &Summary) -> Result<Markup, ReportError> {
    let t = &pen.text.parties;
    if summary.purposes.is_empty() {
        return Ok(section("purposes", t.purposes, pen.text.time.none, &html! {}));
    }
    let groups = [
        PurposeGroup::Follows,
        PurposeGroup::Measures,
        PurposeGroup::Needed,
        PurposeGroup::Unknown,
    ];
    let keys = html! {
        p class="keys" { @for group in groups { (key(group_class(group), (pen.text.group)(group).0)) } }
    };
    let table = html! {
        div class="scroll" { table {
            thead { tr {
                th scope="col" { (t.purpose) }
                th scope="col" { (t.group) }
                th scope="col" class="num" { (pen.text.companies) }
                th scope="col" class="num" { (pen.text.servers) }
                th scope="col" class="num" { (pen.text.sent) }
                th scope="col" class="num" { (pen.text.received) }
            } }
            tbody { @for share in &summary.purposes {
                @let (label, long) = (pen.text.purpose)(share.purpose);
                tr {
                    th scope="row" { (label) span class="sub" { (long) } }
                    td { (group_tag(pen, share.purpose.group())) }
                    td class="num" { (pen.language.whole(share.companies.into())) }
                    td class="num" { (pen.language.whole(share.servers.into())) }
                    td class="num" { (pen.language.octets(share.sent_bytes)) }
                    td class="num" { (pen.language.octets(share.received_bytes)) }
                }
            } }
        } }
    };
    let svg = chart::purposes(&summary.purposes, pen.language, Look::Page)?;
    Ok(section(
        "purposes",
        t.purposes,
        t.purposes_text,
        &figure(pen, t.purposes, svg, &keys, &table),
    ))
}

/// Whole percent, for the length of a bar.
fn percent(part: u64, whole: u64) -> u128 {
    u128::from(part) * 100 / u128::from(whole.max(1))
}

pub(super) fn countries(pen: Pen, summary: &Summary) -> Markup {
    let t = &pen.text.parties;
    let octets = |c: &telltale_core::model::CountryShare| c.sent_bytes.saturating_add(c.received_bytes);
    let whole = summary.countries.iter().map(octets).fold(0, u64::saturating_add);
    let body = html! {
        div class="scroll" { table {
            thead { tr {
                th scope="col" { (t.registered_in) }
                th scope="col" class="num" { (pen.text.servers) }
                th scope="col" class="num" { (pen.text.sent) }
                th scope="col" class="num" { (pen.text.received) }
                th scope="col" class="num points" { (t.share) }
            } }
            tbody { @for share in summary.countries.iter().take(MAX_ROWS) { tr {
                th scope="row" {
                    @match &share.country {
                        Some(code) => { (inline(&pen.language.country(code))) }
                        None => { span class="soft" { (t.no_country) } }
                    }
                }
                td class="num" { (pen.language.whole(share.servers.into())) }
                td class="num" { (pen.language.octets(share.sent_bytes)) }
                td class="num" { (pen.language.octets(share.received_bytes)) }
                td class="num" {
                    (pen.language.share(octets(share), whole))
                    span class="meter" aria-hidden="true" { i style=(format!("width:{}%", percent(octets(share), whole))) {} }
                }
            } } }
        } }
    };
    section("countries", t.countries, t.countries_text, &body)
}
