//! What a text holds, as it was written.

use std::borrow::Cow;

use serde_json::Value;

/// A text's values, one after the other, each before those within it. Strings
/// stay where they were read, unless they are written with escapes.
#[derive(Default)]
pub(crate) struct Tree<'a> {
    slots: Vec<Slot<'a>>,
}

struct Slot<'a> {
    /// The member's name; empty for what is no member.
    name: Cow<'a, str>,
    kind: Kind<'a>,
    /// The slot after the last one within this.
    after: usize,
}

/// What a value is.
#[derive(PartialEq)]
pub(crate) enum Kind<'a> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'a, str>),
    List,
    Object,
}

/// A number that every reader of JSON holds alike.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Number {
    /// Written without a point and without an exponent.
    Whole(i64),
    Decimal(f64),
}

/// One value of a [`Tree`].
#[derive(Clone, Copy)]
pub(crate) struct Node<'t, 'a> {
    tree: &'t Tree<'a>,
    at: usize,
}

const NOTHING: Slot<'static> = Slot {
    name: Cow::Borrowed(""),
    kind: Kind::Null,
    after: usize::MAX,
};

impl<'a> Tree<'a> {
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self {
            slots: Vec::with_capacity(capacity),
        }
    }

    pub(crate) const fn root(&self) -> Node<'_, 'a> {
        Node { tree: self, at: 0 }
    }

    /// Adds a value, and gives its place. What is within it follows, and then
    /// [`close`](Self::close).
    pub(crate) fn open(&mut self, name: Cow<'a, str>, kind: Kind<'a>) -> usize {
        let at = self.slots.len();
        let after = at + 1;
        self.slots.push(Slot { name, kind, after });
        at
    }

    /// Ends the list or object at `at`.
    pub(crate) fn close(&mut self, at: usize) {
        let after = self.slots.len();
        if let Some(slot) = self.slots.get_mut(at) {
            slot.after = after;
        }
    }

    pub(crate) const fn node(&self, at: usize) -> Node<'_, 'a> {
        Node { tree: self, at }
    }

    fn add(&mut self, name: Cow<'a, str>, value: &'a Value) {
        let kind = match value {
            Value::Null => Kind::Null,
            Value::Bool(bool) => Kind::Bool(*bool),
            Value::Number(number) => Kind::Number(match number.as_i64() {
                Some(whole) => Number::Whole(whole),
                None => Number::Decimal(number.as_f64().unwrap_or_default()),
            }),
            Value::String(text) => Kind::Text(Cow::Borrowed(text)),
            Value::Array(_) => Kind::List,
            Value::Object(_) => Kind::Object,
        };
        let at = self.open(name, kind);
        match value {
            Value::Array(items) => {
                for item in items {
                    self.add(Cow::Borrowed(""), item);
                }
            }
            Value::Object(members) => {
                for (name, value) in members {
                    self.add(Cow::Borrowed(name), value);
                }
            }
            _ => {}
        }
        self.close(at);
    }
}

impl<'a> From<&'a Value> for Tree<'a> {
    fn from(value: &'a Value) -> Self {
        let mut tree = Self::default();
        tree.add(Cow::Borrowed(""), value);
        tree
    }
}

impl<'a> From<&'a serde_json::Map<String, Value>> for Tree<'a> {
    fn from(members: &'a serde_json::Map<String, Value>) -> Self {
        let mut tree = Self::default();
        let at = tree.open(Cow::Borrowed(""), Kind::Object);
        for (name, value) in members {
            tree.add(Cow::Borrowed(name), value);
        }
        tree.close(at);
        tree
    }
}

impl<'t, 'a> Node<'t, 'a> {
    fn slot(self) -> &'t Slot<'a> {
        self.tree.slots.get(self.at).unwrap_or(&NOTHING)
    }

    /// What it is.
    pub(crate) fn kind(self) -> &'t Kind<'a> {
        &self.slot().kind
    }

    /// Its name, as a member of an object.
    pub(crate) fn name(self) -> &'t Cow<'a, str> {
        &self.slot().name
    }

    /// Its place in the tree.
    pub(crate) const fn place(self) -> usize {
        self.at
    }

    /// The items of a list, the members of an object.
    pub(crate) fn children(self) -> Children<'t, 'a> {
        Children {
            tree: self.tree,
            next: self.at + 1,
            end: self.slot().after,
        }
    }

    /// Whether nothing is within it.
    pub(crate) fn is_empty(self) -> bool {
        self.children().next().is_none()
    }

    /// The member `name`.
    pub(crate) fn get(self, name: &str) -> Option<Self> {
        match self.kind() {
            Kind::Object => self.children().find(|member| member.name() == name),
            _ => None,
        }
    }

    /// A string's text.
    pub(crate) fn text(self) -> Option<&'t str> {
        match self.kind() {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether both hold the same, in whatever order the members come.
    pub(crate) fn says_the_same(self, other: Node<'_, '_>) -> bool {
        match (self.kind(), other.kind()) {
            (Kind::List, Kind::List) => {
                let mut theirs = other.children();
                self.children().all(|ours| {
                    theirs
                        .next()
                        .is_some_and(|theirs| ours.says_the_same(theirs))
                }) && theirs.next().is_none()
            }
            (Kind::Object, Kind::Object) => {
                self.children().count() == other.children().count()
                    && self.children().all(|ours| {
                        let theirs = other.get(ours.name());
                        theirs.is_some_and(|theirs| ours.says_the_same(theirs))
                    })
            }
            (ours, theirs) => ours == theirs,
        }
    }
}

/// The items of a list, the members of an object.
#[derive(Clone)]
pub(crate) struct Children<'t, 'a> {
    tree: &'t Tree<'a>,
    next: usize,
    end: usize,
}

impl<'t, 'a> Iterator for Children<'t, 'a> {
    type Item = Node<'t, 'a>;

    fn next(&mut self) -> Option<Node<'t, 'a>> {
        if self.next >= self.end {
            return None;
        }
        let node = self.tree.node(self.next);
        self.next = node.slot().after;
        Some(node)
    }
}
