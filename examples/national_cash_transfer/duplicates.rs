//! Who may be in the register twice: found by record linkage, with the
//! evidence for each pair, and put to a person. Nobody waits for the answer.

use std::collections::BTreeMap;

use solidarity_core::{Page, Stated};
use solidarity_linkage::{
    Class, DatasetBuilder, Explanation, Field, FieldKind, Linker, Options, Schema,
};
use solidarity_registry::Person;
use solidarity_registry::duplicate_cases::{
    Evidence, EvidenceField, EvidenceLevel, Finder, NewDuplicateCase, QueueOrder,
};

use crate::figures::{Count, PairRow};
use crate::office::{Office, Result};

/// How many cases go to the store at once.
const CHUNK: usize = 500;

/// Of how many pairs the report shows the evidence.
const SHOWN: usize = 5;

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Duplicates {
    pub(crate) counts: Vec<Count>,
    pub(crate) shown: Vec<PairRow>,
}

const FIELDS: [(&str, FieldKind); 8] = [
    ("name", FieldKind::FullName),
    ("fathers-name", FieldKind::ParentName),
    ("sex", FieldKind::Sex),
    ("birth", FieldKind::BirthDate),
    ("phone", FieldKind::Phone),
    ("document", FieldKind::Identifier),
    ("address", FieldKind::Address),
    ("place", FieldKind::Place),
];

/// What is compared of a person.
fn values(person: &Person) -> [String; FIELDS.len()] {
    let said = person.said();
    let name = said.names.first();
    let part = |value: Option<&solidarity_core::Pii<String>>| {
        value
            .map(|value| value.expose().clone())
            .unwrap_or_default()
    };
    let born = said.born.map(|born| match born.expose().stated() {
        Stated::Day(day) => day.to_string(),
        Stated::Month { year, month } => format!("{year:04}-{month:02}"),
        Stated::Year(year) => format!("{year:04}"),
        _ => String::new(),
    });
    let place = said.residence.place().map(|place| place.to_string());
    let lines = said.addresses.first().map(|address| {
        let lines = address.lines.iter().map(|line| line.expose().as_str());
        lines.collect::<Vec<_>>().join(" ")
    });
    [
        part(name.map(|name| &name.full)),
        part(name.and_then(|name| name.parts.patronymic.as_ref())),
        said.sex
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        born.unwrap_or_default(),
        part(said.phones.first().map(|phone| &phone.number)),
        part(said.documents.first().map(|document| &document.value)),
        lines.unwrap_or_default(),
        place.unwrap_or_default(),
    ]
}

/// Links the register with itself, and opens a case for each pair that is, or
/// may be, one person.
pub(crate) async fn find(office: &Office, people: &[Person]) -> Result<Duplicates> {
    let schema = Schema::new(FIELDS.map(|(name, kind)| Field::new(name, kind)))?;
    let mut builder = DatasetBuilder::new(schema.clone());
    for person in people {
        let values = values(person);
        builder.push(&values.each_ref().map(String::as_str))?;
    }
    let linker = Linker::new(&schema, Options::default())?;
    let dataset = builder.build(&())?;
    let linkage = linker.link(&dataset, &())?;
    let mut cases = Vec::new();
    let mut classes: BTreeMap<Class, u64> = BTreeMap::new();
    for pair in linkage
        .pairs
        .iter()
        .filter(|pair| pair.class != Class::Different)
    {
        let (left, right) = (pair.left as usize, pair.right as usize);
        let (Some(one), Some(other)) = (people.get(left), people.get(right)) else {
            continue;
        };
        let explanation = linker.explain(&dataset, &linkage.model, left, right)?;
        let compared = [one, other].map(|person| (person.id(), person.version()));
        cases.push(case(compared, &explanation)?);
        *classes.entry(pair.class).or_default() += 1;
    }
    // Whoever puts a case up does not judge it.
    let stamp = office.stamp("record-linkage", "data-quality");
    for cases in cases.chunks(CHUNK) {
        office.duplicates.propose(cases, &stamp).await?;
    }
    let count = |class| classes.get(&class).copied().unwrap_or(0);
    Ok(Duplicates {
        counts: vec![
            Count::new(
                "very likely one person",
                count(Class::Match),
                "a person compares the two records; nothing is merged by itself",
            ),
            Count::new(
                "possibly one person",
                count(Class::Possible),
                "a person compares the two records; nobody waits for it",
            ),
        ],
        shown: shown(office).await?,
    })
}

fn case(
    compared: [(solidarity_core::PersonId, solidarity_core::Version); 2],
    explanation: &Explanation,
) -> Result<NewDuplicateCase> {
    let millionths = whole(explanation.probability, 1e6);
    let finder = Finder::from_static("record-linkage");
    let mut case = NewDuplicateCase::new(compared, millionths.unsigned_abs(), finder);
    for field in &explanation.fields {
        let level = field.level.map(|level| {
            let code: String = level.chars().filter(|c| *c != ',').collect();
            EvidenceLevel::new(code.replace(' ', "-"))
        });
        let name = EvidenceField::new(field.field.as_str())?;
        let weight = whole(field.weight, 1e3);
        case = case.with_evidence(Evidence::new(name, level.transpose()?, weight));
    }
    Ok(case)
}

/// `share` in parts of one in `parts`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::float_arithmetic,
    reason = "the nearest whole number; what is out of range becomes the largest one"
)]
fn whole(share: f64, parts: f64) -> i32 {
    (share * parts).round() as i32
}

/// The likeliest open cases, as whoever judges them finds them.
async fn shown(office: &Office) -> Result<Vec<PairRow>> {
    let page = Page::of(SHOWN)?;
    let open = office
        .duplicates
        .list_open(QueueOrder::LikeliestFirst, &page)
        .await?;
    let row = |found: &NewDuplicateCase| PairRow {
        probability: found.probability_ppm / 10_000,
        evidence: found
            .evidence
            .iter()
            .filter_map(|evidence| {
                let level = evidence.level.as_ref()?.as_str().replace('-', " ");
                let bits = evidence.weight_millibits / 1_000;
                Some(format!("{}: {level} ({bits:+})", evidence.field))
            })
            .collect(),
    };
    Ok(open
        .items()
        .iter()
        .map(|case| row(case.finding()))
        .collect())
}
