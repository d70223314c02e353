//! Any bytes as JSON, beside `serde_json`: tests/laws_support/json.rs.
#![no_main]

#[path = "../../tests/laws_support/mod.rs"]
mod laws_support;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Err(why) = laws_support::json::run(bytes) {
        panic!("{why}");
    }
});
