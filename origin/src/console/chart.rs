//! What was used and what it cost, month by month, as bars (SVG) and as a table that says the same.

use std::collections::BTreeMap;

use askama::Template;
use bill_reader::bill::BillContent;
use rust_decimal::{Decimal, prelude::ToPrimitive as _};
use shared::status::UtilityType;
use time::{Date, Month};

use super::bill_words::{grouped, services};

/// Months that a chart shows at most: the newest.
const MONTHS: usize = 24;
/// The height of the drawing; its width is stretched to that of the page.
const HEIGHT: f64 = 100.0;
/// The width of a month, of which its bar fills the most.
const STEP: f64 = 10.0;
const BAR: f64 = 7.0;

/// A month of a year, counted from the year nought.
type MonthNumber = i32;

/// A month of a chart.
#[derive(Debug, Clone, PartialEq)]
struct Point {
    /// Such as "Jan 2026".
    month: String,
    /// The sum of its bills; empty for a month without one.
    told: String,
    x: f64,
    y: f64,
    height: f64,
}

/// The bars of one service in one unit or currency.
#[derive(Debug, Clone, PartialEq, Template)]
#[template(path = "console/chart.html")]
pub(super) struct Chart {
    /// What it is of, such as "Electricity, kWh".
    title: String,
    points: Vec<Point>,
    /// The greatest sum, at which the drawing ends.
    most: String,
    /// Where nothing is, counted from above.
    zero: f64,
    width: f64,
}

impl Chart {
    fn bar(&self) -> f64 {
        BAR
    }

    fn drawing_height(&self) -> f64 {
        HEIGHT
    }

    fn first(&self) -> &str {
        self.points.first().map_or("", |point| &point.month)
    }

    fn last(&self) -> &str {
        self.points.last().map_or("", |point| &point.month)
    }

    /// The months that have a bill, newest first.
    fn told(&self) -> impl Iterator<Item = &Point> {
        let told = self.points.iter().rev();
        told.filter(|point| !point.told.is_empty())
    }

    /// The bars in a sentence.
    fn summary(&self) -> String {
        let (first, last) = (self.first(), self.last());
        format!(
            "Bars of {}, month by month from {first} to {last}, the highest {}. The numbers stand in the table below.",
            self.title, self.most
        )
    }
}

/// Charts of the same kind: all of usage, or all of cost.
type Sums = BTreeMap<(String, String), BTreeMap<MonthNumber, Decimal>>;

/// The charts of usage and those of cost of these bills, one for each service and unit or currency.
pub(super) fn charts<'a>(
    bills: impl Iterator<Item = (&'a BillContent, &'a [UtilityType])>,
) -> (Vec<Chart>, Vec<Chart>) {
    let (mut usage, mut cost) = (Sums::new(), Sums::new());
    for (content, types) in bills {
        let Some(month) = month_of(content) else {
            continue;
        };
        let service = services(types);
        let add = |sums: &mut Sums, unit: String, amount| {
            let months = sums.entry((service.clone(), unit)).or_default();
            *months.entry(month).or_default() += amount;
        };
        for row in &content.usage_data {
            if let (Some(quantity), Some(unit)) = (row.quantity, &row.units) {
                add(&mut usage, unit.to_string(), quantity);
            }
        }
        // What the period costs; the total may hold what was not paid before.
        if let (Some(amount), Some(currency)) = (
            content.current_charges.or(content.total_charges),
            content.charges_units,
        ) {
            add(&mut cost, currency.to_string(), amount);
        }
    }
    let drawn = |sums: Sums, decimals| {
        let sums = sums.into_iter();
        sums.map(|(of, months)| draw(of, &months, decimals))
            .collect()
    };
    (drawn(usage, 0), drawn(cost, 2))
}

/// The month in which the period of a bill is at its middle, or else the month of the bill.
fn month_of(content: &BillContent) -> Option<MonthNumber> {
    let periods = content.usage_data.iter();
    let mut middles = periods.filter_map(|row| {
        let (start, end) = (row.start_date?, row.end_date?);
        Some(start + (end - start) / 2)
    });
    let day: Date = middles.next().or(content.bill_date)?;
    Some(day.year() * 12 + i32::from(u8::from(day.month())) - 1)
}

fn name_of(month: MonthNumber) -> String {
    let number = u8::try_from(month.rem_euclid(12) + 1).unwrap_or(1);
    let name = Month::try_from(number).map_or_else(|_| String::new(), |month| month.to_string());
    let short: String = name.chars().take(3).collect();
    format!("{short} {}", month.div_euclid(12))
}

/// Draws a chart; its numbers have as many decimals at least.
fn draw(
    (service, unit): (String, String),
    months: &BTreeMap<MonthNumber, Decimal>,
    decimals: u32,
) -> Chart {
    let newest = months.keys().next_back().copied().unwrap_or_default();
    let oldest = months.keys().next().copied().unwrap_or_default();
    let span = i32::try_from(MONTHS).unwrap_or(i32::MAX) - 1;
    let first = oldest.max(newest.saturating_sub(span));
    let sum = |month: MonthNumber| months.get(&month).copied();
    let values = || (first..=newest).filter_map(sum);
    let most = values().max().unwrap_or_default().max(Decimal::ZERO);
    let least = values().min().unwrap_or_default().min(Decimal::ZERO);
    let range = (most - least).to_f64().unwrap_or_default();
    let share = |amount: Decimal| {
        if range > 0.0 {
            amount.to_f64().unwrap_or_default() / range * HEIGHT
        } else {
            0.0
        }
    };
    let zero = share(most);
    let with_unit = |amount: Decimal| {
        let mut amount = amount.normalize();
        amount.rescale(amount.scale().max(decimals));
        format!("{} {unit}", grouped(amount))
    };
    let mut points = Vec::new();
    let mut x = (STEP - BAR) / 2.0;
    for month in first..=newest {
        let amount = sum(month);
        let height = share(amount.unwrap_or_default());
        points.push(Point {
            month: name_of(month),
            told: amount.map(with_unit).unwrap_or_default(),
            x: rounded(x),
            y: rounded(zero - height.max(0.0)),
            height: rounded(height.abs()),
        });
        x += STEP;
    }
    let title = [service.as_str(), unit.as_str()];
    let title = title.into_iter().filter(|part| !part.is_empty());
    Chart {
        title: title.collect::<Vec<_>>().join(", "),
        most: with_unit(most),
        zero: rounded(zero),
        width: rounded(x - (STEP - BAR) / 2.0),
        points,
    }
}

fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use bill_reader::{bill::Usage, unit::Unit};
    use time::macros::date;

    use super::*;

    fn bill(start: Date, end: Date, quantity: i64, total: i64) -> BillContent {
        BillContent {
            bill_date: Some(end),
            charges_units: "EUR".parse().ok(),
            total_charges: Some(Decimal::new(total, 2)),
            usage_data: vec![Usage {
                start_date: Some(start),
                end_date: Some(end),
                quantity: Some(Decimal::from(quantity)),
                units: Some(Unit::KilowattHour),
                ..Usage::default()
            }],
            ..BillContent::default()
        }
    }

    const POWER: &[UtilityType] = &[UtilityType::Electricity];

    #[test]
    fn each_month_has_the_sum_of_its_bills_and_a_gap_is_one() {
        let bills = [
            bill(date!(2025 - 12 - 01), date!(2025 - 12 - 31), 100, 1000),
            bill(date!(2025 - 12 - 03), date!(2026 - 01 - 02), 50, 500),
            bill(date!(2026 - 02 - 01), date!(2026 - 02 - 28), 300, -500),
        ];
        let (usage, cost) = charts(bills.iter().map(|bill| (bill, POWER)));
        let [usage] = usage.as_slice() else {
            panic!("{usage:?}")
        };
        assert_eq!(usage.title, "Electricity, kWh");
        let told = |chart: &Chart| {
            let points = chart.points.iter();
            let told = points.map(|point| (point.month.clone(), point.told.clone(), point.height));
            told.collect::<Vec<_>>()
        };
        let of = |month: &str, told: &str, height| (month.to_owned(), told.to_owned(), height);
        assert_eq!(
            told(usage),
            [
                of("Dec 2025", "150 kWh", 50.0),
                of("Jan 2026", "", 0.0),
                of("Feb 2026", "300 kWh", 100.0)
            ]
        );
        // What is credited goes below the line.
        let [cost] = cost.as_slice() else {
            panic!("{cost:?}")
        };
        assert_eq!(cost.zero, 75.0);
        assert_eq!(cost.points[2].y, 75.0);
        assert_eq!(cost.points[2].height, 25.0);
        assert_eq!(cost.points[2].told, "-5.00 EUR");
        let html = cost.render().expect("HTML");
        assert_eq!(html.matches("<rect").count(), 2, "{html}");
        assert!(!html.contains("style="), "{html}");
    }

    #[test]
    fn units_currencies_and_services_are_not_mixed_and_old_months_left_out() {
        let mut gas = bill(date!(2026 - 01 - 01), date!(2026 - 01 - 31), 7, 100);
        gas.usage_data[0].units = Some(Unit::CubicMetre);
        gas.charges_units = "CHF".parse().ok();
        let old = bill(date!(2020 - 01 - 01), date!(2020 - 01 - 31), 9, 100);
        let new = bill(date!(2026 - 01 - 01), date!(2026 - 01 - 31), 9, 100);
        let both = [
            (&gas, &[UtilityType::Gas][..]),
            (&old, POWER),
            (&new, POWER),
        ];
        let (usage, cost) = charts(both.into_iter());
        let titles = |charts: &[Chart]| {
            let titles = charts.iter().map(|chart| chart.title.clone());
            titles.collect::<Vec<_>>()
        };
        assert_eq!(titles(&usage), ["Electricity, kWh", "Gas, m3"]);
        assert_eq!(titles(&cost), ["Electricity, EUR", "Gas, CHF"]);
        assert_eq!(usage[0].points.len(), MONTHS);
        let none = BillContent::default();
        let nothing = charts([(&none, POWER)].into_iter());
        assert_eq!(nothing, (Vec::new(), Vec::new()));
    }
}
