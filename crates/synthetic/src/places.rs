//! Districts and villages. All are invented; a likeness is chance.

use crate::Region;
use crate::random::{Random, nth};

/// Where a unit lives, as numbers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Spot {
    region: Region,
    district: u32,
    village: u32,
}

const DISTRICTS: u32 = 4;
const STEMS: u32 = 5;
const ENDS: [&str; 3] = ["", " East", " Hill"];

impl Spot {
    /// A village of `region`.
    pub(crate) fn within(region: Region, random: &mut Random) -> Self {
        Self {
            region,
            district: random.below(DISTRICTS),
            village: random.below(STEMS * 3),
        }
    }

    /// Another village of the same region.
    pub(crate) fn moved(self, random: &mut Random) -> Self {
        Self {
            district: (self.district + random.below(2)) % DISTRICTS,
            village: (self.village + random.between(1, STEMS * 3 - 1)) % (STEMS * 3),
            ..self
        }
    }

    pub(crate) fn district(self) -> String {
        nth(districts(self.region), self.district)
            .unwrap_or_default()
            .to_owned()
    }

    pub(crate) fn village(self) -> String {
        let stem = nth(stems(self.region), self.village % STEMS).unwrap_or_default();
        let end = nth(&ENDS, self.village / STEMS).unwrap_or_default();
        format!("{stem}{end}")
    }

    /// A number that no other village has.
    pub(crate) fn number(self) -> u64 {
        let region = self.region.number() * u64::from(DISTRICTS) + u64::from(self.district);
        region * u64::from(STEMS * 3) + u64::from(self.village)
    }
}

const fn districts(region: Region) -> &'static [&'static str; 4] {
    match region {
        Region::EastAfrica => &["Kijaro", "Mbalezi", "Ndorwa Juu", "Tarimba"],
        Region::Ethiopia => &["Debre Shola", "Wolgara", "Amba Feres", "Tekulo"],
        Region::Arabic => &["Wadi Sahn", "Tell Qamra", "Bir Lawz", "Umm Nakhla"],
        Region::Ghana => &["Asuboa", "Nkwantra", "Domfasi", "Ahenfa"],
        Region::LatinAmerica => &["Santa Luma", "Chullamarca", "Los Arrayos", "Pampallay"],
        Region::Nepal => &["Dhaulabari", "Ratopani", "Bansgaun", "Simalkot"],
        Region::Java => &["Wonoteja", "Karangsemi", "Sumbersana", "Banyuluhur"],
        Region::Myanmar => &["Thayetgon", "Shwelinbin", "Myaukdaw", "Nyaungsein"],
        Region::CentralAsia => &["Kyzyl-Bel", "Ak-Dala", "Sary-Bulun", "Tash-Kapka"],
    }
}

const fn stems(region: Region) -> &'static [&'static str; 5] {
    match region {
        Region::EastAfrica => &["Kwandu", "Mlezi", "Sokoni", "Rugeta", "Pambani"],
        Region::Ethiopia => &["Gendo", "Werka", "Fitcho", "Mesno", "Addis Amba"],
        Region::Arabic => &["Karma", "Zaytun", "Safra", "Hajara", "Nawar"],
        Region::Ghana => &["Abotia", "Krofa", "Bepowa", "Dunkwaa", "Nsuso"],
        Region::LatinAmerica => &["El Molle", "Tintaya", "La Peña", "Huerta", "Ccolpa"],
        Region::Nepal => &["Amala", "Chisapa", "Deurala", "Khola", "Pipaltar"],
        Region::Java => &["Kedungwa", "Jatisa", "Tegalan", "Paseran", "Gondang"],
        Region::Myanmar => &["Kanbe", "Ywama", "Tamarin", "Letpan", "Zegon"],
        Region::CentralAsia => &["Archaly", "Oruk", "Terek", "Besh-Tam", "Jylga"],
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_village_has_a_name_and_a_number_of_its_own() {
        let (mut names, mut numbers) = (HashSet::new(), HashSet::new());
        for region in Region::ALL {
            for district in 0..DISTRICTS {
                for village in 0..STEMS * 3 {
                    let spot = Spot {
                        region,
                        district,
                        village,
                    };
                    assert!(!spot.district().is_empty() && !spot.village().is_empty());
                    assert!(names.insert((spot.district(), spot.village())));
                    assert!(numbers.insert(spot.number()));
                }
            }
        }
        assert_eq!(names.len(), 9 * 4 * 15);
    }

    #[test]
    fn who_moves_arrives_elsewhere() {
        let mut random = Random::of(0, 0, 0);
        for _ in 0..1_000 {
            let spot = Spot::within(Region::Java, &mut random);
            let moved = spot.moved(&mut random);
            assert_ne!(spot.village(), moved.village());
        }
    }
}
