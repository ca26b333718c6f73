//! The PDF of a bill, laid out on one US letter page.

use krilla::{
    Document,
    color::rgb,
    geom::{Path, PathBuilder, Point, Rect},
    metadata::Metadata,
    num::NormalizedF32,
    page::PageSettings,
    paint::{Fill, Stroke, StrokeDash},
    surface::Surface,
    text::{Font, TextDirection},
};
use ttf_parser::Face;

use crate::{
    bills::Bill,
    customers::Customer,
    format::{long_date, money, number_date, short_date, thousands},
};

static REGULAR: &[u8] = include_bytes!("../fonts/OpenSans-Regular.ttf");
static BOLD: &[u8] = include_bytes!("../fonts/OpenSans-Bold.ttf");

const LEFT: f32 = 48.0;
const RIGHT: f32 = 564.0;
const INK: (u8, u8, u8) = (22, 36, 43);
const SOFT: (u8, u8, u8) = (81, 100, 109);
const DEEP: (u8, u8, u8) = (11, 85, 99);
const WASH: (u8, u8, u8) = (242, 247, 248);
const SUN: (u8, u8, u8) = (255, 209, 102);

/// The bill as a PDF; `all` gives the usage chart its history. `None` if the PDF cannot be made.
#[must_use]
pub fn draw(customer: &Customer, bill: &Bill, all: &[Bill]) -> Option<Vec<u8>> {
    let mut document = Document::new();
    document.set_metadata(
        Metadata::new()
            .title(format!("Riverbend Power & Water bill {}", bill.invoice))
            .language("en-US".to_owned()),
    );
    let mut page = document.start_page_with(PageSettings::from_wh(612.0, 792.0)?);
    draw_page(page.surface(), customer, bill, all)?;
    page.finish();
    document.finish().ok()
}

fn draw_page(surface: Surface<'_>, customer: &Customer, bill: &Bill, all: &[Bill]) -> Option<()> {
    let mut sheet = Sheet {
        surface,
        regular: Font::new(REGULAR.into(), 0)?,
        bold: Font::new(BOLD.into(), 0)?,
        regular_face: Face::parse(REGULAR, 0).ok()?,
        bold_face: Face::parse(BOLD, 0).ok()?,
    };
    head(&mut sheet, bill);
    summary(&mut sheet, customer, bill);
    let y = meter(&mut sheet, bill);
    let y = charges(&mut sheet, bill, y);
    chart(&mut sheet, bill, all, y);
    stub(&mut sheet, customer, bill);
    sheet.surface.finish();
    Some(())
}

fn head(sheet: &mut Sheet<'_, '_>, bill: &Bill) {
    sheet.rect((0.0, 0.0, 612.0, 8.0), DEEP);
    sheet.circle(LEFT + 18.0, 46.0, 18.0, DEEP);
    sheet.shape(
        &[
            (68.0, 32.0),
            (58.0, 49.0),
            (65.0, 49.0),
            (63.0, 61.0),
            (75.0, 44.0),
            (67.0, 44.0),
        ],
        SUN,
    );
    sheet.text(
        LEFT + 46.0,
        43.0,
        15.0,
        true,
        DEEP,
        "Riverbend Power & Water",
    );
    sheet.text(
        LEFT + 46.0,
        57.0,
        8.5,
        false,
        SOFT,
        "40 Weir Road, Riverbend, OH 45010   (555) 010-0100   riverbend.example",
    );
    sheet.right(
        RIGHT,
        43.0,
        12.0,
        true,
        INK,
        &format!("{} bill", bill.kind.name()),
    );
    sheet.right(RIGHT, 57.0, 8.5, false, SOFT, "Page 1 of 1");
}

fn summary(sheet: &mut Sheet<'_, '_>, customer: &Customer, bill: &Bill) {
    sheet.text(LEFT, 98.0, 8.0, false, SOFT, "Bill for");
    sheet.text(LEFT, 111.0, 10.0, true, INK, customer.name);
    sheet.text(LEFT, 131.0, 8.0, false, SOFT, "Service address");
    let (street, city) = bill
        .address
        .split_once(", Riverbend")
        .unwrap_or((bill.address, ""));
    sheet.text(LEFT, 144.0, 10.0, false, INK, street);
    sheet.text(LEFT, 157.0, 10.0, false, INK, &format!("Riverbend{city}"));

    sheet.rect((320.0, 84.0, RIGHT, 196.0), WASH);
    let rows = [
        ("Account number", bill.account.to_owned()),
        ("Invoice number", bill.invoice.clone()),
        ("Bill date", long_date(bill.bill_date)),
        (
            "Service period",
            format!("{} - {}", number_date(bill.from), number_date(bill.to)),
        ),
        ("Due date", long_date(bill.due_date)),
    ];
    let mut y = 100.0;
    for (label, value) in rows {
        sheet.text(332.0, y, 9.0, false, SOFT, label);
        sheet.right(RIGHT - 12.0, y, 9.0, true, INK, &value);
        y += 15.0;
    }
    sheet.text(332.0, 184.0, 11.0, true, DEEP, "Total amount due");
    sheet.right(
        RIGHT - 12.0,
        185.0,
        15.0,
        true,
        DEEP,
        &money(bill.total_due()),
    );

    let mut y = 222.0;
    sheet.heading(y, "Account summary");
    let rows = [
        ("Previous balance".to_owned(), bill.previous_balance, false),
        (
            "Payments received, thank you".to_owned(),
            bill.credited(),
            false,
        ),
        (
            "Balance forward".to_owned(),
            bill.previous_balance - bill.payments,
            false,
        ),
        ("Current charges".to_owned(), bill.current_charges(), false),
        (
            format!("Total amount due by {}", long_date(bill.due_date)),
            bill.total_due(),
            true,
        ),
    ];
    for (label, cents, bold) in rows {
        y += 16.0;
        sheet.text(LEFT, y, 9.5, bold, INK, &label);
        sheet.right(RIGHT, y, 9.5, bold, INK, &money(cents));
    }
}

fn meter(sheet: &mut Sheet<'_, '_>, bill: &Bill) -> f32 {
    let mut y = 328.0;
    sheet.heading(y, "Meter readings");
    let columns = [
        (LEFT, false),
        (130.0, false),
        (210.0, false),
        (290.0, false),
        (430.0, true),
        (500.0, true),
        (RIGHT, true),
    ];
    let heads = [
        "Meter", "From", "To", "Days", "Previous", "Current", "Usage",
    ];
    let kind = if bill.estimated {
        "estimated"
    } else {
        "actual"
    };
    let values = [
        bill.meter.to_owned(),
        short_date(bill.from),
        short_date(bill.to),
        format!("{} ({kind})", bill.days()),
        thousands(bill.previous_reading.into()),
        thousands(bill.current_reading.into()),
        format!("{} {}", thousands(bill.usage.into()), bill.kind.unit()),
    ];
    y += 16.0;
    for ((x, right), label) in columns.into_iter().zip(heads) {
        sheet.cell(x, y, right, false, SOFT, label);
    }
    y += 15.0;
    for ((x, right), value) in columns.into_iter().zip(&values) {
        sheet.cell(x, y, right, false, INK, value);
    }
    y + 26.0
}

fn charges(sheet: &mut Sheet<'_, '_>, bill: &Bill, start: f32) -> f32 {
    let mut y = start;
    sheet.heading(
        y,
        &format!(
            "Details of current {} charges",
            bill.kind.name().to_lowercase()
        ),
    );
    for line in &bill.lines {
        y += 15.0;
        sheet.cell(LEFT, y, false, false, INK, line.description);
        if let (Some(quantity), Some(rate)) = (line.quantity, line.rate) {
            let text = format!(
                "{} {} x ${}.{:04}",
                thousands(quantity.into()),
                bill.kind.unit(),
                rate / 10_000,
                rate % 10_000
            );
            sheet.cell(430.0, y, true, false, SOFT, &text);
        }
        sheet.cell(RIGHT, y, true, false, INK, &money(line.amount));
    }
    for line in &bill.taxes {
        y += 15.0;
        sheet.cell(LEFT, y, false, false, INK, line.description);
        sheet.cell(RIGHT, y, true, false, INK, &money(line.amount));
    }
    y += 15.0;
    sheet.cell(LEFT, y, false, false, INK, "Total taxes and fees");
    sheet.cell(RIGHT, y, true, false, INK, &money(bill.tax_total()));
    y += 16.0;
    sheet.cell(LEFT, y, false, true, INK, "Total current charges");
    sheet.cell(RIGHT, y, true, true, INK, &money(bill.current_charges()));
    y + 26.0
}

fn chart(sheet: &mut Sheet<'_, '_>, bill: &Bill, all: &[Bill], start: f32) {
    let mut past: Vec<&Bill> = all
        .iter()
        .filter(|other| other.account == bill.account && other.to <= bill.to)
        .take(13)
        .collect();
    past.reverse();
    let most = past.iter().map(|bill| bill.usage).max().unwrap_or(1).max(1) as f32;
    let base = 648.0;
    let height = (base - start - 22.0).clamp(10.0, 70.0);
    sheet.heading(
        start,
        &format!("Your usage history in {}", bill.kind.unit()),
    );
    let mut x = LEFT;
    for past in past {
        let tall = past.usage as f32 / most * height;
        sheet.rect(
            (x, base - tall, x + 22.0, base),
            if past.invoice == bill.invoice {
                DEEP
            } else {
                (143, 190, 199)
            },
        );
        let month = short_date(past.to);
        sheet.text(
            x + 3.0,
            base + 10.0,
            7.5,
            false,
            SOFT,
            month.split(' ').next().unwrap_or_default(),
        );
        x += 38.0;
    }
}

fn stub(sheet: &mut Sheet<'_, '_>, customer: &Customer, bill: &Bill) {
    sheet.dashes(676.0);
    sheet.text(LEFT, 694.0, 8.0, false, SOFT, "Please return this part with your payment. Make checks payable to Riverbend Power & Water.");
    sheet.text(LEFT, 716.0, 9.5, true, INK, customer.name);
    sheet.text(LEFT, 730.0, 9.5, false, INK, bill.address);
    sheet.text(380.0, 716.0, 9.0, false, SOFT, "Account");
    sheet.right(RIGHT, 716.0, 9.5, true, INK, bill.account);
    sheet.text(380.0, 731.0, 9.0, false, SOFT, "Please pay");
    sheet.right(RIGHT, 731.0, 11.0, true, DEEP, &money(bill.total_due()));
    sheet.text(380.0, 746.0, 9.0, false, SOFT, "By");
    sheet.right(RIGHT, 746.0, 9.5, true, INK, &long_date(bill.due_date));
}

/// A page being drawn: y grows downwards, text stands on y.
struct Sheet<'a, 'b> {
    surface: Surface<'a>,
    regular: Font,
    bold: Font,
    regular_face: Face<'b>,
    bold_face: Face<'b>,
}

impl Sheet<'_, '_> {
    fn text(&mut self, x: f32, y: f32, size: f32, bold: bool, color: (u8, u8, u8), text: &str) {
        self.fill(color);
        let font = if bold {
            self.bold.clone()
        } else {
            self.regular.clone()
        };
        self.surface.draw_text(
            Point::from_xy(x, y),
            font,
            size,
            text,
            false,
            TextDirection::Auto,
        );
    }

    fn right(&mut self, x: f32, y: f32, size: f32, bold: bool, color: (u8, u8, u8), text: &str) {
        let face = if bold {
            &self.bold_face
        } else {
            &self.regular_face
        };
        let units: f32 = text
            .chars()
            .filter_map(|c| {
                face.glyph_index(c)
                    .and_then(|glyph| face.glyph_hor_advance(glyph))
            })
            .map(f32::from)
            .sum();
        let width = units * size / f32::from(face.units_per_em());
        self.text(x - width, y, size, bold, color, text);
    }

    fn cell(&mut self, x: f32, y: f32, right: bool, bold: bool, color: (u8, u8, u8), text: &str) {
        if right {
            self.right(x, y, 9.0, bold, color, text);
        } else {
            self.text(x, y, 9.0, bold, color, text);
        }
    }

    fn heading(&mut self, y: f32, text: &str) {
        self.text(LEFT, y, 10.5, true, DEEP, text);
        self.rect((LEFT, y + 4.0, RIGHT, y + 4.8), DEEP);
    }

    fn fill(&mut self, (r, g, b): (u8, u8, u8)) {
        self.surface.set_fill(Some(Fill {
            paint: rgb::Color::new(r, g, b).into(),
            opacity: NormalizedF32::ONE,
            rule: Default::default(),
        }));
    }

    fn draw(&mut self, path: Option<Path>, color: (u8, u8, u8)) {
        let Some(path) = path else { return };
        self.fill(color);
        self.surface.draw_path(&path);
    }

    fn rect(&mut self, (left, top, right, bottom): (f32, f32, f32, f32), color: (u8, u8, u8)) {
        let mut path = PathBuilder::new();
        if let Some(rect) = Rect::from_ltrb(left, top, right, bottom) {
            path.push_rect(rect);
        }
        self.draw(path.finish(), color);
    }

    fn shape(&mut self, points: &[(f32, f32)], color: (u8, u8, u8)) {
        let mut path = PathBuilder::new();
        for (i, (x, y)) in points.iter().enumerate() {
            if i == 0 {
                path.move_to(*x, *y);
            } else {
                path.line_to(*x, *y);
            }
        }
        path.close();
        self.draw(path.finish(), color);
    }

    fn circle(&mut self, x: f32, y: f32, r: f32, color: (u8, u8, u8)) {
        let k = r * 0.5523;
        let mut path = PathBuilder::new();
        path.move_to(x + r, y);
        path.cubic_to(x + r, y + k, x + k, y + r, x, y + r);
        path.cubic_to(x - k, y + r, x - r, y + k, x - r, y);
        path.cubic_to(x - r, y - k, x - k, y - r, x, y - r);
        path.cubic_to(x + k, y - r, x + r, y - k, x + r, y);
        path.close();
        self.draw(path.finish(), color);
    }

    fn dashes(&mut self, y: f32) {
        let mut path = PathBuilder::new();
        path.move_to(LEFT, y);
        path.line_to(RIGHT, y);
        let Some(path) = path.finish() else { return };
        self.surface.set_fill(None);
        self.surface.set_stroke(Some(Stroke {
            paint: rgb::Color::new(SOFT.0, SOFT.1, SOFT.2).into(),
            width: 0.7,
            dash: Some(StrokeDash {
                array: vec![4.0, 3.0],
                offset: 0.0,
            }),
            ..Stroke::default()
        }));
        self.surface.draw_path(&path);
        self.surface.set_stroke(None);
    }
}
