use std::collections::BTreeMap;

use solidarity_core::limits::{LINE_MAX_BYTES, NAME_MAX_BYTES};
use solidarity_core::{Invalid, PersonId, Pii, StatedDate, check_text};

use crate::{ChallengeId, Means, MeansSet};

solidarity_core::id! {
    /// One claim to be somebody, however often it is sent.
    pub struct ClaimId;
}

solidarity_core::code! {
    /// What a fact is about: `name`, `birth_date`, `mother_name`.
    pub struct FactName;
}

impl FactName {
    /// The person's whole name.
    pub const NAME: Self = Self::from_static("name");
    /// When they were born.
    pub const BIRTH_DATE: Self = Self::from_static("birth_date");
}

/// A fact about a person, as stated or as a source holds it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Fact {
    /// A name, in any script, of one word or many.
    Name(Pii<String>),
    /// A date, as far as it is known.
    Date(Pii<StatedDate>),
    /// Anything that is the same or not: a number, a place, a code.
    Text(Pii<String>),
}

/// Facts about one person, by what they are about.
pub type Facts = BTreeMap<FactName, Fact>;

/// The most facts in one claim.
pub const FACTS_MAX: usize = 32;

/// Somebody says who they are, and brings what they have to show it.
///
/// It holds personal data, and is never stored or written out. Its id makes it
/// safe to send again: the same claim is counted once.
///
/// ```
/// use solidarity_core::PersonId;
/// use solidarity_identity::{Claim, ClaimId, Means};
///
/// let claim = Claim::new(ClaimId::generate(), PersonId::generate())
///     .with_name("Amina Yusuf")
///     .with_birth_date("1984".parse()?)
///     .lacking(Means::Document);
/// assert!(!format!("{claim:?}").contains("Amina"));
/// # Ok::<(), solidarity_core::Invalid>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Claim {
    /// Names the claim.
    pub id: ClaimId,
    /// Who they say they are.
    pub person: PersonId,
    /// What they state about themself.
    pub facts: Facts,
    /// The code that they read out, and the challenge that it answers.
    pub code: Option<(ChallengeId, Pii<String>)>,
    /// What they say that they do not have. Nobody asks them for it.
    pub lacks: MeansSet,
}

impl Claim {
    /// Somebody says that they are `person`, and nothing else yet.
    #[must_use]
    pub const fn new(id: ClaimId, person: PersonId) -> Self {
        Self {
            id,
            person,
            facts: Facts::new(),
            code: None,
            lacks: MeansSet::nothing(),
        }
    }

    /// The same, and they state their name.
    #[must_use]
    pub fn with_name(self, name: impl Into<String>) -> Self {
        self.with_fact(FactName::NAME, Fact::Name(Pii::new(name.into())))
    }

    /// The same, and they state when they were born.
    #[must_use]
    pub fn with_birth_date(self, born: StatedDate) -> Self {
        self.with_fact(FactName::BIRTH_DATE, Fact::Date(Pii::new(born)))
    }

    /// The same, and they state `fact`.
    #[must_use]
    pub fn with_fact(mut self, name: FactName, fact: Fact) -> Self {
        self.facts.insert(name, fact);
        self
    }

    /// The same, and they read out `code`, in answer to `challenge`.
    #[must_use]
    pub fn with_code(mut self, challenge: ChallengeId, code: impl Into<String>) -> Self {
        self.code = Some((challenge, Pii::new(code.into())));
        self
    }

    /// The same, and they have no `means`.
    #[must_use]
    pub fn lacking(mut self, means: Means) -> Self {
        self.lacks = self.lacks.and(means);
        self
    }

    /// Checks the claim's limits. Every verifier does.
    ///
    /// # Errors
    ///
    /// [`Invalid`] for more than [`FACTS_MAX`] facts, or a text that is blank,
    /// too long or holds control characters.
    pub fn check(&self) -> Result<(), Invalid> {
        if self.facts.len() > FACTS_MAX {
            return Err(Invalid::new(
                "facts",
                format!("must be at most {FACTS_MAX}"),
            ));
        }
        for (position, fact) in self.facts.values().enumerate() {
            match fact {
                Fact::Name(name) => check_text("name", name.expose(), NAME_MAX_BYTES),
                Fact::Text(text) => check_text("fact", text.expose(), LINE_MAX_BYTES),
                Fact::Date(_) => Ok(()),
            }
            .map_err(|invalid| invalid.at(position))?;
        }
        match &self.code {
            Some((_, code)) if code.expose().len() > LINE_MAX_BYTES => Err(Invalid::new(
                "code",
                format!("must be at most {LINE_MAX_BYTES} bytes"),
            )),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim() -> Claim {
        Claim::new(ClaimId::generate(), PersonId::generate())
    }

    #[test]
    fn every_limit_holds_to_the_last_one() {
        for (length, fits) in [
            (NAME_MAX_BYTES - 1, true),
            (NAME_MAX_BYTES, true),
            (NAME_MAX_BYTES + 1, false),
        ] {
            let claim = claim().with_name("n".repeat(length));
            assert_eq!(claim.check().is_ok(), fits, "{length}");
        }
        for (length, fits) in [
            (LINE_MAX_BYTES - 1, true),
            (LINE_MAX_BYTES, true),
            (LINE_MAX_BYTES + 1, false),
        ] {
            let text = Fact::Text(Pii::new("1".repeat(length)));
            let with_fact = claim().with_fact(FactName::from_static("number"), text);
            assert_eq!(with_fact.check().is_ok(), fits, "{length}");
            let with_code = claim().with_code(ChallengeId::generate(), "1".repeat(length));
            assert_eq!(with_code.check().is_ok(), fits, "{length}");
        }
        for (count, fits) in [
            (FACTS_MAX - 1, true),
            (FACTS_MAX, true),
            (FACTS_MAX + 1, false),
        ] {
            let many = (0..count).fold(claim(), |claim, n| {
                let name = FactName::new(format!("fact-{n}")).unwrap();
                claim.with_fact(name, Fact::Text("x".into()))
            });
            assert_eq!(many.check().is_ok(), fits, "{count}");
        }
    }

    #[test]
    fn names_of_any_script_and_length_are_taken_and_blank_ones_are_not() {
        for name in ["Ọ", "አማን", "محمد", "O'Brien-Śmith", "李", "N'"] {
            assert!(claim().with_name(name).check().is_ok(), "{name}");
        }
        for blank in ["", "  ", "a\u{0}"] {
            assert!(claim().with_name(blank).check().is_err(), "{blank:?}");
        }
    }
}
