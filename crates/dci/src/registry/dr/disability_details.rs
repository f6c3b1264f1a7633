//! `POST /registry/sync/get-disability-details`: the standard gives it the
//! schema `GetDisabilitySupportRequest` too.

use super::GetDisabilitySupportRequest;

/// Which disabilities has somebody? In all its fields the same question as
/// [`GetDisabilitySupportRequest`]: it is the path that says which is meant.
pub type GetDisabilityDetailsRequest = GetDisabilitySupportRequest;
