//! The standard's own OpenAPI documents, as validators of JSON.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};

use crate::patches;

/// One OpenAPI document, mended where `patches` says.
pub(crate) struct Document(Value);

/// Which message of an operation.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    /// The body of the request.
    Request,
    /// The body of the `default` response.
    Response,
}

type Cache = Mutex<BTreeMap<String, Arc<Document>>>;

impl Document {
    /// The document `file`, such as
    /// `g2p-connect-openapi/mapper_core_api_v1.0.0.yaml`; `None`, said on the
    /// terminal, where there are no vectors.
    pub(crate) fn load(file: &str) -> Option<Arc<Self>> {
        static LOADED: LazyLock<Cache> = LazyLock::new(Cache::default);
        let Some(vectors) = std::env::var_os("SOLIDARITY_VECTORS") else {
            println!("skipped: no vectors");
            return None;
        };
        let mut loaded = LOADED.lock().unwrap();
        let document = loaded.entry(file.to_owned()).or_insert_with(|| {
            let path = Path::new(&vectors).join("dci").join(file);
            let text = std::fs::read_to_string(&path)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let mut document = to_json(serde_norway::from_str(&text).unwrap());
            patches::apply(file, &mut document);
            Arc::new(Self(document))
        });
        Some(Arc::clone(document))
    }

    /// The paths of the document's operations.
    pub(crate) fn paths(&self) -> Vec<&str> {
        let paths = self.0["paths"].as_object().unwrap();
        paths.keys().map(String::as_str).collect()
    }

    /// What the standard's schema at `path` takes.
    pub(crate) fn validator(&self, path: &str, part: Part) -> Validator {
        let schema = self.schema_at(path, part);
        build(&self.0, &schema)
    }

    /// The same, and nothing that the schema does not name: what shows that a
    /// field of ours is spelt as the standard has it.
    pub(crate) fn closed_validator(&self, path: &str, part: Part) -> Validator {
        let mut document = self.0.clone();
        close(&mut document, false);
        build(&document, &self.schema_at(path, part))
    }

    /// What the schema at the JSON pointer `pointer` takes.
    pub(crate) fn validator_at(&self, pointer: &str) -> Validator {
        assert!(self.0.pointer(pointer).is_some(), "{pointer}: no schema");
        build(&self.0, pointer)
    }

    /// What the schema says at `way`, which leads through members of objects
    /// and, unseen, through `$ref`s.
    pub(crate) fn at(&self, way: &str) -> Option<&Value> {
        way.split(' ').try_fold(&self.0, |here, step| {
            let step = step.replace('/', "~1");
            self.follow(here).pointer(&format!("/{step}"))
        })
    }

    fn follow<'a>(&'a self, here: &'a Value) -> &'a Value {
        match here.get("$ref").and_then(Value::as_str) {
            Some(reference) => {
                let there = self.0.pointer(reference.trim_start_matches('#'));
                self.follow(there.unwrap_or_else(|| panic!("{reference} leads nowhere")))
            }
            None => here,
        }
    }

    /// The values that the enumeration at `way` lists, if there is one.
    pub(crate) fn listed(&self, way: &str) -> Option<Vec<&str>> {
        let values = self.follow(self.at(way)?).get("enum")?.as_array()?;
        Some(values.iter().filter_map(Value::as_str).collect())
    }

    /// The pointer of the schema, through `$ref`s.
    fn schema_at(&self, path: &str, part: Part) -> String {
        let operation = format!("/paths/{}/post", path.replace('/', "~1"));
        let body = match part {
            Part::Request => format!("{operation}/requestBody"),
            Part::Response => format!("{operation}/responses/default"),
        };
        let body = match self.0.pointer(&format!("{body}/$ref")) {
            Some(reference) => reference
                .as_str()
                .unwrap()
                .trim_start_matches('#')
                .to_owned(),
            None => body,
        };
        let schema = format!("{body}/content/application~1json/schema");
        assert!(
            self.0.pointer(&schema).is_some(),
            "{path} {part:?}: no schema at {schema}"
        );
        schema
    }
}

/// Every way in which `message` is none that `validator` takes.
pub(crate) fn faults(validator: &Validator, message: &Value) -> Vec<String> {
    let errors = validator.iter_errors(message);
    errors
        .map(|error| {
            format!(
                "{}: {error} ({})",
                error.instance_path(),
                error.schema_path()
            )
        })
        .collect()
}

fn build(document: &Value, pointer: &str) -> Validator {
    let mut root = document.clone();
    root["$ref"] = json!(format!("#{pointer}"));
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .build(&root)
        .unwrap_or_else(|error| panic!("{pointer}: {error}"))
}

/// Lets no object hold more than its schema names. The parts of an `allOf`
/// add up, so that none of them can be closed by itself.
fn close(node: &mut Value, within_all_of: bool) {
    match node {
        Value::Object(members) => {
            if members.get("properties").is_some_and(Value::is_object) && !within_all_of {
                members.insert("unevaluatedProperties".to_owned(), json!(false));
            }
            for (name, member) in members.iter_mut() {
                match member {
                    Value::Array(parts) if name == "allOf" => {
                        parts.iter_mut().for_each(|part| close(part, true));
                    }
                    _ => close(member, false),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| close(item, false)),
        _ => {}
    }
}

/// YAML as JSON: the names of members may be numbers there.
fn to_json(yaml: serde_norway::Value) -> Value {
    use serde_norway::Value as Yaml;
    match yaml {
        Yaml::Mapping(members) => {
            let members = members.into_iter().map(|(name, value)| {
                let name = match name {
                    Yaml::String(name) => name,
                    Yaml::Number(name) => name.to_string(),
                    other => panic!("{other:?} as a name"),
                };
                (name, to_json(value))
            });
            Value::Object(members.collect::<Map<_, _>>())
        }
        Yaml::Sequence(items) => items.into_iter().map(to_json).collect(),
        Yaml::Tagged(tagged) => to_json(tagged.value),
        scalar => serde_json::to_value(scalar).unwrap(),
    }
}
