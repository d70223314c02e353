//! How generated cases are run: the same ones each time, unless more are asked for.
use std::fmt::Debug;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

/// How often a case may be made smaller.
const SHRINKS: u32 = 4000;

/// Runs a law over so many generated cases; where it is broken, the smallest case and what broke it.
pub(crate) fn run<S: Strategy>(
    label: &str,
    cases: u32,
    strategy: &S,
    law: impl Fn(&S::Value) -> Result<(), String>,
) -> Result<(), String>
where
    S::Value: Debug,
{
    let asked: Option<u32> = std::env::var("PROPTEST_CASES").ok().map(|many| many.parse().expect("a number"));
    let config = Config {
        cases: asked.unwrap_or(cases),
        max_shrink_iters: SHRINKS,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = match asked {
        Some(_) => TestRunner::new(config),
        None => {
            let seed = *blake3::hash(label.as_bytes()).as_bytes();
            TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed))
        }
    };
    match runner.run(strategy, |case| law(&case).map_err(TestCaseError::fail)) {
        Ok(()) => Ok(()),
        Err(TestError::Fail(why, case)) => Err(format!("{why}\n  the smallest case: {case:?}")),
        Err(TestError::Abort(why)) => Err(format!("{label}: nothing could be generated: {why}")),
    }
}
