//! What names and ids mean here [seed]: the id before the name everywhere; exact names before a search over all
//! string properties; none or several are an error, save of reason codes, which become null.

use super::super::inventory::{Account, Inventory, Item, System};
use super::super::wire::{Reply, Wrong};
use super::invalid;
use super::wish::{Given, Wish};

/// The user that an application asks for, by name within ForProvider.
pub(super) fn user(inventory: &Inventory, wish: &Wish) -> Result<usize, Reply> {
    let users = inventory.users.iter().enumerate();
    let (property, found): (_, Vec<usize>) = match (wish.user.id, &wish.user.name) {
        (Some(id), _) => {
            let id = id.to_string();
            ("ForUserId", users.filter(|(_, u)| u.id == id).map(|(at, _)| at).collect())
        }
        (None, Some(name)) => {
            let fits =
                |provider: &str| wish.provider.as_ref().is_none_or(|p| p.eq_ignore_ascii_case(provider));
            let named = users.filter(|(_, u)| u.name.eq_ignore_ascii_case(name) && fits(&u.provider));
            ("ForUser", named.map(|(at, _)| at).collect())
        }
        (None, None) => return Err(invalid(&[Wrong::new("ForUser", "is required")])),
    };
    one(property, &found)
}

/// The asset: by id, or by exact name, then network address, then a search (the page tells this under SystemId,
/// garbled).
pub(super) fn asset(inventory: &Inventory, given: &Given) -> Result<usize, Reply> {
    if given.is_none() {
        return Err(invalid(&[Wrong::new("AssetId", "is required")]));
    }
    let systems = &inventory.systems;
    let having = |test: &dyn Fn(&System) -> bool| -> Vec<usize> {
        systems.iter().enumerate().filter(|(_, s)| test(s)).map(|(at, _)| at).collect()
    };
    if let Some(id) = given.id {
        let id = id.to_string();
        return one("AssetId", &having(&|s| s.id == id));
    }
    let name = given.name.as_deref().unwrap_or_default();
    let holds = |text: &str| text.to_lowercase().contains(&name.to_lowercase());
    let steps: [Vec<usize>; 3] = [
        having(&|s| s.name.eq_ignore_ascii_case(name)),
        having(&|s| s.address.eq_ignore_ascii_case(name)),
        having(&|s| holds(&s.name) || holds(&s.address) || holds(&s.platform)),
    ];
    one("AssetName", steps.iter().find(|found| !found.is_empty()).map_or(&[], Vec::as_slice))
}

/// The account within an asset: by id, or by exact name, then a search. None given: a session with one's own.
pub(super) fn account(inventory: &Inventory, given: &Given, asset: usize) -> Result<Option<usize>, Reply> {
    if given.is_none() {
        return Ok(None);
    }
    let having = |test: &dyn Fn(&Account) -> bool| -> Vec<usize> {
        let accounts = inventory.accounts.iter().enumerate();
        accounts.filter(|(_, a)| a.system == asset && test(a)).map(|(at, _)| at).collect()
    };
    if let Some(id) = given.id {
        let id = id.to_string();
        return one("AccountId", &having(&|a| a.id == id)).map(Some);
    }
    let name = given.name.as_deref().unwrap_or_default();
    let holds = |text: &str| text.to_lowercase().contains(&name.to_lowercase());
    let steps: [Vec<usize>; 2] = [
        having(&|a| a.name.eq_ignore_ascii_case(name)),
        having(&|a| holds(&a.name) || holds(&a.description) || a.domain.as_deref().is_some_and(holds)),
    ];
    one("AccountName", steps.iter().find(|found| !found.is_empty()).map_or(&[], Vec::as_slice)).map(Some)
}

/// "If the search results in multiple matches or no matches, the reason code is set to null" [seed].
pub(super) fn reason_code<'a>(inventory: &'a Inventory, given: &Given) -> Option<&'a Item> {
    let id = given.id.map(|id| id.to_string());
    let fits = |item: &&Item| match (&id, &given.name) {
        (Some(id), _) => item.id == *id,
        (None, Some(name)) => item.name.eq_ignore_ascii_case(name),
        (None, None) => false,
    };
    let mut found = inventory.reason_codes.iter().filter(fits);
    found.next().filter(|_| found.next().is_none())
}

fn one(property: &str, found: &[usize]) -> Result<usize, Reply> {
    match found {
        [at] => Ok(*at),
        [] => Err(invalid(&[Wrong::new(property, "matches nothing")])),
        _ => Err(invalid(&[Wrong::new(property, "matches more than one")])),
    }
}
