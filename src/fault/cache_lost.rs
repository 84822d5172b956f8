//! What a cache holds is gone: everything asks what lies behind it.

use super::selection::Selection;
use super::{Fault, FaultKind, Misfit};
use crate::field::Kind;
use crate::model::World;
use crate::model::plan::WorldPlan;
use crate::record::FaultReach;
use crate::units::FaultId;
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "cache_lost",
        "The caches of a region's services lose their contents. While the fault lasts they neither answer nor fill; \
         afterwards they are cold, and fill as the backends answer.",
        &[Selection::REGION, Selection::SERVICE],
    ),
    build: |values, scope, problems| {
        let selection = Selection::read(values, scope, problems)?;
        Some(Arc::new(CacheLost { selection }))
    },
};

#[derive(Debug)]
struct CacheLost {
    selection: Selection,
}

impl Fault for CacheLost {
    fn inject(&self, world: &mut World, id: FaultId) {
        self.selection.services.iter().for_each(|service| world.platform.lose_cache(*service, id));
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        self.selection.services.iter().for_each(|service| world.platform.regain_cache(*service, id));
    }
    fn describe(&self) -> String {
        format!("the contents of the caches of {} are lost", self.selection.place)
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Indirect
    }
    fn misfit(&self, world: &WorldPlan) -> Option<Misfit> {
        let none = self.selection.services.iter().all(|service| world.services[service.index()].cache.is_none());
        none.then(|| Misfit {
            message: format!("no service of {} has a cache", self.selection.place),
            help: "give one a `cache`".to_owned(),
        })
    }
}
