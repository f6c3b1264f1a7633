use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use solidarity_core::limits::LINE_MAX_BYTES;
use solidarity_core::{Invalid, Purpose, Validity, check_text};

use crate::limits::{FIELDS_MAX, RETENTION_DAYS_MAX, SCOPE_MAX};
use crate::request::check_set;
use crate::{Basis, Condition, FieldName, Notify, Recipient, Request, SpecialCategory};

solidarity_core::code! {
    /// Names a statement or a prohibition of a policy.
    pub struct StatementId;
}

/// One entry of the register of uses: on what basis which fields go to whom,
/// for what, how long, and what is owed to the person.
///
/// ```
/// use chrono::NaiveDate;
/// use solidarity_consent::{Basis, BasisStatement, FieldName, Notify, Recipient};
/// use solidarity_core::{Purpose, Validity};
///
/// let payment = BasisStatement::new("pay", Basis::PublicTask, "Social Assistance Act, s. 12",
///         Validity::since(NaiveDate::from_ymd_opt(2026, 1, 1).unwrap()))?
///     .purposes([Purpose::new("payment")?])
///     .fields([FieldName::new("name")?, FieldName::new("account")?])
///     .recipients([Recipient::new("bank")?])
///     .kept_for_days(3_650)
///     .notify(Notify::Published);
/// # Ok::<(), solidarity_core::Invalid>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct BasisStatement {
    /// Names the statement.
    pub id: StatementId,
    /// The lawful basis.
    pub basis: Basis,
    /// The law, contract or decision that says so.
    pub citation: String,
    /// For what. At least one.
    pub purposes: BTreeSet<Purpose>,
    /// Which fields. At least one; there is no *all*.
    pub fields: BTreeSet<FieldName>,
    /// To whom. At least one; there is no *anybody*.
    pub recipients: BTreeSet<Recipient>,
    /// The days, by UTC, on which it holds.
    pub validity: Validity,
    /// How many days the recipient may keep what it gets. 0: it looks and
    /// keeps nothing.
    pub retention_days: u32,
    /// What is owed to the person.
    pub notify: Notify,
    /// For each special category among the fields, the condition.
    #[serde(default)]
    pub conditions: BTreeMap<SpecialCategory, Condition>,
}

impl BasisStatement {
    /// The statement `id`: `basis`, as `citation` has it, on the days of
    /// `validity`. It covers nothing until its purposes, fields and recipients
    /// are said, lets nothing be kept, and owes no notice.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if `id` is no code.
    pub fn new(
        id: &str,
        basis: Basis,
        citation: impl Into<String>,
        validity: Validity,
    ) -> Result<Self, Invalid> {
        Ok(Self {
            id: StatementId::new(id)?,
            basis,
            citation: citation.into(),
            purposes: BTreeSet::new(),
            fields: BTreeSet::new(),
            recipients: BTreeSet::new(),
            validity,
            retention_days: 0,
            notify: Notify::Published,
            conditions: BTreeMap::new(),
        })
    }

    /// The same, for these purposes.
    #[must_use]
    pub fn purposes(mut self, purposes: impl IntoIterator<Item = Purpose>) -> Self {
        self.purposes = purposes.into_iter().collect();
        self
    }

    /// The same, of these fields.
    #[must_use]
    pub fn fields(mut self, fields: impl IntoIterator<Item = FieldName>) -> Self {
        self.fields = fields.into_iter().collect();
        self
    }

    /// The same, to these recipients.
    #[must_use]
    pub fn recipients(mut self, recipients: impl IntoIterator<Item = Recipient>) -> Self {
        self.recipients = recipients.into_iter().collect();
        self
    }

    /// The same, kept for so many days.
    #[must_use]
    pub const fn kept_for_days(mut self, days: u32) -> Self {
        self.retention_days = days;
        self
    }

    /// The same, owing this notice.
    #[must_use]
    pub const fn notify(mut self, notify: Notify) -> Self {
        self.notify = notify;
        self
    }

    /// The same, with a special category under this condition.
    #[must_use]
    pub fn on_condition(mut self, category: SpecialCategory, condition: Condition) -> Self {
        self.conditions.insert(category, condition);
        self
    }

    pub(crate) fn covers(&self, request: &Request, field: &FieldName) -> bool {
        self.purposes.contains(request.purpose())
            && self.recipients.contains(request.recipient())
            && self.fields.contains(field)
    }

    pub(super) fn check(&self) -> Result<(), Invalid> {
        check_text("citation", &self.citation, LINE_MAX_BYTES)?;
        check_set("purposes", &self.purposes, SCOPE_MAX)?;
        check_set("fields", &self.fields, FIELDS_MAX)?;
        check_set("recipients", &self.recipients, SCOPE_MAX)?;
        if self.retention_days > RETENTION_DAYS_MAX {
            return Err(Invalid::new(
                "retention",
                format!("must be at most {RETENTION_DAYS_MAX} days"),
            ));
        }
        if let Basis::LegitimateInterest { balancing_test } = &self.basis {
            check_text("balancing test", balancing_test, LINE_MAX_BYTES)?;
        }
        self.conditions
            .values()
            .try_for_each(|condition| check_text("citation", &condition.citation, LINE_MAX_BYTES))
    }
}

/// What is not done, whatever else permits it. `None` means *every*.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Prohibition {
    /// Names the prohibition.
    pub id: StatementId,
    /// The law or decision that forbids it.
    pub citation: String,
    /// For these purposes.
    #[serde(default)]
    pub purposes: Option<BTreeSet<Purpose>>,
    /// Of these fields.
    #[serde(default)]
    pub fields: Option<BTreeSet<FieldName>>,
    /// To these recipients.
    #[serde(default)]
    pub recipients: Option<BTreeSet<Recipient>>,
    /// The days, by UTC, on which it holds.
    pub validity: Validity,
}

impl Prohibition {
    /// The prohibition `id` of everything, as `citation` has it.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if `id` is no code.
    pub fn new(id: &str, citation: impl Into<String>, validity: Validity) -> Result<Self, Invalid> {
        Ok(Self {
            id: StatementId::new(id)?,
            citation: citation.into(),
            purposes: None,
            fields: None,
            recipients: None,
            validity,
        })
    }

    /// The same, for these purposes only.
    #[must_use]
    pub fn purposes(mut self, purposes: impl IntoIterator<Item = Purpose>) -> Self {
        self.purposes = Some(purposes.into_iter().collect());
        self
    }

    /// The same, of these fields only.
    #[must_use]
    pub fn fields(mut self, fields: impl IntoIterator<Item = FieldName>) -> Self {
        self.fields = Some(fields.into_iter().collect());
        self
    }

    /// The same, to these recipients only.
    #[must_use]
    pub fn recipients(mut self, recipients: impl IntoIterator<Item = Recipient>) -> Self {
        self.recipients = Some(recipients.into_iter().collect());
        self
    }

    pub(crate) fn forbids(&self, request: &Request, field: &FieldName, today: NaiveDate) -> bool {
        fn among<T: Ord>(scope: Option<&BTreeSet<T>>, member: &T) -> bool {
            scope.is_none_or(|scope| scope.contains(member))
        }
        self.validity.holds_on(today)
            && among(self.purposes.as_ref(), request.purpose())
            && among(self.recipients.as_ref(), request.recipient())
            && among(self.fields.as_ref(), field)
    }

    pub(super) fn check(&self) -> Result<(), Invalid> {
        fn scope<T>(
            name: &'static str,
            set: Option<&BTreeSet<T>>,
            max: usize,
        ) -> Result<(), Invalid> {
            set.map_or(Ok(()), |set| check_set(name, set, max))
        }
        check_text("citation", &self.citation, LINE_MAX_BYTES)?;
        scope("purposes", self.purposes.as_ref(), SCOPE_MAX)?;
        scope("fields", self.fields.as_ref(), FIELDS_MAX)?;
        scope("recipients", self.recipients.as_ref(), SCOPE_MAX)
    }
}
