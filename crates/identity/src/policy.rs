use serde::{Deserialize, Serialize};
use solidarity_core::Invalid;

use crate::{AssuranceLevel, Conduct, Error, LevelTable, MeansSet, Method, Result};

/// The most steps in a policy.
pub const STEPS_MAX: usize = 16;

/// One method in a [`FallbackPolicy`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Step {
    /// How it is tried.
    pub method: Method,
    /// What it needs of the person.
    pub needs: MeansSet,
    /// Who carries it out.
    pub conduct: Conduct,
}

impl Step {
    /// A known method, with what it is known to need. One that is not known is
    /// taken to need everything, and to be done by a machine: use
    /// [`own`](Self::own) to say better.
    #[must_use]
    pub fn new(method: Method) -> Self {
        let (needs, conduct) = method
            .known()
            .unwrap_or_else(|| (MeansSet::everything(), Conduct::Machine));
        Self {
            method,
            needs,
            conduct,
        }
    }

    /// A country's own method. What a known one needs cannot be said
    /// otherwise: the policy is refused.
    #[must_use]
    pub const fn own(method: Method, needs: MeansSet, conduct: Conduct) -> Self {
        Self {
            method,
            needs,
            conduct,
        }
    }
}

/// The methods that are tried to verify somebody, in order, and the level that
/// is asked for.
///
/// A policy that leaves people out cannot be made: whatever a person lacks, a
/// telephone, a document, fingerprints or all of it, the steps that remain to
/// them reach the level asked for or end in an exception, and the last step is
/// done by people. This also holds for a policy that is read from a file.
///
/// ```
/// use solidarity_identity::{Error, FallbackPolicy, Means, Method};
///
/// let refused = FallbackPolicy::of([Method::BIOMETRIC, Method::ONE_TIME_CODE]);
/// let Err(Error::LeavesOut { lacking, .. }) = refused else { panic!() };
/// assert_eq!(lacking.to_string(), "phone, fingerprints");
///
/// let policy = FallbackPolicy::of([Method::BIOMETRIC, Method::ONE_TIME_CODE, Method::EXCEPTION])?;
/// let lacks = [Means::Fingerprints, Means::Phone].into_iter().collect();
/// assert_eq!(policy.path_for(&lacks), [&Method::EXCEPTION]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct FallbackPolicy {
    // INVARIANT: `check` passes.
    steps: Vec<Step>,
    goal: AssuranceLevel,
    levels: LevelTable,
}

#[derive(Deserialize, Serialize)]
struct Wire {
    steps: Vec<Step>,
    #[serde(default = "lowest")]
    goal: AssuranceLevel,
    #[serde(default)]
    levels: LevelTable,
}

const fn lowest() -> AssuranceLevel {
    AssuranceLevel::Low
}

impl FallbackPolicy {
    /// The known `methods` in order, until one succeeds.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn of(methods: impl IntoIterator<Item = Method>) -> Result<Self> {
        let steps = methods.into_iter().map(Step::new).collect();
        Self::new(steps, AssuranceLevel::Low, LevelTable::default())
    }

    /// `steps` in order, until what they found together reaches `goal` by
    /// `levels`.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`] for no steps, more than [`STEPS_MAX`], a method
    ///   twice, or a known method that says it needs something else.
    /// - [`Error::LeavesOut`] if there are people for whom no path reaches the
    ///   goal, naming what the smallest such group lacks.
    /// - [`Error::NoHumanEnd`] if the last step is not done by people, or
    ///   needs something of the person.
    pub fn new(steps: Vec<Step>, goal: AssuranceLevel, levels: LevelTable) -> Result<Self> {
        let policy = Self {
            steps,
            goal,
            levels,
        };
        policy.check()?;
        Ok(policy)
    }

    fn check(&self) -> Result<()> {
        if !(1..=STEPS_MAX).contains(&self.steps.len()) {
            let rule = format!("must be 1 to {STEPS_MAX}");
            return Err(Invalid::new("steps", rule).into());
        }
        for (position, step) in self.steps.iter().enumerate() {
            let before = self.steps.iter().take(position);
            let rule = if before.clone().any(|other| other.method == step.method) {
                "must not be named twice"
            } else if step.method.known().is_some_and(|(needs, conduct)| {
                (needs, conduct) != (step.needs.clone(), step.conduct)
            }) {
                "must need what it is known to need"
            } else {
                continue;
            };
            return Err(Invalid::new("method", rule).at(position).into());
        }
        if let Some(lacking) = self.left_out() {
            return Err(Error::LeavesOut { lacking });
        }
        match self.steps.last() {
            Some(last) if last.conduct == Conduct::People && last.needs.is_nothing() => Ok(()),
            _ => Err(Error::NoHumanEnd),
        }
    }

    /// What the smallest group lacks that no path serves. `None` if there is
    /// none.
    fn left_out(&self) -> Option<MeansSet> {
        MeansSet::all_sets()
            .into_iter()
            .find(|lacking| !self.serves(lacking))
    }

    /// Whether a person who lacks `lacking` can come to an answer.
    fn serves(&self, lacking: &MeansSet) -> bool {
        let path = self.path_for(lacking);
        path.contains(&&Method::EXCEPTION)
            || !path.is_empty()
                && self.levels.level(&path.into_iter().cloned().collect()) >= self.goal
    }

    /// The methods that remain to a person who lacks `lacking`, in order.
    #[must_use]
    pub fn path_for(&self, lacking: &MeansSet) -> Vec<&Method> {
        self.steps
            .iter()
            .filter(|step| step.needs.first_in(lacking).is_none())
            .map(|step| &step.method)
            .collect()
    }

    /// The steps, in order.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The level that is asked for.
    #[must_use]
    pub const fn goal(&self) -> AssuranceLevel {
        self.goal
    }

    /// Which methods give which level.
    #[must_use]
    pub const fn levels(&self) -> &LevelTable {
        &self.levels
    }
}

impl TryFrom<Wire> for FallbackPolicy {
    type Error = Error;

    fn try_from(wire: Wire) -> Result<Self> {
        Self::new(wire.steps, wire.goal, wire.levels)
    }
}

impl From<FallbackPolicy> for Wire {
    fn from(policy: FallbackPolicy) -> Self {
        Self {
            steps: policy.steps,
            goal: policy.goal,
            levels: policy.levels,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Means;

    static ALL: [Method; 8] = [
        Method::DEMOGRAPHIC,
        Method::ONE_TIME_CODE,
        Method::DOCUMENT_SEEN,
        Method::BIOMETRIC,
        Method::INTRODUCER,
        Method::COMMUNITY_COMMITTEE,
        Method::IN_PERSON,
        Method::EXCEPTION,
    ];

    fn left_out(methods: &[Method]) -> Vec<Means> {
        match FallbackPolicy::of(methods.iter().cloned()) {
            Err(Error::LeavesOut { lacking }) => lacking.iter().collect(),
            other => panic!("{methods:?}: {other:?}"),
        }
    }

    #[test]
    fn who_is_left_out_is_named() {
        use Means::{Document, Fingerprints, Phone, Record};
        for (methods, lacking) in [
            (&[Method::ONE_TIME_CODE][..], &[Phone][..]),
            (&[Method::DOCUMENT_SEEN], &[Document]),
            (&[Method::BIOMETRIC], &[Fingerprints]),
            (&[Method::DEMOGRAPHIC], &[Record]),
            (
                &[Method::ONE_TIME_CODE, Method::DOCUMENT_SEEN],
                &[Phone, Document],
            ),
            (
                &[
                    Method::BIOMETRIC,
                    Method::ONE_TIME_CODE,
                    Method::DOCUMENT_SEEN,
                ],
                &[Phone, Document, Fingerprints],
            ),
            (
                &[
                    Method::DEMOGRAPHIC,
                    Method::BIOMETRIC,
                    Method::ONE_TIME_CODE,
                    Method::DOCUMENT_SEEN,
                ],
                &[Phone, Document, Fingerprints, Record],
            ),
        ] {
            assert_eq!(left_out(methods), lacking);
        }
        let error = FallbackPolicy::of([Method::ONE_TIME_CODE]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the policy leaves out whoever is without phone"
        );
    }

    #[test]
    fn what_is_no_policy_is_refused() {
        assert!(matches!(FallbackPolicy::of([]), Err(Error::Invalid(_))));
        let twice = [Method::EXCEPTION, Method::EXCEPTION];
        assert!(matches!(FallbackPolicy::of(twice), Err(Error::Invalid(_))));
        let machine_last = [Method::EXCEPTION, Method::BIOMETRIC];
        assert!(matches!(
            FallbackPolicy::of(machine_last),
            Err(Error::NoHumanEnd)
        ));
        let own = |n: usize| Method::new(format!("own-{n}")).unwrap();
        for (count, fits) in [
            (STEPS_MAX - 1, true),
            (STEPS_MAX, true),
            (STEPS_MAX + 1, false),
        ] {
            let steps = (1..count).map(own).chain([Method::EXCEPTION]);
            assert_eq!(FallbackPolicy::of(steps).is_ok(), fits, "{count}");
        }
    }

    #[test]
    fn a_method_cannot_say_that_it_needs_nothing() {
        let free = Step::own(Method::BIOMETRIC, MeansSet::nothing(), Conduct::People);
        let low = AssuranceLevel::Low;
        let refused = FallbackPolicy::new(vec![free], low, LevelTable::default());
        assert!(matches!(refused, Err(Error::Invalid(_))));
        // A misspelt one is not known, and is taken to need everything.
        let misspelt = Method::from_static("biometrics");
        assert_eq!(left_out(&[misspelt]).len(), 1);
    }

    #[test]
    fn a_policy_in_a_file_is_checked_too() {
        let policy = FallbackPolicy::of([Method::BIOMETRIC, Method::EXCEPTION]).unwrap();
        let json = serde_json::to_string(&policy).unwrap();
        assert_eq!(
            serde_json::from_str::<FallbackPolicy>(&json).unwrap(),
            policy
        );
        let without_end =
            r#"{"steps":[{"method":"biometric","needs":["fingerprints"],"conduct":"machine"}]}"#;
        let error = serde_json::from_str::<FallbackPolicy>(without_end).unwrap_err();
        assert!(
            error.to_string().contains("without fingerprints"),
            "{error}"
        );
    }

    #[test]
    fn a_goal_that_some_cannot_reach_is_refused() {
        let policy = |methods: &[Method], goal| {
            let steps = methods.iter().cloned().map(Step::new).collect();
            FallbackPolicy::new(steps, goal, LevelTable::default())
        };
        let low = [Method::BIOMETRIC, Method::INTRODUCER];
        assert!(policy(&low, AssuranceLevel::Low).is_ok());
        assert!(matches!(
            policy(&low, AssuranceLevel::Substantial),
            Err(Error::LeavesOut { .. })
        ));
        let exception = [Method::BIOMETRIC, Method::EXCEPTION];
        assert!(policy(&exception, AssuranceLevel::High).is_ok());
        let committee = [Method::INTRODUCER, Method::COMMUNITY_COMMITTEE];
        assert!(policy(&committee, AssuranceLevel::Substantial).is_ok());
    }

    /// Every ordered choice of up to four known methods: whatever is not
    /// refused serves every group, and whatever is refused has its reason.
    #[test]
    fn no_policy_that_leaves_somebody_out_can_be_made() {
        let mut choices: Vec<Vec<Method>> = vec![vec![]];
        let (mut made, mut refused) = (0, 0);
        for _ in 0..4 {
            choices = choices
                .iter()
                .flat_map(|c| {
                    ALL.iter()
                        .map(|m| c.iter().cloned().chain([m.clone()]).collect())
                })
                .collect();
            for methods in &choices {
                match FallbackPolicy::of(methods.iter().cloned()) {
                    Ok(policy) => {
                        made += 1;
                        for lacking in MeansSet::all_sets() {
                            assert!(!policy.path_for(&lacking).is_empty(), "{methods:?}");
                        }
                    }
                    Err(Error::LeavesOut { lacking }) => {
                        refused += 1;
                        let stopped =
                            |m: &Method| m.known().unwrap().0.first_in(&lacking).is_some();
                        assert!(methods.iter().all(stopped), "{methods:?}");
                    }
                    Err(Error::NoHumanEnd) => {
                        let last = methods.last().unwrap().known().unwrap();
                        assert!(!last.0.is_nothing(), "{methods:?}");
                    }
                    Err(Error::Invalid(_)) => {
                        let distinct: std::collections::BTreeSet<_> = methods.iter().collect();
                        assert!(distinct.len() < methods.len());
                    }
                    Err(other) => panic!("{methods:?}: {other}"),
                }
            }
        }
        assert!(made > 500 && refused > 20, "{made} {refused}");
    }
}
