use crate::lexicon::Word;
use crate::normalize::{self, PartialDate};
use crate::{Field, FieldKind};

/// What the words of some kinds of fields begin with.
pub(crate) const MARKS: [char; 7] = ['#', '@', '&', '%', '~', '=', '$'];

/// Keeps what is kept of a value, its words numbered by `number`. A word of one
/// kind is never taken for one of another: each kind has a mark of its own.
pub(super) struct Kept<'a> {
    pub(super) cells: &'a mut Vec<Word>,
    pub(super) number: &'a mut dyn FnMut(&str) -> Word,
}

impl Kept<'_> {
    pub(super) fn of(mut self, field: &Field, value: &str) {
        if value.trim().is_empty() {
            return;
        }
        match field.kind {
            FieldKind::BirthDate => {
                let date = PartialDate::parse(value).map(PartialDate::pack);
                self.cells.extend(date);
            }
            FieldKind::Phone => {
                let number = match &field.region {
                    Some(region) => normalize::phone_in(value, region),
                    None => normalize::phone(value),
                };
                self.marked('#', number);
            }
            FieldKind::Quantity => self.marked('$', normalize::quantity(value)),
            FieldKind::Identifier => self.marked('@', normalize::identifier(value)),
            FieldKind::Email => self.marked('&', normalize::email(value)),
            FieldKind::Sex => {
                let first = normalize::fold(value).chars().next();
                self.marked('%', first.map(String::from));
            }
            FieldKind::Place => self.marked('~', Some(normalize::fold(value))),
            FieldKind::Text => self.marked('=', Some(normalize::fold(value))),
            FieldKind::GivenName
            | FieldKind::FamilyName
            | FieldKind::ParentName
            | FieldKind::FullName
            | FieldKind::Address => {
                for word in normalize::fold(value).split_whitespace() {
                    self.word(word);
                }
            }
        }
    }

    fn marked(&mut self, mark: char, text: Option<String>) {
        if let Some(mut text) = text.filter(|text| !text.is_empty()) {
            text.insert(0, mark);
            self.word(&text);
        }
    }

    fn word(&mut self, word: &str) {
        self.cells.push((self.number)(word));
    }
}
