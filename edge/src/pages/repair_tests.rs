//! The pages of a flow that repairs a connection.

use shared::{
    proof::Proof,
    status::ConnectionStatus,
    wire::{DoneView, FlowView, RepairView, StepView},
};

use super::{done, html, repair, sign_in, view};
use crate::pages::{DonePage, Shell, SignInPage};

#[test]
fn a_flow_that_repairs_a_connection_says_why_and_lets_nobody_change_the_website() {
    let [shell, _] = Shell::samples();
    for status in ConnectionStatus::ALL {
        for live in [true, false] {
            let sign_in = sign_in(live, None);
            let repairing = FlowView {
                repair: Some(RepairView {
                    status: *status,
                    username: Some("jo…@client.example".into()),
                }),
                ..view(StepView::SignIn(sign_in.clone()))
            };
            let page = SignInPage::new(&shell, &repairing, &sign_in, "/p/connect/x/flow/y");
            let reply = page.reply("https://own.example");
            let html = html(&reply);
            assert!(html.contains(shell.text.repair_reason(*status)), "{html}");
            assert!(html.contains("connected as jo…@client.example"), "{html}");
            assert!(!html.contains("change-provider"), "{html}");
            assert!(!html.contains("Step 2 of 3"), "{html}");
            let offers = live && *status == ConnectionStatus::NewPasswordNeeded;
            assert_eq!(html.contains("password-page"), offers, "{status}");
        }
    }
    let done = DoneView {
        is_repair: true,
        ..done(Proof::Waiting)
    };
    let repairing = FlowView {
        repair: Some(repair()),
        ..view(StepView::Done(done.clone()))
    };
    let reply = DonePage::new(&shell, &repairing, &done, "/p/connect/x/flow/y").reply();
    let html = html(&reply);
    assert!(html.contains("Thanks for signing in again!"), "{html}");
    assert!(!html.contains("add-more"), "{html}");
}
