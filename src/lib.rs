//! pamgate: a gateway between the access-request dialects of privileged-access-management servers.
pub mod canonical;
pub mod cli;
pub mod config;
pub mod crosswalk;
pub mod diagnostic;
pub mod dialect;
pub mod exchange;
pub mod gateway;
pub mod identity;
pub mod json;
pub mod mapping;
pub mod sandbox;
pub mod store;
pub mod telemetry;
pub mod upstream;
