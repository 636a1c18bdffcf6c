//! Window S: signing requests, devices, history, refused calls, users and events.

use model::{DeviceId, ProjectId};

use super::{ItemKey, List};

pub(crate) fn metered_month(project: ProjectId, month: &str) -> ItemKey {
    ItemKey::new(format!("metered#{project}"), month)
}

/// The counters of all months, the newest first.
pub(crate) fn metered_months(project: ProjectId) -> List {
    List::newest_first(format!("metered#{project}"))
}

fn attached_partition(project: ProjectId, user_hash: &str) -> String {
    format!("attached#{project}#{user_hash}")
}

pub(crate) fn attached_count(project: ProjectId, user_hash: &str) -> ItemKey {
    ItemKey::new(attached_partition(project, user_hash), "devices")
}

pub(crate) fn attached_devices(project: ProjectId, user_hash: &str) -> List {
    List::with_prefix(attached_partition(project, user_hash), "device#")
}

pub(crate) fn attached_device(project: ProjectId, user_hash: &str, id: &DeviceId) -> ItemKey {
    attached_devices(project, user_hash).item_at(id.as_str())
}

/// All signed devices of a user, and their counter.
pub(crate) fn attached_of_user(project: ProjectId, user_hash: &str) -> List {
    List::with_prefix(attached_partition(project, user_hash), "")
}

/// All unsigned devices of a user, and the item `newest`.
pub(crate) fn unsigned_of_user(project: ProjectId, user_hash: &str) -> List {
    List::with_prefix(format!("unsigned#{project}#{user_hash}"), "")
}

pub(crate) fn unsigned_devices(project: ProjectId, user_hash: &str) -> List {
    List { prefix: "device#".to_owned(), ..unsigned_of_user(project, user_hash) }
}

pub(crate) fn unsigned_device(project: ProjectId, user_hash: &str, id: &DeviceId) -> ItemKey {
    unsigned_devices(project, user_hash).item_at(id.as_str())
}

pub(crate) fn newest_unsigned(project: ProjectId, user_hash: &str) -> ItemKey {
    unsigned_of_user(project, user_hash).item_at("newest")
}

/// The histories of one user, device or identity: of its signed calls, and of its unsigned ones. They are apart, so that
/// unsigned calls cannot push signed ones out of what one read returns. `kind` is `user`, `device` or `identity`. `id` is
/// the hash of a user, or the id of a device or an identity.
pub(crate) fn histories(project: ProjectId, kind: &str, id: &str) -> [List; 2] {
    ["", "unsigned-"].map(|prefix| List::newest_first(format!("history#{project}#{prefix}{kind}#{id}")))
}

/// The pointers to the notices about refused calls for the users of a project.
pub(crate) fn refusals(project: ProjectId) -> List {
    List::newest_first(format!("refusals#{project}"))
}

/// The pointers to the notices about refused calls for one user.
pub(crate) fn refusals_of_user(project: ProjectId, user_hash: &str) -> List {
    List { prefix: format!("{user_hash}#"), ..refusals(project) }
}

pub(crate) fn refusal_of_user(project: ProjectId, user_hash: &str, notice: uuid::Uuid) -> ItemKey {
    refusals_of_user(project, user_hash).item_at(&notice.to_string())
}

/// The shards of a list.
pub(crate) const SHARDS: [char; 16] =
    ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];

/// The shard of a hash in lower-case base32 (`a` to `z`, `2` to `7`): its first four bits.
pub(crate) fn shard(hash: &str) -> char {
    let value = match hash.bytes().next() {
        Some(letter @ b'a'..=b'z') => letter - b'a',
        Some(digit @ b'2'..=b'7') => digit - b'2' + 26,
        _ => 0,
    };
    SHARDS.get(usize::from(value / 2)).copied().unwrap_or('0')
}

/// The users, devices and identities of a project in one shard.
pub(crate) fn subjects(project: ProjectId, shard: char) -> List {
    List::with_prefix(format!("subjects#{project}#{shard}"), "")
}

/// The users of a project in one shard.
pub(crate) fn users(project: ProjectId, shard: char) -> List {
    List { prefix: "user#".to_owned(), ..subjects(project, shard) }
}

/// The list entry of a user, a device or an identity. `kind` is `user`, `device` or `identity`.
pub(crate) fn subject(project: ProjectId, kind: &str, hash: &str) -> ItemKey {
    subjects(project, shard(hash)).item_at(&format!("{kind}#{hash}"))
}

/// The used events of a project in one shard.
pub(crate) fn events(project: ProjectId, shard: char) -> List {
    List::with_prefix(format!("event#{project}#{shard}"), "")
}

pub(crate) fn event(project: ProjectId, hash: &str) -> ItemKey {
    events(project, shard(hash)).item_at(hash)
}

/// Where earlier versions stored a used event. It is only read.
pub(crate) fn event_of_earlier_versions(project: ProjectId, hash: &str) -> ItemKey {
    ItemKey::new(format!("event#{project}#{hash}"), "event")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_the_first_four_bits_of_a_hash() {
        let shards: String =
            "abcdefghijklmnopqrstuvwxyz234567".chars().map(|it| shard(&it.to_string())).collect();
        assert_eq!(shards, "00112233445566778899aabbccddeeff");
    }
}
