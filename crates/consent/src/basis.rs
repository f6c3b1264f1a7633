use serde::{Deserialize, Serialize};

/// Why personal data may be used at all: the six lawful bases of the GDPR
/// (Article 6(1)), whose codes the GovStack consent block shares.
///
/// Each stands by itself. Consent is one of six, asked where nothing else
/// carries the use and the person is free to say no: a register does not ask
/// consent for what it does by law, because a no would change nothing.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "whether consent is needed must never fall under a wildcard"
)]
pub enum Basis {
    /// A task in the public interest, or official authority, laid down by law.
    PublicTask,
    /// A duty that the law puts on the controller.
    LegalObligation,
    /// Somebody's life or bodily safety.
    VitalInterest,
    /// A contract with the person.
    Contract,
    /// An interest that outweighs the person's, by a written balancing test.
    /// Not open to public authorities in the performance of their tasks
    /// (Article 6(1), last sentence): [`Policy::new`](crate::Policy::new)
    /// refuses it to them.
    LegitimateInterest {
        /// Where the balancing test is to be read.
        balancing_test: String,
    },
    /// The person said yes.
    Consent,
}

impl Basis {
    /// The code of the basis, as the GovStack consent block writes it.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::PublicTask => "public_task",
            Self::LegalObligation => "legal_obligation",
            Self::VitalInterest => "vital_interest",
            Self::Contract => "contract",
            Self::LegitimateInterest { .. } => "legitimate_interest",
            Self::Consent => "consent",
        }
    }

    /// Whether the use rests on the person's yes.
    #[must_use]
    pub const fn is_consent(&self) -> bool {
        matches!(self, Self::Consent)
    }
}

solidarity_core::code! {
    /// A category of data by which people are harmed when it is known: the
    /// country's own list. The constants are the categories of GDPR Article
    /// 9(1).
    pub struct SpecialCategory;
}

impl SpecialCategory {
    /// Health, disability included.
    pub const HEALTH: Self = Self::from_static("health");
    /// Racial or ethnic origin.
    pub const ETHNICITY: Self = Self::from_static("ethnicity");
    /// Religious or philosophical belief.
    pub const RELIGION: Self = Self::from_static("religion");
    /// Political opinion.
    pub const POLITICS: Self = Self::from_static("politics");
    /// Membership of a trade union.
    pub const UNION: Self = Self::from_static("trade-union");
    /// Fingerprints, irises, faces, voices, used to tell people apart.
    pub const BIOMETRICS: Self = Self::from_static("biometrics");
    /// Genetic data.
    pub const GENETICS: Self = Self::from_static("genetics");
    /// Sex life or sexual orientation.
    pub const SEXUALITY: Self = Self::from_static("sexuality");
}

/// On what condition a special category may be used, beside the basis: those
/// of GDPR Article 9(2), (a) to (j).
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "whether explicit consent is needed must never fall under a wildcard"
)]
pub enum SpecialCondition {
    /// (a) The person said yes to exactly this, in so many words. Needed also
    /// where the basis is another than consent.
    ExplicitConsent,
    /// (b) The law of employment and social protection.
    SocialProtectionLaw,
    /// (c) Life or bodily safety of someone who cannot consent.
    VitalInterest,
    /// (d) A body that the person belongs to, within it.
    OwnBody,
    /// (e) The person made it public.
    MadePublic,
    /// (f) Legal claims and courts.
    LegalClaims,
    /// (g) Substantial public interest, by law.
    SubstantialPublicInterest,
    /// (h) Health or social care.
    Care,
    /// (i) Public health.
    PublicHealth,
    /// (j) Archives, research and statistics.
    Archives,
}

/// The condition under which a statement covers a special category.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Condition {
    /// Which condition.
    pub kind: SpecialCondition,
    /// The law or decision that says so.
    pub citation: String,
}

impl Condition {
    /// The condition `kind`, as `citation` has it.
    pub fn new(kind: SpecialCondition, citation: impl Into<String>) -> Self {
        Self {
            kind,
            citation: citation.into(),
        }
    }
}

/// What a use owes to the person whose data are used.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a duty must never fall under a wildcard"
)]
pub enum Notify {
    /// Nothing beyond the published register of uses.
    Published,
    /// They are told before the data go.
    Before,
    /// They are told once the data have gone.
    After,
}
