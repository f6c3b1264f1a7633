use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use solidarity_core::{Invalid, PersonId, UnitId, Validity};

use crate::Record;
use crate::attribute::check_count;
use crate::entity::check_day;
use crate::limits::ROLES_MAX;

solidarity_core::id! {
    /// One person's belonging to one unit over some days.
    pub struct MembershipId;
}

solidarity_core::code! {
    /// What a member is to the unit: one of the constants, or the country's
    /// own.
    pub struct Role;
}

impl Role {
    /// Speaks for the unit.
    pub const HEAD: Self = Self::from_static("head");
    /// Married to the head.
    pub const SPOUSE: Self = Self::from_static("spouse");
    /// A child of the unit.
    pub const CHILD: Self = Self::from_static("child");
    /// Belongs to the unit, with nothing more said.
    pub const MEMBER: Self = Self::from_static("member");
    /// Collects what the unit is given. Not the head, unless that is said too.
    pub const COLLECTOR: Self = Self::from_static("collector");
}

/// What a register says about one person's belonging to one unit.
///
/// A person may belong to several units at once, but to one unit only once on
/// any day: all that they are to it is in `roles`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NewMembership {
    /// The unit.
    pub unit: UnitId,
    /// The person.
    pub person: PersonId,
    /// What the person is to the unit. May be empty: nothing was said.
    pub roles: BTreeSet<Role>,
    /// The days on which all this is so.
    pub validity: Validity,
}

impl NewMembership {
    /// `person` belongs to `unit` over `validity`; nothing is said about what
    /// they are to it.
    #[must_use]
    pub const fn new(unit: UnitId, person: PersonId, validity: Validity) -> Self {
        Self {
            unit,
            person,
            roles: BTreeSet::new(),
            validity,
        }
    }

    /// The same, with one more role.
    #[must_use]
    pub fn with_role(mut self, role: Role) -> Self {
        self.roles.insert(role);
        self
    }

    /// Whether the member has `role`.
    #[must_use]
    pub fn has(&self, role: &Role) -> bool {
        self.roles.contains(role)
    }

    /// Checks what a store checks before it writes, the role rules apart.
    ///
    /// # Errors
    ///
    /// [`Invalid`], naming the field and the rule.
    pub fn check(&self) -> Result<(), Invalid> {
        check_count("roles", self.roles.len(), ROLES_MAX)?;
        check_day("validity", self.validity.from())?;
        self.validity
            .to()
            .map_or(Ok(()), |to| check_day("validity", to))
    }
}

/// One person's belonging to one unit, as a register has it.
pub type Membership = Record<MembershipId, NewMembership>;
