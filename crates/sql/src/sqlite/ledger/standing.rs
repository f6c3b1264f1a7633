//! How accounts stand: a few bytes each, many to a row.

use solidarity_payments::Balances;

/// The accounts of one row.
const ACCOUNTS: u8 = 32;

/// The bytes of the balances of one account.
const BALANCES: usize = 4 * size_of::<u128>();

/// The bytes of one account.
pub(super) const BYTES: usize = BALANCES + size_of::<i64>() + 2;

/// The bytes of one row.
pub(super) const BLOCK_BYTES: usize = ACCOUNTS as usize * BYTES;

/// Every how many transfers of an account there is a milestone.
const MILESTONE: u8 = 64;

/// How one account stands.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Standing {
    pub(super) balances: Balances,
    pub(super) closed: bool,
    pub(super) trail: Trail,
}

/// Where the statement of an account has got to.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Trail {
    /// The last transfer; zero for none.
    pub(super) last: i64,
    /// How many there are since the last milestone.
    since: u8,
}

impl Trail {
    /// Goes on to the transfer `number`, and says whether that is a milestone.
    pub(super) const fn extend(&mut self, number: i64) -> bool {
        self.last = number;
        self.since = (self.since + 1) % MILESTONE;
        self.since == 0
    }
}

/// The row that the account `number` is in, and where in it.
pub(super) fn place(number: i64) -> (i64, usize) {
    let (index, accounts) = (number - 1, i64::from(ACCOUNTS));
    let within = usize::try_from(index.rem_euclid(accounts)).unwrap_or_default();
    (index.div_euclid(accounts), within * BYTES)
}

impl Standing {
    pub(super) fn to_bytes(self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        let (sums, rest) = bytes.split_at_mut(BALANCES);
        let (last, flags) = rest.split_at_mut(size_of::<i64>());
        sums.copy_from_slice(&balances_to_bytes(self.balances));
        last.copy_from_slice(&self.trail.last.to_be_bytes());
        flags.copy_from_slice(&[self.trail.since, self.closed.into()]);
        bytes
    }

    /// What `bytes` say, if there are so many and they can be.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (balances, bytes) = balances(bytes)?;
        let (last, bytes) = bytes.split_first_chunk()?;
        let &[since, closed] = bytes else {
            return None;
        };
        (since < MILESTONE && closed < 2).then_some(Self {
            balances,
            closed: closed == 1,
            trail: Trail {
                last: i64::from_be_bytes(*last),
                since,
            },
        })
    }
}

/// The four sums that `bytes` begin with, and the rest.
pub(super) fn balances(bytes: &[u8]) -> Option<(Balances, &[u8])> {
    let (debits_pending, bytes) = bytes.split_first_chunk()?;
    let (debits_posted, bytes) = bytes.split_first_chunk()?;
    let (credits_pending, bytes) = bytes.split_first_chunk()?;
    let (credits_posted, bytes) = bytes.split_first_chunk()?;
    let balances = Balances {
        debits_pending: u128::from_be_bytes(*debits_pending),
        debits_posted: u128::from_be_bytes(*debits_posted),
        credits_pending: u128::from_be_bytes(*credits_pending),
        credits_posted: u128::from_be_bytes(*credits_posted),
    };
    Some((balances, bytes))
}

/// `balances` as [`balances`](balances()) reads them.
pub(super) fn balances_to_bytes(balances: Balances) -> [u8; BALANCES] {
    let mut bytes = [0; BALANCES];
    let sums = [
        balances.debits_pending,
        balances.debits_posted,
        balances.credits_pending,
        balances.credits_posted,
    ];
    let (places, _) = bytes.as_chunks_mut();
    for (place, sum) in places.iter_mut().zip(sums) {
        *place = sum.to_be_bytes();
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standing_is_bytes_and_back() {
        let mut trail = Trail::default();
        let milestones: Vec<i64> = (1..=200).filter(|n| trail.extend(*n)).collect();
        assert_eq!(milestones, [64, 128, 192]);
        let standing = Standing {
            balances: Balances {
                debits_pending: 1,
                debits_posted: u128::MAX,
                credits_pending: 1 << 70,
                credits_posted: 4,
            },
            closed: true,
            trail,
        };
        let bytes = standing.to_bytes();
        assert_eq!(Standing::from_bytes(&bytes), Some(standing));
        assert_eq!(Standing::from_bytes(&[0; BYTES]), Some(Standing::default()));
        for bad in [&bytes[1..], &[0xff; BYTES], &[]] {
            assert_eq!(Standing::from_bytes(bad), None);
        }
    }

    #[test]
    fn accounts_lie_side_by_side() {
        assert_eq!((place(1), place(2)), ((0, 0), (0, BYTES)));
        assert_eq!((place(32), place(33)), ((0, BLOCK_BYTES - BYTES), (1, 0)));
    }
}
