//! What a unit and its people say about themselves.

use chrono::NaiveDate;
use solidarity_core::{Channel, Language, MessageForm, SafeContact, Sharing};

use crate::names::Spelling;
use crate::random::Random;
use crate::shape::Draft;
use crate::{Document, Phone, Region, Sex, SyntheticPerson, birth};

/// By what telephone the people of a unit are reached.
#[derive(Clone, Copy, Debug)]
enum Telephone {
    /// None at all.
    None,
    /// One, that all adults use.
    Household,
    /// One of the village: a neighbor's, a shop's, an agent's.
    Village,
    /// Most adults have their own.
    Own,
}

/// What all members of a unit have in common.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Surroundings {
    pub(crate) seed: u64,
    /// The unit's place in the population.
    pub(crate) index: u32,
    pub(crate) region: Region,
    pub(crate) on: NaiveDate,
    /// A number of the village, or none.
    pub(crate) village: u64,
    pub(crate) fixed: bool,
    telephone: Telephone,
}

impl Surroundings {
    pub(crate) fn new(
        (seed, index): (u64, u32),
        region: Region,
        on: NaiveDate,
        (village, fixed): (u64, bool),
        random: &mut Random,
    ) -> Self {
        let telephone = random.share(
            &[
                (22, Telephone::None),
                (44, Telephone::Household),
                (9, Telephone::Village),
            ],
            Telephone::Own,
        );
        Self {
            seed,
            index,
            region,
            on,
            village,
            fixed,
            telephone,
        }
    }

    pub(crate) fn unit_id(&self) -> String {
        format!("U{:07}", u64::from(self.index) + 1)
    }

    pub(crate) fn person_id(&self, member: u32) -> String {
        format!("P{:07}-{:02}", u64::from(self.index) + 1, member + 1)
    }

    /// What `draft`, the member at `member`, says.
    pub(crate) fn person(
        &self,
        draft: &Draft,
        member: u32,
        random: &mut Random,
    ) -> SyntheticPerson {
        let adult = draft.age(self.on) >= 18;
        let phone = self.phone(adult, member, random);
        let sex = match random.below(1_000) {
            0..=9 => None,
            10..=12 => Some(Sex::Other),
            _ => Some(draft.sex),
        };
        SyntheticPerson {
            person_id: self.person_id(member),
            entity_id: self.person_id(member),
            variations: Vec::new(),
            born: draft.born,
            region: self.region,
            listed_before: false,
            role: draft.role,
            collects: false,
            name: draft
                .lineage
                .name(self.region, draft.sex, draft.born, Spelling::Usual),
            sex,
            birth: birth::statement(draft.born, self.on, self.region, random),
            contact: self.contact(draft, phone.as_ref(), random),
            phone,
            document: self.document(adult, member, random),
            disability: disability(draft.age(self.on), random),
            lineage: draft.lineage,
            named_as: draft.sex,
        }
    }

    pub(crate) fn phone(&self, adult: bool, member: u32, random: &mut Random) -> Option<Phone> {
        let slot = u64::from(self.index) * 16;
        let (serial, shared) = match self.telephone {
            Telephone::Household if adult => (slot, true),
            Telephone::Village if adult => (PHONES - 1 - self.village, true),
            Telephone::Own if adult && random.percent(80) => (slot + 1 + u64::from(member), false),
            _ => return None,
        };
        let number = scatter(self.seed, serial, PHONES);
        Some(Phone {
            number: format!("00999{number:011}"),
            shared,
        })
    }

    fn document(&self, adult: bool, member: u32, random: &mut Random) -> Option<Document> {
        let scheme = match adult {
            _ if !self.fixed => random.percent(15).then_some("displaced_card"),
            true => random.percent(62).then_some("national_id"),
            false => random.percent(40).then_some("birth_certificate"),
        }?;
        let serial = u64::from(self.index) * 32 + u64::from(member);
        let number = scatter(self.seed, serial, DOCUMENTS);
        Some(Document {
            scheme,
            number: format!("ZZ{number:012}"),
        })
    }

    fn contact(
        &self,
        draft: &Draft,
        phone: Option<&Phone>,
        random: &mut Random,
    ) -> Option<SafeContact> {
        let age = draft.age(self.on);
        if age < 15 || random.percent(6) {
            return None;
        }
        let form = if random.percent(if age > 60 { 40 } else { 75 }) {
            MessageForm::Text
        } else {
            MessageForm::Voice
        };
        let language = Language::from_static(self.region.language());
        match phone {
            None => Some(SafeContact::new(
                Channel::InPerson,
                language,
                form,
                Sharing::Shared,
            )),
            Some(phone) => {
                let channel = match form {
                    MessageForm::Text => Channel::Sms,
                    MessageForm::Voice => Channel::Call,
                };
                let sharing = if phone.shared {
                    Sharing::Shared
                } else {
                    Sharing::Private
                };
                SafeContact::new(channel, language, form, sharing)
                    .with_address(phone.number.as_str())
                    .ok()
            }
        }
    }
}

const PHONES: u64 = 100_000_000_000;
const DOCUMENTS: u64 = 1_000_000_000_000;

/// A number below `modulus` that no other `serial` below it has.
fn scatter(seed: u64, serial: u64, modulus: u64) -> u64 {
    // The factor has no divisor in common with a power of ten, so that it
    // only rearranges the numbers.
    let moved = u128::from(serial) * 7_368_787_031 + u128::from(Random::of(seed, 9, 0).next());
    u64::try_from(moved % u128::from(modulus)).unwrap_or(0)
}

fn disability(age: u32, random: &mut Random) -> Option<bool> {
    let share = if age > 60 { 32 } else { 9 };
    (!random.percent(9)).then(|| random.percent(share))
}

/// What a unit has a month, in hundredths: many have little, few have much,
/// some do not say.
pub(crate) fn income(members: usize, random: &mut Random) -> Option<u32> {
    if random.percent(8) {
        return None;
    }
    let size = u32::try_from(members).unwrap_or(1).clamp(1, 6);
    let (one, other) = (random.below(100), random.below(100));
    Some((1_500 + one * other) * 5 * (size + 3))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_two_serials_share_a_number(seed in any::<u64>(), from in 0_u64..137_000_000_000) {
            for modulus in [PHONES, DOCUMENTS] {
                let first = from % (modulus - 500);
                let numbers: HashSet<_> = (first..first + 500)
                    .map(|serial| scatter(seed, serial, modulus))
                    .collect();
                prop_assert_eq!(numbers.len(), 500);
                prop_assert!(numbers.iter().all(|n| *n < modulus));
            }
        }
    }
}
