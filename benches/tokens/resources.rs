//! The resources of the Admin API, as the count of its round trips uses them.

/// A kind of resource.
pub(crate) struct Resource {
    /// Its function.
    pub(crate) function: &'static str,
    /// The path that creates and lists.
    pub(crate) collection: &'static str,
    /// The path of one resource.
    pub(crate) one: &'static str,
    /// The path that rotates one.
    pub(crate) rotate: Option<&'static str>,
    /// The path parameter of its id, and the JSON pointer to the id in the response of a create.
    pub(crate) id: (&'static str, &'static str),
    /// The body of a create, as JSON; `<name>` stands for the id of another resource.
    pub(crate) creation: &'static str,
    /// The body of an update.
    pub(crate) update: &'static str,
}

/// Every resource; one may need those before it.
pub(crate) const RESOURCES: [Resource; 9] = [
    Resource {
        function: "entities",
        collection: "/admin/v1/entities",
        one: "/admin/v1/entities/{entity_id}",
        rotate: None,
        id: ("entity_id", "/id"),
        creation: r#"{"name":"Costs","kind":"account","parent_id":"<organization_id>"}"#,
        update: r#"{"name":"Costs again"}"#,
    },
    Resource {
        function: "integrations",
        collection: "/admin/v1/entities/{entity_id}/integrations",
        one: "/admin/v1/entities/{entity_id}/integrations/{integration_id}",
        rotate: None,
        id: ("integration_id", "/id"),
        creation: r#"{"name":"Costs","grants":[{"role":"auditor","entity_id":"<entity_id>"}]}"#,
        update: r#"{"name":"Costs again"}"#,
    },
    Resource {
        function: "api-keys",
        collection: "/admin/v1/entities/{entity_id}/integrations/{integration_id}/keys",
        one: "/admin/v1/entities/{entity_id}/integrations/{integration_id}/keys/{client_id}",
        rotate: Some("/admin/v1/entities/{entity_id}/integrations/{integration_id}/keys/{client_id}/rotate"),
        id: ("client_id", "/client_id"),
        creation: r#"{"name":"Costs"}"#,
        update: r#"{"name":"Costs again"}"#,
    },
    Resource {
        function: "providers",
        collection: "/admin/v1/entities/{entity_id}/providers",
        one: "/admin/v1/entities/{entity_id}/providers/{provider_id}",
        rotate: None,
        id: ("provider_id", "/id"),
        creation: r#"{"description":"Costs","token_duration":3600,"grants":[{"role":"launchpad_user","entity_id":"<entity_id>"}]}"#,
        update: r#"{"description":"Costs again"}"#,
    },
    Resource {
        function: "partners",
        collection: "/admin/v1/entities/{entity_id}/partners",
        one: "/admin/v1/entities/{entity_id}/partners/{partner_id}",
        rotate: None,
        id: ("partner_id", "/id"),
        creation: r#"{"name":"Costs"}"#,
        update: r#"{"name":"Costs again"}"#,
    },
    Resource {
        function: "partner-keys",
        collection: "/admin/v1/entities/{entity_id}/partners/{partner_id}/keys",
        one: "/admin/v1/entities/{entity_id}/partners/{partner_id}/keys/{key_id}",
        rotate: None,
        id: ("key_id", "/id"),
        creation: r#"{"name":"Costs"}"#,
        update: r#"{"name":"Costs again"}"#,
    },
    Resource {
        function: "sites",
        collection: "/admin/v1/entities/{entity_id}/partners/{partner_id}/sites",
        one: "/admin/v1/entities/{entity_id}/partners/{partner_id}/sites/{site_id}",
        rotate: Some("/admin/v1/entities/{entity_id}/partners/{partner_id}/sites/{site_id}/rotate"),
        id: ("site_id", "/id"),
        creation: r#"{"name":"costs"}"#,
        update: r#"{"allow_get":true}"#,
    },
    Resource {
        function: "projects",
        collection: "/admin/v1/entities/{entity_id}/projects",
        one: "/admin/v1/entities/{entity_id}/projects/{project_id}",
        rotate: Some("/admin/v1/entities/{entity_id}/projects/{project_id}/rotate"),
        id: ("project_id", "/id"),
        creation: r#"{"name":"Costs"}"#,
        update: r#"{"require_signed_tokens":true}"#,
    },
    Resource {
        function: "token-sets",
        collection: "/admin/v1/entities/{entity_id}/projects/{project_id}/token-sets",
        one: "/admin/v1/entities/{entity_id}/projects/{project_id}/token-sets/{token_set_id}",
        rotate: None,
        id: ("token_set_id", "/id"),
        creation: r#"{"name":"Costs"}"#,
        update: r#"{"active":false}"#,
    },
];

/// The other calls, after the resources are created: function, method, path and body.
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
