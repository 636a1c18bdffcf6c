//! Reads a project's downloaded settings, or the project of a demo tenant (X10).

use std::io::Read as _;
use std::path::Path;

use api::BootError;
use model::{AppKey, FieldText, OpenTokenSet, ProjectFile, ProjectId, TokenSetFile, TokenSettings};
use serde::Deserialize;
use serde_json::json;

/// The settings of a project that `seal` and `unseal` need.
#[derive(Debug)]
pub(crate) struct ProjectSettings {
    pub(crate) settings: TokenSettings,
    pub(crate) context: Option<FieldText>,
    /// The active token sets by name.
    pub(crate) sets: Vec<(String, OpenTokenSet)>,
}

/// The part of a `demo.json` that describes its project.
#[derive(Deserialize)]
struct DemoFile {
    project: DemoProject,
}

#[derive(Deserialize)]
struct DemoProject {
    id: ProjectId,
    security_context: FieldText,
    app_key: AppKey,
    token_set: serde_json::Map<String, serde_json::Value>,
}

impl ProjectSettings {
    /// Reads a settings file. With `name`, keeps only that token set.
    pub(crate) fn read(path: &Path, name: Option<&str>) -> Result<Self, BootError> {
        let shown = path.display();
        let text = std::fs::read(path).map_err(|error| {
            format!("cannot read {shown}: {error}; download the project's settings and name the file with --settings")
        })?;
        let file = parse(&text).map_err(|error| {
            format!("{shown} holds no project's settings: {error}; download them again, or name a demo.json")
        })?;
        let context = file.security_context.value.clone();
        let sets = open_sets(&file, name)?;
        if sets.is_empty() {
            let names = file.token_sets.iter().map(|set| set.name.as_str()).collect::<Vec<_>>().join(", ");
            return Err(match name {
                Some(name) => format!("{shown} has no active token set {name}; it has: {names}"),
                None => {
                    format!("{shown} has no active token set; activate one and download the settings again")
                }
            }
            .into());
        }
        Ok(Self { settings: file.settings(), context, sets })
    }
}

fn parse(text: &[u8]) -> Result<ProjectFile, serde_json::Error> {
    let Ok(DemoFile { project }) = serde_json::from_slice(text) else { return serde_json::from_slice(text) };
    let mut set = project.token_set;
    set.insert("name".into(), json!("demo"));
    set.insert("active".into(), json!(true));
    set.insert("app_keys".into(), json!([project.app_key]));
    serde_json::from_value(json!({
        "project_id": project.id,
        "security_context": { "value": project.security_context, "required": false },
        "token_sets": [set],
    }))
}

fn open_sets(file: &ProjectFile, name: Option<&str>) -> Result<Vec<(String, OpenTokenSet)>, BootError> {
    let is_wanted = |set: &&TokenSetFile| set.active && name.is_none_or(|name| set.name.as_str() == name);
    let open = |set: &TokenSetFile| {
        let name = set.name.as_str();
        let opened = set.open().map_err(|_| {
            format!("token set {name}: its key, key_bits, mode and iv do not fit together; download the settings again")
        })?;
        Ok((name.to_owned(), opened))
    };
    file.token_sets.iter().filter(is_wanted).map(open).collect()
}

/// Reads a file, or standard input for `-`. Removes line ends at the end of the text.
pub(crate) fn read_text(path: &Path) -> Result<String, BootError> {
    let mut text = String::new();
    if path == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).map_err(|error| format!("standard input: {error}"))?;
    } else {
        text = std::fs::read_to_string(path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    }
    text.truncate(text.trim_end_matches(['\r', '\n']).len());
    Ok(text)
}
