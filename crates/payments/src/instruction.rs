use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use solidarity_core::{EntitlementId, Money, PaymentId, PersonId};

use crate::digest::{Encoder, LineDigest};
use crate::{AddressForm, FinancialAddress};

/// One payment to one payee, as a batch asks for it.
///
/// The caller derives the id from what is paid for, so that the same
/// entitlement gives the same payment however often a batch is prepared:
///
/// ```
/// use solidarity_core::{EntitlementId, PaymentId};
///
/// let entitlement = EntitlementId::generate();
/// let payment = PaymentId::derive(&entitlement, "payment");
/// assert_eq!(payment, PaymentId::derive(&entitlement, "payment"));
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Instruction {
    /// Names the payment, to us and to the rail.
    pub id: PaymentId,
    /// Who is paid.
    pub payee: PersonId,
    /// Where.
    pub address: FinancialAddress,
    /// How much, above zero.
    pub amount: Money,
    /// What is paid for.
    pub entitlement: EntitlementId,
    /// The payment that failed and that this one stands in for.
    pub replaces: Option<PaymentId>,
}

impl Instruction {
    /// Pays `amount` for `entitlement` to `payee` at `address`.
    #[must_use]
    pub const fn new(
        id: PaymentId,
        payee: PersonId,
        address: FinancialAddress,
        amount: Money,
        entitlement: EntitlementId,
    ) -> Self {
        Self {
            id,
            payee,
            address,
            amount,
            entitlement,
            replaces: None,
        }
    }

    /// The payment that pays again, to `address`, what this one did not
    /// bring to its payee. Its id is derived from this one's.
    #[must_use]
    pub fn reissue(&self, address: FinancialAddress) -> Self {
        Self {
            id: PaymentId::derive(&self.id, "reissue"),
            payee: self.payee,
            address,
            amount: self.amount,
            entitlement: self.entitlement,
            replaces: Some(self.id),
        }
    }

    /// The digest of all that it says: see [`BatchDigest`](crate::BatchDigest).
    #[must_use]
    pub fn digest(&self) -> LineDigest {
        let form = match self.address.form() {
            AddressForm::Account => 1,
            AddressForm::Phone => 2,
            AddressForm::CashPoint => 3,
        };
        let bytes = Encoder::new("solidarity.payment.v1")
            .field(self.id.as_uuid().as_bytes())
            .field(self.payee.as_uuid().as_bytes())
            .field(self.address.rail().as_str().as_bytes())
            .field(&[form])
            .field(self.address.value().expose().as_bytes())
            .field(&self.amount.minor().to_be_bytes())
            .field(self.amount.currency().code().as_bytes())
            .field(self.entitlement.as_uuid().as_bytes())
            .field(match &self.replaces {
                Some(replaced) => replaced.as_uuid().as_bytes(),
                None => &[],
            })
            .finish();
        LineDigest::from_bytes(Sha256::digest(bytes).into())
    }
}
