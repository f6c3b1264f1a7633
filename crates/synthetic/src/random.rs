/// Numbers that look random and are the same for the same seed on every
/// machine: SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom
/// number generators", 2014). Not for secrets.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

const fn mix(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Random {
    /// The numbers that `stream` of the item `index` has under `seed`.
    ///
    /// Each item has numbers of its own, so that any one can be made without
    /// those before it.
    pub(crate) const fn of(seed: u64, stream: u64, index: u64) -> Self {
        Self(mix(mix(mix(seed).wrapping_add(stream)).wrapping_add(index)))
    }

    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// A number below `bound`; 0 if `bound` is 0.
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        let wide = (u128::from(self.next()) * u128::from(bound)) >> 64;
        u32::try_from(wide).unwrap_or(0)
    }

    /// A number from `least` to `most`, both included.
    pub(crate) fn between(&mut self, least: u32, most: u32) -> u32 {
        least.saturating_add(self.below(most.saturating_sub(least).saturating_add(1)))
    }

    /// True `percent` times in a hundred.
    pub(crate) fn percent(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    /// One of `choices`.
    pub(crate) fn pick<T: Copy + Default>(&mut self, choices: &[T]) -> T {
        let bound = u32::try_from(choices.len()).unwrap_or(u32::MAX);
        nth(choices, self.below(bound)).unwrap_or_default()
    }

    /// One of `choices`, each as often as its share of a hundred says; the
    /// last one takes what the shares leave.
    pub(crate) fn share<T: Copy>(&mut self, choices: &[(u32, T)], last: T) -> T {
        let mut at = self.below(100);
        for &(share, choice) in choices {
            if at < share {
                return choice;
            }
            at -= share;
        }
        last
    }
}

/// The item of `list` at `index`.
pub(crate) fn nth<T: Copy>(list: &[T], index: u32) -> Option<T> {
    list.get(usize::try_from(index).ok()?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_spread_and_stay_in_bounds() {
        let mut random = Random::of(1, 2, 3);
        let mut seen = [0_u32; 7];
        for _ in 0..7_000 {
            let at = random.below(7);
            seen[at as usize] += 1;
        }
        assert!(seen.iter().all(|n| (850..1_150).contains(n)), "{seen:?}");
        assert_eq!(random.below(0), 0);
        assert!((0..100).all(|_| (3..=5).contains(&random.between(3, 5))));
    }

    #[test]
    fn neighbours_have_nothing_in_common() {
        let first = |seed, stream, index| Random::of(seed, stream, index).next();
        let all = [
            first(1, 0, 0),
            first(0, 1, 0),
            first(0, 0, 1),
            first(0, 0, 0),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(all.iter().skip(at + 1).all(|other| one != other));
        }
    }

    #[test]
    fn shares_are_kept() {
        let mut random = Random::of(7, 0, 0);
        let rare = (0..10_000)
            .filter(|_| random.share(&[(10, 'a'), (60, 'b')], 'c') == 'a')
            .count();
        assert!((850..1_150).contains(&rare), "{rare}");
    }
}
