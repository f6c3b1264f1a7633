//! What only the disability registry (DR) has.

mod disability_details;
mod disability_support;
mod disabled;
mod on_disability_info;
mod on_disabled;

pub use disability_details::GetDisabilityDetailsRequest;
pub use disability_support::GetDisabilitySupportRequest;
pub use disabled::{DisabledCriteria, DisabledRequest};
pub use on_disability_info::{
    DisabilityData, DisabilityItem, DisabilityResponse, GetDisabilityInfoResponse,
    GetDisabilitySupportResponse,
};
pub use on_disabled::{DisabledItem, DisabledResponse};
