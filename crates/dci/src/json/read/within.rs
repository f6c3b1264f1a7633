//! The parts of what is read: items, members, and the name of a variant.

use std::borrow::Cow;

use serde::de::value::{BorrowedStrDeserializer, StrDeserializer};
use serde::de::{DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde::de::{Error as _, IntoDeserializer, Unexpected};

use super::{Found, Reader, Reading};
use crate::fault::Step;
use crate::json::{Children, Node, Path};
use crate::{Fault, Leniency, Tolerance, spelling};

/// What is within a list or an object.
pub(super) struct Within<'t, 'de, 'p> {
    children: Option<Children<'t, 'de>>,
    /// The one item of a list that was written as an item.
    only: Option<Node<'t, 'de>>,
    position: usize,
    value: Option<(Cow<'t, str>, Node<'t, 'de>)>,
    /// The names that the object has.
    object: Option<Node<'t, 'de>>,
    /// The name that another was taken for.
    respelt: Option<&'static str>,
    emptied: Option<usize>,
    open: bool,
    path: &'p Path<'p>,
    reading: &'p Reading,
}

impl<'t, 'de, 'p> Reader<'t, 'de, 'p> {
    pub(super) fn within(&self, children: Option<Children<'t, 'de>>) -> Within<'t, 'de, 'p> {
        Within {
            children,
            only: None,
            position: 0,
            value: None,
            respelt: None,
            object: match self.found {
                Found::Node(node) => Some(node),
                _ => None,
            },
            emptied: self.emptied,
            open: self.open,
            path: self.path,
            reading: self.reading,
        }
    }
}

impl<'t, 'de> Within<'t, 'de, '_> {
    /// The same, with this one item.
    pub(super) const fn only(mut self, item: Node<'t, 'de>) -> Self {
        self.only = Some(item);
        self
    }

    fn next(&mut self) -> Option<Node<'t, 'de>> {
        match &mut self.children {
            Some(children) => children.next(),
            None => self.only.take(),
        }
    }
}

impl<'de> SeqAccess<'de> for Within<'_, 'de, '_> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        let Some(node) = self.next() else {
            return Ok(None);
        };
        let position = self.position;
        self.position += 1;
        let reader = Reader {
            found: Found::Node(node),
            emptied: self.emptied,
            open: self.open,
            path: &self.path.item(position),
            reading: self.reading,
        };
        seed.deserialize(reader)
            .map(Some)
            .map_err(|fault| fault.within(Step::Item(position)))
    }
}

impl<'de> MapAccess<'de> for Within<'_, 'de, '_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        let Some(node) = self.next() else {
            return Ok(None);
        };
        let name = node.name();
        if self.reading.leniency != Leniency::none()
            && !self.open
            && let Some(right) = spelling::of_field(name)
            && self.respelt != Some(right)
            && self.object.and_then(|object| object.get(right)).is_none()
            && self
                .reading
                .allows(Tolerance::Misspellings, &self.path.field(name))
        {
            self.respelt = Some(right);
            self.value = Some((Cow::Borrowed(right), node));
            return seed
                .deserialize(BorrowedStrDeserializer::<Fault>::new(right))
                .map(Some);
        }
        self.value = Some((Cow::Borrowed(name), node));
        match name {
            Cow::Borrowed(name) => seed.deserialize(BorrowedStrDeserializer::<Fault>::new(name)),
            Cow::Owned(name) => seed.deserialize(StrDeserializer::<Fault>::new(name)),
        }
        .map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let Some((name, node)) = self.value.take() else {
            return Err(Fault::custom("a value without a name"));
        };
        let reader = Reader {
            found: Found::Node(node),
            emptied: self.emptied,
            open: self.open,
            path: &self.path.field(&name),
            reading: self.reading,
        };
        seed.deserialize(reader)
            .map_err(|fault| fault.within_field(&name))
    }
}

pub(super) struct Variant<'a>(pub(super) &'a str);

impl<'de> EnumAccess<'de> for Variant<'_> {
    type Error = Fault;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Fault> {
        let name: StrDeserializer<'_, Fault> = self.0.into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, Fault> {
        Err(Fault::invalid_type(Unexpected::UnitVariant, &"a value"))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Fault> {
        Err(Fault::invalid_type(Unexpected::UnitVariant, &"a value"))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Fault> {
        Err(Fault::invalid_type(Unexpected::UnitVariant, &"a value"))
    }
}
