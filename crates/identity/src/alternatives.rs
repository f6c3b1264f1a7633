use serde::{Deserialize, Serialize};
use solidarity_core::Invalid;

use crate::Method;

/// What a person who is not verified can do next, the easiest first. There is
/// always something: it cannot be made empty.
///
/// ```
/// use solidarity_identity::{Alternatives, Method};
///
/// let ways = Alternatives::new(Method::DOCUMENT_SEEN).or(Method::INTRODUCER);
/// assert_eq!(ways.first(), &Method::DOCUMENT_SEEN);
/// assert!(Alternatives::try_from(Vec::new()).is_err());
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(try_from = "Vec<Method>", into = "Vec<Method>")]
pub struct Alternatives {
    first: Method,
    rest: Vec<Method>,
}

impl Alternatives {
    /// Only `method`.
    #[must_use]
    pub const fn new(method: Method) -> Self {
        Self {
            first: method,
            rest: Vec::new(),
        }
    }

    /// The same, and then `method`, if it is not there yet.
    #[must_use]
    pub fn or(mut self, method: Method) -> Self {
        if !self.contains(&method) {
            self.rest.push(method);
        }
        self
    }

    /// The easiest.
    #[must_use]
    pub const fn first(&self) -> &Method {
        &self.first
    }

    /// All of them, the easiest first.
    pub fn iter(&self) -> impl Iterator<Item = &Method> {
        std::iter::once(&self.first).chain(&self.rest)
    }

    /// Whether `method` is one of them.
    #[must_use]
    pub fn contains(&self, method: &Method) -> bool {
        self.iter().any(|m| m == method)
    }
}

impl Default for Alternatives {
    /// What always remains: an officer face to face, or an exception.
    fn default() -> Self {
        Self::new(Method::IN_PERSON).or(Method::EXCEPTION)
    }
}

impl TryFrom<Vec<Method>> for Alternatives {
    type Error = Invalid;

    fn try_from(methods: Vec<Method>) -> Result<Self, Invalid> {
        let mut methods = methods.into_iter();
        let first = methods
            .next()
            .ok_or_else(|| Invalid::new("alternatives", "must not be empty"))?;
        Ok(methods.fold(Self::new(first), Self::or))
    }
}

impl From<Alternatives> for Vec<Method> {
    fn from(alternatives: Alternatives) -> Self {
        let mut all = vec![alternatives.first];
        all.extend(alternatives.rest);
        all
    }
}
