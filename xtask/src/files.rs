//! Static files: copied, made small, and compressed ahead of time.

use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::write::GzEncoder;
use lightningcss::stylesheet::{MinifyOptions, ParserOptions, PrinterOptions, StyleSheet};

use crate::error::{Error, Result};

const COMPRESSIBLE: [&str; 9] = ["css", "html", "js", "json", "svg", "txt", "wasm", "webmanifest", "xml"];

/// An empty folder, whatever was there.
pub fn empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|error| Error::at(folder, error))?;
    }
    fs::create_dir_all(folder).map_err(|error| Error::at(folder, error))
}

/// The text of a file.
pub fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| Error::at(path, error))
}

/// Writes a file.
pub fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<()> {
    fs::write(path, content).map_err(|error| Error::at(path, error))
}

/// Copies a folder with all below it.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).map_err(|error| Error::at(to, error))?;
    for entry in from.read_dir().map_err(|error| Error::at(from, error))? {
        let path = entry.map_err(|error| Error::at(from, error))?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy(&path, &target)?;
        } else {
            fs::copy(&path, &target).map_err(|error| Error::at(&path, error))?;
        }
    }
    Ok(())
}

/// A style sheet without what only people read.
pub fn minify_css(name: &str, css: &str) -> Result<String> {
    let wrong = |error: String| Error(format!("{name}: {error}"));
    let options = ParserOptions {
        filename: name.to_owned(),
        ..ParserOptions::default()
    };
    let mut sheet = StyleSheet::parse(css, options).map_err(|error| wrong(error.to_string()))?;
    sheet
        .minify(MinifyOptions::default())
        .map_err(|error| wrong(error.to_string()))?;
    let printed = sheet.to_css(PrinterOptions {
        minify: true,
        ..PrinterOptions::default()
    });
    Ok(printed.map_err(|error| wrong(error.to_string()))?.code)
}

/// Puts a `.br` and a `.gz` next to every file below `folder` that gains by it.
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
    write(Path::new(&name), packed)
}

fn brotli(plain: &[u8]) -> Result<Vec<u8>> {
    let mut packed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut packed, 4096, 11, 22);
    writer
        .write_all(plain)
        .and_then(|()| writer.flush())
        .map_err(Error::of)?;
    drop(writer);
    Ok(packed)
}

fn gzip(plain: &[u8]) -> Result<Vec<u8>> {
    let mut writer = GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer
        .write_all(plain)
        .and_then(|()| writer.finish())
        .map_err(Error::of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modern_css_survives() {
        let css = "@layer product { @scope ([data-frontend=\"product\"]) { .price { color: var(--ink); } } }";
        let small = minify_css("style.css", css).unwrap();
        assert!(small.contains("@scope") && small.contains("@layer product"), "{small}");
        assert!(small.len() < css.len());
    }

    #[test]
    fn a_broken_style_sheet_is_named() {
        let error = minify_css("style.css", "@media screen { a { ").and_then(|_| minify_css("style.css", "}} a {"));
        assert!(error.unwrap_err().to_string().starts_with("style.css"));
    }

    #[test]
    fn only_what_gains_is_compressed() {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join("big.css"), "a{color:red}".repeat(100)).unwrap();
        write(&folder.path().join("tiny.css"), "a").unwrap();
        write(&folder.path().join("picture.avif"), "a".repeat(1000)).unwrap();
        compress(folder.path()).unwrap();
        assert!(folder.path().join("big.css.br").exists() && folder.path().join("big.css.gz").exists());
        assert!(!folder.path().join("tiny.css.br").exists());
        assert!(!folder.path().join("picture.avif.br").exists());
    }
}
