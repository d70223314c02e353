//! Lists of entries, texts and places that are done with, for the next document of the same thread: their memory is
//! warm, and asking for it costs nothing.
use std::cell::RefCell;

use compact_str::CompactString;

use super::Entry;

/// How many documents' lists a thread keeps: a request and its reply are two documents each, built and read.
const MOST: usize = 4;

/// Longer lists are given back: one huge message must not hold memory for ever.
const LONGEST: usize = 2048;

/// Room for a usual message.
const ROOM: usize = 256;

/// A document's entries, its own texts, and where the members stand that are looked for.
pub(super) type Lists<'a> = (Vec<Entry<'a>>, Vec<CompactString>, Vec<u32>);

thread_local! {
    static SPARE: RefCell<Vec<Lists<'static>>> = const { RefCell::new(Vec::new()) };
}

/// Empty lists, with room for entries.
pub(super) fn take<'a>() -> Lists<'a> {
    let spare = SPARE.try_with(|spare| spare.borrow_mut().pop()).ok().flatten();
    spare.unwrap_or_else(|| (Vec::with_capacity(ROOM), Vec::new(), Vec::new()))
}

/// Keeps lists for later.
pub(super) fn keep((mut entries, mut texts, mut found): Lists<'_>) {
    if entries.capacity() == 0 || entries.capacity().max(texts.capacity()).max(found.capacity()) > LONGEST {
        return;
    }
    entries.clear();
    texts.clear();
    found.clear();
    // Nothing is left that could be borrowed; collecting an empty list in place keeps its memory.
    let entries: Vec<Entry<'static>> = entries.into_iter().map(|entry| Entry { text: "", ..entry }).collect();
    // A thread that is ending has no spare lists any more.
    let _ = SPARE.try_with(|spare| {
        let mut spare = spare.borrow_mut();
        if spare.len() < MOST {
            spare.push((entries, texts, found));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_that_are_done_with_come_back_empty_with_their_memory() {
        let entries: Vec<Entry<'_>> = Vec::with_capacity(777);
        let texts = vec![CompactString::from("a text"); 5];
        let found = vec![7; 3];
        let memory = (entries.as_ptr() as usize, texts.as_ptr() as usize, found.as_ptr() as usize);
        keep((entries, texts, found));
        let again = take();
        assert_eq!((again.0.as_ptr() as usize, again.1.as_ptr() as usize, again.2.as_ptr() as usize), memory);
        assert_eq!((again.0.len(), again.0.capacity(), again.1.len(), again.1.capacity()), (0, 777, 0, 5));
        assert_eq!((again.2.len(), again.2.capacity()), (0, 3));
        for (entries, texts, found) in
            [(LONGEST + 1, 1, 1), (ROOM + 1, LONGEST + 1, 1), (ROOM + 2, 1, LONGEST + 1)]
        {
            keep((Vec::with_capacity(entries), Vec::with_capacity(texts), Vec::with_capacity(found)));
            assert_ne!(take().0.capacity(), entries);
        }
    }
}
