use serde::{Deserialize, Serialize};

solidarity_core::code! {
    /// A reason in a rail's own words, where no other fits.
    pub struct ReasonCode;
}

/// Whether paying again may help after a rejection or a return.
///
/// Advice for the officer who prepares a reissue; it decides nothing.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a payee who needs a visit must never fall under a wildcard"
)]
pub enum ReissueAdvice {
    /// To the same address, later.
    SameAddress,
    /// To an address that the payee corrects.
    CorrectedAddress,
    /// Once we have put something right on our side: funds, format, limit.
    AfterCorrection,
    /// After somebody has spoken to the payee or, if they died, to the family.
    AfterContact,
}

macro_rules! reasons {
    ($($(#[$meta:meta])* $name:ident $code:literal $advice:ident,)+) => {
        /// Why a rail refused a payment or sent it back.
        ///
        /// Each has its code of ISO 20022 (external code sets
        /// `ExternalStatusReason1Code` and `ExternalReturnReason1Code`).
        #[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum Reason {
            $($(#[$meta])* #[doc = concat!("(`", $code, "`)")] $name,)+
            /// Something else, in the rail's own code.
            Other(ReasonCode),
        }

        impl Reason {
            /// Every reason that has a code of ISO 20022.
            pub const CODED: &[Self] = &[$(Self::$name,)+];

            /// The code: of ISO 20022 where it has one, the rail's own otherwise.
            #[must_use]
            pub fn code(&self) -> &str {
                match self {
                    $(Self::$name => $code,)+
                    Self::Other(code) => code.as_str(),
                }
            }

            /// The reason that `code` stands for; a code not known here is kept
            /// as it is.
            #[must_use]
            pub fn from_code(code: ReasonCode) -> Self {
                match code.as_str() {
                    $($code => Self::$name,)+
                    "DUPL" => Self::Duplicate,
                    _ => Self::Other(code),
                }
            }

            /// Whether paying again may help.
            #[must_use]
            pub const fn reissue(&self) -> ReissueAdvice {
                match self {
                    $(Self::$name => ReissueAdvice::$advice,)+
                    Self::Other(_) => ReissueAdvice::AfterContact,
                }
            }
        }
    };
}

reasons! {
    /// The account number is wrong or missing.
    IncorrectAccount "AC01" CorrectedAddress,
    /// The payee's account number is wrong or missing.
    IncorrectPayeeAccount "AC03" CorrectedAddress,
    /// The account is closed.
    AccountClosed "AC04" CorrectedAddress,
    /// The account is blocked.
    AccountBlocked "AC06" AfterContact,
    /// This kind of account may not be paid.
    Forbidden "AG01" CorrectedAddress,
    /// The amount is above the limit.
    AmountTooHigh "AM02" AfterCorrection,
    /// The account does not take this currency.
    Currency "AM03" CorrectedAddress,
    /// Our own account had too little in it.
    InsufficientFunds "AM04" AfterCorrection,
    /// The rail has this payment already. It says nothing of whether it was
    /// paid: ask.
    Duplicate "AM05" AfterCorrection,
    /// The name and the account are not one person's.
    NameMismatch "BE01" AfterContact,
    /// Nobody of this description is known there.
    UnknownPayee "BE06" CorrectedAddress,
    /// We asked for it back.
    Recalled "FOCR" AfterCorrection,
    /// The format was wrong.
    Format "FF01" AfterCorrection,
    /// Fraud is suspected.
    Fraud "FR01" AfterContact,
    /// The payee has died.
    Deceased "MD07" AfterContact,
    /// The payee gave no reason.
    NotSaidByPayee "MS02" AfterContact,
    /// The payee's bank gave no reason.
    NotSaidByAgent "MS03" AfterContact,
    /// Nobody came for it, or nobody answered.
    NotCollected "NOAS" AfterContact,
    /// The bank is not known.
    UnknownBank "RC01" CorrectedAddress,
    /// The payee's bank is not known.
    UnknownPayeeBank "RC04" CorrectedAddress,
    /// A regulation stands against it.
    Regulatory "RR04" AfterContact,
    /// It came too late in the day.
    CutOff "TM01" SameAddress,
    /// The payee's bank did not answer in time, and nothing was paid.
    Timeout "AB05" SameAddress,
    /// The payee's bank was not reachable.
    Offline "AB08" SameAddress,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_leads_back_to_its_reason() {
        for reason in Reason::CODED {
            let code = ReasonCode::new(reason.code()).unwrap();
            assert_eq!(Reason::from_code(code), *reason);
        }
        let own = ReasonCode::from_static("bank-42");
        assert_eq!(Reason::from_code(own.clone()), Reason::Other(own));
    }

    #[test]
    fn who_died_is_never_paid_again_without_a_visit() {
        assert_eq!(Reason::Deceased.reissue(), ReissueAdvice::AfterContact);
        assert_eq!(
            Reason::AccountClosed.reissue(),
            ReissueAdvice::CorrectedAddress
        );
    }
}
