//! The true bills: computed from a seed and a day, in whole cents and whole units.

use time::{Date, Month};

use crate::{
    Options,
    customers::{Account, ServiceKind, find},
};

/// One bill, exactly as its page and its PDF show it. Money is in US cents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    /// The invoice number, unique over all accounts.
    pub invoice: String,
    /// The number of the account as it is printed.
    pub account: &'static str,
    /// What was delivered.
    pub kind: ServiceKind,
    /// The address where it was delivered.
    pub address: &'static str,
    /// The meter's number.
    pub meter: &'static str,
    /// The day it was made.
    pub bill_date: Date,
    /// The day it must be paid.
    pub due_date: Date,
    /// First day of the service period.
    pub from: Date,
    /// Last day of the service period.
    pub to: Date,
    /// The usage in the period, in `kind.unit()`.
    pub usage: u32,
    /// The meter at the start of the period.
    pub previous_reading: u32,
    /// The meter at the end of the period.
    pub current_reading: u32,
    /// Whether the reading was estimated.
    pub estimated: bool,
    /// Charges before taxes.
    pub lines: Vec<Line>,
    /// Taxes and fees.
    pub taxes: Vec<Line>,
    /// The balance that was open before this bill, in cents.
    pub previous_balance: i64,
    /// The payments since the bill before, in cents; not negative.
    pub payments: i64,
}

/// A line of a bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What the line charges for.
    pub description: &'static str,
    /// The number of units, when the line counts units.
    pub quantity: Option<u32>,
    /// Price of a unit in 1/10000 dollar, when it is counted.
    pub rate: Option<i64>,
    /// The amount in cents.
    pub amount: i64,
}

impl Bill {
    /// The sum of the taxes, in cents.
    #[must_use]
    pub fn tax_total(&self) -> i64 {
        self.taxes.iter().map(|line| line.amount).sum()
    }

    /// The charges of this period with taxes, in cents.
    #[must_use]
    pub fn current_charges(&self) -> i64 {
        self.lines.iter().map(|line| line.amount).sum::<i64>() + self.tax_total()
    }

    /// Cents paid, as a summary shows them: not positive.
    #[must_use]
    pub fn credited(&self) -> i64 {
        -self.payments
    }

    /// The amount that must be paid, in cents.
    #[must_use]
    pub fn total_due(&self) -> i64 {
        self.previous_balance - self.payments + self.current_charges()
    }

    /// The number of days in the service period.
    #[must_use]
    pub fn days(&self) -> i64 {
        (self.to - self.from).whole_days() + 1
    }
}

/// All bills of a customer, newest first. Empty for an unknown one.
#[must_use]
pub fn bills_of(email: &str, options: &Options) -> Vec<Bill> {
    let mut bills: Vec<Bill> = find(email)
        .into_iter()
        .flat_map(|person| person.accounts)
        .flat_map(|account| bills_of_account(account, options))
        .collect();
    bills.sort_by(|a, b| (b.bill_date, &b.invoice).cmp(&(a.bill_date, &a.invoice)));
    bills
}

/// The bills of one account, newest first.
#[must_use]
pub fn bills_of_account(account: &'static Account, options: &Options) -> Vec<Bill> {
    // The last reading whose bill (three days later) has been made by today.
    let mut last = month_start(options.today, 0)
        .replace_day(account.read_day)
        .unwrap_or(options.today);
    if last + time::Duration::days(3) > options.today {
        last = shifted(last, -1);
    }
    let count = account.bills;
    let mut reading = 10_000 + (mix(options.seed, account.number, 0) % 40_000) as u32;
    let mut balance = 0_i64;
    let mut bills = Vec::with_capacity(count);
    for n in 0..count {
        let back = ((count - 1 - n) * usize::from(account.every_months)) as i32;
        let to = shifted(last, -back);
        let from = shifted(to, -i32::from(account.every_months)) + time::Duration::days(1);
        let chance = mix(options.seed, account.number, bill_key(to));
        let usage = usage(account, to.month(), chance);
        let bill_date = to + time::Duration::days(3);
        // Some customers forget a bill: its whole amount is then on the next one.
        let payments = if chance % 7 == 3 { 0 } else { balance };
        let bill = Bill {
            invoice: format!(
                "RB{:02}{:02}{:05}",
                bill_date.year() % 100,
                u8::from(bill_date.month()),
                mix(options.seed, account.meter, bill_key(to)) % 100_000
            ),
            account: account.number,
            kind: account.kind,
            address: account.address,
            meter: account.meter,
            bill_date,
            due_date: bill_date + time::Duration::days(21),
            from,
            to,
            usage,
            previous_reading: reading,
            current_reading: reading + usage,
            estimated: chance % 9 == 4,
            lines: lines(account.kind, usage),
            taxes: Vec::new(),
            previous_balance: balance,
            payments,
        };
        let bill = taxed(bill);
        reading = bill.current_reading;
        balance = bill.total_due();
        bills.push(bill);
    }
    bills.reverse();
    bills
}

fn usage(account: &Account, month: Month, chance: u64) -> u32 {
    // Percent of an average month, January first.
    let season: [u32; 12] = match account.kind {
        ServiceKind::Electricity => [112, 104, 92, 84, 82, 104, 128, 132, 108, 86, 84, 104],
        ServiceKind::Water => [80, 80, 84, 92, 110, 128, 140, 136, 112, 92, 82, 80],
        ServiceKind::Gas => [230, 210, 160, 96, 50, 28, 22, 22, 30, 72, 130, 200],
    };
    let percent = season
        .get(usize::from(u8::from(month)) - 1)
        .copied()
        .unwrap_or(100);
    let wobble = 92 + (chance % 17) as u32;
    (account.usage * u32::from(account.every_months) * percent * wobble / 10_000).max(1)
}

fn lines(kind: ServiceKind, usage: u32) -> Vec<Line> {
    let fixed = |description, amount| Line {
        description,
        quantity: None,
        rate: None,
        amount,
    };
    let counted = |description, rate: i64| Line {
        description,
        quantity: Some(usage),
        rate: Some(rate),
        amount: (i64::from(usage) * rate + 50) / 100,
    };
    match kind {
        ServiceKind::Electricity => vec![
            fixed("Customer charge", 1_250),
            counted("Energy charge", 1_184),
            counted("Delivery charge", 429),
            counted("Fuel cost adjustment", 63),
        ],
        ServiceKind::Water => vec![
            fixed("Base service charge", 1_875),
            counted("Water usage", 46_200),
            counted("Stormwater recovery", 3_150),
        ],
        ServiceKind::Gas => vec![
            fixed("Basic service charge", 1_400),
            counted("Gas supply", 6_210),
            counted("Gas distribution", 2_485),
        ],
    }
}

fn taxed(mut bill: Bill) -> Bill {
    let net: i64 = bill.lines.iter().map(|line| line.amount).sum();
    let tax = |description, basis_points: i64| Line {
        description,
        quantity: None,
        rate: None,
        amount: (net * basis_points + 5_000) / 10_000,
    };
    bill.taxes = vec![
        tax("State sales tax (5.75%)", 575),
        tax("City utility tax (2.10%)", 210),
    ];
    bill
}

/// The date moved by whole months; days after the 28th never occur here.
fn shifted(date: Date, months: i32) -> Date {
    month_start(date, months)
        .replace_day(date.day())
        .unwrap_or(date)
}

fn month_start(date: Date, months: i32) -> Date {
    let index = date.year() * 12 + i32::from(u8::from(date.month())) - 1 + months;
    let month = Month::try_from((index.rem_euclid(12) + 1) as u8).unwrap_or(Month::January);
    Date::from_calendar_date(index.div_euclid(12), month, 1).unwrap_or(date)
}

fn bill_key(date: Date) -> u64 {
    date.to_julian_day().unsigned_abs().into()
}

/// A number that looks random and is always the same for the same input (splitmix64 over FNV-1a).
fn mix(seed: u64, text: &str, key: u64) -> u64 {
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325 ^ seed, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    let mut z = hash.wrapping_add(key.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn bills_hang_together() {
        let options = Options::default();
        let bills = bills_of("jordan@example.com", &options);
        assert_eq!(bills.len(), 21);
        assert_eq!(bills, bills_of("Jordan@Example.com ", &options));
        let invoices: HashSet<_> = bills.iter().map(|bill| &bill.invoice).collect();
        assert_eq!(invoices.len(), bills.len());
        for pair in
            bills_of_account(&crate::customers::CUSTOMERS[0].accounts[0], &options).windows(2)
        {
            let (newer, older) = (&pair[0], &pair[1]);
            assert_eq!(newer.previous_reading, older.current_reading);
            assert_eq!(newer.previous_balance, older.total_due());
            assert_eq!(newer.from, older.to.next_day().expect("within range"));
            assert!(newer.bill_date <= options.today);
        }
        assert!(
            bills
                .iter()
                .any(|bill| bill.payments < bill.previous_balance)
        );
        assert!(bills.iter().any(|bill| bill.estimated));
        assert!(bills_of("casey@example.com", &options).is_empty());
    }

    #[test]
    fn months_wrap() {
        let january = Date::from_calendar_date(2026, Month::January, 12).expect("a date");
        assert_eq!(shifted(january, -1).to_string(), "2025-12-12");
        assert_eq!(shifted(january, 13).to_string(), "2027-02-12");
    }
}
