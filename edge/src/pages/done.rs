use askama::Template;
use shared::{
    proof::{FoundAccounts, Proof},
    status::{ConnectionStatus, UnattendedReason, UtilityType},
    wire::{DoneView, FlowView, RedirectView},
};

use super::{Shell, render, shown_host};
use crate::reply::{Reply, Script};

/// The last page: the connection exists, and its first collection proves that it works.
#[derive(Template)]
#[template(path = "done.html")]
pub struct DonePage<'a> {
    /// What surrounds the content: language, brand and nonce.
    pub shell: &'a Shell,
    /// The website's host without `www.`.
    pub host: &'a str,
    /// The path of the flow's page: the script adds `/progress`.
    pub path: &'a str,
    /// Whether the flow repairs a connection.
    pub repair: bool,
    /// Whether the connection needed a code when the repair began, and the website asked for none this time.
    pub needs_no_code: bool,
    /// The connection, and how far its proof is.
    pub done: &'a DoneView,
    /// Where the client goes from here.
    pub redirect: Option<&'a RedirectView>,
}

/// The state of a proof that found other accounts than the connection's.
const OTHER_ACCOUNTS: &str = "OTHER_ACCOUNTS";

/// The state of a proof whose sign-in waits for a code.
const AWAITING_CODE: &str = "AWAITING_CODE";

/// The states of a proof whose sign-in may still make the website send a code.
const BEFORE_CODE: &str = "WAITING SIGNING_IN";

/// The states of a proof that goes on.
const CHECKING: &str = "WAITING SIGNING_IN AWAITING_CODE COLLECTING";

/// The states of a proof whose last run is over.
const CHECKED: &str = "COLLECTED CUT_SHORT NO_BILLS NO_BILLS_YET STOPPED MISSING OTHER_ACCOUNTS";

/// The states of a proof whose connection is collected.
const GOES_ON: &str = "WAITING SIGNING_IN AWAITING_CODE COLLECTING COLLECTED CUT_SHORT NO_BILLS NO_BILLS_YET MISSING OTHER_ACCOUNTS";

/// The states in which it is known that the sign-in opens the connection's own account, and works. Who is not known to be
/// the connection's client is told of none of them.
const ACCEPTED: &str = "COLLECTED CUT_SHORT NO_BILLS NO_BILLS_YET";

/// What a line of the proof looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// What the line says is done.
    Good,
    /// What the line says goes on now.
    Going,
    /// What the line says is missing for a proof.
    Missing,
}

/// A line of the proof. All are on the page; those of other states are hidden.
pub struct Line {
    /// The states of the proof in which it is shown, separated by spaces.
    pub states: &'static str,
    /// Whether it is shown only with, or only without, a code that a person gave.
    pub by_code: Option<bool>,
    /// The reason for which it is shown, if it is for one alone.
    pub reason: Option<UnattendedReason>,
    /// What it looks like.
    pub mark: Mark,
    /// What it says first.
    pub title: &'static str,
    /// What it says then.
    pub advice: Option<&'static str>,
}

impl Line {
    /// Whether it offers to sign in once more.
    pub fn is_mended_by_sign_in(&self) -> bool {
        self.is_other_account()
            || self
                .reason
                .is_some_and(UnattendedReason::is_mended_by_sign_in)
    }

    /// Whether it leads to the page for the code.
    pub fn is_awaiting_code(&self) -> bool {
        self.states == AWAITING_CODE
    }

    /// Whether it offers to say how codes reach us.
    pub fn is_mended_by_codes(&self) -> bool {
        self.by_code == Some(true) || self.reason == Some(UnattendedReason::CodeNeeded)
    }

    /// Whether it offers to make a new connection of the account.
    pub fn is_other_account(&self) -> bool {
        self.states == OTHER_ACCOUNTS
    }
}

impl<'a> DonePage<'a> {
    /// Makes the page of a flow that is at DONE.
    pub fn new(shell: &'a Shell, flow: &'a FlowView, done: &'a DoneView, path: &'a str) -> Self {
        Self {
            shell,
            host: shown_host(&flow.provider_host),
            path,
            repair: done.is_repair,
            needs_no_code: done.is_repair && !done.code_was_asked && needed_code(flow),
            done,
            redirect: flow.redirect.as_ref(),
        }
    }

    /// The heading, which is another one for a connection that was repaired.
    pub fn title(&self) -> &'static str {
        if self.repair {
            self.shell.text.repair_done_title()
        } else {
            self.shell.text.done_title()
        }
    }

    /// Every line of the proof.
    pub fn lines(&self) -> Vec<Line> {
        let text = self.shell.text;
        let line = |states, mark, title| Line {
            states,
            by_code: None,
            reason: None,
            mark,
            title,
            advice: None,
        };
        let advised = |states, title, advice| Line {
            advice: Some(advice),
            ..line(states, Mark::Missing, title)
        };
        let asked = text.unattended_reason(UnattendedReason::CodeNeeded);
        let mut lines = vec![
            line("WAITING", Mark::Going, text.proof_waiting()),
            line("SIGNING_IN", Mark::Going, text.proof_signing_in()),
            advised(
                AWAITING_CODE,
                text.proof_awaiting_code_title(),
                text.proof_awaiting_code_advice(),
            ),
            Line {
                by_code: Some(false),
                ..line(
                    "COLLECTING COLLECTED CUT_SHORT NO_BILLS NO_BILLS_YET",
                    Mark::Good,
                    text.proof_works(),
                )
            },
            Line {
                by_code: Some(true),
                ..advised("COLLECTING COLLECTED CUT_SHORT", asked.title, asked.advice)
            },
            line("COLLECTING", Mark::Going, text.proof_collecting()),
            line("COLLECTED", Mark::Good, text.proof_collected()),
            advised(
                "CUT_SHORT",
                text.proof_cut_short_title(),
                text.proof_cut_short_advice(),
            ),
            advised(
                "NO_BILLS",
                text.proof_no_bills_title(),
                text.proof_no_bills_advice(),
            ),
            advised(
                "NO_BILLS_YET",
                text.proof_no_bills_yet_title(),
                text.proof_no_bills_yet_advice(),
            ),
            advised(
                "STOPPED",
                text.proof_stopped_title(),
                text.proof_stopped_advice(),
            ),
        ];
        lines.push(advised(
            OTHER_ACCOUNTS,
            text.proof_other_accounts_title(),
            text.proof_other_accounts_advice(),
        ));
        lines.extend(UnattendedReason::ALL.iter().map(|reason| {
            let why = text.unattended_reason(*reason);
            Line {
                reason: Some(*reason),
                ..advised("MISSING", why.title, why.advice)
            }
        }));
        lines
    }

    /// The state of the proof, as the page's script names it.
    fn state(&self) -> &'static str {
        match &self.done.proof {
            Proof::Waiting => "WAITING",
            Proof::SigningIn => "SIGNING_IN",
            Proof::AwaitingCode { .. } => AWAITING_CODE,
            Proof::Collecting { .. } => "COLLECTING",
            Proof::Collected { .. } => "COLLECTED",
            Proof::CutShort { .. } => "CUT_SHORT",
            Proof::NoBills => "NO_BILLS",
            Proof::NoBillsYet => "NO_BILLS_YET",
            Proof::Stopped => "STOPPED",
            Proof::Missing { .. } => "MISSING",
            Proof::OtherAccounts { .. } => OTHER_ACCOUNTS,
        }
    }

    /// Whether something with these states is shown now.
    fn shows_at(&self, states: &str) -> bool {
        states.split(' ').any(|one| one == self.state())
    }

    /// Whether a person gave the code that the website asked our own sign-in for.
    fn by_code(&self) -> bool {
        match &self.done.proof {
            Proof::Collecting { by_code, .. }
            | Proof::Collected { by_code, .. }
            | Proof::CutShort { by_code, .. } => *by_code,
            _ => false,
        }
    }

    /// Whether our own sign-in worked and, as far as is known, gave no code. Then a repair says that the website asked for none,
    /// or leads to where codes are set up; the lines of the proof do so where our own sign-in was asked as well.
    fn worked_without_code(&self) -> bool {
        self.shows_at(ACCEPTED) && !self.by_code()
    }

    /// Whether a repair that needed a code leads to where codes are set up, because nothing has proven yet that they reach us.
    fn leads_to_codes(&self) -> bool {
        self.repair && self.done.code_was_asked && !self.done.has_proven_channel
    }

    /// What a repair says first, with the states in which it says so: what goes on, or that it is over.
    fn repair_leads(&self) -> [(&'static str, String); 2] {
        let text = self.shell.text;
        [
            (CHECKING, text.repair_done_lead(self.host).to_string()),
            (CHECKED, text.repair_checked_lead(self.host).to_string()),
        ]
    }

    /// Whether a line is shown now.
    pub fn shows(&self, line: &Line) -> bool {
        let reason = match &self.done.proof {
            Proof::Missing { reason } => Some(*reason),
            _ => None,
        };
        self.shows_at(line.states)
            && line.reason == reason
            && line.by_code.is_none_or(|only| only == self.by_code())
    }

    /// The accounts that were found, as `Electricity ··2207, Water ··0913`; empty while there are none.
    pub fn accounts(&self) -> String {
        match &self.done.proof {
            Proof::Collecting { accounts, .. }
            | Proof::Collected { accounts, .. }
            | Proof::CutShort { accounts, .. }
            | Proof::OtherAccounts { accounts } => account_names(self.shell, accounts),
            _ => String::new(),
        }
    }

    /// The page on which the code can be given that is waited for; empty while none is.
    pub fn code_page(&self) -> &str {
        match &self.done.proof {
            Proof::AwaitingCode { page } => &page.0,
            _ => "",
        }
    }

    /// The bills that were found; empty while there are none.
    pub fn bills(&self) -> String {
        let text = self.shell.text;
        match &self.done.proof {
            Proof::Collecting {
                bills, expected, ..
            } if *expected > 0 => text
                .bills_of(&bills.to_string(), &expected.to_string())
                .to_string(),
            Proof::Collected { bills, .. } | Proof::CutShort { bills, .. } => bills.to_string(),
            _ => String::new(),
        }
    }

    /// The texts that the script puts together, by the names that it asks for.
    pub fn script_texts(&self) -> Vec<(&'static str, String)> {
        let text = self.shell.text;
        let types = UtilityType::ALL.iter();
        let types = types.map(|kind| (kind.as_str(), text.utility_type(*kind).to_owned()));
        let bills = text.bills_of("{found}", "{expected}").to_string();
        types.chain([("bills-of", bills)]).collect()
    }

    /// Whether more is to come, so that the script waits for it.
    pub fn waits(&self) -> bool {
        !self.done.proof.is_over()
    }

    /// Renders this page as a complete reply.
    pub fn reply(&self) -> Reply {
        let script = self.waits().then_some(Script::OwnOrigin);
        render(self, self.shell, 200, script)
    }
}

fn needed_code(flow: &FlowView) -> bool {
    let repair = flow.repair.as_ref();
    repair.is_some_and(|repair| repair.status == ConnectionStatus::MfaTokenExpired)
}

/// Accounts as `Electricity ··2207, Water ··0913`, the same as `accountNames` in `proof-page.js`.
pub fn account_names(shell: &Shell, accounts: &FoundAccounts) -> String {
    let names = accounts.shown.iter().map(|account| {
        let types = account.utility_types.iter();
        let types = types.map(|kind| shell.text.utility_type(*kind));
        let ending = ["··", account.ending.as_str()].concat();
        let words: Vec<&str> = types.chain([ending.as_str()]).collect();
        words.join(" ")
    });
    let mut names: Vec<String> = names.collect();
    let more = accounts.count.saturating_sub(names.len() as u64);
    match (names.is_empty(), more) {
        (_, 0) => {}
        (true, all) => names.push(all.to_string()),
        (false, more) => names.push(format!("+{more}")),
    }
    names.join(", ")
}
