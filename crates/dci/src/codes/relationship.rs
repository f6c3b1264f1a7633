//! The code list of `core/v1/code/RelationshipTypeEnum.jsonld`.

use super::code_list;

code_list! {
    /// What a person is to another, in the words of HL7 (`FamilyMember` of
    /// `RoleCode`): the one whom the record is about has this role towards the
    /// one who names it.
    ///
    /// The standard's list and its descriptions spell seven codes differently
    /// (`CHLDADOPT` and `CHILDADOPT`, …). Both are read; HL7's is written. A
    /// small `son` is the word, any son; a capital `SON` is the code, a natural
    /// son.
    RelationshipType from "core/v1/code/RelationshipTypeEnum.jsonld" {
        Oneself = "SELF", "Self";
        PrimarySpouse = "PRIMSPOUS", "Primary Spouse";
        FamilyMember = "FAMMEMB", "family member";
        Child = "CHILD", "child";
        AdoptedChild = "CHLDADOPT", "adopted child" | "CHILDADOPT";
        AdoptedDaughter = "DAUADOPT", "adopted daughter";
        AdoptedSon = "SONADOPT", "adopted son";
        FosterChild = "CHLDFOST", "foster child" | "CHILDFOST";
        FosterDaughter = "DAUFOST", "foster daughter";
        FosterSon = "SONFOST", "foster son";
        Daughter = "DAUC", "daughter";
        NaturalDaughter = "DAU", "natural daughter";
        Stepdaughter = "STPDAU", "stepdaughter";
        NaturalChild = "NCHILD", "natural child";
        NaturalSon = "SON", "natural son";
        Son = "SONC", "son";
        Stepson = "STPSON", "stepson";
        StepChild = "STPCHILD", "step child";
        ExtendedFamilyMember = "EXT", "extended family member";
        Aunt = "AUNT", "aunt";
        MaternalAunt = "MAUNT", "maternal aunt";
        PaternalAunt = "PAUNT", "paternal aunt";
        Cousin = "COUSN", "cousin";
        MaternalCousin = "MCOUSN", "maternal cousin";
        PaternalCousin = "PCOUSN", "paternal cousin";
        GreatGrandparent = "GGRPRN", "great grandparent";
        GreatGrandfather = "GGRFTH", "great grandfather";
        MaternalGreatGrandfather = "MGGRFTH", "maternal great-grandfather";
        PaternalGreatGrandfather = "PGGRFTH", "paternal great-grandfather";
        GreatGrandmother = "GGRMTH", "great grandmother";
        MaternalGreatGrandmother = "MGGRMTH", "maternal great-grandmother" | "MGGRNTH";
        PaternalGreatGrandmother = "PGGRMTH", "paternal great-grandmother";
        MaternalGreatGrandparent = "MGGRPRN", "maternal great-grandparent";
        PaternalGreatGrandparent = "PGGRPRN", "paternal great-grandparent";
        Grandchild = "GRNDCHILD", "grandchild";
        Granddaughter = "GRNDDAU", "granddaughter";
        Grandson = "GRNDSON", "grandson" | "GRANDSON";
        Grandparent = "GRPRN", "grandparent";
        Grandfather = "GRFTH", "grandfather";
        MaternalGrandfather = "MGRFTH", "maternal grandfather";
        PaternalGrandfather = "PGRFTH", "paternal grandfather";
        Grandmother = "GRMTH", "grandmother";
        PaternalGrandmother = "PGRMTH", "paternal grandmother";
        MaternalGrandmother = "MGRMTH", "maternal grandmother";
        PaternalGrandparent = "PGRPRN", "paternal grandparent";
        MaternalGrandparent = "MGRPRN", "maternal grandparent";
        InLaw = "INLAW", "in-law" | "inlaw";
        ChildInLaw = "CHLDINLAW", "child-in-law";
        DaughterInLaw = "DAUINLAW", "daughter in-law";
        SonInLaw = "SONINLAW", "son in-law";
        ParentInLaw = "PRNINLAW", "parent in-law";
        FatherInLaw = "FTHINLAW", "father-in-law";
        MotherInLaw = "MTHINLAW", "mother-in-law";
        SiblingInLaw = "SIBINLAW", "sibling in-law";
        BrotherInLaw = "BROINLAW", "brother in-law";
        SisterInLaw = "SISINLAW", "sister in-law";
        NieceNephew = "NIENEPH", "niece/nephew";
        Nephew = "NEPHEW", "nephew";
        Niece = "NEICE", "niece" | "neice";
        Uncle = "UNCLE", "uncle";
        PaternalUncle = "PUNCLE", "paternal uncle" | "parental uncle";
        MaternalUncle = "MUNCLE", "maternal uncle";
        Parent = "PRN", "parent";
        AdoptiveParent = "ADOPTP", "adoptive parent";
        AdoptiveFather = "ADOPTF", "adoptive father";
        AdoptiveMother = "ADOPTM", "adoptive mother";
        Father = "FTH", "father";
        FosterFather = "FTHFOST", "foster father";
        NaturalFather = "NFTH", "natural father";
        NaturalFatherOfFetus = "NFTHF", "natural father of fetus";
        Stepfather = "STPFTH", "stepfather";
        Mother = "MTH", "mother";
        GestationalMother = "GESTM", "gestational mother";
        FosterMother = "MTHFOST", "foster mother" | "FOSTMTH";
        NaturalMother = "NMTH", "natural mother";
        NaturalMotherOfFetus = "NMTHF", "natural mother of fetus";
        Stepmother = "STPMTH", "stepmother";
        NaturalParent = "NPRN", "natural parent";
        FosterParent = "PRNFOST", "foster parent";
        StepParent = "STPPRN", "step parent";
        Sibling = "SIB", "sibling";
        Brother = "BRO", "brother" | "borther";
        HalfBrother = "HBRO", "half-brother";
        NaturalBrother = "NBRO", "natural brother";
        TwinBrother = "TWINBRO", "twin brother";
        FraternalTwinBrother = "FTWINBRO", "fraternal twin brother" | "faternal twin brother";
        IdenticalTwinBrother = "ITWINBRO", "identical twin brother";
        Stepbrother = "STPBRO", "stepbrother";
        HalfSibling = "HSIB", "half-sibling";
        HalfSister = "HSIS", "half-sister";
        NaturalSibling = "NSIB", "natural sibling";
        NaturalSister = "NSIS", "natural sister";
        TwinSister = "TWINSIS", "twin sister";
        FraternalTwinSister = "FTWINSIS", "fraternal twin sister" | "faternal twin sister";
        IdenticalTwinSister = "ITWINSIS", "identical twin sister";
        Twin = "TWIN", "twin";
        FraternalTwin = "FTWIN", "fraternal twin" | "faternal twin";
        IdenticalTwin = "ITWIN", "identical twin";
        Sister = "SIS", "sister";
        StepSister = "STPSIS", "step-sister" | "STEPSIS";
        StepSibling = "STPSIB", "step-sibling" | "STEPSIB";
        SignificantOther = "SIGOTHR", "significant other";
        DomesticPartner = "DOMPART", "domestic partner";
        FormerSpouse = "FRMSPS", "former spouse";
        Spouse = "SPS", "spouse";
        Husband = "HUSB", "husband";
        Wife = "WIFE", "wife";
    }
}
