//! Lists of entries that are done with, for the next document of the same thread: their memory is warm, and asking
//! for it costs nothing.
use std::cell::RefCell;

use super::Entry;

/// How many lists a thread keeps: a request and its reply are two documents each, built and read.
const MOST: usize = 4;

/// A longer list is given back: one huge message must not hold memory for ever.
const LONGEST: usize = 2048;

/// Room for a usual message.
const ROOM: usize = 256;

thread_local! {
    static SPARE: RefCell<Vec<Vec<Entry<'static>>>> = const { RefCell::new(Vec::new()) };
}

/// An empty list with room.
pub(super) fn take<'a>() -> Vec<Entry<'a>> {
    let spare = SPARE.try_with(|spare| spare.borrow_mut().pop()).ok().flatten();
    spare.unwrap_or_else(|| Vec::with_capacity(ROOM))
}

/// Keeps a list for later.
pub(super) fn keep(mut list: Vec<Entry<'_>>) {
    if list.capacity() == 0 || list.capacity() > LONGEST {
        return;
    }
    list.clear();
    // Nothing is left that could be borrowed; collecting an empty list in place keeps its memory.
    let list: Vec<Entry<'static>> = list.into_iter().map(|entry| Entry { text: "", ..entry }).collect();
    // A thread that is ending has no spare lists any more.
    let _ = SPARE.try_with(|spare| {
        let mut spare = spare.borrow_mut();
        if spare.len() < MOST {
            spare.push(list);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_is_done_with_comes_back_empty_with_its_memory() {
        let list: Vec<Entry<'_>> = Vec::with_capacity(777);
        let memory = list.as_ptr() as usize;
        keep(list);
        let again = take();
        assert_eq!((again.len(), again.capacity(), again.as_ptr() as usize), (0, 777, memory));
        keep(Vec::with_capacity(LONGEST + 1));
        assert_ne!(take().capacity(), LONGEST + 1);
    }
}
