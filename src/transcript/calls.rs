//! Every call of every capability, once: how it is recorded and how it is replayed.
//!
//! Invariant: a capability of the ports that is not here is one that neither can be used for, which shows when a
//! procedure that needs it is compiled.

use super::{Recorded, Replayed};
use crate::ports::{
    BackupEntry, Backups, BucketDamage, BucketRepair, BucketStatus, Clock, CopyDamage, CopyStatus, DatabaseTerms,
    Databases, Dns, HeadBound, Journal, Lease, LoadBalancer, MetricSample, Metrics, Notifier, Objects, Occurrences,
    People, PortError, Probe, Promotion, Query, Reply, RestorePoint, RowPage, RowWrite, Rows, RowsWritten,
    ServiceStatus, Services, Tenure, Verification,
};
use crate::units::{Instant, Ratio, Span};
use serde_json::json;

/// Implements capabilities whose calls take what can be written down and answer with what can be read back.
macro_rules! capabilities {
    ($( $Port:ident { $( $call:ident($( $argument:ident: $type:ty ),*) -> $answer:ty; )* } )*) => { $(
        impl<P: Clock + Tenure + $Port> $Port for Recorded<P> {
            $(
                async fn $call(&self, $( $argument: $type ),*) -> Result<$answer, PortError> {
                    let with = json!([$( $argument ),*]);
                    self.call(stringify!($call), with, self.ports().$call($( $argument ),*)).await
                }
            )*
        }

        impl $Port for Replayed {
            $(
                async fn $call(&self, $( $argument: $type ),*) -> Result<$answer, PortError> {
                    self.answer(stringify!($call), json!([$( $argument ),*])).await
                }
            )*
        }
    )* };
}

capabilities! {
    Journal {
        acquire_lease(span: Span) -> Lease;
        renew_lease(span: Span) -> ();
        read_journal(from: u64) -> Vec<String>;
        append_journal(position: u64, entry: &str) -> ();
    }
    Dns {
        point_record(name: &str, region: &str) -> ();
        read_record(name: &str) -> String;
        set_ttl(name: &str, ttl: Span) -> ();
        read_ttl(name: &str) -> Span;
    }
    LoadBalancer {
        set_weights(weights: &[(String, Ratio)]) -> ();
        read_weights() -> Vec<(String, Ratio)>;
    }
    Services {
        activate(region: &str) -> ();
        deactivate(region: &str) -> ();
        service_status(region: &str) -> Vec<ServiceStatus>;
    }
    Databases {
        databases_in(region: &str) -> Vec<String>;
        copy_status(database: &str, region: &str) -> CopyStatus;
        head_bound(database: &str) -> Option<HeadBound>;
        fence(database: &str, epoch: u32) -> u32;
        promote(database: &str, region: &str, epoch: u32) -> Promotion;
        rebuild(database: &str, region: &str) -> ();
        database_terms(database: &str) -> DatabaseTerms;
        catch_up(database: &str, region: &str, from: &str) -> u64;
        write_heartbeat(database: &str, region: &str) -> ();
    }
    Backups {
        assess_damage(database: &str, region: &str) -> CopyDamage;
        list_backups(database: &str) -> Vec<BackupEntry>;
        verify_backup(database: &str, backup: u32) -> Verification;
        restore_backup(database: &str, region: &str, backup: u32, epoch: u32) -> RestorePoint;
    }
    Objects {
        bucket_status(bucket: &str, region: &str) -> BucketStatus;
        verify_bucket(bucket: &str, region: &str) -> BucketDamage;
        repair_bucket(bucket: &str, region: &str) -> BucketRepair;
    }
    Rows {
        read_rows(database: &str, from: u32, limit: u32) -> RowPage;
        write_rows(database: &str, writes: &[RowWrite]) -> RowsWritten;
    }
    Metrics {
        query(queries: &[Query]) -> Vec<Vec<MetricSample>>;
    }
    Probe {
        probe(region: &str, service: &str) -> Span;
    }
    Notifier {
        notify(audience: &str, message: &str) -> ();
    }
    Occurrences {
        occurred(event: &str, occurrence: u32) -> Instant;
    }
    People {
        page(person: &str, message: &str) -> ();
        ask(person: &str, question: &str) -> Reply;
    }
}
