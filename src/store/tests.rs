//! What each store promises; the file's promises with the file let go of without closing.
use std::process::Command;
use std::sync::Arc;

use super::*;

fn made(caller: &str, caller_id: &str, upstream_id: &str) -> Made {
    Made {
        caller: caller.into(),
        space: "beyondtrust".into(),
        caller_id: caller_id.into(),
        upstream: "ca1".into(),
        upstream_id: upstream_id.into(),
        canonical: r#"{"reason":{"text":"ü"}}"#.into(),
        created_unix_ms: 1_767_603_600_000,
    }
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn each_store(check: impl Fn(Arc<dyn Store>)) {
    let folder = tempfile::tempdir().unwrap();
    check(memory(100));
    check(sqlite(&folder.path().join("s.db")).unwrap());
}

#[test]
fn what_was_recorded_is_found_from_both_ends() {
    each_store(|store| {
        wait(async {
            store.record(&made("joe", "124", "safe_7")).await.unwrap();
            assert_eq!(store.find("beyondtrust", "124").await.unwrap(), Some(made("joe", "124", "safe_7")));
            assert_eq!(store.find("cyberark", "124").await.unwrap(), None);
            assert_eq!(store.find("beyondtrust", "125").await.unwrap(), None);
            assert_eq!(store.find_upstream("ca1", "safe_7").await.unwrap(), [made("joe", "124", "safe_7")]);
            assert!(store.find_upstream("ca2", "safe_7").await.unwrap().is_empty());
        });
    });
}

#[test]
fn a_repeat_changes_nothing_and_another_request_under_the_id_is_refused() {
    each_store(|store| {
        wait(async {
            store.record(&made("joe", "124", "safe_7")).await.unwrap();
            let later = Made { canonical: "{}".into(), created_unix_ms: 9, ..made("joe", "124", "safe_7") };
            store.record(&later).await.unwrap();
            assert_eq!(store.find("beyondtrust", "124").await.unwrap(), Some(made("joe", "124", "safe_7")));
            for other in [made("eve", "124", "safe_7"), made("joe", "124", "safe_8")] {
                let refused = store.record(&other).await;
                assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{refused:?}");
            }
            assert_eq!(store.find_upstream("ca1", "safe_7").await.unwrap().len(), 1);
        });
    });
}

#[test]
fn one_request_of_an_upstream_may_belong_to_several_callers() {
    each_store(|store| {
        wait(async {
            store.record(&made("joe", "1", "safe_7")).await.unwrap();
            store.record(&made("eve", "2", "safe_7")).await.unwrap();
            let both = store.find_upstream("ca1", "safe_7").await.unwrap();
            assert_eq!(both.iter().map(|one| &*one.caller).collect::<Vec<_>>(), ["joe", "eve"]);
        });
    });
}

#[test]
fn a_closed_store_says_so() {
    each_store(|store| {
        wait(async {
            store.record(&made("joe", "1", "a")).await.unwrap();
            store.close().await.unwrap();
            assert!(matches!(store.record(&made("joe", "2", "b")).await, Err(StoreError::Closed)));
            assert!(matches!(store.find("beyondtrust", "1").await, Err(StoreError::Closed)));
        });
    });
}

#[test]
fn a_closed_file_is_whole_and_stands_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = sqlite(&folder.path().join("s.db")).unwrap();
    wait(async {
        store.record(&made("joe", "1", "a")).await.unwrap();
        store.close().await.unwrap();
    });
    let files = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name());
    assert_eq!(files.collect::<Vec<_>>(), ["s.db"]);
}

#[test]
fn memory_forgets_the_oldest_and_nothing_else() {
    let store = memory(2);
    wait(async {
        for id in ["1", "2", "3"] {
            store.record(&made("joe", id, "same")).await.unwrap();
        }
        assert_eq!(store.find("beyondtrust", "1").await.unwrap(), None);
        assert!(store.find("beyondtrust", "2").await.unwrap().is_some());
        assert_eq!(store.find_upstream("ca1", "same").await.unwrap().len(), 2);
    });
}

#[test]
fn numbers_never_repeat_even_after_a_restart_without_close() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut seen = std::collections::HashSet::new();
    for _ in 0..3 {
        let store = sqlite(&path).unwrap();
        wait(async {
            for _ in 0..300 {
                assert!(seen.insert(store.next_number().await.unwrap()));
            }
        });
    }
    assert!(seen.contains(&1) && seen.iter().all(|number| *number < 3 * 600));
}

#[test]
fn many_writers_at_once_are_all_kept_and_numbered_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let store = sqlite(&path).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let mut numbers: Vec<u64> = runtime.block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..1000 {
            let store = store.clone();
            tasks.spawn(async move {
                let number = store.next_number().await.unwrap();
                store.record(&made("joe", &number.to_string(), "x")).await.unwrap();
                number
            });
        }
        tasks.join_all().await
    });
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 1000);
    drop(store);
    let again = sqlite(&path).unwrap();
    wait(async {
        for number in numbers {
            assert!(again.find("beyondtrust", &number.to_string()).await.unwrap().is_some());
        }
    });
}

/// Not a test of its own: the child that the next test kills. It records without end, and tells each id that was
/// acknowledged by creating a file of that name.
#[test]
fn child_that_is_killed() {
    let Ok(folder) = std::env::var("PAMGATE_STORE_CHILD") else { return };
    let folder = std::path::PathBuf::from(folder);
    let store = sqlite(&folder.join("s.db")).unwrap();
    wait(async {
        loop {
            let id = store.next_number().await.unwrap().to_string();
            store.record(&made("joe", &id, &id)).await.unwrap();
            std::fs::write(folder.join("acknowledged").join(id), "").unwrap();
        }
    });
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let acknowledged = folder.path().join("acknowledged");
    std::fs::create_dir(&acknowledged).unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "store::tests::child_that_is_killed"])
        .env("PAMGATE_STORE_CHILD", folder.path())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let count = || std::fs::read_dir(&acknowledged).unwrap().count();
    let began = std::time::Instant::now();
    while count() < 20 && began.elapsed().as_secs() < 30 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(count() >= 20, "the child recorded {} only", count());
    let store = sqlite(&folder.path().join("s.db")).unwrap();
    wait(async {
        for entry in std::fs::read_dir(&acknowledged).unwrap() {
            let id = entry.unwrap().file_name().into_string().unwrap();
            assert!(
                store.find("beyondtrust", &id).await.unwrap().is_some(),
                "{id} was acknowledged and is lost"
            );
        }
        let number = store.next_number().await.unwrap().to_string();
        assert!(!acknowledged.join(number).exists());
    });
}

#[test]
fn a_foreign_or_newer_file_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let refused = |why: &str| {
        let before = std::fs::read(&path).unwrap();
        let error = sqlite(&path).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains(why), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), before);
    };
    std::fs::write(&path, "not a database, but long enough to be looked at as one".repeat(20)).unwrap();
    refused("not an SQLite file");
    std::fs::remove_file(&path).unwrap();
    rusqlite::Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (a)").unwrap();
    refused("another program");
    std::fs::remove_file(&path).unwrap();
    wait(sqlite(&path).unwrap().close()).unwrap();
    let newer = rusqlite::Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    newer.pragma_update(None, "journal_mode", "delete").unwrap();
    drop(newer);
    refused("newer pamgate");
}

#[cfg(unix)]
#[test]
fn the_file_is_its_owners_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    drop(sqlite(&path).unwrap());
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}
