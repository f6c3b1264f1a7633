//! JSON as RFC 7493 (I-JSON) has it, read once, within
//! [limits](crate::limits), before anything is interpreted.

mod node;
mod object;
mod parse;
mod path;
mod read;
mod rewrite;

pub(crate) use node::{Children, Kind, Node, Number, Tree};
pub(crate) use parse::parse;
pub(crate) use path::Path;
pub(crate) use read::{Reading, read, read_value, read_within, read_without};
pub(crate) use rewrite::{Escapes, Order, rewrite, write};

pub use object::{Object, Read};
pub use parse::Malformed;
