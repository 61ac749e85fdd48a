//! Files compressed ahead of time.

use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::write::GzEncoder;
use machine::{Error, Result, files};

const COMPRESSIBLE: [&str; 9] = ["css", "html", "js", "json", "svg", "txt", "wasm", "webmanifest", "xml"];

/// Writes a `.br` and a `.gz` file next to every file below `folder` that becomes smaller.
pub fn compress(folder: &Path) -> Result<()> {
    for entry in folder.read_dir().map_err(|error| Error::at(folder, error))? {
        let path = entry.map_err(|error| Error::at(folder, error))?.path();
        if path.is_dir() {
            compress(&path)?;
        } else if path
            .extension()
            .and_then(|e| e.to_str())
            .is_some_and(|e| COMPRESSIBLE.contains(&e))
        {
            let plain = fs::read(&path).map_err(|error| Error::at(&path, error))?;
            keep_if_smaller(&path, "br", &plain, &brotli(&plain)?)?;
            keep_if_smaller(&path, "gz", &plain, &gzip(&plain)?)?;
        }
    }
    Ok(())
}

fn keep_if_smaller(path: &Path, extension: &str, plain: &[u8], packed: &[u8]) -> Result<()> {
    if packed.len() >= plain.len() {
        return Ok(());
    }
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    files::write(Path::new(&name), packed)
}

fn brotli(plain: &[u8]) -> Result<Vec<u8>> {
    let mut packed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut packed, 4096, 11, 22);
    writer
        .write_all(plain)
        .and_then(|()| writer.flush())
        .map_err(|error| Error(error.to_string()))?;
    drop(writer);
    Ok(packed)
}

fn gzip(plain: &[u8]) -> Result<Vec<u8>> {
    let mut writer = GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer
        .write_all(plain)
        .and_then(|()| writer.finish())
        .map_err(|error| Error(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_gains_is_compressed() {
        let folder = tempfile::tempdir().unwrap();
        files::write(&folder.path().join("big.css"), "a{color:red}".repeat(100)).unwrap();
        files::write(&folder.path().join("tiny.css"), "a").unwrap();
        files::write(&folder.path().join("picture.avif"), "a".repeat(1000)).unwrap();
        compress(folder.path()).unwrap();
        assert!(folder.path().join("big.css.br").exists() && folder.path().join("big.css.gz").exists());
        assert!(!folder.path().join("tiny.css.br").exists());
        assert!(!folder.path().join("picture.avif.br").exists());
    }
}
