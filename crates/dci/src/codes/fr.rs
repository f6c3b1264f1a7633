//! The code lists of FR, `extensions/fr/v1/code`.

use super::code_list;

code_list! {
    /// What supports agriculture (ISIC).
    AgriSupportActivity from "extensions/fr/v1/code/AgriSupportActivityEnum.jsonld" {
        CropSupport = "161", "Support activities for crop production";
        AnimalSupport = "162", "Support activities for animal production";
        PostHarvest = "163", "Post-harvest crop activities";
        SeedProcessing = "164", "Seed processing for propagation";
    }

    /// The animals that are kept.
    AnimalType from "extensions/fr/v1/code/AnimalsEnum.jsonld" {
        Bovine = "1", "Bovine animals";
        SheepAndGoats = "2", "Sheep and goats";
        Swine = "3", "Swine/pigs" | "swine" | "pigs";
        Equines = "4", "Equines";
        Camels = "5", "Camels and camelids";
        Poultry = "6", "poultry";
        OtherAnimals = "7", "other animals";
        InsectsAndWorms = "8", "Insects and worms";
    }

    /// The kind of fish farming (ISIC).
    ///
    /// A writer that takes the code for a number drops its first digit: `321` is
    /// read as `0321`.
    Aquaculture from "extensions/fr/v1/code/AquaCultureEnum.jsonld" {
        Marine = "0321", "Marine aquaculture" | "321" | "marine aquafarming";
        Freshwater = "0322", "Freshwater aquaculture" | "322" | "freshwater aquafarming";
    }

    /// What supports fishing.
    AquaSupportActivity from "extensions/fr/v1/code/AquaSupportActivityEnum.jsonld" {
        FishingSupport = "0330", "Support activities for fishing and aquaculture" | "330";
    }

    /// The group of an activity that grows crops (ISIC).
    CropActivity from "extensions/fr/v1/code/CropActivityEnum.jsonld" {
        NonPerennial = "011", "Non-perennial crops" | "11";
        Perennial = "012", "Perennial crops" | "12";
        Propagation = "013", "Plant propagation" | "13";
    }

    /// What a crop is grown for.
    CropEndUse from "extensions/fr/v1/code/CropEnduseEnum.jsonld" {
        Food = "1", "Food for human consumption";
        Feed = "2", "Feed for animals";
        NonFood = "3", "Biofuels or non-food products";
        OtherUse = "4", "Other uses";
    }

    /// The crops that are grown.
    CropType from "extensions/fr/v1/code/CropTypeEnum.jsonld" {
        Cereals = "1", "Cereals";
        Vegetables = "2", "Vegetables and melons";
        FruitAndNuts = "3", "Fruit and nuts";
        Oilseeds = "4", "Oilseed crops and oleaginous fruits";
        RootsAndTubers = "5", "Root/tuber crops with high starch or inulin content";
        StimulantsAndSpices = "6", "Stimulant, spice and aromatic crops";
        Legumes = "7", "Leguminous crops";
        SugarCrops = "8", "Sugar crops";
        OtherCrops = "9", "Other crops";
    }

    /// Whose machinery it is.
    ///
    /// The standard gives the code `4` twice. What has only this code is
    /// [`Other`](Self::Other), since it does not say which of the two is meant;
    /// these two are written by their words.
    EquipmentSource from "extensions/fr/v1/code/EquipmentSource.jsonld" {
        OwnedAlone = "1", "Owned solely by the farmer or members of the farmer’s household";
        OwnedJointly = "2", "Owned by the farmer jointly with other farmers";
        Landlord = "3", "Provided by the landlord";
        PrivateHolder = "4", "Provided by other private holders (excluding cooperatives)";
        Cooperative = "5", "Provided by a cooperative";
        AgriculturalService = "6", "Provided by a private agricultural service establishment";
        GovernmentAgency = "4", "Provided by a government agency";
    }

    /// The kind of a farm.
    FarmType from "extensions/fr/v1/code/FarmTypeEnum.jsonld" {
        Subsistence = "1", "Small subsistence-oriented farms";
        SemiSubsistence = "2", "Small semi-subsistence or part-commercial farms";
        SmallIndependent = "3", "Small independent specialized farms";
        SmallDependent = "4", "Small dependent specialized farms";
        LargeCommercial = "5", "Large commercial farms";
        CommercialEstate = "6", "Commercial estates";
    }

    /// What the soil is given.
    FertilizerType from "extensions/fr/v1/code/FertilizerTypeEnum.jsonld" {
        Mineral = "1", "Mineral fertilizers";
        OrganoMineral = "2", "Organo-mineral fertilizers";
        Organic = "3", "Organic fertilizers";
        Bio = "4", "Biofertilizers";
        Manure = "5", "Manure";
        OtherOrganic = "6", "Other organic materials to enhance plant growth";
    }

    /// What is done in a forest.
    ForestActivity from "extensions/fr/v1/code/ForestActivityEnum.jsonld" {
        Logging = "1", "Logging";
        Afforestation = "2", "Afforestation (planting trees)";
        Reforestation = "3", "Reforestation (replanting trees)";
        Nursery = "4", "Nursery (cultivating seedlings for afforestation or reforestation)";
        FuelwoodAndCharcoal = "5", "Extraction of fuelwood and production of charcoal";
        GatheringOfPlants = "6", "Gathering of plant-based edible and non-edible wild non-wood products";
        GatheringOfAnimals = "7", "Gathering of animal-based edible and non-edible wild non-wood products";
    }

    /// Where the water comes from.
    IrrigationWater from "extensions/fr/v1/code/IrrigationWaterEnum.jsonld" {
        SurfaceWater = "1", "Surface water";
        Groundwater = "2", "Groundwater";
        Mixed = "3", "Mixed surface water and groundwater";
        Municipal = "4", "Municipal water supply";
        Wastewater = "5", "Treated or not-treated wastewater";
        Drainage = "6", "Agricultural drainage water";
        Desalinated = "7", "Desalinated water";
        OtherSource = "8", "other";
    }

    /// By what right land is used.
    ///
    /// The standard gives the code `1` twice, to the owner and to the squatter.
    /// What has only this code is [`Other`](Self::Other), since it does not say
    /// which of the two is meant; these two are written by their words.
    LandTenure from "extensions/fr/v1/code/LandTenureEnum.jsonld" {
        Owner = "1", "Owner";
        NonLegal = "1", "Non-legal ownership/Squatting illegally on land";
        Leased = "2", "Leased (Rented from someone else)" | "leased";
        AdversePossession = "3", "Adverse possession or prescription";
        Sharecropping = "4", "Sharecropping";
        Inheritance = "5", "Inheritance";
        WithoutLand = "6", "Holdings without land";
    }

    /// How animals are kept.
    LivestockSystem from "extensions/fr/v1/code/LivestockSystemEnum.jsonld" {
        Nomadic = "1", "Grazing system - Nomadic or totally pastoral";
        SemiNomadic = "2", "Grazing system - Semi-nomadic, semi-pastoral or transhumant";
        Sedentary = "3", "Grazing system - Sedentary pastoral or ranching";
        Mixed = "4", "Mixed system";
        Industrial = "5", "Industrial system";
    }

    /// The machinery of a farm (FAO).
    MachineryType from "extensions/fr/v1/code/MachineriesEnum.jsonld" {
        Manual = "10", "Manually operated machines";
        AnimalPowered = "20", "Animal-powered equipment";
        General = "31", "Machines for general farm use";
        Vehicles = "32", "Tractors, bulldozers and other vehicles";
        Crop = "33", "Crop machinery and equipment";
        Livestock = "34", "Livestock machinery and equipment";
        Aquacultural = "35", "Aquacultural machinery and equipment";
        Forestry = "36", "Forestry machinery and equipment" | "forestry machinery and equipment*";
        Unmanned = "37", "Unmanned aerial vehicles and robots" | "unmanned aerial vehicle and robots*";
    }

    /// The unit in which land is measured. Spelt `measurment` in the standard.
    MeasurementUnit from "extensions/fr/v1/code/MeasurmentUnitEnum.jsonld" {
        Hectare = "0", "H" | "ha" | "hectare" | "hectares" | "hectar";
        Acre = "1", "AC" | "acre" | "acres";
        SquareMeter = "2", "SQM" | "square meter";
        SquareKilometer = "3", "SQKM" | "square kilometer";
        SquareFoot = "4", "SQF" | "square foot";
        SquareYard = "5", "SQY" | "square yard";
        Dunam = "6", "DU" | "dunam";
    }
}
