//! Compares a restored copy with the table that it was copied from: what ended since is alive again in the copy.

mod fields;

use std::collections::BTreeMap;

use crate::dynamodb::key::ItemKey;
use crate::dynamodb::table::{Item, Table};
use crate::error::StoreError;

pub use fields::FieldDifference;

/// What a restored copy has differently from the table that it was copied from.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// The configuration that differs, by kind. Values that a rotation of the data key sealed again do not differ.
    pub differences: BTreeMap<&'static str, Vec<Difference>>,
    /// The number of revocations since, which are in the copy now.
    pub revocations: usize,
}

/// A resource that differs.
#[derive(Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its id.
    pub id: String,
    /// The ids of the resources that it belongs to, the nearest first.
    pub owners: Vec<String>,
    /// What happened to it since the copy's moment.
    pub since: Since,
}

/// What happened to a resource since the copy's moment.
#[derive(Debug, PartialEq, Eq)]
pub enum Since {
    /// It was deleted.
    Deleted,
    /// It was created.
    Created,
    /// It was changed in these fields. Without fields: only encrypted values may differ.
    Changed(Vec<FieldDifference>),
}

/// The kinds of configuration, with the start of their partition key and of their sort key. The key of a partition ends
/// with `#` if an id follows.
const CONFIGURATION: [(&str, &str, &str); 12] = [
    ("deployment", "deployment", "deployment"),
    ("issuer", "issuer", "issuer"),
    ("signing keys", "signing-keys", "signing-keys"),
    ("entities", "entity#", "entity"),
    ("integrations", "entity#", "integration#"),
    ("API keys", "key#", "key"),
    ("providers", "entity#", "provider#"),
    ("partners", "entity#", "partner#"),
    ("partner keys", "partner-key#", "key"),
    ("sites", "partner#", "site#"),
    ("projects", "project#", "project"),
    ("APIs", "api#", "api"),
];

/// The attributes with the id of a resource, and those with the ids of its owners.
const IDS: [&str; 2] = ["id", "client_id"];
const OWNERS: [&str; 3] = ["integration_id", "partner_id", "entity_id"];

const STEP: &str = "compare tables";

impl Table {
    /// Compares this copy with the table that it was copied from. Writes the revocations of `current` into this copy: a
    /// revoked token must stay revoked.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn compare_copy(&self, current: &Self) -> Result<Comparison, StoreError> {
        let (mut configuration, mut revocations) = (BTreeMap::new(), BTreeMap::new());
        current
            .for_each_item(STEP, |key, item| {
                if let Some(kind) = kind(&key) {
                    configuration.insert(key.place(), (kind, item));
                } else if key.pk.starts_with("revocation#") {
                    revocations.insert(key.place(), item);
                }
            })
            .await?;
        let mut comparison = Comparison::default();
        self.for_each_item(STEP, |key, item| {
            revocations.remove(&key.place());
            let Some(kind) = kind(&key) else { return };
            match configuration.remove(&key.place()) {
                None => comparison.add(kind, &item, Since::Deleted),
                Some((_, now)) => {
                    if let Some(fields) = fields::differences(&item, &now) {
                        comparison.add(kind, &item, Since::Changed(fields));
                    }
                }
            }
        })
        .await?;
        for (kind, item) in configuration.into_values() {
            comparison.add(kind, &item, Since::Created);
        }
        comparison.revocations = revocations.len();
        for item in revocations.into_values() {
            self.put_item(item, STEP).await?;
        }
        Ok(comparison)
    }
}

impl Comparison {
    fn add(&mut self, kind: &'static str, item: &Item, since: Since) {
        let text = |name: &str| item.get(name)?.as_s().ok().cloned();
        let id = IDS.into_iter().find_map(text).or_else(|| text("pk")).unwrap_or_default();
        let owners = OWNERS.into_iter().filter_map(text).collect();
        self.differences.entry(kind).or_default().push(Difference { id, owners, since });
    }
}

fn kind(key: &ItemKey) -> Option<&'static str> {
    let is_of = |pk: &str, sk: &str| {
        key.sk.starts_with(sk) && if pk.ends_with('#') { key.pk.starts_with(pk) } else { key.pk == pk }
    };
    CONFIGURATION.into_iter().find(|(_, pk, sk)| is_of(pk, sk)).map(|(kind, ..)| kind)
}
