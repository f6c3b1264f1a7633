//! The columns that a mapping names, as TOML has them.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use chrono::NaiveDate;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde::de::value::{Error as Never, StrDeserializer};
use solidarity_core::{Calendar, Currency, Invalid, Language, PlaceLevel};

use super::date::DateFormat;
use crate::{AttributeKind, AttributeName, Choice, IdentifierScheme, NameKind};

/// A column whose words stand for codes.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Coded {
    pub(super) column: Option<String>,
    /// What each word stands for. If there is none, a word is the code.
    #[serde(default)]
    pub(super) values: BTreeMap<String, String>,
    /// The code where nothing was said.
    pub(super) otherwise: Option<String>,
}

/// A column that says yes or no.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Flag {
    pub(super) column: String,
    #[serde(default)]
    pub(super) values: BTreeMap<String, bool>,
}

/// A column that says a certain word.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct When {
    pub(super) column: String,
    pub(super) equals: String,
}

/// One column, or several whose words are joined.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Columns {
    One(String),
    Joined(Vec<String>),
}

impl Columns {
    pub(super) fn names(&self) -> &[String] {
        match self {
            Self::One(column) => std::slice::from_ref(column),
            Self::Joined(columns) => columns,
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonColumns {
    pub(super) id: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NameColumns {
    pub(super) column: Columns,
    #[serde(default = "legal")]
    pub(super) kind: NameKind,
    pub(super) given: Option<Columns>,
    pub(super) family: Option<Columns>,
    pub(super) patronymic: Option<Columns>,
    pub(super) other: Option<Columns>,
}

const fn legal() -> NameKind {
    NameKind::LEGAL
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BirthColumns {
    pub(super) column: String,
    pub(super) formats: Vec<DateFormat>,
    pub(super) age_on: Option<NaiveDate>,
    #[serde(default)]
    pub(super) calendar: Coded,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PhoneColumns {
    pub(super) column: String,
    pub(super) shared: Option<Flag>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DocumentColumns {
    pub(super) column: String,
    pub(super) scheme: IdentifierScheme,
    #[serde(default)]
    pub(super) unique: bool,
    pub(super) when: Option<When>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AddressColumns {
    pub(super) lines: Vec<Columns>,
    pub(super) language: Option<Language>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlaceColumns {
    #[serde(default)]
    pub(super) country: String,
    #[serde(default = "both")]
    pub(super) of: BTreeSet<Of>,
    pub(super) levels: Vec<LevelColumn>,
    pub(super) no_fixed_place: Option<When>,
}

fn both() -> BTreeSet<Of> {
    BTreeSet::from([Of::Person, Of::Unit])
}

/// Of whom something is said.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "snake_case")]
pub(super) enum Of {
    #[default]
    Person,
    Unit,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LevelColumn {
    pub(super) level: PlaceLevel,
    pub(super) column: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ContactColumns {
    pub(super) channel: Coded,
    pub(super) language: Coded,
    pub(super) form: Coded,
    pub(super) address: Option<String>,
    pub(super) shared: Option<Flag>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UnitColumns {
    pub(super) id: Option<String>,
    #[serde(default)]
    pub(super) kind: Coded,
    pub(super) label: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MembershipColumns {
    #[serde(default)]
    pub(super) role: Coded,
    pub(super) collector: Option<Flag>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AttributeColumn {
    pub(super) name: AttributeName,
    pub(super) column: String,
    #[serde(default)]
    pub(super) of: Of,
    #[serde(rename = "type")]
    pub(super) kind: AttributeType,
    pub(super) currency: Option<Currency>,
    #[serde(default)]
    pub(super) non_negative: bool,
    #[serde(default)]
    pub(super) values: BTreeMap<String, String>,
}

/// What a cell of an attribute's column is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(super) enum AttributeType {
    Text,
    Integer,
    Decimal,
    /// A decimal with the currency's decimals at most, never below zero.
    Money,
    Bool,
    /// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    Date,
    Choice,
}

impl Coded {
    /// Checks that every code that the mapping itself names is one.
    pub(super) fn check(
        &self,
        field: &'static str,
        is_code: impl Fn(&str) -> bool,
    ) -> Result<(), Invalid> {
        if self
            .values
            .values()
            .chain(&self.otherwise)
            .all(|code| is_code(code))
        {
            Ok(())
        } else {
            Err(Invalid::new(field, "must stand for codes that there are"))
        }
    }
}

impl AttributeColumn {
    /// What the register's rules declare of it.
    pub(super) fn declared(&self) -> AttributeKind {
        match self.kind {
            AttributeType::Text => AttributeKind::Text,
            AttributeType::Integer => AttributeKind::Integer,
            AttributeType::Decimal | AttributeType::Money => AttributeKind::Decimal,
            AttributeType::Bool => AttributeKind::Bool,
            AttributeType::Date => AttributeKind::Date,
            AttributeType::Choice => AttributeKind::Choice(
                self.values
                    .values()
                    .filter_map(|code| Choice::new(code.as_str()).ok())
                    .collect(),
            ),
        }
    }

    pub(super) fn check(&self) -> Result<(), Invalid> {
        let invalid = |rule| Err(Invalid::new(format!("attributes.{}", self.name), rule));
        let money = self.kind == AttributeType::Money;
        if money != self.currency.is_some() {
            return invalid("must have a currency if it is money, and only then");
        }
        let number = matches!(self.kind, AttributeType::Integer | AttributeType::Decimal);
        if self.non_negative && !number {
            return invalid("must be a number to be non-negative; money always is");
        }
        let codes = self.values.values();
        let fits = match self.kind {
            AttributeType::Bool => codes.clone().all(|code| bool::from_str(code).is_ok()),
            AttributeType::Choice => {
                !self.values.is_empty()
                    && codes.clone().all(|code| Choice::new(code.as_str()).is_ok())
            }
            _ => self.values.is_empty(),
        };
        if fits {
            Ok(())
        } else {
            invalid(
                "must have values that are `true` or `false` if it is a bool, codes if it is a choice, and none otherwise",
            )
        }
    }
}

/// The `T` that is written `code`.
pub(super) fn word<T: DeserializeOwned>(code: &str) -> Option<T> {
    T::deserialize(StrDeserializer::<Never>::new(code)).ok()
}

/// The calendar that is written `code`; `Some(None)` is the Gregorian.
pub(super) fn calendar(code: &str) -> Option<Option<Calendar>> {
    match code {
        "gregorian" => Some(None),
        code => word(code).map(Some),
    }
}
