//! Who has an account here, for what, and what happens to them between password and account.

use crate::outbox::Channel;

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
    /// What happens after the right password.
    pub(crate) after: After,
    /// What a client sees, in words.
    pub shows: &'static str,
    /// What the sign-in comes to, one after the other: the names of the verdicts, with the way of a code, if the client
    /// answers what is asked.
    pub verdict: &'static str,
    /// What a connection comes to whose client answers nothing, with its detail.
    pub status: &'static str,
}

/// What happens after the right password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    /// The account.
    Account,
    /// It is not the right password any more.
    Refused,
    /// The account is locked.
    Locked,
    /// Status 500.
    Error,
    /// The account, after some seconds.
    Slow,
    /// From then on every page leads to a host that does not exist.
    Gone,
    /// A page that says so, with status 503.
    Maintenance,
    /// A page that does not like the browser.
    Browser,
    /// A page that says nothing.
    Odd,
    /// A captcha.
    Captcha,
    /// A security question.
    Question,
    /// A new password is demanded.
    NewPassword,
    /// Terms have to be accepted.
    Terms,
    /// One of two accounts has to be picked.
    Picker,
    /// One of two ways for the code has to be chosen.
    Ways,
    /// A question on the phone, with a number to match.
    Push,
    /// A code is asked for.
    Code(Channel, CodePage),
}

/// How a code is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CodePage {
    /// In one field.
    OneBox,
    /// In a box for each digit.
    SixBoxes,
    /// In one field; the first code is too old when it comes.
    FirstExpired,
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

/// The password of every customer to whom something happens.
const PASSWORD: &str = "river stone 5";

/// A customer with one account, to whom something happens after the password.
macro_rules! case {
    ($email:literal, $number:literal, $after:expr, $shows:literal, $verdict:literal, $status:literal) => {
        Customer {
            email: $email,
            password: PASSWORD,
            name: "Robin Weir",
            phone: "(555) 010-0142",
            accounts: &[Account {
                number: $number,
                kind: ServiceKind::Electricity,
                address: "40 Weir Road, Riverbend, OH 45010",
                meter: "E7700-0142",
                every_months: 1,
                bills: 3,
                read_day: 9,
                usage: 640,
            }],
            after: $after,
            shows: $shows,
            verdict: $verdict,
            status: $status,
        }
    };
}

/// The accounts of a household, which two of its people can sign in to.
const HOUSEHOLD: &[Account] = &[
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
];

/// Every customer.
#[rustfmt::skip]
pub const CUSTOMERS: &[Customer] = &[
    Customer {
        email: "jordan@example.com",
        password: "correct horse battery",
        name: "Jordan Avery",
        phone: "(555) 010-4417",
        accounts: HOUSEHOLD,
        after: After::Account,
        shows: "electricity and water: 21 bills",
        verdict: "SIGNED_IN",
        status: "CONNECTED",
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
        after: After::Account,
        shows: "electricity and gas: 24 bills",
        verdict: "SIGNED_IN",
        status: "CONNECTED",
    },
    Customer {
        email: "morgan@example.com",
        password: "amber kettle 7",
        name: "Morgan Avery",
        phone: "(555) 010-4418",
        accounts: HOUSEHOLD,
        after: After::Account,
        shows: "the accounts of `jordan@example.com`, under another user name",
        verdict: "SIGNED_IN",
        status: "CONNECTED",
    },
    Customer {
        email: "casey@example.com",
        password: "paper lantern 9",
        name: "Casey Lind",
        phone: "(555) 010-2093",
        accounts: &[],
        after: After::Account,
        shows: "an account without any service",
        verdict: "SIGNED_IN",
        status: "NO_ACCOUNTS_FOUND",
    },
    case!("sms@example.com", "4402-900-0001", After::Code(Channel::Sms, CodePage::OneBox), "a code in a text message; wrong ones are told, the third locks out; another is sent on demand; a box remembers the browser", "CODE_NEEDED sms, SIGNED_IN", "MFA_TOKEN_EXPIRED SMS_CODE"),
    case!("six-boxes@example.com", "4402-900-0002", After::Code(Channel::Sms, CodePage::SixBoxes), "the same, in a box for each digit", "CODE_NEEDED sms, SIGNED_IN", "MFA_TOKEN_EXPIRED SMS_CODE"),
    case!("expired@example.com", "4402-900-0003", After::Code(Channel::Sms, CodePage::FirstExpired), "the same, but the first code is told to have expired, and another one is sent", "CODE_NEEDED sms, CODE_REFUSED expired, SIGNED_IN", "MFA_TOKEN_EXPIRED SMS_CODE"),
    case!("mail@example.com", "4402-900-0004", After::Code(Channel::Email, CodePage::OneBox), "a code by mail", "CODE_NEEDED email, SIGNED_IN", "MFA_TOKEN_EXPIRED EMAIL_CODE"),
    case!("call@example.com", "4402-900-0005", After::Code(Channel::Call, CodePage::OneBox), "a code in a phone call", "CODE_NEEDED call, SIGNED_IN", "MFA_TOKEN_EXPIRED SMS_CODE"),
    case!("authenticator@example.com", "4402-900-0006", After::Code(Channel::Authenticator, CodePage::OneBox), "a code from an authenticator; its QR code is in the profile", "CODE_NEEDED totp, SIGNED_IN", "MFA_TOKEN_EXPIRED TOTP_CODE"),
    case!("choose@example.com", "4402-900-0007", After::Ways, "text message or mail: to be chosen, then a code", "CHOICE_NEEDED, CODE_NEEDED sms, SIGNED_IN", "ADDITIONAL_CREDENTIALS_NEEDED"),
    case!("push@example.com", "4402-900-0008", After::Push, "a number to be picked on the phone", "APPROVAL, SIGNED_IN", "MFA_TOKEN_EXPIRED"),
    case!("question@example.com", "4402-900-0009", After::Question, "a security question: the first pet was Rover", "QUESTION, SIGNED_IN", "ADDITIONAL_CREDENTIALS_NEEDED"),
    case!("captcha@example.com", "4402-900-0010", After::Captcha, "a captcha", "CAPTCHA, SIGNED_IN", "UNDER_INVESTIGATION CAPTCHA"),
    case!("new-password@example.com", "4402-900-0011", After::NewPassword, "a new password is demanded; once it is chosen, it is the password", "NEW_PASSWORD_NEEDED, SIGNED_IN", "NEW_PASSWORD_NEEDED"),
    case!("terms@example.com", "4402-900-0012", After::Terms, "new terms have to be accepted", "CONSENT_NEEDED, SIGNED_IN", "ADDITIONAL_CREDENTIALS_NEEDED"),
    case!("picker@example.com", "4402-900-0013", After::Picker, "one of two accounts has to be picked", "CHOICE_NEEDED, SIGNED_IN", "ADDITIONAL_CREDENTIALS_NEEDED"),
    case!("refused@example.com", "4402-900-0015", After::Refused, "the password was changed: it is refused; the third refusal locks out", "REJECTED", "PASSWORD_INCORRECT"),
    case!("slow@example.com", "4402-900-0014", After::Slow, "the account, after 8 seconds", "SIGNED_IN", "CONNECTED"),
    case!("locked@example.com", "4402-900-0016", After::Locked, "the account is locked", "LOCKED", "PASSWORD_INCORRECT ACCOUNT_LOCKED"),
    case!("error@example.com", "4402-900-0017", After::Error, "the password is answered with 500", "SITE_DOWN", "WEBSITE_DOWN HTTP_5XX"),
    case!("maintenance@example.com", "4402-900-0018", After::Maintenance, "a page about maintenance, with 503", "SITE_DOWN", "WEBSITE_DOWN HTTP_5XX"),
    case!("gone@example.com", "4402-900-0019", After::Gone, "from then on every page leads to a host that does not exist", "SITE_DOWN", "URL_INACCESSIBLE DNS"),
    case!("browser@example.com", "4402-900-0020", After::Browser, "a page that wants another browser", "BROWSER_UNSUPPORTED", "UNDER_INVESTIGATION SITE_CHANGED"),
    case!("odd@example.com", "4402-900-0021", After::Odd, "a page that tells nothing", "UNKNOWN", "UNDER_INVESTIGATION SITE_CHANGED"),
];

/// The customer with this e-mail address, whatever its case.
#[must_use]
pub fn find(email: &str) -> Option<&'static Customer> {
    CUSTOMERS
        .iter()
        .find(|person| person.email.eq_ignore_ascii_case(email.trim()))
}
