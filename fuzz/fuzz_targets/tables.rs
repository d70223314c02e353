//! Any bytes as a mapping table: tests/laws_support/tables.rs.
#![no_main]

#[path = "../../tests/laws_support/mod.rs"]
mod laws_support;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Err(why) = laws_support::tables::run(bytes) {
        panic!("{why}");
    }
});
