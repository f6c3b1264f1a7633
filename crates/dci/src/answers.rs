//! Whether a message answers another.

use std::collections::HashMap;

use crate::{Batch, CorrelationId, Fault, ReferenceId, Rule, TransactionId};

/// The ids by which an answer and its request are held against each other.
pub(crate) struct Ids<'a> {
    pub(crate) transaction: &'a TransactionId,
    pub(crate) correlation: Option<&'a CorrelationId>,
}

impl Ids<'_> {
    /// Whether `answer` bears the same ids. Where one of the two has no
    /// correlation id there is none to compare: G2P Connect lets it be left
    /// out.
    pub(crate) fn check(&self, answer: &Ids<'_>) -> Result<(), Fault> {
        if self.transaction != answer.transaction {
            return Err(Fault::field("transaction_id", Rule::WrongAnswer));
        }
        match (self.correlation, answer.correlation) {
            (Some(given), Some(borne)) if given != borne => {
                Err(Fault::field("correlation_id", Rule::WrongAnswer))
            }
            _ => Ok(()),
        }
    }
}

/// Whether every item of `answer` is about something that was asked for.
pub(crate) fn all_asked<A: Batch>(
    answer: &A,
    asked: impl Fn(&ReferenceId) -> bool,
) -> Result<(), Fault> {
    let mut items = answer.items().iter();
    match items.position(|item| !asked(A::reference(item))) {
        Some(position) => Err(wrong_reference::<A>(position)),
        None => Ok(()),
    }
}

fn wrong_reference<A: Batch>(position: usize) -> Fault {
    Fault::field("reference_id", Rule::WrongAnswer)
        .within_item(position)
        .within_field(A::ITEMS)
}

/// An item of a request, and the item that answers it.
type Pair<'a, Q, A> = (&'a <Q as Batch>::Item, &'a <A as Batch>::Item);

/// The item of `request` that each item of `answer` is about, in the answer's
/// order.
pub(crate) fn pair<'a, Q: Batch, A: Batch>(
    request: &'a Q,
    answer: &'a A,
) -> Result<Vec<Pair<'a, Q, A>>, Fault> {
    let items = request.items().iter();
    let asked: HashMap<&ReferenceId, &Q::Item> =
        items.map(|item| (Q::reference(item), item)).collect();
    let pairs = answer.items().iter().enumerate().map(|(position, item)| {
        let asked = asked.get(A::reference(item)).copied();
        asked
            .map(|asked| (asked, item))
            .ok_or_else(|| wrong_reference::<A>(position))
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::Status;
    use crate::mapper::{Address, LinkItem, LinkRequest, LinkResponse, LinkResponseItem};

    fn request(references: &[&str]) -> LinkRequest {
        let address = || Address::new("vid:1@nid").unwrap();
        let item = |id: &&str| {
            let reference = ReferenceId::new(*id).unwrap();
            LinkItem::new(reference, DateTime::UNIX_EPOCH, address(), address())
        };
        let items = references.iter().map(item).collect();
        LinkRequest::new(TransactionId::new("t").unwrap(), items)
    }

    fn answer(transaction: &str, correlation: Option<&str>, references: &[&str]) -> LinkResponse {
        let item = |id: &&str| {
            let reference = ReferenceId::new(*id).unwrap();
            LinkResponseItem::new(reference, DateTime::UNIX_EPOCH, Status::Succeeded)
        };
        let correlation = correlation.map(|id| CorrelationId::new(id).unwrap());
        let items = references.iter().map(item).collect();
        LinkResponse::new(TransactionId::new(transaction).unwrap(), correlation, items)
    }

    fn checked(answer: &LinkResponse, correlation: Option<&str>) -> Result<(), String> {
        let correlation = correlation.map(|id| CorrelationId::new(id).unwrap());
        answer
            .check_answers(&request(&["1", "2"]), correlation.as_ref())
            .map_err(|fault| fault.to_string())
    }

    #[test]
    fn an_answer_bears_the_ids_of_its_request() {
        let wrong = |field: &str| Err(format!("`{field}` must be that of the request"));
        assert_eq!(
            checked(&answer("t", Some("c"), &["2", "1"]), Some("c")),
            Ok(())
        );
        assert_eq!(checked(&answer("t", Some("c"), &["2"]), Some("c")), Ok(()));
        assert_eq!(
            checked(&answer("u", Some("c"), &["1"]), Some("c")),
            wrong("transaction_id")
        );
        assert_eq!(
            checked(&answer("t", Some("d"), &["1"]), Some("c")),
            wrong("correlation_id")
        );
        let stranger = answer("t", Some("c"), &["1", "3"]);
        assert_eq!(
            checked(&stranger, Some("c")),
            wrong("link_response[1].reference_id")
        );
    }

    /// G2P Connect lets an answer be without.
    #[test]
    fn no_correlation_is_none_to_compare() {
        assert_eq!(checked(&answer("t", None, &["1"]), Some("c")), Ok(()));
        assert_eq!(checked(&answer("t", Some("c"), &["1"]), None), Ok(()));
    }
}
