//! `telltale-cli audit`: one file, read to its end, and the reports asked for.

use crate::Failure;
use crate::args::AuditTask;
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::Path;
use telltale_core::audit::{Audit, AuditOptions};
use telltale_core::model::{Outcome, PandoreSettings};
use telltale_core::score::pandore;
use telltale_engine::{CaptureFile, EngineError, atlas, now, read_capture, save, sha256};
use telltale_report::{Language, ReportContext, ReportError};

pub(crate) fn run(task: &AuditTask) -> Result<(), Failure> {
    let name = task.file.display();
    let mut file = CaptureFile::open(&task.file).map_err(|e| Failure::Input(format!("{name}: {e}")))?;
    let devices = (!task.devices.is_empty()).then(|| task.devices.clone());
    let mut audit = Audit::new(
        AuditOptions {
            devices,
            keep_evidence: true,
        },
        atlas(),
    );
    audit.source_mut().file = task.file.file_name().map(|n| n.to_string_lossy().into_owned());
    if task.sha256 {
        audit.source_mut().sha256 = sha256(&task.file);
    }
    read_capture(&mut file, &mut audit, |_, _| ControlFlow::Continue(()));
    let outcome = audit.finish();
    if let Some(stopped) = &outcome.summary.source.stopped {
        eprintln!("telltale-cli: {name}: {stopped}; what comes before it is in the audit");
    }
    write_reports(task, &outcome)
}

/// A form of report.
pub(crate) type Form = fn(&Outcome, &ReportContext<'_>, &mut dyn Write) -> Result<(), ReportError>;

/// What a report says besides its audit.
pub(crate) struct Report<'a> {
    /// What it is of.
    pub(crate) title: &'a str,
    pub(crate) language: Language,
}

fn write_reports(task: &AuditTask, outcome: &Outcome) -> Result<(), Failure> {
    let title = task
        .file
        .file_name()
        .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let report = Report {
        title: &title,
        language: Language::from(task.lang),
    };
    let asked: [(&Option<_>, Form); 3] = [
        (&task.json, telltale_report::json),
        (&task.csv, telltale_report::csv),
        (&task.html, telltale_report::html),
    ];
    for (to, form) in asked {
        if let Some(to) = to {
            write_report(to, outcome, &report, form)?;
        }
    }
    if asked.iter().all(|(to, _)| to.is_none()) {
        let answer = telltale_report::answer(&outcome.summary, report.language);
        write_to(Path::new("-"), |writer| Ok(writeln!(writer, "{answer}")?))?;
    }
    Ok(())
}

/// Writes one report of an audit that has ended.
pub(crate) fn write_report(to: &Path, outcome: &Outcome, report: &Report<'_>, form: Form) -> Result<(), Failure> {
    let atlas = atlas();
    // By Pandore's own weights and references: the terminal has no settings.
    let pandore = pandore(&outcome.summary.pandore, &PandoreSettings::default()).ok();
    let context = ReportContext {
        title: report.title,
        description: "",
        made: now(),
        language: report.language,
        version: env!("CARGO_PKG_VERSION"),
        data_sets: atlas.data_sets(),
        pandore: pandore.as_ref(),
    };
    write_to(to, |writer| form(outcome, &context, writer))
}

/// Writes to a file (beside it, then renamed), a device such as `/dev/null` (as it is), or stdout (`-`).
pub(crate) fn write_to(to: &Path, fill: impl FnOnce(&mut dyn Write) -> Result<(), ReportError>) -> Result<(), Failure> {
    let failed = |e: String| Failure::Output(e);
    if to.as_os_str() == "-" {
        let mut out = BufWriter::with_capacity(256 << 10, std::io::stdout().lock());
        return fill(&mut out)
            .and_then(|()| Ok(out.flush()?))
            .map_err(|e| failed(format!("stdout: {e}")));
    }
    let special = std::fs::metadata(to).is_ok_and(|m| !m.is_file() && !m.is_dir());
    if special {
        let device = std::fs::OpenOptions::new()
            .write(true)
            .open(to)
            .map_err(|e| failed(format!("{}: {e}", to.display())))?;
        let mut out = BufWriter::with_capacity(256 << 10, device);
        return fill(&mut out)
            .and_then(|()| Ok(out.flush()?))
            .map_err(|e| failed(format!("{}: {e}", to.display())));
    }
    save(to, |writer| fill(writer).map_err(EngineError::from)).map_err(|e| match e {
        EngineError::File { .. } => failed(e.to_string()),
        other => failed(format!("{}: {other}", to.display())),
    })
}
