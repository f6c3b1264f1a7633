/// Declares the statuses of a call, first to last: of all that apply, the
/// first is answered.
macro_rules! statuses {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$doc:meta])* $status:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, Eq, Hash, PartialEq, ::serde::Deserialize, ::serde::Serialize,
        )]
        #[non_exhaustive]
        pub enum $name {$(
            $(#[$doc])*
            #[serde(rename = $text)]
            $status,
        )+}

        impl $name {
            /// The status as TigerBeetle names it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$status => $text,)+
                }
            }

            /// Whether the ledger holds what was said: it was created now, or
            /// exists already.
            #[must_use]
            pub const fn is_held(self) -> bool {
                matches!(self, Self::Created | Self::Exists)
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

statuses! {
    /// What became of an account to be opened.
    ///
    /// The names and their order are TigerBeetle's; of all that apply, the first is
    /// answered. What the types here cannot say (balances of a new account, reserved
    /// fields) has no status.
    pub enum CreateAccountStatus {
        /// It is open.
        Created = "created",
        /// Another event of its chain failed.
        LinkedEventFailed = "linked_event_failed",
        /// The last event of the batch says that another one follows.
        LinkedEventChainOpen = "linked_event_chain_open",
        /// The batch is of imported events, and this one is not.
        ImportedEventExpected = "imported_event_expected",
        /// The batch is not of imported events, and this one is.
        ImportedEventNotExpected = "imported_event_not_expected",
        /// The time is the ledger's to say, unless the event is imported.
        TimestampMustBeZero = "timestamp_must_be_zero",
        /// An imported event says no time that the ledger can count to.
        ImportedEventTimestampOutOfRange = "imported_event_timestamp_out_of_range",
        /// An imported event says a time that has not come.
        ImportedEventTimestampMustNotAdvance = "imported_event_timestamp_must_not_advance",
        /// A flag that means nothing is set.
        ReservedFlag = "reserved_flag",
        /// All bits of the id are zero.
        IdMustNotBeZero = "id_must_not_be_zero",
        /// All bits of the id are one.
        IdMustNotBeIntMax = "id_must_not_be_int_max",
        /// The id is taken by an account with other flags.
        ExistsWithDifferentFlags = "exists_with_different_flags",
        /// The id is taken by an account with other user data.
        ExistsWithDifferentUserData128 = "exists_with_different_user_data_128",
        /// The id is taken by an account with other user data.
        ExistsWithDifferentUserData64 = "exists_with_different_user_data_64",
        /// The id is taken by an account with other user data.
        ExistsWithDifferentUserData32 = "exists_with_different_user_data_32",
        /// The id is taken by an account of another ledger.
        ExistsWithDifferentLedger = "exists_with_different_ledger",
        /// The id is taken by an account with another code.
        ExistsWithDifferentCode = "exists_with_different_code",
        /// This very account is open.
        Exists = "exists",
        /// Both limits are set.
        FlagsAreMutuallyExclusive = "flags_are_mutually_exclusive",
        /// No ledger is said.
        LedgerMustNotBeZero = "ledger_must_not_be_zero",
        /// No code is said.
        CodeMustNotBeZero = "code_must_not_be_zero",
        /// An imported account says a time at or before that of one opened
        /// already, or that of a transfer.
        ImportedEventTimestampMustNotRegress = "imported_event_timestamp_must_not_regress",
    }
}

statuses! {
    /// What became of a transfer to be booked.
    ///
    /// The names and their order are TigerBeetle's; of all that apply, the first is
    /// answered. An amount of zero is booked like any other.
    pub enum CreateTransferStatus {
        /// It is booked.
        Created = "created",
        /// Another event of its chain failed.
        LinkedEventFailed = "linked_event_failed",
        /// The last event of the batch says that another one follows.
        LinkedEventChainOpen = "linked_event_chain_open",
        /// The batch is of imported events, and this one is not.
        ImportedEventExpected = "imported_event_expected",
        /// The batch is not of imported events, and this one is.
        ImportedEventNotExpected = "imported_event_not_expected",
        /// The time is the ledger's to say, unless the event is imported.
        TimestampMustBeZero = "timestamp_must_be_zero",
        /// An imported event says no time that the ledger can count to.
        ImportedEventTimestampOutOfRange = "imported_event_timestamp_out_of_range",
        /// An imported event says a time that has not come.
        ImportedEventTimestampMustNotAdvance = "imported_event_timestamp_must_not_advance",
        /// A flag that means nothing is set.
        ReservedFlag = "reserved_flag",
        /// All bits of the id are zero.
        IdMustNotBeZero = "id_must_not_be_zero",
        /// All bits of the id are one.
        IdMustNotBeIntMax = "id_must_not_be_int_max",
        /// The id is taken by a transfer with other flags.
        ExistsWithDifferentFlags = "exists_with_different_flags",
        /// The id is taken by a transfer that settled another one.
        ExistsWithDifferentPendingId = "exists_with_different_pending_id",
        /// The id is taken by a transfer with another timeout.
        ExistsWithDifferentTimeout = "exists_with_different_timeout",
        /// The id is taken by a transfer from another account.
        ExistsWithDifferentDebitAccountId = "exists_with_different_debit_account_id",
        /// The id is taken by a transfer to another account.
        ExistsWithDifferentCreditAccountId = "exists_with_different_credit_account_id",
        /// The id is taken by a transfer of another amount.
        ExistsWithDifferentAmount = "exists_with_different_amount",
        /// The id is taken by a transfer with other user data.
        ExistsWithDifferentUserData128 = "exists_with_different_user_data_128",
        /// The id is taken by a transfer with other user data.
        ExistsWithDifferentUserData64 = "exists_with_different_user_data_64",
        /// The id is taken by a transfer with other user data.
        ExistsWithDifferentUserData32 = "exists_with_different_user_data_32",
        /// The id is taken by a transfer in another ledger.
        ExistsWithDifferentLedger = "exists_with_different_ledger",
        /// The id is taken by a transfer with another code.
        ExistsWithDifferentCode = "exists_with_different_code",
        /// This very transfer is booked.
        Exists = "exists",
        /// The id was burnt by a transient failure: decide again, under a new
        /// id.
        IdAlreadyFailed = "id_already_failed",
        /// A post or void is only that, and not both.
        FlagsAreMutuallyExclusive = "flags_are_mutually_exclusive",
        /// No debit account is said.
        DebitAccountIdMustNotBeZero = "debit_account_id_must_not_be_zero",
        /// All bits of the debit account's id are one.
        DebitAccountIdMustNotBeIntMax = "debit_account_id_must_not_be_int_max",
        /// No credit account is said.
        CreditAccountIdMustNotBeZero = "credit_account_id_must_not_be_zero",
        /// All bits of the credit account's id are one.
        CreditAccountIdMustNotBeIntMax = "credit_account_id_must_not_be_int_max",
        /// The two accounts are one.
        AccountsMustBeDifferent = "accounts_must_be_different",
        /// Only a post or void settles another transfer.
        PendingIdMustBeZero = "pending_id_must_be_zero",
        /// A post or void does not say what it settles.
        PendingIdMustNotBeZero = "pending_id_must_not_be_zero",
        /// All bits of the pending transfer's id are one.
        PendingIdMustNotBeIntMax = "pending_id_must_not_be_int_max",
        /// A transfer cannot settle itself.
        PendingIdMustBeDifferent = "pending_id_must_be_different",
        /// Only what is pending expires.
        TimeoutReservedForPendingTransfer = "timeout_reserved_for_pending_transfer",
        /// Only a pending transfer closes an account.
        ClosingTransferMustBePending = "closing_transfer_must_be_pending",
        /// No ledger is said.
        LedgerMustNotBeZero = "ledger_must_not_be_zero",
        /// No code is said.
        CodeMustNotBeZero = "code_must_not_be_zero",
        /// There is no such debit account. Burns the id.
        DebitAccountNotFound = "debit_account_not_found",
        /// There is no such credit account. Burns the id.
        CreditAccountNotFound = "credit_account_not_found",
        /// The accounts are of two ledgers.
        AccountsMustHaveTheSameLedger = "accounts_must_have_the_same_ledger",
        /// The accounts are of another ledger than the one said.
        TransferMustHaveTheSameLedgerAsAccounts = "transfer_must_have_the_same_ledger_as_accounts",
        /// There is no such transfer to settle. Burns the id.
        PendingTransferNotFound = "pending_transfer_not_found",
        /// What it would settle was never pending.
        PendingTransferNotPending = "pending_transfer_not_pending",
        /// What it would settle is from another account.
        PendingTransferHasDifferentDebitAccountId = "pending_transfer_has_different_debit_account_id",
        /// What it would settle is to another account.
        PendingTransferHasDifferentCreditAccountId = "pending_transfer_has_different_credit_account_id",
        /// What it would settle is in another ledger.
        PendingTransferHasDifferentLedger = "pending_transfer_has_different_ledger",
        /// What it would settle has another code.
        PendingTransferHasDifferentCode = "pending_transfer_has_different_code",
        /// More than what is pending.
        ExceedsPendingTransferAmount = "exceeds_pending_transfer_amount",
        /// A void is of all that is pending.
        PendingTransferHasDifferentAmount = "pending_transfer_has_different_amount",
        /// What it would settle was posted.
        PendingTransferAlreadyPosted = "pending_transfer_already_posted",
        /// What it would settle was voided.
        PendingTransferAlreadyVoided = "pending_transfer_already_voided",
        /// What it would settle has expired.
        PendingTransferExpired = "pending_transfer_expired",
        /// An imported transfer says a time at or before that of one booked
        /// already, or that of an account.
        ImportedEventTimestampMustNotRegress = "imported_event_timestamp_must_not_regress",
        /// An imported transfer says a time before its debit account was
        /// opened.
        ImportedEventTimestampMustPostdateDebitAccount = "imported_event_timestamp_must_postdate_debit_account",
        /// An imported transfer says a time before its credit account was
        /// opened.
        ImportedEventTimestampMustPostdateCreditAccount = "imported_event_timestamp_must_postdate_credit_account",
        /// An imported transfer does not expire.
        ImportedEventTimeoutMustBeZero = "imported_event_timeout_must_be_zero",
        /// The debit account is closed. Burns the id.
        DebitAccountAlreadyClosed = "debit_account_already_closed",
        /// The credit account is closed. Burns the id.
        CreditAccountAlreadyClosed = "credit_account_already_closed",
        /// The debit account's reservations would be beyond 128 bits.
        OverflowsDebitsPending = "overflows_debits_pending",
        /// The credit account's reservations would be beyond 128 bits.
        OverflowsCreditsPending = "overflows_credits_pending",
        /// The debit account's debits would be beyond 128 bits.
        OverflowsDebitsPosted = "overflows_debits_posted",
        /// The credit account's credits would be beyond 128 bits.
        OverflowsCreditsPosted = "overflows_credits_posted",
        /// The debit account's debits and reservations would be beyond 128
        /// bits.
        OverflowsDebits = "overflows_debits",
        /// The credit account's credits and reservations would be beyond 128
        /// bits.
        OverflowsCredits = "overflows_credits",
        /// It would expire after the last moment that the ledger can count to.
        OverflowsTimeout = "overflows_timeout",
        /// The debit account has not so much left. Burns the id.
        ExceedsCredits = "exceeds_credits",
        /// The credit account has not so much room. Burns the id.
        ExceedsDebits = "exceeds_debits",
    }
}

impl CreateTransferStatus {
    /// Whether it failed for a state of the ledger that may pass, which burns
    /// the id: the same transfer again is answered
    /// [`IdAlreadyFailed`](Self::IdAlreadyFailed).
    #[must_use]
    pub const fn is_transient(self) -> bool {
        matches!(
            self,
            Self::DebitAccountNotFound
                | Self::CreditAccountNotFound
                | Self::PendingTransferNotFound
                | Self::DebitAccountAlreadyClosed
                | Self::CreditAccountAlreadyClosed
                | Self::ExceedsCredits
                | Self::ExceedsDebits
        )
    }
}
