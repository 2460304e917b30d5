//! A drawing area with the few shapes and colours that the charts use. Only [`super`] uses it.

use super::Look;
use crate::ReportError;
use maud::html;
use plotters::{
    coord::Shift,
    prelude::{Color, DrawingArea, IntoDrawingArea, IntoFont, PathElement, RGBColor, Rectangle},
    style::{
        FontStyle, TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};
use plotters_svg::SVGBackend;
use telltale_core::model::PurposeGroup;

/// A colour by what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    Ground,
    Text,
    Soft,
    Line,
    Axis,
    Sent,
    Received,
    Inferred,
    Needed,
    Measures,
    Follows,
    Unknown,
}

impl Ink {
    pub(super) const fn of(group: PurposeGroup) -> Self {
        match group {
            PurposeGroup::Needed => Self::Needed,
            PurposeGroup::Measures => Self::Measures,
            PurposeGroup::Follows => Self::Follows,
            PurposeGroup::Unknown => Self::Unknown,
        }
    }

    /// Light and dark; the light ones are what `page/style.css` names. Groups are Okabe and Ito's.
    const fn color(self, dark: bool) -> RGBColor {
        let [light, night]: [u32; 2] = match self {
            Self::Ground => [0x00ff_ffff, 0x0021_1f1b],
            Self::Text => [0x0025_221d, 0x00ee_eae1],
            Self::Soft => [0x0062_5c52, 0x00ae_a698],
            Self::Line => [0x00e5_dfd3, 0x0037_332c],
            Self::Axis => [0x008d_8577, 0x007d_7567],
            Self::Sent => [0x000b_6661, 0x0074_cbc1],
            Self::Received => [0x00a9_9670, 0x0096_8767],
            Self::Inferred => [0x006f_a8a3, 0x0043_7f79],
            Self::Needed => [0x0000_9e73, 0x002b_bd93],
            Self::Measures => [0x0056_b4e9, 0x006c_c0ee],
            Self::Follows => [0x00d5_5e00, 0x00f0_863a],
            Self::Unknown => [0x009a_9488, 0x008d_8678],
        };
        let [_, r, g, b] = (if dark { night } else { light }).to_be_bytes();
        RGBColor(r, g, b)
    }
}

/// Where a text is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    Left,
    Middle,
    Right,
}

/// What a chart is called, and what it says in words.
pub(super) struct Caption<'a> {
    /// Unique within a page.
    pub(super) id: &'a str,
    pub(super) title: &'a str,
    pub(super) description: &'a str,
}

/// The area of one chart, in pixels from the upper left corner.
pub(super) struct Canvas<'s> {
    area: DrawingArea<SVGBackend<'s>, Shift>,
    dark: bool,
}

/// Draws a chart of this size.
pub(super) fn draw(
    (width, height): (u32, u32),
    look: Look,
    caption: &Caption<'_>,
    fill: impl FnOnce(&Canvas<'_>) -> Result<(), ReportError>,
) -> Result<String, ReportError> {
    let mut svg = String::new();
    let canvas = Canvas {
        area: SVGBackend::with_string(&mut svg, (width, height)).into_drawing_area(),
        dark: look == Look::Dark,
    };
    if look != Look::Page {
        canvas.area.fill(&Ink::Ground.color(canvas.dark)).map_err(chart_error)?;
    }
    fill(&canvas)?;
    canvas.area.present().map_err(chart_error)?;
    drop(canvas);
    // The backend's own root element has no place for a title and a fixed size in pixels: ours stands in its stead.
    let shapes = svg.split_once('\n').map_or("", |(_, shapes)| shapes);
    let fixed = (look != Look::Page).then_some((width, height));
    let opening = html! {
        title id={ (caption.id) "-title" } { (caption.title) }
        desc id={ (caption.id) "-text" } { (caption.description) }
    };
    let size = fixed.map_or_else(String::new, |(w, h)| format!(" width=\"{w}\" height=\"{h}\""));
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\"{size} role=\"img\" \
         aria-labelledby=\"{id}-title {id}-text\">{}\n{shapes}",
        opening.into_string(),
        id = caption.id,
    ))
}

fn chart_error(error: impl std::fmt::Display) -> ReportError {
    ReportError::Chart(error.to_string())
}

impl Canvas<'_> {
    /// A filled rectangle; nothing when it has no area.
    pub(super) fn rect(&self, from: (i32, i32), to: (i32, i32), ink: Ink) -> Result<(), ReportError> {
        if from.0 >= to.0 || from.1 >= to.1 {
            return Ok(());
        }
        self.area
            .draw(&Rectangle::new([from, to], ink.color(self.dark).filled()))
            .map_err(chart_error)
    }

    pub(super) fn line(&self, from: (i32, i32), to: (i32, i32), ink: Ink) -> Result<(), ReportError> {
        self.area
            .draw(&PathElement::new(vec![from, to], ink.color(self.dark).stroke_width(1)))
            .map_err(chart_error)
    }

    /// Text in pixels of height, held at its vertical middle.
    pub(super) fn text(&self, at: (i32, i32), text: &str, look: (u32, Hold, Ink)) -> Result<(), ReportError> {
        self.letters(at, text, look, FontStyle::Normal)
    }

    pub(super) fn bold(&self, at: (i32, i32), text: &str, look: (u32, Hold, Ink)) -> Result<(), ReportError> {
        self.letters(at, text, look, FontStyle::Bold)
    }

    fn letters(
        &self,
        at: (i32, i32),
        text: &str,
        (size, hold, ink): (u32, Hold, Ink),
        style: FontStyle,
    ) -> Result<(), ReportError> {
        let hold = match hold {
            Hold::Left => HPos::Left,
            Hold::Middle => HPos::Center,
            Hold::Right => HPos::Right,
        };
        // The backend divides the size by 1.24 on its way out.
        let font = ("sans-serif", f64::from(size) * 1.24).into_font().style(style);
        let color = ink.color(self.dark);
        let style = TextStyle::from(font).color(&color).pos(Pos::new(hold, VPos::Center));
        self.area.draw_text(text, &style, at).map_err(chart_error)
    }
}

/// `value` of `whole` as pixels of `length`, at least one for anything but nothing.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "pixels of a chart some hundreds wide"
)]
pub(super) fn pixels(value: u64, whole: u64, length: i32) -> i32 {
    if value == 0 || whole == 0 {
        return 0;
    }
    ((value as f64 / whole as f64 * f64::from(length)).round() as i32).clamp(1, length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_the_root_is_ours() {
        let caption = Caption {
            id: "x",
            title: "<b>&\"",
            description: "</desc><script>",
        };
        let svg = draw((100, 50), Look::Light, &caption, |c| {
            c.text(
                (1, 2),
                "<script>alert('x')</script> & \"y\"",
                (14, Hold::Left, Ink::Text),
            )?;
            c.rect((0, 0), (10, 0), Ink::Sent)
        })
        .unwrap();
        assert!(!svg.contains("<script") && !svg.contains("<b>"), "{svg}");
        assert!(
            svg.contains("&lt;script&gt;alert(&apos;x&apos;)&lt;/script&gt; &amp; &quot;y&quot;"),
            "{svg}"
        );
        assert!(
            svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 100 50\" width=\"100\""),
            "{svg}"
        );
        assert_eq!((svg.matches("<svg").count(), svg.matches("</svg>").count()), (1, 1));
        assert!(
            svg.contains("font-size=\"14\"") && svg.contains("font-family=\"sans-serif\""),
            "{svg}"
        );
    }

    #[test]
    fn little_is_seen_and_all_fits() {
        assert_eq!(pixels(0, 10, 100), 0);
        assert_eq!(pixels(1, u64::MAX, 100), 1);
        assert_eq!(pixels(u64::MAX, u64::MAX, 100), 100);
        assert_eq!(pixels(5, 0, 100), 0);
    }
}
