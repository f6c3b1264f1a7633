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
pub fn jaro_winkler(one: &[char], other: &[char]) -> f64 {
    let (one, other) = (first(one), first(other));
    let window = (one.len().max(other.len()) / 2).saturating_sub(1);
    let mut taken = 0_u64;
    let mut matched = [' '; LETTERS];
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
    (size(prefix.count()) * 0.1).mul_add(1.0 - jaro, jaro)
}

/// So many letters of a word are compared.
const LETTERS: usize = 64;

fn first(word: &[char]) -> &[char] {
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
pub fn distance(one: &[char], other: &[char], most: usize) -> Option<usize> {
    let (one, other) = (first(one), first(other));
    if one.len().abs_diff(other.len()) > most {
        return None;
    }
    let mut rows = [[0_u8; LETTERS + 1]; 3];
    let [before, above, row] = &mut rows;
    let (mut before, mut above, mut row) = (before, above, row);
    for (cell, j) in above.iter_mut().zip(0..) {
        *cell = j;
    }
    let at = |row: &[u8; LETTERS + 1], j: usize| row.get(j).copied().unwrap_or(u8::MAX);
    let most = u8::try_from(most).unwrap_or(u8::MAX);
    for ((i, letter), number) in one.iter().enumerate().zip(1_u8..) {
        let mut left = number;
        if let Some(cell) = row.first_mut() {
            *cell = left;
        }
        let mut least = left;
        for (j, against) in other.iter().enumerate() {
            let replaced = at(above, j) + u8::from(letter != against);
            let mut cost = replaced.min(at(above, j + 1) + 1).min(left + 1);
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
        if least > most {
            return None;
        }
        (before, above, row) = (above, row, before);
    }
    Some(at(above, other.len()))
        .filter(|distance| *distance <= most)
        .map(usize::from)
}
