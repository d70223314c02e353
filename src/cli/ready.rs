//! The file that tells a script that a server serves, and where.
//!
//! Start at [`ReadyFile::new`]. Knows nobody. Never left behind by a server that stopped, nor by one that couldn't
//! start.
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::Failure;

/// A file that is there while a server serves: a JSON object of names and addresses. Gone when this is dropped.
#[derive(Debug)]
pub struct ReadyFile {
    path: Option<PathBuf>,
}

impl ReadyFile {
    /// Takes away what an earlier run left at the path, which would tell of a server that isn't there.
    ///
    /// # Errors
    /// Where it can't be taken away.
    pub fn new(path: Option<PathBuf>) -> Result<ReadyFile, Failure> {
        if let Some(path) = &path {
            match std::fs::remove_file(path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(cannot(path, &error));
                }
                _ => {}
            }
        }
        Ok(ReadyFile { path })
    }

    /// Says where the server serves. The file is whole as soon as it is there.
    ///
    /// # Errors
    /// Where it can't be written.
    pub fn write(&self, addresses: &[(String, SocketAddr)]) -> Result<(), Failure> {
        let Some(path) = &self.path else { return Ok(()) };
        let addresses = addresses.iter().map(|(name, address)| (name.clone(), address.to_string().into()));
        let text = serde_json::Value::Object(addresses.collect()).to_string() + "\n";
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let written = tempfile::NamedTempFile::new_in(folder).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.persist(path).map_err(|error| error.error)
        });
        written.map(|_| ()).map_err(|error| cannot(path, &error))
    }
}

impl Drop for ReadyFile {
    fn drop(&mut self) {
        if let Some(path) = &self.path
            && let Err(error) = std::fs::remove_file(path)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(%error, path = %path.display(), "the ready file can't be taken away");
        }
    }
}

fn cannot(path: &Path, error: &std::io::Error) -> Failure {
    Failure::NotStarted(format!("the ready file {} can't be written: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_there_while_the_server_serves() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ready");
        std::fs::write(&path, "stale").unwrap();
        let file = ReadyFile::new(Some(path.clone())).unwrap();
        assert!(!path.exists());
        let named = |name: &str, address: &str| (name.to_owned(), address.parse().unwrap());
        file.write(&[named("gateway", "127.0.0.1:80"), named("admin", "[::1]:81")]).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, "{\"gateway\":\"127.0.0.1:80\",\"admin\":\"[::1]:81\"}\n");
        drop(file);
        assert!(!path.exists());
    }

    #[test]
    fn a_folder_that_is_not_there_is_told() {
        let file = ReadyFile::new(Some("/nowhere/at/all".into())).unwrap();
        let told = file.write(&[]).unwrap_err().to_string();
        assert!(told.contains("/nowhere/at/all"), "{told}");
    }
}
