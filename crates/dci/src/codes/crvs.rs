//! The code list of CRVS, `extensions/crvs/v1/code`.

use super::code_list;

code_list! {
    /// What a civil register registers.
    VitalEventType from "extensions/crvs/v1/code/VitalEventTypeEnum.jsonld" {
        LiveBirth = "live_birth", "Live Birth";
        Death = "death", "Death";
        FetalDeath = "fetal_death", "Fetal death";
        Marriage = "marriage", "Marriage";
        Divorce = "divorce", "Divorce";
        Adoption = "adoption", "Adoption";
    }
}
