//! A request, and what is needed to answer it.

use std::rc::Rc;

use worker::{Context, Env};

use crate::{request::Request, settings::Settings};

/// A request, and what is needed to answer it.
pub struct RequestContext<'a> {
    /// The visitor's request, which is answered.
    pub request: &'a Request,
    /// The bindings and variables of the Worker.
    pub env: &'a Env,
    /// Keeps work alive that goes on after the answer.
    pub context: &'a Context,
    /// The settings that the operator gave to this Worker.
    pub settings: Rc<Settings>,
}
