//! Any bytes through the whole translation: tests/laws_support/translation.rs.
#![no_main]

#[path = "../../tests/laws_support/mod.rs"]
mod laws_support;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Err(why) = laws_support::translation::run(&laws_support::world::WORLD, bytes) {
        panic!("{why}");
    }
});
