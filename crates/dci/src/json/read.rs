//! From a [`Tree`] to a type, with what was tolerated on the way.
//!
//! It is the type that asks: where it asks for a number and finds `"1"`, the
//! [`Leniency`] says whether that is taken.

use std::borrow::Cow;
use std::cell::RefCell;

use serde::Deserialize;
use serde::de::{Deserializer, Visitor};
use serde_json::Value;

use self::within::Variant;
use super::{Kind, Node, Number, Path, Tree};
use crate::spelling;
use crate::{Deviation, Fault, FieldPath, Leniency, Rule, Tolerance};

mod within;

/// The most deviations that one reading reports; the rest are tolerated alike.
const DEVIATIONS_MAX: usize = 1_000;

/// What a reading allows, and what it met.
pub(crate) struct Reading {
    leniency: Leniency,
    met: RefCell<Vec<Deviation>>,
}

impl Reading {
    pub(crate) const fn new(leniency: Leniency) -> Self {
        Self {
            leniency,
            met: RefCell::new(Vec::new()),
        }
    }

    pub(crate) fn into_deviations(self) -> Vec<Deviation> {
        self.met.into_inner()
    }

    pub(crate) const fn leniency(&self) -> Leniency {
        self.leniency
    }

    /// Whether `tolerance` is allowed; if so, it was met at `path`.
    pub(crate) fn allows(&self, tolerance: Tolerance, path: &Path<'_>) -> bool {
        if !self.leniency.allows(tolerance) {
            return false;
        }
        if self.met.borrow().len() < DEVIATIONS_MAX {
            self.note(tolerance, path.to_fields());
        }
        true
    }

    pub(crate) fn note(&self, tolerance: Tolerance, path: FieldPath) {
        let mut met = self.met.borrow_mut();
        if met.len() < DEVIATIONS_MAX {
            met.push(Deviation { path, tolerance });
        }
    }

    /// Notes what another reading met, of what stands at `path`.
    pub(crate) fn note_all(&self, met: Vec<Deviation>, path: &Path<'_>) {
        for deviation in met {
            self.note(deviation.tolerance, path.above(deviation.path));
        }
    }
}

/// Reads `node`, which stands at `path`. A fault is seen from the outside.
pub(crate) fn read<'de, T: Deserialize<'de>>(
    node: Node<'_, 'de>,
    path: &Path<'_>,
    reading: &Reading,
) -> Result<T, Fault> {
    read_within(node, path, reading).map_err(|fault| path.onto(fault))
}

/// The same; a fault is seen from `node`.
pub(crate) fn read_within<'de, T: Deserialize<'de>>(
    node: Node<'_, 'de>,
    path: &Path<'_>,
    reading: &Reading,
) -> Result<T, Fault> {
    read_without(node, None, path, reading)
}

/// The same, as if the list at the place `emptied` were empty.
pub(crate) fn read_without<'de, T: Deserialize<'de>>(
    node: Node<'_, 'de>,
    emptied: Option<usize>,
    path: &Path<'_>,
    reading: &Reading,
) -> Result<T, Fault> {
    T::deserialize(Reader {
        found: Found::Node(node),
        emptied,
        open: false,
        path,
        reading,
    })
}

/// Reads `value`, which stands at no path yet.
pub(crate) fn read_value<'de, T: Deserialize<'de>>(
    value: &'de Value,
    reading: &Reading,
) -> Result<T, Fault> {
    read(Tree::from(value).root(), &Path::ROOT, reading)
}

struct Reader<'t, 'de, 'p> {
    found: Found<'t, 'de>,
    emptied: Option<usize>,
    /// Whether it is within an object that the standard leaves open: nothing
    /// there is spelt otherwise than it is.
    open: bool,
    path: &'p Path<'p>,
    reading: &'p Reading,
}

/// What stands there, or what it is taken for.
enum Found<'t, 'de> {
    Node(Node<'t, 'de>),
    Bool(bool),
    Number(Number),
    Text(Cow<'de, str>),
    /// A list of this one item, or of none.
    List(Option<Node<'t, 'de>>),
    EmptyObject,
}

impl<'t, 'de> Reader<'t, 'de, '_> {
    fn allows(&self, tolerance: Tolerance) -> bool {
        !self.open && self.reading.allows(tolerance, self.path)
    }

    /// Whether nothing is tolerated here.
    fn is_strict(&self) -> bool {
        self.open || self.reading.leniency == Leniency::none()
    }

    /// What was written there.
    fn written(&self) -> Option<&'t Kind<'de>> {
        match &self.found {
            Found::Node(node) => Some(node.kind()),
            _ => None,
        }
    }

    fn text(&self) -> Option<&str> {
        match &self.found {
            Found::Node(node) => node.text(),
            Found::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether what stands here stands for nothing.
    fn is_absent(&self) -> bool {
        match self.written() {
            Some(Kind::Null) => self.allows(Tolerance::NullForAbsent),
            Some(Kind::Text(text)) if text.trim().is_empty() => {
                self.allows(Tolerance::EmptyForAbsent)
            }
            _ => false,
        }
    }

    /// The number that a text is written as, where that is taken.
    fn number_from_text(mut self) -> Self {
        if self.is_strict() {
            return self;
        }
        // As JSON writes a number, and no other way.
        let number = self.text().and_then(|text| {
            let number: serde_json::Number = text.parse().ok()?;
            number
                .as_i64()
                .map(Number::Whole)
                .or_else(|| number.as_f64().map(Number::Decimal))
        });
        if let Some(number) = number
            && self.allows(Tolerance::NumbersAsText)
        {
            self.found = Found::Number(number);
        }
        self
    }

    /// The text that a number is written as, where that is taken.
    fn text_from_number(mut self) -> Self {
        if self.is_strict() {
            return self;
        }
        let text = match self.written() {
            Some(Kind::Number(Number::Whole(whole))) => whole.to_string(),
            Some(Kind::Number(Number::Decimal(decimal))) => decimal.to_string(),
            _ => return self,
        };
        if self.allows(Tolerance::TextAsNumbers) {
            self.found = Found::Text(Cow::Owned(text));
        }
        self
    }

    /// The one item of a list that stands for it.
    fn single(mut self) -> Self {
        if let Found::Node(node) = self.found
            && *node.kind() == Kind::List
        {
            let mut items = node.children();
            if let (Some(only), None) = (items.next(), items.next())
                && self.allows(Tolerance::ListForSingle)
            {
                self.found = Found::Node(only);
            }
        }
        self
    }

    /// The object within an object that is nothing but its cover.
    fn unwrapped(mut self) -> Self {
        if let Found::Node(node) = self.found
            && *node.kind() == Kind::Object
        {
            let mut members = node.children();
            if let (Some(inner), None) = (members.next(), members.next())
                && spelling::is_wrapper(inner.name())
                && *inner.kind() == Kind::Object
                && self.allows(Tolerance::WrappedObjects)
            {
                self.found = Found::Node(inner);
            }
        }
        self
    }

    fn visit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.found {
            Found::Node(node) => match node.kind() {
                Kind::Null => visitor.visit_unit(),
                Kind::Bool(bool) => visitor.visit_bool(*bool),
                Kind::Number(number) => visit_number(*number, visitor),
                Kind::Text(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
                Kind::Text(Cow::Owned(text)) => visitor.visit_str(text),
                Kind::List if self.emptied == Some(node.place()) => {
                    visitor.visit_seq(self.within(None))
                }
                Kind::List => visitor.visit_seq(self.within(Some(node.children()))),
                Kind::Object => visitor.visit_map(self.within(Some(node.children()))),
            },
            Found::Bool(bool) => visitor.visit_bool(bool),
            Found::Number(number) => visit_number(number, visitor),
            Found::Text(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
            Found::Text(Cow::Owned(text)) => visitor.visit_string(text),
            Found::List(Some(node)) => visitor.visit_seq(self.within(None).only(node)),
            Found::List(None) => visitor.visit_seq(self.within(None)),
            Found::EmptyObject => visitor.visit_map(self.within(None)),
        }
    }
}

macro_rules! numbers {
    ($($method:ident)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            self.number_from_text().visit(visitor)
        }
    )+};
}

macro_rules! texts {
    ($($method:ident)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            self.text_from_number().visit(visitor)
        }
    )+};
}

impl<'t, 'de> Deserializer<'de> for Reader<'t, 'de, '_> {
    type Error = Fault;

    /// Whoever asks for anything asks for what is there, as it is.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        Reader { open: true, ..self }.visit(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.is_absent() {
            return visitor.visit_none();
        }
        if self.written() == Some(&Kind::Null) {
            return Err(Fault::new(Rule::WrongType));
        }
        visitor.visit_some(self)
    }

    fn deserialize_bool<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Fault> {
        let bool = match self.written() {
            Some(Kind::Text(text)) => spelling::boolean(text),
            Some(Kind::Number(Number::Whole(0))) => Some(false),
            Some(Kind::Number(Number::Whole(1))) => Some(true),
            _ => None,
        };
        if let Some(bool) = bool
            && self.allows(Tolerance::BooleansAsText)
        {
            self.found = Found::Bool(bool);
        }
        self.visit(visitor)
    }

    numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_f32 deserialize_f64
    }

    texts! { deserialize_char deserialize_str deserialize_string }

    fn deserialize_seq<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Fault> {
        if let Found::Node(node) = self.found {
            match node.kind() {
                Kind::List => {}
                _ if self.is_absent() => self.found = Found::List(None),
                Kind::Object if node.is_empty() && self.allows(Tolerance::EmptyForAbsent) => {
                    self.found = Found::List(None);
                }
                Kind::Object | Kind::Text(_) if self.allows(Tolerance::SingleForList) => {
                    self.found = Found::List(Some(node));
                }
                _ => {}
            }
        }
        self.visit(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Fault> {
        if !self.is_strict() {
            if self.is_absent() {
                self.found = Found::EmptyObject;
            }
            self = self.single().unwrapped();
        }
        match (&self.found, self.written()) {
            (Found::EmptyObject, _) | (_, Some(Kind::Object)) => self.visit(visitor),
            // A derived type would take a list for its fields, one by one.
            _ => Err(Fault::new(Rule::WrongType)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_map(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if self.is_strict() {
            return visitor.visit_newtype_struct(self);
        }
        if name == spelling::EITHER {
            return self.visit(visitor);
        }
        if name == spelling::OPEN {
            let open = Reader { open: true, ..self };
            return visitor.visit_newtype_struct(open);
        }
        let this = if name == spelling::NAME {
            self.single()
        } else {
            self
        };
        let mut this = if spelling::is_text(name) {
            this.text_from_number()
        } else {
            this
        };
        let spelt = this.text().and_then(|text| spelling::of_type(name, text));
        if let Some((tolerance, text)) = spelt
            && this.allows(tolerance)
        {
            this.found = Found::Text(Cow::Owned(text));
        }
        visitor.visit_newtype_struct(this)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let this = self.text_from_number();
        let Some(text) = this.text() else {
            return Err(Fault::new(Rule::WrongType));
        };
        if variants.contains(&text) {
            return visitor.visit_enum(Variant(text));
        }
        match spelling::of_value(text, variants) {
            Some(value) if this.allows(Tolerance::ValueSpelling) => {
                visitor.visit_enum(Variant(value))
            }
            _ => Err(Fault::new(Rule::UnknownValue)),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        i128 u128 bytes byte_buf unit unit_struct tuple tuple_struct identifier
    }
}

fn visit_number<'de, V: Visitor<'de>>(number: Number, visitor: V) -> Result<V::Value, Fault> {
    match number {
        Number::Whole(whole) => match u64::try_from(whole) {
            Ok(whole) => visitor.visit_u64(whole),
            Err(_) => visitor.visit_i64(whole),
        },
        Number::Decimal(decimal) => visitor.visit_f64(decimal),
    }
}
