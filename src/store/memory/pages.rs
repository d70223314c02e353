//! Texts one behind the other, the oldest forgotten first.
//!
//! What comes next is written behind what came last: the processor fetches the memory in order, before it is needed, and
//! neither to keep a text nor to forget one asks the allocator for anything.
use std::collections::VecDeque;

/// How much a page holds; a longer text has a page of its own.
const PAGE: usize = 64 * 1024;

/// The pages.
#[derive(Default)]
pub(super) struct Pages {
    oldest_first: VecDeque<String>,
    /// The number of the oldest page.
    first: u64,
    /// One that was forgotten, to be written anew.
    spare: Option<String>,
}

/// Where a text stands.
pub(super) struct Piece {
    page: u64,
    start: usize,
    end: usize,
}

impl Pages {
    /// Writes texts as one.
    pub(super) fn push(&mut self, texts: [&str; 3]) -> Piece {
        let length = texts.iter().map(|text| text.len()).sum();
        let fits = |page: &String| page.capacity() - page.len() >= length;
        if !self.oldest_first.back().is_some_and(fits) {
            let spare = self.spare.take().filter(fits);
            self.oldest_first.push_back(spare.unwrap_or_else(|| String::with_capacity(length.max(PAGE))));
        }
        let page = self.first + (self.oldest_first.len() as u64).saturating_sub(1);
        let Some(open) = self.oldest_first.back_mut() else { return Piece { page, start: 0, end: 0 } };
        let start = open.len();
        texts.iter().for_each(|text| open.push_str(text));
        Piece { page, start, end: open.len() }
    }

    /// What was written; nothing, once it is forgotten.
    pub(super) fn text(&self, piece: &Piece) -> &str {
        let at = piece.page.checked_sub(self.first).and_then(|at| usize::try_from(at).ok());
        let page = at.and_then(|at| self.oldest_first.get(at));
        page.and_then(|page| page.get(piece.start..piece.end)).unwrap_or_default()
    }

    /// Forgets all that was written before a text; all, where none is left.
    pub(super) fn forget_before(&mut self, oldest: Option<&Piece>) {
        while oldest.is_none_or(|oldest| self.first < oldest.page)
            && let Some(mut page) = self.oldest_first.pop_front()
        {
            self.first += 1;
            // A page of one long text is given back.
            if page.capacity() <= PAGE {
                page.clear();
                self.spare = Some(page);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_forgotten_stands_as_it_was_written() {
        let mut pages = Pages::default();
        let text = |number: usize| number.to_string().repeat(1 + number * 7919 % 300);
        let long = "x".repeat(2 * PAGE);
        let mut pieces = VecDeque::new();
        for number in 0..2000 {
            let middle = if number % 500 == 499 { long.as_str() } else { "-" };
            let text = text(number);
            pieces.push_back((pages.push([&text, middle, &text]), [&text, middle, &text].concat()));
            if pieces.len() > 300 {
                pieces.pop_front();
                pages.forget_before(pieces.front().map(|(piece, _)| piece));
            }
            assert!(pieces.iter().all(|(piece, written)| pages.text(piece) == written), "{number}");
        }
        // Three hundred texts of a kilobyte, and one of two pages: what was forgotten holds no memory.
        assert!(pages.oldest_first.len() < 12, "{} pages", pages.oldest_first.len());
        pages.forget_before(None);
        assert!(pages.oldest_first.is_empty());
        assert!(pieces.iter().all(|(piece, _)| pages.text(piece).is_empty()));
    }
}
