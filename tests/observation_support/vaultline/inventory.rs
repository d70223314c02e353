//! What Vaultline knows.

/// A system and an account on it: one thing to Vaultline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resource {
    pub vault: &'static str,
    pub at: &'static str,
    pub host: &'static str,
    pub login: &'static str,
}

const fn resource(
    vault: &'static str,
    at: &'static str,
    host: &'static str,
    login: &'static str,
) -> Resource {
    Resource { vault, at, host, login }
}

pub const RESOURCES: &[Resource] = &[
    resource("db", "db07.oracle", "db07", "oracle"),
    resource("db", "db07.root", "db07", "root"),
    resource("db", "db07.backup", "db07", "backup"),
    resource("web", "web01.deploy", "web01", "deploy"),
    resource("win", "corp.Administrator", "corp", "Administrator"),
    resource("win", "app02.svc_app", "app02", "svc_app"),
    resource("pay", "pay01.root", "pay01", "root"),
    resource("erp", "erp01.erpadmin", "erp01", "erpadmin"),
    resource("erp", "erp01.erpbatch", "erp01", "erpbatch"),
    resource("mail", "mail01.postmaster", "mail01", "postmaster"),
];

/// Its ticket systems, by name.
pub const TICKET_SYSTEMS: &[&str] = &["snow", "jira"];
