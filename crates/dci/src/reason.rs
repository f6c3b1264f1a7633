//! The standard's codes: why a message, or one request of it, is not done.

macro_rules! codes {
    ($(
        $(#[$meta:meta])*
        $name:ident {
            $( $(#[$doc:meta])* $variant:ident = $code:literal, )+
        }
    )+) => {$(
        $(#[$meta])*
        ///
        /// A code that is not listed is read as `Other`: it changes nothing of
        /// the status beside it. Neither `Debug` nor `Display` shows it, since
        /// it is whatever its sender wrote.
        #[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[non_exhaustive]
        pub enum $name {
            $( $(#[$doc])* #[doc = concat!("`", $code, "`")] $variant, )+
            /// A code of a newer version or of the partner's own.
            Other(crate::text::Term),
        }

        impl $name {
            /// Those that the standard lists.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code, as it is written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $( Self::$variant => $code, )+
                    Self::Other(code) => code.as_str(),
                }
            }

            fn parse(code: String) -> Result<Self, crate::Rule> {
                match code.as_str() {
                    $( $code => Ok(Self::$variant), )+
                    _ => crate::text::Term::new(code).map(Self::Other),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    Self::Other(_) => f.write_str("a code of another list"),
                    known => f.write_str(known.as_str()),
                }
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::text::read(deserializer, crate::spelling::NAME, Self::parse)
            }
        }
    )+};
}
pub(crate) use codes;

codes! {
    /// Why a message is not taken at all (`Error.code`, in an
    /// acknowledgement).
    ErrorCode {
        BadRequest = "err.request.bad",
        Unauthorized = "err.request.unauthorized",
        Forbidden = "err.request.forbidden",
        NotFound = "err.request.not_found",
        Timeout = "err.request.timeout",
        VersionNotSupported = "err.version.not_supported",
        TooManyRequests = "err.request.too_many_requests",
        SenderIdInvalid = "err.sender_id.invalid",
        SenderUriInvalid = "err.sender_uri.invalid",
        ReceiverIdInvalid = "err.receiver_id.invalid",
        SignatureMissing = "err.signature.missing",
        SignatureInvalid = "err.signature.invalid",
        EncryptionInvalid = "err.encryption.invalid",
        ServiceUnavailable = "err.service.unavailable",
    }
    /// Why a message is rejected as a whole (`MsgHeaderStatusReasonCode`, in
    /// the header of a reply).
    HeaderReason {
        VersionInvalid = "rjct.version.invalid",
        MessageIdDuplicate = "rjct.message_id.duplicate",
        MessageTsInvalid = "rjct.message_ts.invalid",
        ActionInvalid = "rjct.action.invalid",
        ActionNotSupported = "rjct.action.not_supported",
        TotalCountInvalid = "rjct.total_count.invalid",
        TotalCountLimitExceeded = "rjct.total_count.limit_exceeded",
        ErrorsTooMany = "rjct.errors.too_many",
    }
    /// Why one search is rejected (`SearchStatusReasonCode`).
    SearchReason {
        ReferenceIdInvalid = "rjct.reference_id.invalid",
        ReferenceIdDuplicate = "rjct.reference_id.duplicate",
        TimestampInvalid = "rjct.timestamp.invalid",
        SearchCriteriaInvalid = "rjct.search_criteria.invalid",
        FilterInvalid = "rjct.filter.invalid",
        SortInvalid = "rjct.sort.invalid",
        PaginationInvalid = "rjct.pagination.invalid",
        TooManyRecordsFound = "rjct.search.too_many_records_found",
    }
    /// Why one subscription is rejected (`SubscribeStatusReasonCode`).
    SubscribeReason {
        ReferenceIdInvalid = "rjct.reference_id.invalid",
        ReferenceIdDuplicate = "rjct.reference_id.duplicate",
        TimestampInvalid = "rjct.timestamp.invalid",
        NotifyTypesInvalid = "rjct.notify_types.invalid",
        NotifyDetailsInvalid = "rjct.notify_details.invalid",
        PersonIdInvalid = "rjct.person_id.invalid",
        AlreadySubscribed = "rjct.event.already_subscribed",
    }
    /// Why the end of a subscription is rejected
    /// (`UnSubscribeStatusReasonCode`).
    UnsubscribeReason {
        ReferenceIdInvalid = "rjct.reference_id.invalid",
        ReferenceIdDuplicate = "rjct.reference_id.duplicate",
        TimestampInvalid = "rjct.timestamp.invalid",
        SubscriptionCodeInvalid = "rjct.subscription_code.invalid",
        RequesterInvalid = "rjct.requester.invalid",
        AlreadyUnsubscribed = "rjct.event.already_unsubscribed",
    }
}
