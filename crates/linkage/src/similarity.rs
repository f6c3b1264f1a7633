//! How alike two words are.

/// The similarity of Jaro and Winkler, 0 to 1: what share of the letters is
/// there in nearly the same place, with a bonus for the same beginning
/// (Winkler 1990, scaling factor 0.1 for up to four letters). Letters after
/// the 64th are left out.
///
/// ```
/// use solidarity_linkage::similarity::jaro_winkler;
///
/// let word = |text: &str| text.chars().collect::<Vec<_>>();
/// assert!((jaro_winkler(&word("martha"), &word("marhta")) - 0.961).abs() < 0.001);
/// assert_eq!(jaro_winkler(&word("abc"), &word("xyz")), 0.0);
/// ```
#[must_use]
pub fn jaro_winkler<T: Copy + Ord>(one: &[T], other: &[T]) -> f64 {
    // In one order, so that it does not matter which comes first.
    let (one, other) = (first(one.min(other)), first(one.max(other)));
    let window = (one.len().max(other.len()) / 2).saturating_sub(1);
    let mut taken = 0_u64;
    let Some(any) = one.first() else { return 0.0 };
    let mut matched = [*any; LETTERS];
    let mut found = 0;
    for (i, letter) in one.iter().enumerate() {
        let from = i.saturating_sub(window);
        let near = (other.iter().enumerate())
            .skip(from)
            .take(i + window + 1 - from)
            .find(|(j, other)| letter == *other && taken & (1 << j) == 0);
        if let Some((j, _)) = near {
            taken |= 1 << j;
            if let Some(next) = matched.get_mut(found) {
                *next = *letter;
            }
            found += 1;
        }
    }
    if found == 0 {
        return 0.0;
    }
    let in_other = (other.iter().enumerate()).filter(|(j, _)| taken & (1 << j) != 0);
    let moved = (in_other.map(|(_, letter)| letter).zip(&matched))
        .filter(|(one, other)| one != other)
        .count();
    let size = |n: usize| n as f64;
    let m = size(found);
    let jaro = (m / size(one.len()) + m / size(other.len()) + (m - size(moved) / 2.0) / m) / 3.0;
    let prefix = one.iter().zip(other).take(4).take_while(|(a, b)| a == b);
    jaro + size(prefix.count()) * 0.1 * (1.0 - jaro)
}

/// So many letters of a word are compared.
pub(crate) const LETTERS: usize = 64;

fn first<T>(word: &[T]) -> &[T] {
    word.get(..LETTERS).unwrap_or(word)
}

/// The distance of Damerau and Levenshtein in its restricted form (optimal
/// string alignment): how many letters are put in, left out, replaced, or
/// changed over with the next one. `None` if it is more than `most`. Letters
/// after the 64th are left out.
///
/// ```
/// use solidarity_linkage::similarity::distance;
///
/// let word = |text: &str| text.chars().collect::<Vec<_>>();
/// assert_eq!(distance(&word("hassan"), &word("hasasn"), 2), Some(1));
/// assert_eq!(distance(&word("amina"), &word("asha"), 2), None);
/// ```
#[must_use]
pub fn distance<T: Copy + Eq>(one: &[T], other: &[T], most: usize) -> Option<usize> {
    let (mut one, mut other) = (first(one), first(other));
    while let ([a, rest @ ..], [b, more @ ..]) = (one, other)
        && a == b
    {
        (one, other) = (rest, more);
    }
    while let ([rest @ .., a], [more @ .., b]) = (one, other)
        && a == b
    {
        (one, other) = (rest, more);
    }
    if one.len().abs_diff(other.len()) > most {
        return None;
    }
    if one.is_empty() || other.is_empty() {
        return Some(one.len().max(other.len()));
    }
    // Cells farther than `most` from the diagonal cost more than `most`.
    let far = u8::try_from(most).unwrap_or(u8::MAX - 1).saturating_add(1);
    let mut rows = [[far; LETTERS + 1]; 3];
    let [before, above, row] = &mut rows;
    let (mut before, mut above, mut row) = (before, above, row);
    for (cell, j) in above.iter_mut().zip(0..far) {
        *cell = j;
    }
    let at = |row: &[u8; LETTERS + 1], j: usize| row.get(j).copied().unwrap_or(far);
    for (i, letter) in one.iter().enumerate() {
        let from = i.saturating_sub(most);
        let mut left = match u8::try_from(i + 1) {
            Ok(number) if from == 0 => number.min(far),
            _ => far,
        };
        if let Some(cell) = row.get_mut(from) {
            *cell = left;
        }
        let mut least = left;
        let near = other
            .iter()
            .enumerate()
            .skip(from)
            .take(i + most + 1 - from);
        for (j, against) in near {
            let replaced = at(above, j) + u8::from(letter != against);
            let mut cost = replaced.min(at(above, j + 1) + 1).min(left + 1).min(far);
            let changed_over = i > 0
                && j > 0
                && one.get(i - 1) == Some(against)
                && other.get(j - 1) == Some(letter);
            if changed_over {
                cost = cost.min(at(before, j - 1) + 1);
            }
            if let Some(cell) = row.get_mut(j + 1) {
                *cell = cost;
            }
            left = cost;
            least = least.min(cost);
        }
        // The next row looks one farther.
        if let Some(cell) = row.get_mut(i + most + 2) {
            *cell = far;
        }
        if least >= far && at(above, i) >= far {
            return None;
        }
        (before, above, row) = (above, row, before);
    }
    let apart = usize::from(at(above, other.len()));
    (apart <= most).then_some(apart)
}

/// The [`jaro_winkler`] of two texts, letter by letter.
pub(crate) fn likeness_of(one: &str, other: &str) -> f64 {
    match one.is_ascii() && other.is_ascii() {
        true => jaro_winkler(one.as_bytes(), other.as_bytes()),
        false => jaro_winkler(&letters(one), &letters(other)),
    }
}

/// The [`distance`] of two texts, letter by letter.
pub(crate) fn distance_of(one: &str, other: &str, most: usize) -> Option<usize> {
    match one.is_ascii() && other.is_ascii() {
        true => distance(one.as_bytes(), other.as_bytes(), most),
        false => distance(&letters(one), &letters(other), most),
    }
}

fn letters(text: &str) -> Vec<char> {
    text.chars().take(LETTERS).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The whole table, as the definition has it.
    fn plain(one: &[char], other: &[char]) -> usize {
        let mut d = vec![vec![0; other.len() + 1]; one.len() + 1];
        for i in 0..=one.len() {
            for j in 0..=other.len() {
                d[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let replaced = d[i - 1][j - 1] + usize::from(one[i - 1] != other[j - 1]);
                    let mut least = replaced.min(d[i - 1][j] + 1).min(d[i][j - 1] + 1);
                    if i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] {
                        least = least.min(d[i - 2][j - 2] + 1);
                    }
                    least
                };
            }
        }
        d[one.len()][other.len()]
    }

    proptest! {
        #[test]
        fn distance_is_that_of_the_whole_table(one in "[abc]{0,9}", other in "[abc]{0,9}", most in 0_usize..5) {
            let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
            let expected = Some(plain(&one, &other)).filter(|apart| *apart <= most);
            prop_assert_eq!(distance(&one, &other, most), expected);
            prop_assert_eq!(distance(&other, &one, most), expected);
        }

        #[test]
        fn likeness_is_symmetric_and_from_zero_to_one(one in "\\PC{0,80}", other in "\\PC{0,80}") {
            let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
            let alike = jaro_winkler(&one, &other);
            prop_assert!((0.0..=1.0).contains(&alike));
            prop_assert_eq!(alike, jaro_winkler(&other, &one));
        }
    }
}
