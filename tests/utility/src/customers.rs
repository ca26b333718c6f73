//! Who has an account here, and for what.

/// A customer with a sign-in.
#[derive(Debug)]
pub struct Customer {
    /// The e-mail address that the customer signs in with.
    pub email: &'static str,
    /// The password, unless [`crate::Switches::set_password`] changed it.
    pub password: &'static str,
    /// The name as it is printed on bills.
    pub name: &'static str,
    /// The phone number in the customer's profile.
    pub phone: &'static str,
    /// Their utility accounts; a new customer has none.
    pub accounts: &'static [Account],
}

/// One utility account of a customer.
#[derive(Debug)]
pub struct Account {
    /// The number as it is printed, with dashes.
    pub number: &'static str,
    /// What is delivered.
    pub kind: ServiceKind,
    /// The address where it is delivered.
    pub address: &'static str,
    /// The meter's number.
    pub meter: &'static str,
    /// The number of months between two bills.
    pub every_months: u8,
    /// The number of bills that exist.
    pub bills: usize,
    /// Day of the month on which the meter is read, 1 to 28.
    pub read_day: u8,
    /// Usage of an average month, in the kind's unit.
    pub usage: u32,
}

/// What an account delivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ServiceKind {
    /// Electricity, in kWh.
    Electricity,
    /// Water, in CCF.
    Water,
    /// Natural gas, in therms.
    Gas,
}

impl ServiceKind {
    /// As the pages and the bills say it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Electricity => "Electricity",
            Self::Water => "Water",
            Self::Gas => "Natural gas",
        }
    }

    /// What usage is counted in.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::Electricity => "kWh",
            Self::Water => "CCF",
            Self::Gas => "therms",
        }
    }
}

/// Every customer.
pub const CUSTOMERS: &[Customer] = &[
    Customer {
        email: "jordan@example.com",
        password: "correct horse battery",
        name: "Jordan Avery",
        phone: "(555) 010-4417",
        accounts: &[
            Account {
                number: "4402-118-2207",
                kind: ServiceKind::Electricity,
                address: "218 Mill Race Lane, Unit B, Riverbend, OH 45012",
                meter: "E7731-0482",
                every_months: 1,
                bills: 14,
                read_day: 12,
                usage: 910,
            },
            Account {
                number: "7710-554-0913",
                kind: ServiceKind::Water,
                address: "218 Mill Race Lane, Unit B, Riverbend, OH 45012",
                meter: "W2210-9934",
                every_months: 2,
                bills: 7,
                read_day: 20,
                usage: 9,
            },
        ],
    },
    Customer {
        email: "sam@example.com",
        password: "violet anchor 42",
        name: "Sam Okafor",
        phone: "(555) 010-8820",
        accounts: &[
            Account {
                number: "4402-730-5518",
                kind: ServiceKind::Electricity,
                address: "77 Harbor Street, Riverbend, OH 45011",
                meter: "E7702-5126",
                every_months: 1,
                bills: 12,
                read_day: 5,
                usage: 2_640,
            },
            Account {
                number: "6120-730-5519",
                kind: ServiceKind::Gas,
                address: "77 Harbor Street, Riverbend, OH 45011",
                meter: "G0918-3371",
                every_months: 1,
                bills: 12,
                read_day: 5,
                usage: 118,
            },
        ],
    },
    Customer {
        email: "casey@example.com",
        password: "paper lantern 9",
        name: "Casey Lind",
        phone: "(555) 010-2093",
        accounts: &[],
    },
];

/// The customer with this e-mail address, whatever its case.
#[must_use]
pub fn find(email: &str) -> Option<&'static Customer> {
    CUSTOMERS
        .iter()
        .find(|person| person.email.eq_ignore_ascii_case(email.trim()))
}
