use chrono::NaiveDate;

use crate::Region;

/// What population is wanted.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Options {
    /// How many assistance units.
    pub units: u32,
    /// The day on which they are asked: ages are counted to it.
    pub reference_date: NaiveDate,
    /// Where their naming customs come from, each as often as it is listed.
    /// An empty list means all.
    pub regions: Vec<Region>,
    /// Of a hundred units, how many hold somebody who is registered already:
    /// half of them a whole unit that registers again elsewhere, half of them
    /// one person more in another unit. Over 100 means 100.
    pub duplicate_percent: u8,
}

impl Options {
    /// `units` units of every region, asked on `reference_date`, with
    /// somebody twice in 8 of a hundred.
    #[must_use]
    pub const fn new(units: u32, reference_date: NaiveDate) -> Self {
        Self {
            units,
            reference_date,
            regions: Vec::new(),
            duplicate_percent: 8,
        }
    }

    /// The same, with the naming customs of `regions` only.
    #[must_use]
    pub fn with_regions(mut self, regions: impl Into<Vec<Region>>) -> Self {
        self.regions = regions.into();
        self
    }

    /// The same, with somebody twice in `percent` of a hundred units.
    #[must_use]
    pub const fn with_duplicate_percent(mut self, percent: u8) -> Self {
        self.duplicate_percent = percent;
        self
    }
}
