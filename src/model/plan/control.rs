//! What control sees and whom it reaches, as planned: monitoring, channels, people, controllers.

use crate::kernel::Distribution;
use crate::units::{Ratio, RegionId, ServiceId, Span};

/// Monitoring.
#[derive(Debug, Clone, PartialEq)]
pub struct MonitoringPlan {
    /// How often every service is scraped.
    pub scrape: Span,
    /// The window for rates and quantiles.
    pub window: Span,
    /// The time from a scrape to its being readable.
    pub delay: Span,
    /// Whether requests that a rate limit turned away are left out where health is judged by errors; otherwise they are
    /// errors.
    pub ignores_limits: bool,
}

/// Notification channels.
#[derive(Debug, Clone, PartialEq)]
pub struct NotificationPlan {
    /// The time from acceptance to delivery.
    pub delay: Span,
}

/// A person who can be paged and asked.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonPlan {
    /// Their name.
    pub name: String,
    /// The share of pages they notice; they never respond to the rest.
    pub availability: Ratio,
    /// The time from a page reaching them to their acknowledgement.
    pub acknowledge: Distribution,
    /// From there, or from the question if that comes later, to an answer.
    pub decide: Distribution,
    /// The share of questions on which they first try something that does not help.
    pub wrong: Ratio,
    /// The time from that wrong decision to the answer they should have given.
    pub wrong_takes: Distribution,
    /// The share of questions they answer with yes.
    pub approves: Ratio,
    /// The reason they give when they refuse.
    pub reason: String,
}

/// How the control logic reaches the world.
#[derive(Debug, Clone, PartialEq)]
pub struct ControlPlanePlan {
    /// One-way latency of a control call.
    pub latency: Span,
    /// How long a control call waits for an answer.
    pub timeout: Span,
    /// Whether control interfaces refuse changes under a lease that is not the newest.
    pub fencing: bool,
    /// What has to be there for control interfaces to answer.
    pub needs: Vec<Need>,
    /// The regions that hold a member of the journal and the store of leases, which answers while most of them reach each
    /// other; empty: it is in one piece.
    pub journal_members: Vec<RegionId>,
}

/// What control reaches the world through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interface {
    /// Where DNS records are changed and read.
    Dns,
    /// Where the balancer's weights are set.
    Balancer,
    /// Where services of regions are activated and looked at.
    Services,
    /// Where copies of databases are fenced, promoted, rebuilt and looked at.
    Databases,
    /// Where backups are listed and verified, and restored from.
    Backups,
    /// Where buckets are looked at, verified and repaired.
    Objects,
    /// Where autoscalers ask for servers.
    Provisioning,
    /// Where metrics are read.
    Monitoring,
    /// Where messages and pages are handed in.
    Notification,
    /// Where controllers record what they do.
    Journal,
}

impl Interface {
    /// What those are called in a scenario that controllers call.
    pub const CALLED: &[&str] =
        &["dns", "balancer", "services", "databases", "backups", "objects", "monitoring", "notification", "journal"];

    /// The interface that a scenario calls so.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "dns" => Self::Dns,
            "balancer" => Self::Balancer,
            "services" => Self::Services,
            "databases" => Self::Databases,
            "backups" => Self::Backups,
            "objects" => Self::Objects,
            "provisioning" => Self::Provisioning,
            "monitoring" => Self::Monitoring,
            "notification" => Self::Notification,
            "journal" => Self::Journal,
            _ => return None,
        })
    }
}

/// What one interface needs in order to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// The interface.
    pub interface: Interface,
    /// The region, which has to be reachable.
    pub region: RegionId,
    /// A service there that has to answer first, such as one that says who is asking.
    pub service: Option<ServiceId>,
}

/// A controller.
#[derive(Debug, Clone, PartialEq)]
pub struct ControllerPlan {
    /// Its name.
    pub name: String,
    /// The region it fails with; `None`: none.
    pub place: Option<RegionId>,
    /// Whether it only rehearses: production must not feel what it changes.
    pub drill: bool,
    /// What its lease is called, if others hold the same one; `None`: it has a lease and a journal of its own.
    pub lease: Option<String>,
}
