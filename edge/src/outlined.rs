//! Functions that the runtime compiles only when they are needed.

use std::{pin::Pin, task};

/// A future that is compiled as a function of its own ("outlined", the opposite of inlined). The
/// runtime compiles a function when it is first called, and compile time per byte grows with the
/// function's size: if all handlers were inlined into one function, the visitor of a link's page would
/// wait tens of milliseconds for the compilation of handlers that the page does not use.
pub struct Outlined<F>(Pin<Box<F>>);

/// Keeps the future out of its caller's function; see [`Outlined`].
pub fn outlined<F: Future>(future: F) -> Outlined<F> {
    Outlined(Box::pin(future))
}

impl<F: Future> Future for Outlined<F> {
    type Output = F::Output;

    #[inline(never)]
    fn poll(self: Pin<&mut Self>, context: &mut task::Context<'_>) -> task::Poll<F::Output> {
        self.get_mut().0.as_mut().poll(context)
    }
}
