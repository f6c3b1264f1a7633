/// [`Group`], of members as its register knows them.
macro_rules! group {
    ($(#[$meta:meta])* $name:ident of $member:ty) => {
        super::object! {
            $(#[$meta])*
            $name {
                /// By what the group is known.
                group_identifier: [super::Identifier],
                /// Whether it is a household or a family.
                group_type: crate::codes::AssistanceUnit,
                /// The place where it lives.
                geographical_location: super::Place,
                /// Its addresses.
                address: [super::Address],
                /// Whether where it lives is given as a place, not as an
                /// address.
                place_address: bool,
                /// How poor it is, by `poverty_score_type`.
                poverty_score: crate::Decimal,
                /// By what `poverty_score` is measured.
                poverty_score_type: String,
                /// Its head.
                group_head_info: $member,
                /// How many members it has.
                group_size: u32,
                /// Its members.
                member_list: [$member],
                /// When it was registered.
                registration_date: crate::Date,
                /// When the record last changed.
                last_updated: crate::Date,
                /// What else is known.
                additional_attributes: [crate::json::Object],
            }
        }
    };
}
pub(super) use group;

group! {
    /// A household, a family or another group of people
    /// (`core/v1/data/Group.jsonld`).
    ///
    /// ```
    /// use solidarity_dci::codes::AssistanceUnit;
    /// use solidarity_dci::Decimal;
    /// use solidarity_dci::data::{Group, Member};
    ///
    /// let mut group = Group::default();
    /// group.group_type = Some(AssistanceUnit::Household);
    /// group.poverty_score = Some(Decimal::new("4.5")?);
    /// group.group_size = Some(2);
    /// group.member_list = vec![Member::default(), Member::default()];
    /// assert_eq!(
    ///     serde_json::to_value(&group).unwrap(),
    ///     serde_json::json!({
    ///         "group_type": "2", "poverty_score": 4.5, "group_size": 2, "member_list": [{}, {}],
    ///     })
    /// );
    /// # Ok::<(), solidarity_dci::Rule>(())
    /// ```
    Group of super::Member
}
