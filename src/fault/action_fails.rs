//! Actions of control go wrong: refused, done in words only, or late.

use super::{Fault, FaultKind};
use crate::field::{Default, Field, FieldType, Kind};
use crate::kernel::{Distribution, Sampler};
use crate::model::{Action, ActionFault, FailureMode, World};
use crate::record::FaultReach;
use crate::units::{FaultId, Ratio};
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "action_fails",
        "Control-plane operations fail with a given probability.",
        &[
            Field::with(
                "action",
                FieldType::Choice(Action::CHOICES),
                "any",
                "product default: anything done in an emergency may fail",
                "The kind of operation.",
            ),
            Field::with(
                "share",
                FieldType::Ratio,
                "29%",
                "public postmortems: in 14 of 48 incidents the first mitigation was wrong, blocked or made it worse",
                "The probability that an operation fails, sampled for each one.",
            ),
            Field::with(
                "how",
                FieldType::Choice(&["refused", "without_effect", "late"]),
                "refused",
                "product default: the failure that is reported",
                "Refused; acknowledged without any effect; or carried out late.",
            ),
            Field {
                name: "takes",
                ty: FieldType::Distribution,
                default: Default::Text("0s"),
                source: "product default: it fails at once",
                doc: "How long until it is refused, acknowledged or started.",
            },
        ],
    ),
    build: |values, _, _| {
        let action = Action::named(values.text("action"));
        let wrong = match values.text("how") {
            "without_effect" => FailureMode::WithoutEffect,
            "late" => FailureMode::Late,
            _ => FailureMode::Refused,
        };
        let (share, takes) = (values.ratio("share"), values.distribution("takes").clone());
        let what = values.text("action").to_owned();
        Some(Arc::new(ActionFails { action, wrong, share, takes, what }))
    },
};

#[derive(Debug)]
struct ActionFails {
    action: Option<Action>,
    wrong: FailureMode,
    share: Ratio,
    takes: Distribution,
    what: String,
}

impl Fault for ActionFails {
    fn inject(&self, world: &mut World, id: FaultId) {
        let stream = world.fault_stream(id);
        world.control.impair_actions(ActionFault {
            fault: id,
            action: self.action,
            share: self.share,
            wrong: self.wrong,
            takes: Sampler::new(&self.takes),
            selection: stream,
            lengths: world.fault_lengths(id),
        });
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        world.control.restore_actions(id);
    }
    fn describe(&self) -> String {
        let how = match self.wrong {
            FailureMode::Refused => "are refused",
            FailureMode::WithoutEffect => "have no effect",
            FailureMode::Late => "are late",
        };
        format!("{} of actions ({}) {how}", self.share, self.what)
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Control
    }
}
