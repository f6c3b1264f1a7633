//! `GET /.well-known/locations.json`: `LocationHierarchy`, the places of a
//! civil registry.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;

use crate::json::Object;
use crate::{Fault, Rule, Term, Timestamp};

/// The places of a civil registry, each under another or at the root.
///
/// ```
/// use solidarity_dci::platform::{Location, Locations};
/// use solidarity_dci::{Rule, Term};
///
/// let term = |text: &str| Term::new(text);
/// let country = Location::root(term("1")?, term("Country")?);
/// let district = Location::within(term("2")?, term("District")?, term("1")?);
/// let places = Locations::new(vec![district, country]);
///
/// let way = places.path_to("2").unwrap();
/// let names: Vec<_> = way.iter().map(|place| place.name.as_str()).collect();
/// assert_eq!(names, ["Country", "District"]);
/// # Ok::<(), Rule>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Locations {
    /// What the names mean, for readers of JSON-LD. Nothing here follows it.
    #[serde(rename = "@context")]
    pub context: Object,
    /// What the document is.
    #[serde(rename = "@type")]
    pub kind: HierarchyType,
    /// When it last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_updated: Option<Timestamp>,
    /// The places, in any order.
    #[serde(default)]
    pub locations: Vec<Location>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

/// What a document of places is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub enum HierarchyType {
    /// Places, one under the other.
    LocationHierarchy,
}

impl Locations {
    /// `locations`, in the standard's context.
    #[must_use]
    pub fn new(locations: Vec<Location>) -> Self {
        let context = [
            ("@context", "http://spdci.org/"),
            ("xsd", "http://www.w3.org/2001/XMLSchema#"),
            ("schema", "http://schema.org/"),
        ];
        let context = context.map(|(name, url)| (name.to_owned(), json!(url)));
        Self {
            context: Object::new(context.into_iter().collect()),
            kind: HierarchyType::LocationHierarchy,
            last_updated: None,
            locations,
            other: Object::default(),
        }
    }

    /// The place `id`.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Location> {
        self.locations.iter().find(|place| place.id.as_str() == id)
    }

    /// The places from the root down to the place `id`.
    ///
    /// # Errors
    ///
    /// [`Fault`]: [`Rule::Required`] if it, or one above it, is not among the
    /// places; [`Rule::Duplicate`] if one is above itself.
    pub fn path_to(&self, id: &str) -> Result<Vec<&Location>, Fault> {
        let find = |id| self.find(id).ok_or(Rule::Required);
        let within = |rule| Fault::field("id", rule).within_field("locations");
        let mut way = vec![find(id).map_err(within)?];
        while let Some(parent) = way.last().and_then(|place| place.parent()) {
            if way.len() > self.locations.len() {
                return Err(within(Rule::Duplicate));
            }
            way.push(find(parent.as_str()).map_err(within)?);
        }
        way.reverse();
        Ok(way)
    }
}

/// A place.
///
/// The standard requires `containedInPlace` and describes
/// `contained_in_place`: both are written, and either is read.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Location {
    #[serde(rename = "@type")]
    kind: PlaceType,
    /// The place, among the places of the document. The standard requires it
    /// and does not describe it.
    pub id: Term,
    /// What the place is called elsewhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub identifier: Vec<LocationId>,
    /// Its name, for people.
    pub name: Term,
    /// What more it is, such as `crvs:HEALTH_FACILITY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_type: Option<Term>,
    #[serde(rename = "containedInPlace")]
    parent: Option<Term>,
    contained_in_place: Option<Term>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
enum PlaceType {
    #[default]
    Place,
}

impl Location {
    /// The place `id`, under no other.
    #[must_use]
    pub fn root(id: Term, name: Term) -> Self {
        Self::new(id, name, None)
    }

    /// The place `id`, under the place `parent`.
    #[must_use]
    pub fn within(id: Term, name: Term, parent: Term) -> Self {
        Self::new(id, name, Some(parent))
    }

    fn new(id: Term, name: Term, parent: Option<Term>) -> Self {
        Self {
            kind: PlaceType::Place,
            id,
            identifier: Vec::new(),
            name,
            additional_type: None,
            contained_in_place: parent.clone(),
            parent,
            other: Object::default(),
        }
    }

    /// The place above it; `None` at the root.
    #[must_use]
    pub const fn parent(&self) -> Option<&Term> {
        self.parent.as_ref()
    }
}

/// A place as it is written.
#[derive(Deserialize)]
struct Written {
    #[serde(rename = "@type", default)]
    kind: PlaceType,
    id: Term,
    #[serde(default)]
    identifier: Vec<LocationId>,
    name: Term,
    #[serde(default)]
    additional_type: Option<Term>,
    #[serde(rename = "containedInPlace", default, deserialize_with = "parent")]
    camel: Option<Option<Term>>,
    #[serde(rename = "contained_in_place", default, deserialize_with = "parent")]
    snake: Option<Option<Term>>,
    #[serde(flatten)]
    other: Object,
}

impl<'de> Deserialize<'de> for Location {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let place = Written::deserialize(deserializer)?;
        let parent = match (place.camel, place.snake) {
            (Some(camel), Some(snake)) if camel != snake => {
                return Err(D::Error::custom(Rule::DoesNotFit));
            }
            (Some(parent), _) | (None, Some(parent)) => parent,
            (None, None) => return Err(D::Error::missing_field("containedInPlace")),
        };
        Ok(Self {
            kind: place.kind,
            identifier: place.identifier,
            additional_type: place.additional_type,
            other: place.other,
            ..Self::new(place.id, place.name, parent)
        })
    }
}

/// A parent, or `null`, which says that there is none.
fn parent<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<Term>>, D::Error> {
    struct Parent;
    impl Visitor<'_> for Parent {
        type Value = Option<Option<Term>>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("the id of a place, or null")
        }

        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
            Ok(Some(None))
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            Term::new(text).map(|id| Some(Some(id))).map_err(E::custom)
        }
    }
    deserializer.deserialize_any(Parent)
}

/// What a place is called elsewhere (`PropertyValue`).
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LocationId {
    #[serde(rename = "@type", default)]
    kind: PropertyType,
    /// Where: `crvs-location`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Term>,
    /// What.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<Term>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
enum PropertyType {
    #[default]
    PropertyValue,
}

impl LocationId {
    /// What the place is called by `name`.
    #[must_use]
    pub fn new(name: Term, identifier: Term) -> Self {
        Self {
            kind: PropertyType::PropertyValue,
            name: Some(name),
            identifier: Some(identifier),
            other: Object::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::Leniency;

    fn place(change: &Value) -> Result<Location, String> {
        let mut place = json!({"id": "2", "name": "District"});
        let members = place.as_object_mut().unwrap();
        members.extend(change.as_object().unwrap().clone());
        super::super::read(place.to_string().as_bytes(), &Leniency::none())
            .map(|read| read.value)
            .map_err(|fault| fault.to_string())
    }

    #[test]
    fn a_parent_is_read_by_either_name_and_written_by_both() {
        for change in [
            json!({"containedInPlace": "1"}),
            json!({"contained_in_place": "1"}),
            json!({"containedInPlace": "1", "contained_in_place": "1"}),
        ] {
            let place = place(&change).unwrap();
            assert_eq!(place.parent().map(Term::as_str), Some("1"));
            let written = serde_json::to_value(&place).unwrap();
            assert_eq!(written["containedInPlace"], "1");
            assert_eq!(written["contained_in_place"], "1");
        }
        let root = place(&json!({"containedInPlace": null})).unwrap();
        assert_eq!(
            root,
            Location::root(Term::new("2").unwrap(), Term::new("District").unwrap())
        );
        assert!(serde_json::to_value(&root).unwrap()["containedInPlace"].is_null());
    }

    #[test]
    fn a_place_that_does_not_say_where_it_is_is_refused() {
        assert_eq!(
            place(&json!({})).unwrap_err(),
            "`containedInPlace` is required"
        );
        let two = json!({"containedInPlace": "1", "contained_in_place": null});
        assert_eq!(
            place(&two).unwrap_err(),
            "the message must be what the field beside it says"
        );
        let number = place(&json!({"containedInPlace": 1})).unwrap_err();
        assert_eq!(
            number,
            "`containedInPlace` must be of the type that the standard gives it"
        );
    }

    #[test]
    fn a_way_that_does_not_end_is_an_error() {
        let within = |id: &str, parent: &str| {
            let term = |text: &str| Term::new(text).unwrap();
            Location::within(term(id), term("Somewhere"), term(parent))
        };
        let rule = |places: Vec<Location>| Locations::new(places).path_to("1").unwrap_err().rule();
        assert_eq!(rule(vec![within("1", "1")]), Rule::Duplicate);
        assert_eq!(
            rule(vec![within("1", "2"), within("2", "1")]),
            Rule::Duplicate
        );
        assert_eq!(rule(vec![within("1", "2")]), Rule::Required);
        assert_eq!(rule(Vec::new()), Rule::Required);
    }
}
