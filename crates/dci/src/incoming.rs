use std::fmt;

use crate::json::{Kind, Tree, parse};
use crate::{Action, Fault, Refusal, Rule};

/// A body as it was received: JSON within the [limits](crate::limits), of
/// which nothing is believed yet.
///
/// It says whose keys are needed; [`Reception::open`](crate::Reception::open)
/// checks it.
pub struct Incoming<'a> {
    pub(crate) body: &'a [u8],
    pub(crate) http_header: Option<&'a str>,
    pub(crate) tree: Tree<'a>,
}

impl<'a> Incoming<'a> {
    /// Reads `body`, which came with the HTTP header `Signature` if there was
    /// one.
    ///
    /// A body that is compressed is for the transport to inflate, within the
    /// same limit.
    ///
    /// # Errors
    ///
    /// [`Refusal`] if the body is not one JSON object in UTF-8 with a header,
    /// goes beyond a limit, or holds a name twice.
    pub fn parse(body: &'a [u8], signature: Option<&'a str>) -> Result<Self, Refusal> {
        let tree = parse(body)?;
        if *tree.root().kind() != Kind::Object {
            return Err(Fault::new(Rule::WrongType).into());
        }
        match tree.root().get("header").map(|header| header.kind()) {
            Some(Kind::Object) => Ok(Self {
                body,
                http_header: signature,
                tree,
            }),
            Some(_) => Err(Fault::field("header", Rule::WrongType).into()),
            None => Err(Fault::field("header", Rule::Required).into()),
        }
    }

    /// Who says that they sent it: to find the partner and its keys, and for
    /// nothing else.
    #[must_use]
    pub fn sender(&self) -> Option<&str> {
        self.header("sender_id")
    }

    /// What it says that it is. `None` if that is none of the standard's
    /// actions, to the letter. The type to read it as follows from the path
    /// that it came to: several messages share an action.
    #[must_use]
    pub fn action(&self) -> Option<Action> {
        let action = self.header("action")?;
        let mut actions = Action::ALL.iter().copied();
        actions.find(|known| known.as_str() == action)
    }

    fn header(&self, field: &str) -> Option<&str> {
        self.tree.root().get("header")?.get(field)?.text()
    }
}

impl fmt::Debug for Incoming<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming")
            .field("length", &self.body.len())
            .field("action", &self.action())
            .finish_non_exhaustive()
    }
}
