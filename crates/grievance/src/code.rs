solidarity_core::code! {
    /// A workflow in one edition: `standard-1`. An edition's states and
    /// actions never change; new ones come under a new code.
    pub struct WorkflowCode;
    /// A state of a workflow: `in-review`.
    pub struct StateName;
    /// An action of a workflow: `reject`.
    pub struct ActionName;
    /// What an officer is: `handler`, `appeals`.
    pub struct Role;
    /// An office or unit, as a path from the top: `north/kwale/payments`.
    pub struct OfficeCode;
    /// A reason of the country's own vocabulary: `records-elsewhere`.
    pub struct ReasonCode;
    /// What a complaint is about, as a path: `payment/not-received`.
    pub struct CategoryCode;
}

impl Role {
    /// Whoever complained. No officer holds it.
    pub const COMPLAINANT: Self = Self::from_static("complainant");
}

impl OfficeCode {
    /// Whether this is `office` or a part of it.
    #[must_use]
    pub fn is_within(&self, office: &Self) -> bool {
        is_within(self.as_str(), office.as_str())
    }
}

impl CategoryCode {
    /// Whether this is `category` or a part of it.
    ///
    /// ```
    /// use solidarity_grievance::CategoryCode;
    ///
    /// let category = CategoryCode::from_static("payment/not-received");
    /// assert!(category.is_within(&CategoryCode::from_static("payment")));
    /// assert!(!category.is_within(&CategoryCode::from_static("pay")));
    /// ```
    #[must_use]
    pub fn is_within(&self, category: &Self) -> bool {
        is_within(self.as_str(), category.as_str())
    }
}

fn is_within(path: &str, ancestor: &str) -> bool {
    path.strip_prefix(ancestor)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
