//! FR: farmers, and what they farm.

use super::{Group, Member, Place, object};
use crate::Date;
use crate::Decimal;
use crate::codes::{
    AgriSupportActivity, AnimalType, AquaSupportActivity, Aquaculture, CropActivity, CropEndUse,
    CropType, EquipmentSource, FarmType, FertilizerType, ForestActivity, IrrigationWater,
    LandTenure, LivestockSystem, MachineryType, MeasurementUnit,
};

object! {
    /// A farmer (`extensions/fr/v1/data/Farmer.jsonld`).
    Farmer {
        /// The person. Written `famer_personal_details` in the field.
        farmer_personal_details: Member,
        /// The farmer's family.
        family_details: Group,
        /// The kind of farm.
        farm_type: FarmType,
        /// The farms.
        farm_details: [FarmInfo],
        /// The machinery.
        machineries_details: [Machineries],
        /// When the farmer was registered.
        registration_date: Date,
        /// When the record last changed.
        last_updated: Date,
    }

    /// A farm (`extensions/fr/v1/data/FarmInfo.jsonld`).
    FarmInfo {
        /// Where it is.
        location: Place,
        /// By what right its land is used.
        land_tenure: LandTenure,
        /// How large it is, in `measurment`.
        land_size: Decimal,
        /// The unit of `land_size`; the standard spells it so.
        #[serde(rename = "measurment")]
        measurement: MeasurementUnit,
        /// What is done there.
        farming_activities: FarmingActivities,
        /// When it was registered.
        registration_date: Date,
        /// When the record last changed.
        last_updated: Date,
    }

    /// What is done on a farm (`extensions/fr/v1/data/FarmingActivities.jsonld`).
    FarmingActivities {
        /// The crops.
        crop_production: [CropDetails],
        /// The animals.
        animal_production: [LivestockDetails],
        /// Whether crops and animals go together.
        mixed_farming: bool,
        /// What supports agriculture.
        agri_support_activities: [AgriSupportActivity],
        /// The fish farming.
        aquaculture: [Aquaculture],
        /// What supports fishing.
        aqua_support_activities: AquaSupportActivity,
        /// What is done in the forest.
        agroforestry: [ForestActivity],
        /// When it was registered.
        registration_date: Date,
        /// When the record last changed.
        last_updated: Date,
    }

    /// A crop (`extensions/fr/v1/data/CropDetails.jsonld`).
    CropDetails {
        /// The group of the activity.
        activity_group: CropActivity,
        /// The crop.
        crop_type_name: CropType,
        /// Its variety.
        variety: String,
        /// Its season.
        season: String,
        /// What it is grown for.
        end_use: CropEndUse,
        /// Whether it is irrigated.
        irrigation: bool,
        /// Where the water comes from.
        irrigation_water: [IrrigationWater],
        /// What the soil is given.
        fertilizer_type: [FertilizerType],
        /// When it was registered.
        registration_date: Date,
        /// When the record last changed.
        last_updated: Date,
    }

    /// Animals that are kept (`extensions/fr/v1/data/LivestockDetails.jsonld`).
    LivestockDetails {
        /// Which.
        #[serde(rename = "type")]
        kind: AnimalType,
        /// How many.
        count: u32,
        /// How they are kept.
        livestock_system: LivestockSystem,
        /// When they were registered.
        registration_date: Date,
        /// When the record last changed.
        last_updated: Date,
    }

    /// Machinery (`extensions/fr/v1/data/Machineries.jsonld`).
    Machineries {
        /// Which. The standard gives the class a second field of this name,
        /// for [`source`](Self::source).
        #[serde(rename = "type")]
        kind: MachineryType,
        /// How many.
        count: u32,
        /// Whose it is, under the name that the standard's example gives it,
        /// since an object cannot have two fields `type`.
        #[serde(rename = "equipement_source")]
        source: EquipmentSource,
        /// When it was registered.
        registration_date: Date,
        /// When the record last changed.
        last_updated: Date,
    }
}
