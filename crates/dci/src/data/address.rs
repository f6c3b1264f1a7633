use super::{GeoCoordinates, object};

object! {
    /// Where somebody lives (`core/v1/data/Address.jsonld`).
    Address {
        /// The first line.
        address_line_1: pii String,
        /// The second line.
        address_line_2: pii String,
        /// The city, or the like.
        locality: pii String,
        /// The district, by its code.
        sub_region_code: pii String,
        /// The region or province, by its code.
        region_code: pii String,
        /// The postal code.
        postal_code: pii String,
        /// The country, by its code.
        country_code: pii String,
        /// Where it is on the map.
        geo_location: GeoLocation,
    }

    /// Where something is on the map (`core/v1/data/GeoLocation.jsonld`).
    GeoLocation {
        /// By its plus code (Open Location Code).
        plus_code: PlusCode,
    }

    /// A plus code, and the area that it names (`plus_code` of
    /// `core/v1/data/GeoLocation.jsonld`).
    PlusCode {
        /// The code.
        global_code: pii String,
        /// The area.
        geometry: PlusCodeGeometry,
    }

    /// The area of a plus code (`geometry` of
    /// `core/v1/data/GeoLocation.jsonld`).
    PlusCodeGeometry {
        /// Its corners.
        bounds: GeoBounds,
        /// Its center.
        location: GeoCoordinates,
    }

    /// A rectangle on the map (`bounds` of
    /// `core/v1/data/GeoLocation.jsonld`).
    GeoBounds {
        /// The corner in the northeast.
        northeast: GeoCoordinates,
        /// The corner in the southwest.
        southwest: GeoCoordinates,
    }
}
