use crate::limits::LEVELS_MAX;

/// How two records compare in every field: four bits each, zero where a side
/// says nothing.
pub(crate) type Pattern = u128;

const BITS: u32 = 4;

/// The pattern with `level` in `field`.
pub(crate) fn with(pattern: Pattern, field: usize, level: Option<usize>) -> Pattern {
    let level = level.map_or(0, |level| (level + 1).min(LEVELS_MAX - 1));
    let shift = u32::try_from(field)
        .unwrap_or(u32::MAX)
        .saturating_mul(BITS);
    pattern | (level as Pattern).checked_shl(shift).unwrap_or(0)
}

/// The level of `field` counted from one, or zero.
pub(crate) fn level(pattern: Pattern, field: usize) -> usize {
    let shift = u32::try_from(field)
        .unwrap_or(u32::MAX)
        .saturating_mul(BITS);
    let bits = pattern.checked_shr(shift).unwrap_or(0) & 0xf;
    usize::try_from(bits).unwrap_or(0)
}
