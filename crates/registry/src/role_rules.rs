use std::collections::{BTreeSet, HashSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use solidarity_core::{StatedDate, Validity};

use crate::{NewMembership, Role, Rules, UnitKind};

/// What a country asks of the members of units of one kind, as data.
///
/// By default nothing: headship may be absent, joint or a child's. A unit
/// without members breaks no rule.
///
/// ```
/// use solidarity_registry::RoleRules;
///
/// let household = RoleRules::any().with_heads(1, 2).with_collectors_max(1);
/// assert_eq!(household.head_age_min, None); // a child may be the head
/// ```
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
#[non_exhaustive]
pub struct RoleRules {
    /// The fewest heads on any day on which there are members.
    pub heads_min: usize,
    /// The most heads. 0: such units have none.
    pub heads_max: Option<usize>,
    /// The age, in completed years, from which on a person may be a head.
    /// `None`: from birth on.
    /// Whoever may be old enough is.
    pub head_age_min: Option<u16>,
    /// The most collectors.
    pub collectors_max: Option<usize>,
    /// The most members.
    pub members_max: Option<usize>,
    /// The roles that there are. `None`: any.
    pub roles: Option<BTreeSet<Role>>,
}

impl RoleRules {
    /// Anything goes.
    #[must_use]
    pub fn any() -> Self {
        Self::default()
    }

    /// The same, with `min` to `max` heads.
    #[must_use]
    pub const fn with_heads(mut self, min: usize, max: usize) -> Self {
        self.heads_min = min;
        self.heads_max = Some(max);
        self
    }

    /// The same, with heads certainly younger than `years` refused.
    #[must_use]
    pub const fn with_head_age_min(mut self, years: u16) -> Self {
        self.head_age_min = Some(years);
        self
    }

    /// The same, with at most `max` collectors.
    #[must_use]
    pub const fn with_collectors_max(mut self, max: usize) -> Self {
        self.collectors_max = Some(max);
        self
    }

    /// The same, with at most `max` members.
    #[must_use]
    pub const fn with_members_max(mut self, max: usize) -> Self {
        self.members_max = Some(max);
        self
    }

    /// The same, with these roles and no others.
    #[must_use]
    pub fn with_roles(mut self, roles: impl IntoIterator<Item = Role>) -> Self {
        self.roles = Some(roles.into_iter().collect());
        self
    }

    /// Checks the members of one unit on one day.
    ///
    /// # Errors
    ///
    /// The first rule that is broken.
    pub fn check(&self, members: &[Member<'_>], day: NaiveDate) -> Result<(), BrokenRule> {
        let over = |count: usize, max: Option<usize>| max.is_some_and(|max| count > max);
        let with = |role: &Role| members.iter().filter(|m| m.said.has(role)).count();
        let heads = with(&Role::HEAD);
        if !members.is_empty() && heads < self.heads_min {
            return Err(BrokenRule::TooFewHeads);
        }
        if over(heads, self.heads_max) {
            return Err(BrokenRule::TooManyHeads);
        }
        if over(with(&Role::COLLECTOR), self.collectors_max) {
            return Err(BrokenRule::TooManyCollectors);
        }
        if over(members.len(), self.members_max) {
            return Err(BrokenRule::TooManyMembers);
        }
        let too_young = |member: &Member<'_>| {
            let (Some(min), Some(born)) = (self.head_age_min, member.born) else {
                return false;
            };
            // Not born yet is as certain as too young.
            born.age_on(day)
                .is_none_or(|age| age.at_least(min) == Some(false))
        };
        if members
            .iter()
            .any(|m| m.said.has(&Role::HEAD) && too_young(m))
        {
            return Err(BrokenRule::HeadTooYoung);
        }
        let allowed = |role| self.roles.as_ref().is_none_or(|roles| roles.contains(role));
        if !members.iter().flat_map(|m| &m.said.roles).all(allowed) {
            return Err(BrokenRule::RoleNotAllowed);
        }
        Ok(())
    }
}

/// A member, as the rules look at them.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Member<'a> {
    /// What is said of the membership.
    pub said: &'a NewMembership,
    /// When the member was born, if that was stated.
    pub born: Option<StatedDate>,
}

impl<'a> Member<'a> {
    /// A member born on `born`.
    #[must_use]
    pub const fn new(said: &'a NewMembership, born: Option<StatedDate>) -> Self {
        Self { said, born }
    }
}

/// A rule about the members of a unit that would not be kept.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BrokenRule {
    /// Fewer heads than the rules ask for.
    #[error("would have too few heads")]
    TooFewHeads,
    /// More heads than the rules allow.
    #[error("would have too many heads")]
    TooManyHeads,
    /// A head who is certainly too young.
    #[error("would have a head who is too young by the country's rules")]
    HeadTooYoung,
    /// More collectors than the rules allow.
    #[error("would have too many collectors")]
    TooManyCollectors,
    /// More members than the rules allow.
    #[error("would have too many members")]
    TooManyMembers,
    /// A role that such units do not have.
    #[error("would have a role that such units do not have")]
    RoleNotAllowed,
    /// One person would be a member twice on one day. No rules allow that.
    #[error("would have one person as a member twice on one day")]
    MemberTwice,
}

/// Checks one unit on every day of `touched` on which something changes.
///
/// `kinds` says which kind the unit is from which day on; before the first it
/// is the first. The same function decides in every store, and finds out
/// where a register that was filled under other rules departs from these.
///
/// # Errors
///
/// The first day on which a rule is broken, and the rule.
pub fn check_unit(
    rules: &Rules,
    kinds: &[(NaiveDate, UnitKind)],
    members: &[Member<'_>],
    touched: &[Validity],
) -> Result<(), (NaiveDate, BrokenRule)> {
    let mut days: BTreeSet<NaiveDate> = touched.iter().map(Validity::from).collect();
    let turns = members
        .iter()
        .flat_map(|m| {
            let validity = m.said.validity;
            [
                Some(validity.from()),
                validity.to().and_then(|to| to.succ_opt()),
            ]
        })
        .flatten()
        .chain(kinds.iter().map(|(from, _)| *from));
    days.extend(turns.filter(|day| touched.iter().any(|t| t.holds_on(*day))));
    for day in days {
        let present: Vec<Member<'_>> = members
            .iter()
            .filter(|m| m.said.validity.holds_on(day))
            .copied()
            .collect();
        let mut people = HashSet::new();
        if !present.iter().all(|m| people.insert(m.said.person)) {
            return Err((day, BrokenRule::MemberTwice));
        }
        let kind = kinds
            .iter()
            .rev()
            .find(|(from, _)| *from <= day)
            .or_else(|| kinds.first())
            .map(|(_, kind)| kind);
        if let Some(rules) = kind.and_then(|kind| rules.roles.get(kind)) {
            rules.check(&present, day).map_err(|rule| (day, rule))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use solidarity_core::{PersonId, UnitId};

    use super::*;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    fn member(roles: &[Role], from: NaiveDate, to: Option<NaiveDate>) -> NewMembership {
        let mut said = NewMembership::new(
            UnitId::generate(),
            PersonId::generate(),
            Validity::new(from, to).unwrap(),
        );
        said.roles = roles.iter().cloned().collect();
        said
    }

    /// What the rules say of members with these roles and these birth dates,
    /// on 1 March 2026.
    fn verdict(rules: &RoleRules, members: &[(&[Role], Option<&str>)]) -> Option<BrokenRule> {
        let on = day(2026, 3, 1);
        let said: Vec<_> = members
            .iter()
            .map(|(roles, _)| member(roles, on, None))
            .collect();
        let members: Vec<_> = said
            .iter()
            .zip(members)
            .map(|(said, (_, born))| Member::new(said, born.map(|b| b.parse().unwrap())))
            .collect();
        rules.check(&members, on).err()
    }

    #[test]
    fn every_rule_holds_to_the_one() {
        use BrokenRule::*;
        let (head, collector, none): (&[Role], &[Role], &[Role]) =
            (&[Role::HEAD], &[Role::COLLECTOR], &[]);
        let any = RoleRules::any();
        let joint = RoleRules::any().with_heads(1, 2);
        let headless = RoleRules::any().with_heads(0, 0);
        let adult = RoleRules::any().with_head_age_min(18);
        let one_collector = RoleRules::any().with_collectors_max(1);
        let single = RoleRules::any().with_members_max(1);
        let only_heads = RoleRules::any().with_roles([Role::HEAD]);
        for (n, (rules, members, expected)) in [
            (&any, vec![], None),
            (
                &any,
                vec![(head, Some("2020")), (head, None), (head, None)],
                None,
            ),
            (&joint, vec![], None),
            (&joint, vec![(none, None)], Some(TooFewHeads)),
            (&joint, vec![(head, None)], None),
            (&joint, vec![(head, None); 2], None),
            (&joint, vec![(head, None); 3], Some(TooManyHeads)),
            (&headless, vec![(none, None)], None),
            (&headless, vec![(head, None)], Some(TooManyHeads)),
            (&adult, vec![(head, Some("2008-03-01"))], None),
            (&adult, vec![(head, Some("2008-03-02"))], Some(HeadTooYoung)),
            (&adult, vec![(head, Some("2008"))], None),
            (&adult, vec![(head, None)], None),
            (&adult, vec![(head, Some("2027"))], Some(HeadTooYoung)),
            (&adult, vec![(none, Some("2020"))], None),
            (&one_collector, vec![(collector, None), (head, None)], None),
            (
                &one_collector,
                vec![(collector, None); 2],
                Some(TooManyCollectors),
            ),
            (&single, vec![(none, None)], None),
            (&single, vec![(none, None); 2], Some(TooManyMembers)),
            (&only_heads, vec![(head, None), (none, None)], None),
            (&only_heads, vec![(collector, None)], Some(RoleNotAllowed)),
        ]
        .into_iter()
        .enumerate()
        {
            assert_eq!(verdict(rules, &members), expected, "case {n}");
        }
    }

    #[test]
    fn only_the_days_touched_are_checked() {
        let mut rules = Rules::default();
        rules
            .roles
            .insert(UnitKind::HOUSEHOLD, RoleRules::any().with_heads(1, 1));
        let kinds = [(day(2020, 1, 1), UnitKind::HOUSEHOLD)];
        let early = member(&[], day(2020, 1, 1), Some(day(2020, 12, 31)));
        let head = member(&[Role::HEAD], day(2021, 1, 1), Some(day(2021, 6, 30)));
        let rest = member(&[], day(2021, 1, 1), None);
        let members = [
            Member::new(&early, None),
            Member::new(&head, None),
            Member::new(&rest, None),
        ];
        let check = |from, to| {
            check_unit(
                &rules,
                &kinds,
                &members,
                &[Validity::new(from, to).unwrap()],
            )
        };
        assert_eq!(check(day(2021, 1, 1), Some(day(2021, 6, 30))), Ok(()));
        // The head leaves on the last of June; nobody follows.
        assert_eq!(
            check(day(2021, 1, 1), None),
            Err((day(2021, 7, 1), BrokenRule::TooFewHeads))
        );
        assert_eq!(
            check(day(2020, 5, 1), Some(day(2020, 5, 1))),
            Err((day(2020, 5, 1), BrokenRule::TooFewHeads))
        );
    }

    #[test]
    fn nobody_is_a_member_twice_on_a_day() {
        let one = member(&[], day(2021, 1, 1), Some(day(2021, 6, 30)));
        let mut two = one.clone();
        let check = |one: &NewMembership, two: &NewMembership| {
            let members = [Member::new(one, None), Member::new(two, None)];
            check_unit(&Rules::default(), &[], &members, &[two.validity])
        };
        assert_eq!(
            check(&one, &two),
            Err((day(2021, 1, 1), BrokenRule::MemberTwice))
        );
        two.validity = Validity::since(day(2021, 6, 30));
        assert_eq!(
            check(&one, &two),
            Err((day(2021, 6, 30), BrokenRule::MemberTwice))
        );
        two.validity = Validity::since(day(2021, 7, 1));
        assert_eq!(check(&one, &two), Ok(()));
    }

    #[test]
    fn a_kind_has_its_rules_from_the_day_on_which_the_unit_is_of_it() {
        let mut rules = Rules::default();
        rules
            .roles
            .insert(UnitKind::HOUSEHOLD, RoleRules::any().with_heads(1, 1));
        let kinds = [
            (day(2020, 1, 1), UnitKind::UNKNOWN),
            (day(2021, 1, 1), UnitKind::HOUSEHOLD),
        ];
        let said = member(&[], day(2019, 1, 1), None);
        assert_eq!(
            check_unit(
                &rules,
                &kinds,
                &[Member::new(&said, None)],
                &[said.validity]
            ),
            Err((day(2021, 1, 1), BrokenRule::TooFewHeads))
        );
    }
}
