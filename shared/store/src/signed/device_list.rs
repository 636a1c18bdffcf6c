//! Listing the devices of a user (S7).

use futures_util::future::try_join;
use model::{AttachedDevice, ProjectId, Timestamp, UnsignedDevice, UserId};

use crate::dynamodb::cursor::Cursor;
use crate::dynamodb::key::{self, ItemKey, List};
use crate::dynamodb::page::{Page, PageLimit};
use crate::dynamodb::query::QueriedPage;
use crate::dynamodb::table::{Item, from_item};
use crate::error::{ListError, StoreError};
use crate::signed::devices::Devices;

const STEP: &str = "list attached devices";

/// A device in the list of a user's devices.
#[derive(Debug)]
pub struct ListedDevice {
    /// The device.
    pub device: AttachedDevice,
    /// When the device expires, in Unix seconds, if only unsigned calls attached it. `None` if a signed call attached it: then
    /// it does not expire.
    pub expires_at: Option<i64>,
}

/// Where a page begins.
enum Begin {
    /// Among the devices that signed calls attached, after this id if there is one.
    Signed(Option<String>),
    /// Among the devices that unsigned calls attached, after this id. The empty id comes before all of them.
    Unsigned(String),
}

impl Devices {
    /// Reads one page of the devices of `user`: first those that signed calls attached, ordered by id, then those that
    /// unsigned calls attached. A device that both attached is listed once, as the signed call attached it.
    ///
    /// # Errors
    /// [`ListError`].
    pub async fn list_attached(
        &self,
        project: ProjectId,
        user: &UserId,
        (cursor, limit): (Option<&Cursor>, PageLimit),
        now: Timestamp,
    ) -> Result<Page<ListedDevice>, ListError> {
        let user_hash = self.hash(project, user.as_str());
        let signed_list = key::attached_devices(project, &user_hash);
        let unsigned_list = key::unsigned_devices(project, &user_hash);
        let unsigned = self.read_unsigned_only(project, &user_hash, now);
        let (mut items, mut unsigned, after) = match self.begin(cursor, &signed_list, &unsigned_list)? {
            Begin::Unsigned(after) => (Vec::new(), unsigned.await?, after),
            Begin::Signed(after) => {
                let signed = self.table.query_page(&signed_list, after.as_deref(), limit, STEP);
                let (QueriedPage { items, last }, unsigned) = try_join(signed, unsigned).await?;
                let items = items.into_iter().map(ListedDevice::of_signed).collect::<Result<_, _>>()?;
                if let Some(last) = last {
                    let next = Some(Cursor::new(self.keys.hash_key(), &signed_list, &last));
                    return Ok(Page { items, next });
                }
                (items, unsigned, String::new())
            }
        };
        unsigned.retain(|listed| listed.device.id.as_str() > after.as_str());
        let room = usize::from(limit).saturating_sub(items.len());
        let more = unsigned.split_off(room.min(unsigned.len()));
        let last = unsigned.last().map_or(after, |listed| listed.device.id.as_str().to_owned());
        items.append(&mut unsigned);
        let next = (!more.is_empty()).then(|| Cursor::new(self.keys.hash_key(), &unsigned_list, &last));
        Ok(Page { items, next })
    }

    fn begin(&self, cursor: Option<&Cursor>, signed: &List, unsigned: &List) -> Result<Begin, ListError> {
        let Some(cursor) = cursor else { return Ok(Begin::Signed(None)) };
        if let Ok(after) = cursor.position(self.keys.hash_key(), signed) {
            return Ok(Begin::Signed(Some(after.to_owned())));
        }
        Ok(Begin::Unsigned(cursor.position(self.keys.hash_key(), unsigned)?.to_owned()))
    }

    /// Reads the devices that only unsigned calls attached.
    async fn read_unsigned_only(
        &self,
        project: ProjectId,
        user_hash: &str,
        now: Timestamp,
    ) -> Result<Vec<ListedDevice>, StoreError> {
        let live = self.read_unsigned(project, user_hash, now).await?.live;
        let signed_key = |device: &AttachedDevice| key::attached_device(project, user_hash, &device.id);
        let keys: Vec<ItemKey> = live.iter().map(|unsigned| signed_key(&unsigned.device)).collect();
        let signed = self.table.read_many(&keys, STEP).await?;
        let signed: Vec<ItemKey> = signed.iter().filter_map(ItemKey::of).collect();
        let unsigned_only =
            live.into_iter().filter(|unsigned| !signed.contains(&signed_key(&unsigned.device)));
        Ok(unsigned_only.map(ListedDevice::of_unsigned).collect())
    }
}

impl ListedDevice {
    fn of_signed(item: Item) -> Result<Self, StoreError> {
        Ok(Self { device: from_item(item, STEP)?, expires_at: None })
    }

    fn of_unsigned(unsigned: UnsignedDevice) -> Self {
        Self { device: unsigned.device, expires_at: Some(unsigned.expires_at) }
    }
}
