//! Keeps the memory of this program, which holds keys and credentials, out of files.

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// Has the kernel write no core dump of this program, nor of those that it starts, when they crash; and lets no other
/// program of the same user read its memory.
///
/// # Errors
/// When the kernel refuses, which it has no reason to.
pub fn forbid() -> Result<(), rustix::io::Errno> {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    // The limit is what children inherit; programs that dumps are piped to do not heed it, but the other.
    setrlimit(Resource::Core, none)?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
}
