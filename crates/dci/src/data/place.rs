use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use solidarity_core::{Pii, exposed};

use super::object;
use crate::{Decimal, spelling};

object! {
    /// A place (`core/v1/data/Place.jsonld`).
    Place {
        /// What it is called.
        name: pii String,
        /// Its address, on one line.
        address_line: pii String,
        /// Where it is on the map.
        geo: GeoCoordinates,
        /// The place that it is in.
        contained_in_place: Box<Place>,
        /// The places in it.
        contains_place: [Place],
    }

    /// A point on the map, in degrees (`core/v1/data/Geocoordinates.jsonld`).
    GeoCoordinates {
        /// Degrees north of the equator.
        latitude: pii Decimal,
        /// Degrees east of Greenwich.
        longitude: pii Decimal,
    }

    /// A shape on the map (`core/v1/data/GeoShape.jsonld`). Its points are
    /// texts of two numbers each.
    GeoShape {
        /// A rectangle: its lower and its upper corner.
        r#box: pii String,
        /// A circle: its center, and its radius in meters.
        circle: pii String,
        /// The height above the ellipsoid of WGS 84.
        elevation: pii String,
        /// A line: two points or more.
        line: pii String,
        /// An area: four points or more, of which the last is the first.
        polygon: pii String,
    }
}

impl GeoCoordinates {
    /// The point at `latitude` and `longitude`, in degrees.
    #[must_use]
    pub fn new(latitude: Decimal, longitude: Decimal) -> Self {
        Self {
            latitude: Some(latitude.into()),
            longitude: Some(longitude.into()),
            ..Self::default()
        }
    }
}

/// A place, or its name alone. The standard has a place; registers of the
/// field write, and read, text as well.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum PlaceOrText {
    /// A place.
    Place(Box<Place>),
    /// Its name.
    Text(#[serde(with = "exposed")] Pii<String>),
}

impl<'de> Deserialize<'de> for PlaceOrText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = PlaceOrText;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a place or its name")
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(
                self,
                deserializer: D,
            ) -> Result<PlaceOrText, D::Error> {
                deserializer.deserialize_any(self)
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<PlaceOrText, A::Error> {
                let place = Place::deserialize(MapAccessDeserializer::new(members))?;
                Ok(PlaceOrText::Place(Box::new(place)))
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<PlaceOrText, E> {
                Ok(PlaceOrText::Text(text.into()))
            }
        }
        deserializer.deserialize_newtype_struct(spelling::EITHER, Either)
    }
}

#[cfg(test)]
mod tests {
    use crate::json::Object;
    use crate::{Leniency, Rule, Tolerance};

    #[test]
    fn a_place_of_death_is_a_place_or_text() {
        let person = |place: &str| -> Object {
            serde_json::from_str(&format!(r#"{{"death_place": {place}}}"#)).unwrap()
        };
        for place in [r#""Test hospital""#, r#"{"name":"Test hospital"}"#] {
            let object = person(place);
            let read = object.read::<crate::data::CrvsPerson>(&Leniency::none());
            let read = read.unwrap().value;
            assert_eq!(Object::of(&read).unwrap(), object);
            assert!(!format!("{read:?}").contains("hospital"));
        }
        let lenient = Leniency::none().with(Tolerance::NumbersAsText);
        let wrong = person(r#"{"geo": {"latitude": "north"}}"#);
        let fault = wrong.read::<crate::data::CrvsPerson>(&lenient).unwrap_err();
        assert_eq!(fault.rule(), Rule::OutOfRange);
        assert_eq!(fault.path().to_string(), "`death_place.geo.latitude`");
    }
}
