//! What the forms of a page ask for, as capture needs to know when one was sent. Pure.

use super::{
    field_roles::{self, Purpose, Role},
    report::{Field, Source, State},
};

/// Whether a form that asks for a code was sent: the one of this group or, where the group is not known (0), the only one
/// that there is while no password can be typed.
pub(super) fn sends_code(state: &State, group: i64) -> bool {
    let shows = |fits: &dyn Fn(&Field) -> bool| state.fields.iter().any(|f| f.vis && fits(f));
    let asks = |number: i64| {
        field_roles::purpose(state, number) == Purpose::Code && shows(&|f| f.group == number)
    };
    if group != 0 {
        return asks(group);
    }
    !shows(&|f| f.pw) && field_roles::group_numbers(state).into_iter().any(asks)
}

/// Whether a code can be typed into a form.
pub(super) fn shows_code(state: &State, group: i64) -> bool {
    let mut fields = state.fields.iter();
    fields.any(|f| f.group == group && f.vis && field_roles::role(f) == Role::Code)
}

/// Asks for a new password and finds fault: the one that was sent is not good enough.
pub(super) fn refuses_new_password(state: &State) -> bool {
    let faulty = state.messages.iter().any(|m| m.from == Source::Error);
    let refuses = |group: i64| {
        let shown = || state.fields.iter().filter(|f| f.group == group && f.vis);
        field_roles::purpose(state, group) == Purpose::NewPassword
            && shown().any(|f| f.pw)
            && (faulty || shown().any(|f| f.bad))
    };
    field_roles::group_numbers(state).into_iter().any(refuses)
}
