//! Up and down over time: sent above the line, received below, both by the same scale.

use super::{
    Look,
    canvas::{Canvas, Caption, Hold, Ink, draw, pixels},
};
use crate::{
    Language, ReportError,
    text::{month_and_day, time_of_day, year_and_month},
};
use telltale_core::model::{Timeline, Timestamp};

const SIZE: (u32, u32) = (960, 340);
const LEFT: i32 = 84;
const RIGHT: i32 = 872;
const TOP: i32 = 14;
const BOTTOM: i32 = 306;
/// Bars of one chart: as wide as a finger's line at the page's width, and few enough for a table behind it.
const MAX_BARS: usize = 96;
/// Lines of the grid on each side; the step is chosen for four.
const MAX_LINES: u64 = 6;
/// Pixels that each side of the line has at least.
const MIN_SIDE: i32 = 44;
/// Widths that people count in, in seconds.
const WIDTHS: [u32; 20] = [
    1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1_200, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400,
];
/// Times under the chart.
const MAX_TIMES: i64 = 8;
const NANOS: i64 = 1_000_000_000;
const DAY: i64 = 86_400;
/// From here on the year must be said.
const LONG: i64 = 300 * DAY;

/// One bar: octets sent and received from `at` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bar {
    pub(crate) at: Timestamp,
    pub(crate) sent: u64,
    pub(crate) received: u64,
}

/// The timeline in at most [`MAX_BARS`] steps, and the seconds of each.
pub(crate) fn bars(timeline: &Timeline) -> (Vec<Bar>, u32) {
    let step = timeline.bucket_seconds.max(1);
    let least = timeline.buckets.len().div_ceil(MAX_BARS).max(1);
    let needed = u32::try_from(least).unwrap_or(u32::MAX).saturating_mul(step);
    let round = WIDTHS
        .into_iter()
        .find(|w| (needed..needed.saturating_mul(2)).contains(w) && w.is_multiple_of(step));
    let width = round.unwrap_or(needed);
    let each = usize::try_from(width / step).unwrap_or(1).max(least);
    let merged = timeline.buckets.chunks(each).enumerate().map(|(i, chunk)| {
        let passed = i64::try_from(i)
            .unwrap_or(0)
            .saturating_mul(i64::from(width))
            .saturating_mul(NANOS);
        Bar {
            at: Timestamp(timeline.start.0.saturating_add(passed)),
            sent: chunk.iter().map(|b| b.sent).fold(0, u64::saturating_add),
            received: chunk.iter().map(|b| b.received).fold(0, u64::saturating_add),
        }
    });
    (merged.collect(), width)
}

/// The bar with the most octets.
pub(crate) fn busiest(bars: &[Bar]) -> Option<Bar> {
    bars.iter()
        .copied()
        .rev()
        .max_by_key(|b| b.sent.saturating_add(b.received))
}

/// What the chart says, for those who do not see it.
fn description(bars: &[Bar], language: Language) -> String {
    let text = &language.text().time;
    let (Some(first), Some(last), Some(top)) = (bars.first(), bars.last(), busiest(bars)) else {
        return text.none.to_owned();
    };
    let when = |bar: &Bar| time_of_day(bar.at);
    let values = [
        when(first),
        when(last),
        when(&top),
        language.octets(top.sent),
        language.octets(top.received),
    ];
    values
        .iter()
        .fold(text.summary.to_owned(), |t, v| t.replacen("{}", v, 1))
}

/// Draws it.
pub fn timeline(timeline: &Timeline, language: Language, look: Look) -> Result<String, ReportError> {
    let (bars, width) = bars(timeline);
    let description = description(&bars, language);
    let caption = Caption {
        id: "chart-time",
        title: language.text().time.title,
        description: &description,
    };
    draw(SIZE, look, &caption, |canvas| {
        let scale = Scale::of(&bars);
        scale.grid(canvas, language)?;
        let count = i32::try_from(bars.len()).unwrap_or(i32::MAX).max(1);
        let left = |i: i32| LEFT + (RIGHT - LEFT) * i / count;
        for (bar, i) in bars.iter().zip(0..) {
            let gap = i32::from(left(i + 1) - left(i) > 3);
            let (from, to) = (left(i), left(i + 1) - gap);
            canvas.rect((from, scale.line - scale.up(bar.sent)), (to, scale.line), Ink::Sent)?;
            canvas.rect(
                (from, scale.line + 1),
                (to, scale.line + 1 + scale.down(bar.received)),
                Ink::Received,
            )?;
        }
        canvas.line((LEFT, scale.line), (RIGHT, scale.line), Ink::Axis)?;
        times(canvas, &bars, width)?;
        let words = language.text();
        canvas.bold((RIGHT + 12, scale.line - 18), words.sent, (14, Hold::Left, Ink::Sent))?;
        canvas.bold(
            (RIGHT + 12, scale.line + 18),
            words.received,
            (14, Hold::Left, Ink::Text),
        )?;
        Ok(())
    })
}

/// Where the line lies, and how many octets a pixel is.
struct Scale {
    line: i32,
    /// Octets that `length` pixels stand for.
    octets: u64,
    length: i32,
    step: u64,
}

impl Scale {
    fn of(bars: &[Bar]) -> Self {
        let most = |of: fn(&Bar) -> u64| bars.iter().map(of).max().unwrap_or(0);
        let (up, down) = (most(|b| b.sent), most(|b| b.received));
        let space = BOTTOM - TOP;
        let share = pixels(up, up.saturating_add(down).max(1), space).clamp(MIN_SIDE, space - MIN_SIDE);
        let line = TOP + share;
        // The side that needs more octets a pixel sets the scale of both.
        let needs = |octets: u64, length: i32| (octets / u64::from(length.unsigned_abs()).max(1)).saturating_add(1);
        let per_pixel = needs(up, line - TOP).max(needs(down, BOTTOM - line));
        let length = (line - TOP).max(BOTTOM - line);
        let octets = per_pixel.saturating_mul(u64::from(length.unsigned_abs()));
        Self {
            line,
            octets,
            length,
            step: nice_step(octets / 4),
        }
    }

    fn height(&self, octets: u64) -> i32 {
        pixels(octets.min(self.octets), self.octets, self.length)
    }

    fn up(&self, octets: u64) -> i32 {
        self.height(octets).min(self.line - TOP)
    }

    fn down(&self, octets: u64) -> i32 {
        self.height(octets).min(BOTTOM - self.line)
    }

    fn grid(&self, canvas: &Canvas<'_>, language: Language) -> Result<(), ReportError> {
        canvas.text((LEFT - 10, self.line), "0", (13, Hold::Right, Ink::Soft))?;
        for side in [-1, 1] {
            let room = if side < 0 { self.line - TOP } else { BOTTOM - self.line };
            for line in 1..=MAX_LINES {
                let value = self.step.saturating_mul(line);
                if value > self.octets || self.height(value) > room {
                    break;
                }
                let y = self.line + side * self.height(value);
                canvas.line((LEFT, y), (RIGHT, y), Ink::Line)?;
                canvas.text((LEFT - 10, y), &language.octets(value), (13, Hold::Right, Ink::Soft))?;
            }
        }
        Ok(())
    }
}

/// The smallest of 1, 2, 5 times a power of ten that is not below `least`.
fn nice_step(least: u64) -> u64 {
    let mut power: u64 = 1;
    loop {
        for factor in [1, 2, 5] {
            let step = power.saturating_mul(factor);
            if step >= least || step == u64::MAX {
                return step.max(1);
            }
        }
        power = power.saturating_mul(10);
    }
}

/// Times under the chart, at round moments.
fn times(canvas: &Canvas<'_>, bars: &[Bar], width: u32) -> Result<(), ReportError> {
    let Some(first) = bars.first() else { return Ok(()) };
    let start = first.at.0.div_euclid(NANOS);
    let length = i64::from(width)
        .saturating_mul(i64::try_from(bars.len()).unwrap_or(1))
        .max(1);
    let whole_days = [2, 5, 10, 30, 100, 365].map(|d| d * DAY);
    let steps = WIDTHS.into_iter().map(i64::from).chain(whole_days);
    let step = steps.clone().find(|s| length / s < MAX_TIMES).unwrap_or(length);
    let before = start.div_euclid(step).saturating_mul(step);
    for at in (0..=MAX_TIMES).map(|n| before.saturating_add(step.saturating_mul(n))) {
        let (passed, moment) = (at.saturating_sub(start), Timestamp(at.saturating_mul(NANOS)));
        if (0..=length).contains(&passed) {
            let room = i64::from(RIGHT - LEFT);
            let x = LEFT + i32::try_from(passed.saturating_mul(room) / length).unwrap_or(0);
            canvas.line((x, BOTTOM), (x, BOTTOM + 5), Ink::Axis)?;
            let clock = time_of_day(moment);
            let label = match (step, length) {
                (_, LONG..) => year_and_month(moment),
                (DAY.., _) => month_and_day(moment),
                (_, DAY..) => format!("{} {}", month_and_day(moment), &clock[..5]),
                (60.., _) => clock[..5].to_owned(),
                _ => clock,
            };
            canvas.text((x, BOTTOM + 19), &label, (13, Hold::Middle, Ink::Soft))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use telltale_core::model::Bucket;

    fn of(count: usize, seconds: u32) -> Timeline {
        let bucket = Bucket {
            sent: 3,
            received: 40,
            packets: 1,
        };
        Timeline {
            start: Timestamp(0),
            bucket_seconds: seconds,
            buckets: vec![bucket; count],
        }
    }

    #[test]
    fn bars_are_few_and_lose_nothing() {
        for (count, seconds, bars_wanted, width) in [
            (0, 1, 0, 1),
            (1, 1, 1, 1),
            (96, 1, 96, 1),
            (97, 1, 49, 2),
            (1_200, 1, 80, 15),
            (1_200, 64, 93, 832),
        ] {
            let (bars, seconds_each) = bars(&of(count, seconds));
            assert_eq!(
                (bars.len(), seconds_each),
                (bars_wanted, width),
                "{count} of {seconds} s"
            );
            assert_eq!(bars.iter().map(|b| b.received).sum::<u64>(), 40 * count as u64);
        }
    }

    #[test]
    fn steps_are_round() {
        assert_eq!([0, 1, 3, 49, 51, 900].map(nice_step), [1, 1, 5, 50, 100, 1_000]);
        assert_eq!(nice_step(u64::MAX), u64::MAX);
    }

    #[test]
    fn any_timeline_can_be_drawn() {
        let huge = Bucket {
            sent: u64::MAX,
            received: u64::MAX,
            packets: u32::MAX,
        };
        for line in [
            Timeline::default(),
            of(1, 0),
            of(1_200, 86_400),
            Timeline {
                start: Timestamp(i64::MAX),
                bucket_seconds: u32::MAX,
                buckets: vec![huge; 1_200],
            },
            Timeline {
                start: Timestamp(i64::MIN),
                bucket_seconds: 1,
                buckets: vec![Bucket::default(); 10],
            },
        ] {
            let svg = timeline(&line, Language::En, Look::Dark).unwrap();
            assert!(svg.len() < 60_000 && !svg.contains("NaN"));
        }
    }
}
