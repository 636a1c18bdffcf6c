//! What the Admin API administers, as far as a walk through it needs to know.

/// A kind of resource.
pub(crate) struct Resource {
    /// Its function.
    pub(crate) function: &'static str,
    /// Where they are made and listed.
    pub(crate) all: &'static str,
    /// Where one is.
    pub(crate) one: &'static str,
    /// Where one is rotated.
    pub(crate) rotate: Option<&'static str>,
    /// The parameter that says which, and where a new one's answer has it.
    pub(crate) id: (&'static str, &'static str),
    /// What one is made from and changed to, as JSON; ids of others stand as `<name>` in it.
    pub(crate) creation: &'static str,
    pub(crate) update: &'static str,
}

/// All of them; each may need those before it.
pub(crate) const RESOURCES: [Resource; 9] = [
    Resource {
        function: "entities",
        all: "/admin/v1/entities",
        one: "/admin/v1/entities/{entity_id}",
        rotate: None,
        id: ("entity_id", "/id"),
        creation: r#"{"name":"Costs","kind":"account","parent_id":"<organization_id>"}"#,
        update: r#"{"name":"Costs again"}"#,
    },
    Resource {
        function: "integrations",
        all: "/admin/v1/entities/{entity_id}/integrations",
        one: "/admin/v1/entities/{entity_id}/integrations/{integration_id}",
        rotate: None,
        id: ("integration_id", "/id"),
        creation: r#"{"name":"Costs","grants":[{"role":"auditor","entity_id":"<entity_id>"}]}"#,
        update: r#"{"name":"Costs again"}"#,
    },
    Resource {
        function: "api-keys",
        all: "/admin/v1/entities/{entity_id}/integrations/{integration_id}/keys",
        one: "/admin/v1/entities/{entity_id}/integrations/{integration_id}/keys/{client_id}",
        rotate: Some("/admin/v1/entities/{entity_id}/integrations/{integration_id}/keys/{client_id}/rotate"),
        id: ("client_id", "/client_id"),
        creation: r#"{"name":"Costs"}"#,
        update: r#"{"name":"Costs again"}"#,
    },
    Resource {
        function: "providers",
        all: "/admin/v1/entities/{entity_id}/providers",
        one: "/admin/v1/entities/{entity_id}/providers/{provider_id}",
        rotate: None,
        id: ("provider_id", "/id"),
        creation: r#"{"description":"Costs","token_duration":3600,"grants":[{"role":"launchpad_user","entity_id":"<entity_id>"}]}"#,
        update: r#"{"description":"Costs again"}"#,
    },
    Resource {
        function: "partners",
        all: "/admin/v1/entities/{entity_id}/partners",
        one: "/admin/v1/entities/{entity_id}/partners/{partner_id}",
        rotate: None,
        id: ("partner_id", "/id"),
        creation: r#"{"name":"Costs"}"#,
        update: r#"{"name":"Costs again"}"#,
    },
    Resource {
        function: "partner-keys",
        all: "/admin/v1/entities/{entity_id}/partners/{partner_id}/keys",
        one: "/admin/v1/entities/{entity_id}/partners/{partner_id}/keys/{key_id}",
        rotate: None,
        id: ("key_id", "/id"),
        creation: r#"{"name":"Costs"}"#,
        update: r#"{"name":"Costs again"}"#,
    },
    Resource {
        function: "sites",
        all: "/admin/v1/entities/{entity_id}/partners/{partner_id}/sites",
        one: "/admin/v1/entities/{entity_id}/partners/{partner_id}/sites/{site_id}",
        rotate: Some("/admin/v1/entities/{entity_id}/partners/{partner_id}/sites/{site_id}/rotate"),
        id: ("site_id", "/id"),
        creation: r#"{"name":"costs"}"#,
        update: r#"{"allow_get":true}"#,
    },
    Resource {
        function: "projects",
        all: "/admin/v1/entities/{entity_id}/projects",
        one: "/admin/v1/entities/{entity_id}/projects/{project_id}",
        rotate: Some("/admin/v1/entities/{entity_id}/projects/{project_id}/rotate"),
        id: ("project_id", "/id"),
        creation: r#"{"name":"Costs"}"#,
        update: r#"{"require_signed_tokens":true}"#,
    },
    Resource {
        function: "token-sets",
        all: "/admin/v1/entities/{entity_id}/projects/{project_id}/token-sets",
        one: "/admin/v1/entities/{entity_id}/projects/{project_id}/token-sets/{token_set_id}",
        rotate: None,
        id: ("token_set_id", "/id"),
        creation: r#"{"name":"Costs"}"#,
        update: r#"{"active":false}"#,
    },
];

/// What there is beside them, once they are made: function, method, path and body.
pub(crate) const OTHERS: [(&str, &str, &str, &str); 5] = [
    ("token-settings", "GET", "/admin/v1/entities/{entity_id}/projects/{project_id}/token-settings", ""),
    (
        "token-settings",
        "PATCH",
        "/admin/v1/entities/{entity_id}/projects/{project_id}/token-settings",
        r#"{"security_token":{"required":false}}"#,
    ),
    ("token-settings", "GET", "/admin/v1/entities/{entity_id}/projects/{project_id}/settings-file", ""),
    ("roles", "GET", "/admin/v1/roles", ""),
    ("audit-log", "GET", "/admin/v1/audit-log", ""),
];
