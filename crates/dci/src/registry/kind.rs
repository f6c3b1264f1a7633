use std::fmt;

use super::endpoints::{COMMON, Endpoint, OF_DR, OF_IBR};
use super::{NotifyData, Records, SearchCriteria, SearchData, SubscribeCriteria, TxnType};
use crate::query::QueryType;
use crate::{Fault, Rule, Term};

/// A kind of register, and what its own OpenAPI lists of December 2025.
///
/// The checks are for whoever writes a message: what other registers take
/// may be no message to this one.
///
/// ```
/// use solidarity_dci::query::{Query, QueryType};
/// use solidarity_dci::registry::{Registry, ResponseEntity, SearchCriteria};
///
/// let mut criteria = SearchCriteria::new(Query::id("UIN", "TEST-001")?);
/// criteria.response_entity = Some(ResponseEntity::Group);
/// assert!(Registry::Social.check_search(&criteria).is_ok());
///
/// let fault = Registry::Farmer.check_search(&criteria).unwrap_err();
/// assert_eq!(fault.to_string(), "`response_entity` must be what the field takes");
/// assert!(!Registry::Social.query_types().contains(&QueryType::GraphQl));
/// # Ok::<(), solidarity_dci::Rule>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Registry {
    /// The social registry (SR).
    Social,
    /// Civil registration and vital statistics (CRVS).
    Civil,
    /// The integrated beneficiary registry (IBR).
    Beneficiary,
    /// The disability registry (DR).
    Disability,
    /// The farmer registry (FR).
    Farmer,
}

/// What partners write for a kind of register, without its prefix and in
/// small letters.
const ALIASES: &[(&str, Registry)] = &[
    ("social", Registry::Social),
    ("social_registry", Registry::Social),
    ("sr", Registry::Social),
    ("civil", Registry::Civil),
    ("civil_registry", Registry::Civil),
    ("crvs", Registry::Civil),
    ("birth", Registry::Civil),
    ("death", Registry::Civil),
    ("marriage", Registry::Civil),
    ("ibr", Registry::Beneficiary),
    ("beneficiary_registry", Registry::Beneficiary),
    ("integrated_beneficiary_registry", Registry::Beneficiary),
    ("dr", Registry::Disability),
    ("disability", Registry::Disability),
    ("disability_registry", Registry::Disability),
    ("fr", Registry::Farmer),
    ("farmer", Registry::Farmer),
    ("farmer_registry", Registry::Farmer),
];

/// What partners put before it.
const PREFIXES: &[&str] = &["ns:org:registrytype:", "ocrvs:registry_type:"];

impl Registry {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Social,
        Self::Civil,
        Self::Beneficiary,
        Self::Disability,
        Self::Farmer,
    ];

    /// What the standard writes for it: `ns:org:RegistryType:Social`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Social => "ns:org:RegistryType:Social",
            Self::Civil => "ns:org:RegistryType:Civil",
            Self::Beneficiary => "ns:org:RegistryType:IBR",
            Self::Disability => "ns:org:RegistryType:DR",
            Self::Farmer => "ns:org:RegistryType:FR",
        }
    }

    /// The name of its classes in the standard's URLs
    /// (`…/extensions/social/v1`), and the usual one for `{namespace}` in the
    /// address of a server.
    #[must_use]
    pub const fn namespace(self) -> &'static str {
        match self {
            Self::Social => "social",
            Self::Civil => "crvs",
            Self::Beneficiary => "ibr",
            Self::Disability => "dr",
            Self::Farmer => "fr",
        }
    }

    /// [`as_str`](Self::as_str), for `reg_type`.
    #[must_use]
    pub fn reg_type(self) -> Term {
        Term::fixed(self.as_str())
    }

    /// The register that `reg_type` names, also as partners write it:
    /// `SOCIAL_REGISTRY`, `ocrvs:registry_type:birth`.
    ///
    /// ```
    /// use solidarity_dci::{Term, registry::Registry};
    ///
    /// let of = |text| Registry::of(&Term::new(text).unwrap());
    /// assert_eq!(of("ns:org:RegistryType:Disability"), Some(Registry::Disability));
    /// assert_eq!(of("SOCIAL_REGISTRY"), Some(Registry::Social));
    /// assert_eq!(of("ocrvs:registry_type:birth"), Some(Registry::Civil));
    /// assert_eq!(of("ns:org:RegistryType:unknown"), None);
    /// ```
    #[must_use]
    pub fn of(reg_type: &Term) -> Option<Self> {
        let name = reg_type.as_str().to_ascii_lowercase();
        let mut prefixes = PREFIXES.iter();
        let bare = prefixes
            .find_map(|prefix| name.strip_prefix(prefix))
            .unwrap_or(&name);
        let mut aliases = ALIASES.iter();
        aliases
            .find(|(alias, _)| *alias == bare)
            .map(|(_, registry)| *registry)
    }

    /// The endpoints of the register and of the systems that it answers to.
    #[must_use]
    pub const fn endpoints(self) -> &'static [Endpoint] {
        match self {
            Self::Social | Self::Civil | Self::Farmer => COMMON,
            Self::Beneficiary => OF_IBR,
            Self::Disability => OF_DR,
        }
    }

    /// The languages of its searches. Filters of subscriptions take every
    /// language, in every register.
    #[must_use]
    pub const fn query_types(self) -> &'static [QueryType] {
        use QueryType::{Expression, GraphQl, IdTypeValue, Predicate};
        match self {
            Self::Social | Self::Beneficiary => &[IdTypeValue, Expression, Predicate],
            Self::Civil | Self::Disability | Self::Farmer => {
                &[IdTypeValue, Expression, Predicate, GraphQl]
            }
        }
    }

    /// The kinds of requests whose status it tells. DR tells none.
    #[must_use]
    pub const fn txn_types(self) -> &'static [TxnType] {
        use TxnType::{Receipt, Search, Subscribe, Unsubscribe};
        match self {
            Self::Social | Self::Beneficiary => &[Search, Subscribe, Receipt],
            Self::Civil | Self::Farmer => &[Search, Subscribe, Unsubscribe],
            Self::Disability => &[],
        }
    }

    /// The events of which it tells, spelt as the standard has them; `None`
    /// where it leaves them open.
    #[must_use]
    pub const fn event_types(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Social => Some(&["REGISTER", "NewHouseHoldMember"]),
            Self::Civil => None,
            Self::Beneficiary => Some(&["enrollement", "enrollement_status_change"]),
            Self::Disability | Self::Farmer => Some(&["REGISTER"]),
        }
    }

    /// Checks what is sought against what the register takes.
    ///
    /// # Errors
    ///
    /// [`Fault`] for another register's `reg_type`, a language that it does
    /// not list, and `response_entity` anywhere but in SR.
    pub fn check_search(self, criteria: &SearchCriteria) -> Result<(), Fault> {
        self.check_type(criteria.reg_type.as_ref())?;
        if !self.query_types().contains(&criteria.query_type()) {
            return Err(Fault::field("query_type", Rule::UnknownValue));
        }
        if criteria.response_entity.is_some() && self != Self::Social {
            return Err(Fault::field("response_entity", Rule::NotAccepted));
        }
        Ok(())
    }

    /// Checks what was found against what the register gives.
    ///
    /// # Errors
    ///
    /// [`Fault`] for another register's `reg_type`, for records without their
    /// kind in DR and FR, and for a list of records where the register gives
    /// one (DR) or the other way round.
    pub fn check_data(self, data: &SearchData) -> Result<(), Fault> {
        self.check_type(data.reg_type.as_ref())?;
        let kind_required = matches!(self, Self::Disability | Self::Farmer);
        if kind_required && data.reg_record_type.is_none() {
            return Err(Fault::field("reg_record_type", Rule::Required));
        }
        let one = matches!(data.reg_records, Records::One(_));
        if one != (self == Self::Disability) {
            return Err(Fault::field("reg_records", Rule::WrongType));
        }
        Ok(())
    }

    /// Checks what is subscribed to against what the register tells.
    ///
    /// # Errors
    ///
    /// [`Fault`] for another register's `reg_type`, and for an event of which
    /// it never tells.
    pub fn check_subscription(self, criteria: &SubscribeCriteria) -> Result<(), Fault> {
        self.check_type(criteria.reg_type.as_ref())?;
        self.check_event_type(Some(&criteria.reg_event_type))
    }

    /// Checks what is told against what the register tells.
    ///
    /// # Errors
    ///
    /// [`Fault`] for another register's `reg_type`, an event that it does not
    /// list, and a list of records.
    pub fn check_event(self, data: &NotifyData) -> Result<(), Fault> {
        self.check_type(data.reg_type.as_ref())?;
        self.check_event_type(data.reg_event_type.as_ref())?;
        match data.reg_records {
            Records::One(_) => Ok(()),
            Records::List(_) => Err(Fault::field("reg_records", Rule::WrongType)),
        }
    }

    fn check_type(self, reg_type: Option<&Term>) -> Result<(), Fault> {
        if reg_type.is_some_and(|reg_type| Self::of(reg_type) != Some(self)) {
            return Err(Fault::field("reg_type", Rule::DoesNotFit));
        }
        Ok(())
    }

    fn check_event_type(self, event: Option<&Term>) -> Result<(), Fault> {
        match (event, self.event_types()) {
            (Some(event), Some(listed)) if !listed.contains(&event.as_str()) => {
                Err(Fault::field("reg_event_type", Rule::UnknownValue))
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::json::Object;
    use crate::query::Query;

    fn term(text: &str) -> Term {
        Term::new(text).unwrap()
    }

    #[test]
    fn every_register_knows_its_own_name() {
        for registry in Registry::ALL {
            assert_eq!(Registry::of(&registry.reg_type()), Some(*registry));
            assert_eq!(Registry::of(&term(registry.namespace())), Some(*registry));
            assert_eq!(Term::new(registry.as_str()), Ok(registry.reg_type()));
        }
    }

    #[test]
    fn another_registers_name_does_not_fit() {
        let mut criteria = SearchCriteria::new(Query::id("UIN", "1").unwrap());
        for name in ["ns:org:RegistryType:FR", "ns:org:RegistryType:unknown"] {
            criteria.reg_type = Some(term(name));
            let fault = Registry::Social.check_search(&criteria).unwrap_err();
            assert_eq!(fault.rule(), Rule::DoesNotFit, "{name}");
        }
        assert_eq!(
            Registry::Farmer
                .check_search(&criteria)
                .map_err(|f| f.rule()),
            Err(Rule::DoesNotFit)
        );
    }

    #[test]
    fn graphql_is_not_for_sr_and_ibr() {
        let graphql = json!({
            "query_type": "graphql",
            "query": {"type": "ns:org:QueryType:graphql", "value": {"expression": "{ people }"}},
        });
        let criteria: SearchCriteria = serde_json::from_value(graphql).unwrap();
        for registry in Registry::ALL {
            let refused = matches!(registry, Registry::Social | Registry::Beneficiary);
            assert_eq!(
                registry.check_search(&criteria).is_err(),
                refused,
                "{registry}"
            );
        }
    }

    #[test]
    fn dr_gives_one_record_and_the_others_a_list() {
        for registry in Registry::ALL {
            let one = SearchData::one(term("Person"), Object::default());
            let mut list = SearchData::list(term("Person"), Vec::new());
            let gives_one = *registry == Registry::Disability;
            assert_eq!(registry.check_data(&one).is_ok(), gives_one, "{registry}");
            assert_eq!(registry.check_data(&list).is_ok(), !gives_one, "{registry}");
            list.reg_record_type = None;
            let farmer = *registry == Registry::Farmer;
            assert_eq!(
                registry.check_data(&list).is_err(),
                gives_one || farmer,
                "{registry}"
            );
        }
    }

    #[test]
    fn events_are_those_of_the_register() {
        let event = |name| NotifyData::new(term(name), term("Person"), Object::default());
        for (registry, name, taken) in [
            (Registry::Social, "NewHouseHoldMember", true),
            (Registry::Farmer, "NewHouseHoldMember", false),
            (Registry::Beneficiary, "enrollement", true),
            (Registry::Beneficiary, "enrolment", false),
            (Registry::Civil, "anything", true),
        ] {
            assert_eq!(
                registry.check_event(&event(name)).is_ok(),
                taken,
                "{registry} {name}"
            );
        }
        let mut listed = event("REGISTER");
        listed.reg_records = Records::List(Vec::new());
        assert!(Registry::Social.check_event(&listed).is_err());
    }
}
