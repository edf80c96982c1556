//! Files of Lean text: read whole, and refused with a place where they hold what no Lean text does.

use std::io::Read;
use std::path::Path;

use crate::cli::error::CliError;
use crate::cli::exit::Exit;

/// Larger files are no proofs.
const LONGEST: u64 = 64 << 20;

/// Reads a file of Lean text.
///
/// # Errors
/// It is not there, a folder, too large, empty, or no text.
pub(crate) fn read(path: &Path) -> Result<String, CliError> {
    let shown = path.display();
    let refuse = |reason: String| CliError::new(Exit::BadInput, format!("read {shown}: {reason}"));
    let failed = |error: std::io::Error| CliError::new(Exit::BadInput, format!("read {shown}")).because(error);
    let file = std::fs::File::open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.is_dir() {
        return Err(refuse("it is a folder".to_owned()));
    }
    let mut bytes = Vec::new();
    file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LONGEST) {
        return Err(refuse(format!("it is longer than {} MiB", LONGEST >> 20)));
    }
    let line = |end: usize| bytes.iter().take(end).filter(|byte| **byte == b'\n').count() + 1;
    if let Some(place) = bytes.iter().position(|byte| *byte == 0) {
        return Err(refuse(format!("line {} holds a NUL byte, so it is no text", line(place))));
    }
    if let Err(error) = std::str::from_utf8(&bytes) {
        return Err(refuse(format!("line {} is no UTF-8", line(error.valid_up_to()))));
    }
    let text = String::from_utf8(bytes).unwrap_or_default();
    // Editors of some systems put a mark there that Lean does not know.
    let text = text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned);
    if text.trim().is_empty() {
        return Err(refuse("it is empty".to_owned()));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_refused_with_its_place() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("a.lean");
        let cases: [(&[u8], &str); 6] = [
            (b"", "it is empty"),
            (b" \n\t\n", "it is empty"),
            (b"a\nb\0c", "line 2 holds a NUL byte"),
            (b"a\n\n\xff", "line 3 is no UTF-8"),
            (b"\xef\xbb\xbf", "it is empty"),
            (b"\x89PNG\r\n\x1a\n\0", "line 3 holds a NUL byte"),
        ];
        for (bytes, part) in cases {
            std::fs::write(&path, bytes).unwrap();
            let error = read(&path).unwrap_err();
            assert!(error.exit == Exit::BadInput && format!("{error:?}").contains(part), "{error:?}");
        }
        std::fs::write(&path, b"\xef\xbb\xbftheorem t").unwrap();
        assert_eq!(read(&path).unwrap(), "theorem t");
        assert!(format!("{:?}", read(folder.path()).unwrap_err()).contains("it is a folder"));
        assert_eq!(read(&folder.path().join("none.lean")).unwrap_err().exit, Exit::BadInput);
    }
}
