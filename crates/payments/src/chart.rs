use solidarity_core::{Currency, Invalid, Money, ProgrammeId};
use uuid::Uuid;

use crate::{
    AccountCode, AccountFlags, AccountId, LedgerNumber, NewAccount, NewTransfer, RailCode,
    TransferCode, TransferId,
};

/// The chart of accounts of a programme in one currency: which accounts its
/// money is in, from the treasury to the payee's account and back.
///
/// ```text
/// funding ─fund→ budget ─commit→ envelope ─submit→ in transit ─credit→ credited
///                  │  ↑          │ │ ↑ ↑              │                 ↑  │
///               charge └─release─┘ │ │ └────reject────┘                 │ return
///                  ↓               │ └───────recover────── returned ←───┼──┘
///                fees              └─issue→ vouchers ─redeem────────────┘
/// ```
///
/// What a voucher was not redeemed for goes back to its envelope (lapse).
///
/// Every account but the source of funds refuses to give more than it has:
/// an envelope cannot be overspent, a rail cannot be paid out more than it
/// was handed, and only what was credited can come back. Accounts are derived
/// from the programme, so that every part of a system finds the same ones.
///
/// ```
/// use solidarity_core::{CycleId, ProgrammeId};
/// use solidarity_payments::{Chart, Movement, TransferId};
///
/// let chart = Chart::new(ProgrammeId::generate(), "KES".parse()?);
/// let cycle = CycleId::generate();
/// let commit = chart.transfer(
///     TransferId::derive(&cycle, "commit"),
///     &Movement::Commit { envelope: chart.envelope(&cycle) },
///     "1500.00 KES".parse()?,
/// )?;
/// assert_eq!((commit.debit_account, commit.amount), (chart.budget(), 150_000));
/// # Ok::<(), solidarity_core::Invalid>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Chart {
    programme: ProgrammeId,
    currency: Currency,
}

/// Why money moves between two accounts of a [`Chart`].
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Movement {
    /// The source of funds gives money to the programme.
    Fund,
    /// The programme sets money aside for one envelope.
    Commit {
        /// The envelope.
        envelope: AccountId,
    },
    /// What an envelope did not spend goes back to the programme.
    Release {
        /// The envelope.
        envelope: AccountId,
    },
    /// A payment is handed to a rail; pending while it is not known whether
    /// the rail has it.
    Submit {
        /// The envelope that pays.
        envelope: AccountId,
        /// The rail.
        rail: RailCode,
    },
    /// The rail paid it out.
    Credit {
        /// The rail.
        rail: RailCode,
    },
    /// The rail did not pay it out, after all.
    Reject {
        /// The envelope that it goes back to.
        envelope: AccountId,
        /// The rail.
        rail: RailCode,
    },
    /// What was paid out came back.
    Return,
    /// What came back can be paid again.
    Recover {
        /// The envelope that it goes back to.
        envelope: AccountId,
    },
    /// A rail charged for its work. No entitlement pays for it.
    Charge,
    /// A voucher is given out, and its worth is owed from now on.
    Issue {
        /// The envelope that it is for.
        envelope: AccountId,
    },
    /// A voucher was redeemed; pending while it is not known whether the
    /// merchant was paid.
    Redeem,
    /// A voucher expired or was cancelled, wholly or in part.
    Lapse {
        /// The envelope that it goes back to.
        envelope: AccountId,
    },
}

impl Movement {
    /// The code of the transfer.
    #[must_use]
    pub const fn code(&self) -> TransferCode {
        TransferCode::new(match self {
            Self::Fund => 1,
            Self::Commit { .. } => 2,
            Self::Release { .. } => 3,
            Self::Submit { .. } => 4,
            Self::Credit { .. } => 5,
            Self::Reject { .. } => 6,
            Self::Return => 7,
            Self::Recover { .. } => 8,
            Self::Charge => 9,
            Self::Issue { .. } => 10,
            Self::Redeem => 11,
            Self::Lapse { .. } => 12,
        })
    }
}

impl Chart {
    /// The code of the source of funds.
    pub const FUNDING: AccountCode = AccountCode::new(100);
    /// The code of a programme's budget.
    pub const BUDGET: AccountCode = AccountCode::new(200);
    /// The code of an envelope.
    pub const ENVELOPE: AccountCode = AccountCode::new(210);
    /// The code of what one rail has in hand.
    pub const IN_TRANSIT: AccountCode = AccountCode::new(300);
    /// The code of what is owed to who holds a voucher.
    pub const VOUCHERS: AccountCode = AccountCode::new(310);
    /// The code of what was paid out.
    pub const CREDITED: AccountCode = AccountCode::new(400);
    /// The code of what came back.
    pub const RETURNED: AccountCode = AccountCode::new(500);
    /// The code of what rails charged.
    pub const FEES: AccountCode = AccountCode::new(600);

    /// The chart of `programme` in `currency`.
    #[must_use]
    pub const fn new(programme: ProgrammeId, currency: Currency) -> Self {
        Self {
            programme,
            currency,
        }
    }

    /// The ledger that all its accounts are of.
    #[must_use]
    pub fn ledger(&self) -> LedgerNumber {
        self.currency.into()
    }

    /// Where the money comes from: a treasury, a donor. Its debits are what
    /// the programme was given.
    #[must_use]
    pub fn funding(&self) -> AccountId {
        self.derive(&self.programme, "funding")
    }

    /// What the programme may still commit.
    #[must_use]
    pub fn budget(&self) -> AccountId {
        self.derive(&self.programme, "budget")
    }

    /// What is set aside for `cause`: a cycle, a batch.
    #[must_use]
    pub fn envelope(&self, cause: &impl AsRef<Uuid>) -> AccountId {
        self.derive(cause, "envelope")
    }

    /// What `rail` has in hand.
    #[must_use]
    pub fn in_transit(&self, rail: &RailCode) -> AccountId {
        self.derive(&self.programme, &format!("in transit:{rail}"))
    }

    /// What is owed to who holds a voucher: given out, and neither redeemed
    /// nor lapsed.
    #[must_use]
    pub fn vouchers(&self) -> AccountId {
        self.derive(&self.programme, "vouchers")
    }

    /// What was paid out.
    #[must_use]
    pub fn credited(&self) -> AccountId {
        self.derive(&self.programme, "credited")
    }

    /// What came back and was not paid again.
    #[must_use]
    pub fn returned(&self) -> AccountId {
        self.derive(&self.programme, "returned")
    }

    /// What rails charged.
    #[must_use]
    pub fn fees(&self) -> AccountId {
        self.derive(&self.programme, "fees")
    }

    /// The standing accounts, and one for each of `rails`, to be opened once
    /// or again.
    #[must_use]
    pub fn accounts(&self, rails: &[RailCode]) -> Vec<NewAccount> {
        let source = NewAccount::new(self.funding(), self.ledger(), Self::FUNDING);
        let mut accounts = vec![
            self.owned(source.with_flags(AccountFlags::HISTORY)),
            self.limited(self.budget(), Self::BUDGET),
            self.limited(self.vouchers(), Self::VOUCHERS),
            self.limited(self.credited(), Self::CREDITED),
            self.limited(self.returned(), Self::RETURNED),
            self.limited(self.fees(), Self::FEES),
        ];
        let in_transit = |rail| self.limited(self.in_transit(rail), Self::IN_TRANSIT);
        accounts.extend(rails.iter().map(in_transit));
        accounts
    }

    /// The envelope of `cause`, to be opened once or again.
    #[must_use]
    pub fn envelope_account(&self, cause: &impl AsRef<Uuid>) -> NewAccount {
        self.limited(self.envelope(cause), Self::ENVELOPE)
    }

    /// The transfer `id` of `money` for `movement`.
    ///
    /// # Errors
    ///
    /// [`Invalid`] for less than nothing, or money of another currency.
    pub fn transfer(
        &self,
        id: TransferId,
        movement: &Movement,
        money: Money,
    ) -> Result<NewTransfer, Invalid> {
        if money.currency() != self.currency {
            return Err(Invalid::new("amount", "must be in the chart's currency"));
        }
        let (debit, credit) = match movement {
            Movement::Fund => (self.funding(), self.budget()),
            Movement::Commit { envelope } => (self.budget(), *envelope),
            Movement::Release { envelope } => (*envelope, self.budget()),
            Movement::Submit { envelope, rail } => (*envelope, self.in_transit(rail)),
            Movement::Credit { rail } => (self.in_transit(rail), self.credited()),
            Movement::Reject { envelope, rail } => (self.in_transit(rail), *envelope),
            Movement::Return => (self.credited(), self.returned()),
            Movement::Recover { envelope } => (self.returned(), *envelope),
            Movement::Charge => (self.budget(), self.fees()),
            Movement::Issue { envelope } => (*envelope, self.vouchers()),
            Movement::Redeem => (self.vouchers(), self.credited()),
            Movement::Lapse { envelope } => (self.vouchers(), *envelope),
        };
        NewTransfer::of_money(id, debit, credit, money, movement.code())
    }

    fn derive(&self, cause: &impl AsRef<Uuid>, role: &str) -> AccountId {
        AccountId::derive(cause, &format!("{}:{role}", self.currency))
    }

    /// An account that cannot give more than it has.
    fn limited(&self, id: AccountId, code: AccountCode) -> NewAccount {
        let limit = AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS;
        self.owned(NewAccount::new(id, self.ledger(), code).with_flags(limit))
    }

    const fn owned(&self, account: NewAccount) -> NewAccount {
        account.with_user_data_128(self.programme.as_uuid().as_u128())
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use solidarity_core::CycleId;
    use solidarity_core::testing::block_on;

    use super::*;
    use crate::{CreateTransferStatus as Status, Ledger, LedgerExt, MemoryLedger};

    const RAIL: RailCode = RailCode::from_static("switch");

    /// A ledger with the chart's accounts open, and what each movement is
    /// answered.
    fn run(steps: &[(Movement, &str, Status)]) -> (MemoryLedger, Chart, CycleId) {
        let cycle = CycleId::from_uuid(Uuid::from_u128(1));
        let programme = ProgrammeId::from_uuid(Uuid::from_u128(2));
        let chart = Chart::new(programme, "KES".parse().unwrap());
        let ledger = MemoryLedger::new();
        let at = DateTime::UNIX_EPOCH;
        block_on(async {
            let mut accounts = chart.accounts(&[RAIL]);
            accounts.push(chart.envelope_account(&cycle));
            let opened = ledger.create_accounts(&accounts, at).await.unwrap();
            assert!(opened.iter().all(|status| status.is_held()), "{opened:?}");
            for (n, (movement, money, expected)) in steps.iter().enumerate() {
                let id = TransferId::derive(&cycle, &n.to_string());
                let transfer = chart
                    .transfer(id, movement, money.parse().unwrap())
                    .unwrap();
                let status = ledger.create_transfer(transfer, at).await.unwrap();
                assert_eq!(status, *expected, "step {n}");
            }
        });
        (ledger, chart, cycle)
    }

    fn envelope() -> AccountId {
        let programme = ProgrammeId::from_uuid(Uuid::from_u128(2));
        let chart = Chart::new(programme, "KES".parse().unwrap());
        chart.envelope(&CycleId::from_uuid(Uuid::from_u128(1)))
    }

    #[test]
    fn money_goes_from_the_treasury_to_the_payee_and_comes_back_to_be_paid_again() {
        let (rail, envelope) = (RAIL, envelope());
        let ok = Status::Created;
        let (ledger, chart, _) = run(&[
            (Movement::Fund, "100.00 KES", ok),
            (Movement::Commit { envelope }, "90.00 KES", ok),
            (
                Movement::Submit {
                    envelope,
                    rail: rail.clone(),
                },
                "60.00 KES",
                ok,
            ),
            (Movement::Credit { rail: rail.clone() }, "50.00 KES", ok),
            (
                Movement::Reject {
                    envelope,
                    rail: rail.clone(),
                },
                "10.00 KES",
                ok,
            ),
            (Movement::Return, "20.00 KES", ok),
            (Movement::Recover { envelope }, "20.00 KES", ok),
            (Movement::Release { envelope }, "5.00 KES", ok),
            (Movement::Charge, "1.00 KES", ok),
            (Movement::Issue { envelope }, "9.00 KES", ok),
            (Movement::Redeem, "6.00 KES", ok),
            (Movement::Lapse { envelope }, "2.00 KES", ok),
        ]);
        let currency = "KES".parse().unwrap();
        for (account, balance) in [
            (chart.funding(), "-100.00 KES"),
            (chart.budget(), "14.00 KES"),
            (envelope, "48.00 KES"),
            (chart.in_transit(&rail), "0.00 KES"),
            (chart.vouchers(), "1.00 KES"),
            (chart.credited(), "36.00 KES"),
            (chart.returned(), "0.00 KES"),
            (chart.fees(), "1.00 KES"),
        ] {
            let found = block_on(ledger.find_account(account, DateTime::UNIX_EPOCH));
            let money = found.unwrap().unwrap().balance(currency).unwrap();
            assert_eq!(money.to_string(), balance);
        }
    }

    #[test]
    fn nothing_gives_more_than_it_has() {
        let envelope = envelope();
        let short = Status::ExceedsCredits;
        run(&[
            (Movement::Commit { envelope }, "0.01 KES", short),
            (Movement::Fund, "10.00 KES", Status::Created),
            (Movement::Commit { envelope }, "10.01 KES", short),
            (Movement::Commit { envelope }, "9.00 KES", Status::Created),
            (
                Movement::Submit {
                    envelope,
                    rail: RAIL,
                },
                "9.01 KES",
                short,
            ),
            (Movement::Credit { rail: RAIL }, "0.01 KES", short),
            (Movement::Return, "0.01 KES", short),
            (Movement::Recover { envelope }, "0.01 KES", short),
            (Movement::Charge, "1.01 KES", short),
            (Movement::Issue { envelope }, "9.01 KES", short),
            (Movement::Redeem, "0.01 KES", short),
            (Movement::Lapse { envelope }, "0.01 KES", short),
        ]);
    }

    #[test]
    fn charts_of_two_currencies_share_no_account() {
        let programme = ProgrammeId::generate();
        let [kes, ugx] = ["KES", "UGX"].map(|code| Chart::new(programme, code.parse().unwrap()));
        let ids = |chart: &Chart| {
            chart
                .accounts(&[RAIL])
                .iter()
                .map(|a| a.id)
                .collect::<Vec<_>>()
        };
        assert!(ids(&kes).iter().all(|id| !ids(&ugx).contains(id)));
        let other = kes.transfer(
            TransferId::generate(),
            &Movement::Fund,
            "1 UGX".parse().unwrap(),
        );
        assert_eq!(other.unwrap_err().field(), "amount");
    }
}
