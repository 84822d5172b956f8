//! How a controller holds the lease that it acts under, as a scenario says it.
//!
//! Does not know who grants it. Invariant: a controller tries to renew it at least once before it stands down, and stands down
//! before anybody else can be given it.

use crate::field::{Field, FieldType, Kind, Problem, Problems, Values};
use crate::procedure::LeaseTerms;

pub(super) const LEASE: Field =
    Field::empty("lease", FieldType::Table(&TABLE), "How the controller holds the lease that it acts under.");

const CLIENT_GO: &str = "client-go's leader election, as Kubernetes' own controllers use it";

const TABLE: Kind = Kind::new(
    "controller_lease",
    "The terms of a controller's lease: how soon another process of it takes over, and how long a store may be out.",
    &[
        Field::optional(
            "name",
            FieldType::Name,
            "What it is called: controllers that name the same lease share it, and its journal. Only the one that holds it \
             acts; the others take over when it runs out. Left out: it is the controller's own.",
        ),
        Field::with(
            "lasts",
            FieldType::PositiveSpan,
            "15s",
            CLIENT_GO,
            "How long it is granted for (`LeaseDuration`).",
        ),
        Field::with(
            "renew_within",
            FieldType::PositiveSpan,
            "10s",
            CLIENT_GO,
            "How long after its last renewal the controller stands down (`RenewDeadline`). Shorter than `lasts`.",
        ),
        Field::with(
            "every",
            FieldType::PositiveSpan,
            "2s",
            CLIENT_GO,
            "How often it is renewed, or asked for by a process that stands by (`RetryPeriod`). Shorter than `renew_within`.",
        ),
    ],
);

/// The terms, as the field of a controller says them. Says so if they cannot work.
pub(super) fn terms(values: &Values, problems: &mut Problems) -> LeaseTerms {
    let table = values.table("lease");
    let [lasts, renew_within, every] = ["lasts", "renew_within", "every"].map(|field| table.span(field));
    if renew_within >= lasts {
        let message = format!(
            "the controller acts until {renew_within} after its last renewal, but its lease is over at {lasts}"
        );
        let help = "make `renew_within` shorter than `lasts`: 10s and 15s are usual";
        problems.push(Problem::error("FD0243", table.place("renew_within"), message).help(help));
    }
    if every >= renew_within {
        let message =
            format!("the lease is renewed every {every}, but the controller stands down after {renew_within}");
        let help = "make `every` several times shorter than `renew_within`: 2s and 10s are usual";
        problems.push(Problem::error("FD0243", table.place("every"), message).help(help));
    }
    LeaseTerms { lasts, renew_within, every }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::{Node, Origin, Place, Scope, decode};

    #[test]
    fn what_is_not_said_is_what_the_control_logic_does_by_itself() {
        const OF: Kind = Kind::new("of", "A controller.", &[LEASE]);
        let (mut problems, node) = (Problems::default(), Node::empty_map(Place::beginning(Origin::File)));
        let values = decode(&OF, &node, &Scope::default(), &mut problems).unwrap();
        assert_eq!(terms(&values, &mut problems), LeaseTerms::default());
        assert!(problems.iter().next().is_none());
    }
}
